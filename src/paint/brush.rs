//! The round brush: how much colour it lays down at a distance from its centre.

use super::Rgb;

/// A round brush with a soft edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brush {
    /// Diameter in pixels, [`Brush::SIZES`].
    pub size: f32,
    /// How much of the picture underneath one stroke hides, `0..=1`.
    pub opacity: f32,
    /// Share of the radius that is fully covered, `0..=1`; the rest fades out.
    pub hardness: f32,
    /// What it paints.
    pub color: Rgb,
}

impl Brush {
    /// The diameters on offer, in pixels.
    pub const SIZES: std::ops::RangeInclusive<f32> = 1.0..=200.0;

    /// How far from its path the brush leaves a trace, in pixels.
    pub fn reach(&self) -> f32 {
        self.size.clamp(*Self::SIZES.start(), *Self::SIZES.end()) / 2.0 + 0.5
    }

    /// Coverage `0..=1` at `distance` pixels from the path.
    ///
    /// The fade is never narrower than one pixel, so a hard brush has a smooth outline, and it is
    /// a smoothstep, so a soft one has no visible rim.
    pub fn coverage(&self, distance: f32) -> f32 {
        let outer = self.reach();
        let radius = outer - 0.5;
        let inner = (radius * self.hardness.clamp(0.0, 1.0)).min(radius - 0.5);
        let t = ((outer - distance) / (outer - inner)).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    }
}

impl Default for Brush {
    fn default() -> Self {
        Self { size: 24.0, opacity: 1.0, hardness: 0.8, color: Rgb([88, 166, 46]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_full_in_the_middle_and_never_rises_outwards() {
        for size in [1.0, 2.0, 7.0, 50.0, 200.0] {
            for hardness in [0.0, 0.5, 1.0] {
                let brush = Brush { size, hardness, ..Brush::default() };
                let mut last = f32::INFINITY;
                for step in 0..=1000 {
                    let now = brush.coverage(step as f32 * brush.reach() / 1000.0);
                    assert!(now <= last && (0.0..=1.0).contains(&now));
                    last = now;
                }
                assert_eq!(last, 0.0);
                assert!(brush.coverage(0.0) > 0.99, "size {size} hardness {hardness}");
            }
        }
    }

    #[test]
    fn a_hard_brush_covers_its_radius() {
        let brush = Brush { size: 40.0, hardness: 1.0, ..Brush::default() };
        assert_eq!(brush.coverage(19.4), 1.0);
        assert!((brush.coverage(20.0) - 0.5).abs() < 1e-3);
        assert_eq!(brush.coverage(20.6), 0.0);
    }
}
