//! What the pen changes of a brush while a stroke is painted.

use serde::{Deserialize, Serialize};

use super::{Brush, Curve};

/// What a pen tells besides its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PenInput {
    /// How hard it is pressed.
    Pressure,
    /// How far it leans; for the angle of a tip, the direction in which it leans.
    Tilt,
    /// How fast it moves.
    Speed,
}

impl PenInput {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pressure, Self::Tilt, Self::Speed];
}

/// How one value of a brush follows the pen. The outputs of the curves that there are multiply the value; of an angle they
/// are turns, which are added.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Response {
    /// By pressure: 0 is no pressure, 1 all that the pen can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pressure: Option<Curve>,
    /// By tilt: 0 is upright, 1 flat on the tablet. Of an angle: 0 is leaning to the right, a quarter towards the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tilt: Option<Curve>,
    /// By speed: 0 is at rest, a half 1,000 pixels a second, 1 without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<Curve>,
}

/// What pressure, tilt and speed change of a brush.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dynamics {
    /// Of the size.
    pub size: Response,
    /// Of the opacity.
    pub opacity: Response,
    /// Of the flow.
    pub flow: Response,
    /// Of the hardness.
    pub hardness: Response,
    /// Of the angle.
    pub angle: Response,
}

/// What the pen tells at one place of a stroke.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::paint) struct PenReading {
    /// `0..=1`.
    pub pressure: f32,
    /// To the right and towards the person, each `-1..=1`.
    pub tilt: (f32, f32),
    /// `0..=1`, see [`Response::speed`].
    pub speed: f32,
}

impl PenReading {
    /// How far the pen leans, `0..=1`.
    fn lean(&self) -> f32 {
        (self.tilt.0 * self.tilt.0 + self.tilt.1 * self.tilt.1).sqrt().min(1.0)
    }

    /// Where it leans, in turns clockwise from the right, `0..1`; 0 for an upright pen.
    fn direction(&self) -> f32 {
        // In double precision, so that all systems round to the same number.
        let turns = f64::from(self.tilt.1).atan2(f64::from(self.tilt.0)) / std::f64::consts::TAU;
        turns.rem_euclid(1.0) as f32
    }
}

impl Response {
    /// The curve of an input.
    pub fn curve(&self, input: PenInput) -> Option<&Curve> {
        match input {
            PenInput::Pressure => self.pressure.as_ref(),
            PenInput::Tilt => self.tilt.as_ref(),
            PenInput::Speed => self.speed.as_ref(),
        }
    }

    /// The curve of an input, to be changed.
    pub fn curve_mut(&mut self, input: PenInput) -> &mut Option<Curve> {
        match input {
            PenInput::Pressure => &mut self.pressure,
            PenInput::Tilt => &mut self.tilt,
            PenInput::Speed => &mut self.speed,
        }
    }

    /// Whether nothing follows the pen.
    pub fn is_none(&self) -> bool {
        self.pressure.is_none() && self.tilt.is_none() && self.speed.is_none()
    }

    fn factor(&self, pen: &PenReading) -> f32 {
        let by = |curve: &Option<Curve>, input: f32| curve.as_ref().map_or(1.0, |curve| curve.value(input));
        by(&self.pressure, pen.pressure) * by(&self.tilt, pen.lean()) * by(&self.speed, pen.speed)
    }

    fn turns(&self, pen: &PenReading) -> f32 {
        let by = |curve: &Option<Curve>, input: f32| curve.as_ref().map_or(0.0, |curve| curve.value(input));
        let direction = if self.tilt.is_some() { pen.direction() } else { 0.0 };
        by(&self.pressure, pen.pressure) + by(&self.tilt, direction) + by(&self.speed, pen.speed)
    }
}

impl Dynamics {
    /// Whether nothing follows the pen.
    pub fn is_none(&self) -> bool {
        self.all().iter().all(|response| response.is_none())
    }

    /// Whether something follows the pressure of the pen.
    pub fn use_pressure(&self) -> bool {
        self.all().iter().any(|response| response.pressure.is_some())
    }

    fn all(&self) -> [&Response; 5] {
        [&self.size, &self.opacity, &self.flow, &self.hardness, &self.angle]
    }
}

impl Brush {
    /// The brush as the pen makes it at one place of a stroke: size, opacity, flow, hardness and angle in degrees.
    pub(in crate::paint) fn at(&self, pen: &PenReading) -> (f32, f32, f32, f32, f32) {
        let Dynamics { size, opacity, flow, hardness, angle } = &self.dynamics;
        (
            self.size * size.factor(pen),
            self.opacity * opacity.factor(pen),
            self.flow * flow.factor(pen),
            self.hardness * hardness.factor(pen),
            self.angle + 360.0 * angle.turns(pen),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_multiply_values_and_turn_the_tip() {
        let mut brush = Brush { size: 40.0, angle: 10.0, ..Brush::default() };
        let pen = PenReading { pressure: 0.5, tilt: (0.0, 1.0), speed: 0.5 };
        assert_eq!(brush.at(&pen), (40.0, 1.0, 1.0, 0.8, 10.0));
        assert!(brush.dynamics.is_none() && !brush.dynamics.use_pressure());
        brush.dynamics.size.pressure = Some(Curve::straight(0.0, 1.0));
        brush.dynamics.size.speed = Some(Curve::straight(1.0, 0.0));
        brush.dynamics.opacity.tilt = Some(Curve::straight(1.0, 0.25));
        brush.dynamics.angle.tilt = Some(Curve::straight(0.0, 1.0));
        assert_eq!(brush.at(&pen), (10.0, 0.25, 1.0, 0.8, 100.0));
        assert!(brush.dynamics.use_pressure());
        for input in PenInput::ALL {
            assert_eq!(brush.dynamics.flow.curve(input), None);
            *brush.dynamics.flow.curve_mut(input) = Some(Curve::straight(0.0, 0.0));
            assert_eq!(brush.at(&pen).2, 0.0, "{input:?}");
            *brush.dynamics.flow.curve_mut(input) = None;
        }
    }
}
