//! Moving, turning, scaling and mirroring.

/// How far pixels are moved, turned, scaled and mirrored. The centre is the middle of what is transformed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// How far it is moved, in canvas pixels.
    pub offset: (f32, f32),
    /// How many times as wide and high it is; negative values mirror.
    pub scale: (f32, f32),
    /// How far it is turned clockwise, in degrees.
    pub degrees: f32,
}

impl Placement {
    /// Everything stays as it is.
    pub const STAY: Self = Self { offset: (0.0, 0.0), scale: (1.0, 1.0), degrees: 0.0 };

    /// The farthest that anything is moved, in canvas pixels.
    const FAR: f32 = 20_000.0;
    /// The largest and smallest scale.
    const SCALES: (f32, f32) = (0.001, 100.0);

    /// The nearest placement that can be computed with: finite, and neither flat nor endless.
    #[must_use]
    pub fn usable(self) -> Self {
        let number = |value: f32, otherwise: f32| if value.is_finite() { value } else { otherwise };
        let offset = |value: f32| number(value, 0.0).clamp(-Self::FAR, Self::FAR);
        let scale = |value: f32| {
            let value = number(value, 1.0);
            value.abs().clamp(Self::SCALES.0, Self::SCALES.1).copysign(value)
        };
        Self {
            offset: (offset(self.offset.0), offset(self.offset.1)),
            scale: (scale(self.scale.0), scale(self.scale.1)),
            degrees: number(self.degrees, 0.0).rem_euclid(360.0),
        }
    }

    /// The map that it is, around a centre in canvas pixels.
    pub fn affine(self, center: (f32, f32)) -> Affine {
        let Self { offset, scale, degrees } = self.usable();
        let (sin, cos) = sin_cos(degrees);
        let (a, b) = (cos * scale.0, -sin * scale.1);
        let (c, d) = (sin * scale.0, cos * scale.1);
        let move_x = center.0 + offset.0 - a * center.0 - b * center.1;
        let move_y = center.1 + offset.1 - c * center.0 - d * center.1;
        Affine { x: [a, b, move_x], y: [c, d, move_y] }
    }
}

/// A map of the plane that keeps straight lines straight and parallel ones parallel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// What x, y and 1 add to the new x.
    pub x: [f32; 3],
    /// What x, y and 1 add to the new y.
    pub y: [f32; 3],
}

impl Affine {
    /// Where a place comes to lie.
    pub fn apply(&self, (x, y): (f32, f32)) -> (f32, f32) {
        (self.x[0] * x + self.x[1] * y + self.x[2], self.y[0] * x + self.y[1] * y + self.y[2])
    }

    /// The map back; `None` if it squeezes everything onto a line.
    pub fn inverse(&self) -> Option<Self> {
        let [[a, b, tx], [c, d, ty]] = [self.x, self.y];
        let area = a * d - b * c;
        if area.abs() < 1e-12 || !area.is_finite() {
            return None;
        }
        let (ia, ib, ic, id) = (d / area, -b / area, -c / area, a / area);
        Some(Self { x: [ia, ib, -(ia * tx + ib * ty)], y: [ic, id, -(ic * tx + id * ty)] })
    }
}

/// Sine and cosine of an angle in degrees, exact for quarter turns.
fn sin_cos(degrees: f32) -> (f32, f32) {
    match degrees.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        other => other.to_radians().sin_cos(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_leads_back_and_the_centre_only_moves() {
        for degrees in [0.0, 90.0, 33.0, 180.0, -45.0] {
            for scale in [(1.0, 1.0), (-2.0, 0.5), (0.1, -7.0)] {
                let placement = Placement { offset: (5.0, -9.0), scale, degrees };
                let map = placement.affine((20.0, 30.0));
                let center = map.apply((20.0, 30.0));
                assert!((center.0 - 25.0).abs() < 1e-3 && (center.1 - 21.0).abs() < 1e-3, "{center:?}");
                let back = map.inverse().expect("not flat").apply(map.apply((3.0, 4.0)));
                assert!((back.0 - 3.0).abs() < 1e-2 && (back.1 - 4.0).abs() < 1e-2, "{back:?}");
            }
        }
        let quarter = Placement { degrees: 90.0, ..Placement::STAY }.affine((0.0, 0.0));
        assert_eq!(quarter.apply((10.0, 0.0)), (0.0, 10.0), "clockwise, as y points down");
    }

    #[test]
    fn wild_numbers_become_usable_ones() {
        let wild = Placement { offset: (f32::NAN, 1e30), scale: (0.0, f32::INFINITY), degrees: f32::NAN };
        let map = wild.affine((10.0, 10.0));
        assert!(map.inverse().is_some() && map.apply((1.0, 1.0)).1.is_finite());
    }
}
