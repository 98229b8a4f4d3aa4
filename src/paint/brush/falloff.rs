//! How the coverage of a mark falls off from its middle to its edge.

/// Full coverage up to one distance, none from another one on, and a smooth fade between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::paint) struct Falloff {
    /// From this distance on nothing is covered, in pixels.
    pub outer: f32,
    /// Up to this distance everything is covered, in pixels; negative if no place is.
    pub inner: f32,
    /// Whether each place is covered or not, without a fade.
    is_binary: bool,
}

impl Falloff {
    /// The fade of a tip of this diameter in pixels. `hardness`, `0..=1`, is the share of the radius that is fully covered.
    ///
    /// The fade is never narrower than one pixel, so a hard brush has a smooth outline, and it is a smoothstep, so a soft
    /// one has no visible rim.
    pub fn smooth(size: f32, hardness: f32) -> Self {
        let outer = size / 2.0 + 0.5;
        let radius = outer - 0.5;
        Self { outer, inner: (radius * hardness).min(radius - 0.5), is_binary: false }
    }

    /// Everything inside a tip of this diameter in pixels, and nothing outside.
    pub fn binary(size: f32) -> Self {
        Self { outer: size / 2.0, inner: size / 2.0, is_binary: true }
    }

    /// Coverage `0..=1` at a distance in pixels.
    #[inline(always)]
    pub fn at(&self, distance: f32) -> f32 {
        if self.is_binary {
            return if distance <= self.outer { 1.0 } else { 0.0 };
        }
        let t = ((self.outer - distance) / (self.outer - self.inner)).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_full_in_the_middle_and_never_rises_outwards() {
        for size in [1.0, 2.0, 7.0, 50.0, 200.0, 1000.0] {
            for hardness in [0.0, 0.5, 1.0] {
                let falloff = Falloff::smooth(size, hardness);
                let mut last = f32::INFINITY;
                for step in 0..=1000 {
                    let now = falloff.at(step as f32 * falloff.outer / 1000.0);
                    assert!(now <= last && (0.0..=1.0).contains(&now));
                    last = now;
                }
                assert_eq!(last, 0.0);
                assert!(falloff.at(0.0) > 0.99, "size {size} hardness {hardness}");
            }
        }
    }

    #[test]
    fn a_hard_brush_covers_its_radius() {
        let falloff = Falloff::smooth(40.0, 1.0);
        assert_eq!(falloff.at(19.4), 1.0);
        assert!((falloff.at(20.0) - 0.5).abs() < 1e-3);
        assert_eq!(falloff.at(20.6), 0.0);
        let binary = Falloff::binary(40.0);
        assert_eq!((binary.at(20.0), binary.at(20.001)), (1.0, 0.0));
    }
}
