//! What the axes of an X input device mean.

use x11rb::protocol::xinput::{DeviceClass, DeviceClassData, Fp3232};
use x11rb::protocol::xproto::Atom;

use super::PenHold;

/// The names that X drivers give to the axes of pens: pressure, and tilt to the right and towards the person.
pub(super) const NAMES: [&str; 3] = ["Abs Pressure", "Abs Tilt X", "Abs Tilt Y"];

/// One axis of a device.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    number: usize,
    min: f64,
    max: f64,
    /// Where it was last. Events only tell the axes that moved.
    value: f64,
}

/// The axes of a pen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PenAxes {
    pressure: Axis,
    tilt: [Option<Axis>; 2],
}

impl PenAxes {
    /// The axes of a device with these classes; `None` if it tells no pressure. `names` are the server's atoms for [`NAMES`].
    pub fn of(classes: &[DeviceClass], names: [Atom; 3]) -> Option<Self> {
        let axis = |name: Atom| {
            classes.iter().find_map(|class| match &class.data {
                DeviceClassData::Valuator(axis) if axis.label == name => {
                    let (min, max) = (number(axis.min), number(axis.max));
                    let number_of_axis = usize::from(axis.number);
                    (min < max).then(|| Axis { number: number_of_axis, min, max, value: number(axis.value) })
                }
                _ => None,
            })
        };
        let [pressure, x, y] = names;
        Some(Self { pressure: axis(pressure)?, tilt: [axis(x), axis(y)] })
    }

    /// Takes over the axes that an event tells: a mask of their numbers, and a value for each of them.
    pub fn moved(&mut self, mask: &[u32], values: &[Fp3232]) -> PenHold {
        let told = (0..mask.len() * 32).filter(|number| mask[number / 32] & (1 << (number % 32)) != 0);
        for (number_of_axis, value) in told.zip(values) {
            for axis in std::iter::once(&mut self.pressure).chain(self.tilt.iter_mut().flatten()) {
                if axis.number == number_of_axis {
                    axis.value = number(*value);
                }
            }
        }
        let [x, y] = self.tilt.map(|axis| axis.map_or(0.0, |axis| axis.share() * 2.0 - 1.0));
        PenHold { pressure: self.pressure.share(), tilt: (x, y) }
    }
}

impl Axis {
    /// Where between its ends it is, `0..=1`.
    fn share(&self) -> f32 {
        ((self.value - self.min) / (self.max - self.min)).clamp(0.0, 1.0) as f32
    }
}

fn number(value: Fp3232) -> f64 {
    f64::from(value.integral) + f64::from(value.frac) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use x11rb::protocol::xinput::{DeviceClassDataValuator, ValuatorMode};

    use super::*;

    const ATOMS: [Atom; 3] = [101, 102, 103];

    fn fixed(value: i32) -> Fp3232 {
        Fp3232 { integral: value, frac: 0 }
    }

    fn axis(number: u16, label: Atom, min: i32, max: i32) -> DeviceClass {
        let valuator = DeviceClassDataValuator {
            number,
            label,
            min: fixed(min),
            max: fixed(max),
            value: fixed(0),
            resolution: 1,
            mode: ValuatorMode::ABSOLUTE,
        };
        DeviceClass { len: 11, sourceid: 9, data: DeviceClassData::Valuator(valuator) }
    }

    #[test]
    fn a_mouse_is_no_pen() {
        assert_eq!(PenAxes::of(&[axis(0, 1, 0, 100), axis(1, 2, 0, 100)], ATOMS), None);
        assert_eq!(PenAxes::of(&[axis(2, 101, 0, 0)], ATOMS), None, "an axis without a range");
        assert_eq!(PenAxes::of(&[], ATOMS), None);
    }

    #[test]
    fn axes_that_are_not_told_stay_where_they_were() {
        let classes =
            [axis(0, 1, 0, 9), axis(1, 2, 0, 9), axis(2, 101, 0, 2048), axis(33, 102, -64, 64), axis(4, 103, -64, 64)];
        let mut pen = PenAxes::of(&classes, ATOMS).expect("a pen");
        // Axes 0, 2 and 33.
        let hold = pen.moved(&[0b101, 0b10], &[fixed(5), fixed(1024), fixed(32)]);
        assert_eq!(hold, PenHold { pressure: 0.5, tilt: (0.5, 0.0) });
        let hold = pen.moved(&[0b10011], &[fixed(5), fixed(6), fixed(-64)]);
        assert_eq!(hold, PenHold { pressure: 0.5, tilt: (0.5, -1.0) });
        let hold = pen.moved(&[0b100], &[Fp3232 { integral: 9999, frac: u32::MAX }]);
        assert_eq!(hold.pressure, 1.0);
        // A mask that promises more values than there are.
        pen.moved(&[u32::MAX, u32::MAX], &[fixed(0)]);
        pen.moved(&[], &[fixed(1)]);
    }
}
