//! Colour that changes evenly from one place to another.

use super::selection::between;

/// The shape of a gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientShape {
    /// Along a line.
    #[default]
    Linear,
    /// From a centre outwards.
    Radial,
}

/// Colour that changes evenly from one place to another, and stays as it is beyond both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient {
    /// Its shape.
    pub shape: GradientShape,
    /// Where it begins, in canvas pixels; the centre of a radial one.
    pub from: (f32, f32),
    /// Where it ends, in canvas pixels.
    pub to: (f32, f32),
    /// The colour where it begins, in RGBA.
    pub start: [u8; 4],
    /// The colour where it ends, in RGBA.
    pub end: [u8; 4],
}

impl Gradient {
    /// The colour of a pixel.
    pub fn color_at(&self, x: usize, y: usize) -> [u8; 4] {
        let along = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let to = (x as f32 + 0.5 - self.from.0, y as f32 + 0.5 - self.from.1);
        let share = match self.shape {
            GradientShape::Linear => (to.0 * along.0 + to.1 * along.1) / (along.0 * along.0 + along.1 * along.1),
            GradientShape::Radial => to.0.hypot(to.1) / along.0.hypot(along.1),
        };
        // Without a length all of it lies beyond the end.
        let share = if share.is_nan() { 1.0 } else { share.clamp(0.0, 1.0) };
        between(self.start, self.end, share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];

    #[test]
    fn colours_change_evenly_and_stay_beyond_the_ends() {
        let linear =
            Gradient { shape: GradientShape::Linear, from: (10.5, 0.0), to: (20.5, 0.0), start: RED, end: BLUE };
        let at = |x| linear.color_at(x, 7);
        assert_eq!((at(0), at(10), at(20), at(99)), (RED, RED, BLUE, BLUE));
        assert_eq!(at(15), [128, 0, 128, 255]);
        let radial = Gradient { shape: GradientShape::Radial, from: (50.5, 50.5), to: (60.5, 50.5), ..linear };
        assert_eq!((radial.color_at(50, 50), radial.color_at(50, 40), radial.color_at(0, 0)), (RED, BLUE, BLUE));
        assert_eq!(radial.color_at(50, 55), radial.color_at(45, 50));
    }

    #[test]
    fn a_gradient_to_transparent_keeps_its_colour_and_one_without_length_is_all_end() {
        let fading =
            Gradient { shape: GradientShape::Linear, from: (0.5, 0.0), to: (10.5, 0.0), start: RED, end: [0; 4] };
        assert_eq!(fading.color_at(5, 0), [255, 0, 0, 128]);
        let point = Gradient { to: (0.5, 0.0), end: BLUE, ..fading };
        assert_eq!((point.color_at(0, 0), point.color_at(9, 9)), (BLUE, BLUE));
    }
}
