//! Where the canvas lies on screen, and which of its pixels a point on screen is.

use egui::{Pos2, Rect, Vec2};

/// A map between points on screen and canvas pixels: it scales, turns, mirrors and moves.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct Mapping {
    /// Where the canvas' first corner lies on screen, in points.
    origin: Pos2,
    /// How far one canvas pixel to the right is on screen, in points.
    across: Vec2,
    /// How far one canvas pixel down is on screen, in points. Perpendicular to `across` and as long.
    down: Vec2,
    width: usize,
    height: usize,
}

impl Mapping {
    /// Draws a canvas of `width` by `height` pixels with `scale` points per pixel, mirrored first if that is wanted,
    /// then turned clockwise by `degrees`. The canvas pixel `anchor` lies at `at` on screen.
    pub fn new(
        (width, height): (usize, usize),
        scale: f32,
        degrees: f32,
        mirrored: bool,
        (anchor, at): (Vec2, Pos2),
    ) -> Self {
        let (sin, cos) = sin_cos(degrees);
        let across = Vec2::new(cos, sin) * if mirrored { -scale } else { scale };
        let down = Vec2::new(-sin, cos) * scale;
        Self { origin: at - across * anchor.x - down * anchor.y, across, down, width, height }
    }

    /// The same map, moved by less than a screen pixel so that the edges of the canvas lie on whole ones. A canvas that
    /// is turned by anything but quarter turns has no such edges and stays.
    #[must_use]
    pub fn on_whole_pixels(self, pixels_per_point: f32) -> Self {
        let is_straight = self.across.x == 0.0 || self.across.y == 0.0;
        if !is_straight || pixels_per_point <= 0.0 {
            return self;
        }
        let snap = |v: f32| (v * pixels_per_point).round() / pixels_per_point;
        let min = self.bounds().min;
        let by = Pos2::new(snap(min.x), snap(min.y)) - min;
        Self { origin: self.origin + by, ..self }
    }

    /// Points per canvas pixel.
    pub fn scale(&self) -> f32 {
        self.down.length()
    }

    /// The place on the canvas, in pixels, under a point on screen; it may lie outside the canvas.
    pub fn to_canvas(self, at: Pos2) -> (f32, f32) {
        let (from, squared) = (at - self.origin, self.down.length_sq());
        (from.dot(self.across) / squared, from.dot(self.down) / squared)
    }

    /// The point on screen of a place on the canvas, which is in pixels.
    pub fn to_screen(self, x: f32, y: f32) -> Pos2 {
        self.origin + self.across * x + self.down * y
    }

    /// The canvas pixel under a point on screen; `None` outside the canvas.
    pub fn to_pixel(self, at: Pos2) -> Option<(usize, usize)> {
        let (x, y) = self.to_canvas(at);
        let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
        inside.then_some((x as usize, y as usize))
    }

    /// The corners of a rectangle of the canvas on screen: the ones at its top left, top right, bottom right and bottom
    /// left before it is turned and mirrored. Places are in canvas pixels.
    pub fn corners(&self, left: f32, top: f32, right: f32, bottom: f32) -> [Pos2; 4] {
        [(left, top), (right, top), (right, bottom), (left, bottom)].map(|(x, y)| self.to_screen(x, y))
    }

    /// The corners of the whole canvas on screen, in the order of [`Mapping::corners`].
    pub fn canvas_corners(&self) -> [Pos2; 4] {
        self.corners(0.0, 0.0, self.width as f32, self.height as f32)
    }

    /// The smallest upright rectangle on screen around the whole canvas, in points.
    pub fn bounds(&self) -> Rect {
        Rect::from_points(&self.canvas_corners())
    }
}

/// Sine and cosine, exact for quarter turns.
fn sin_cos(degrees: f32) -> (f32, f32) {
    let quarters = degrees / 90.0;
    if quarters == quarters.round() {
        return match quarters.rem_euclid(4.0) as u8 {
            0 => (0.0, 1.0),
            1 => (1.0, 0.0),
            2 => (0.0, -1.0),
            _ => (-1.0, 0.0),
        };
    }
    degrees.to_radians().sin_cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_canvas_is_the_inverse_of_to_screen_at_every_zoom_turn_and_mirror() {
        for size in [(8, 8), (512, 768), (4096, 4096)] {
            for scale in [0.01, 0.31, 1.0, 2.7, 64.0] {
                for degrees in [0.0, 13.7, 45.0, 90.0, -90.0, 180.0, -123.4] {
                    for mirrored in [false, true] {
                        let anchor = Vec2::new(size.0 as f32 * 0.4, size.1 as f32 * 0.9);
                        let map = Mapping::new(size, scale, degrees, mirrored, (anchor, Pos2::new(611.3, 402.9)));
                        for (x, y) in [(0.0, 0.0), (0.5, 7.5), (anchor.x, anchor.y), (size.0 as f32, size.1 as f32)] {
                            let (back_x, back_y) = map.to_canvas(map.to_screen(x, y));
                            // A hundredth of a canvas pixel, or of a screen pixel where those are larger.
                            let near = 0.01_f32.max(0.01 / scale);
                            let off = (back_x - x).abs().max((back_y - y).abs());
                            assert!(off < near, "{off} at {x}, {y}, scale {scale}, {degrees}°, {mirrored}, {size:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_canvas_is_mirrored_and_then_turned_clockwise() {
        let map = |degrees, mirrored| {
            let map = Mapping::new((100, 50), 2.0, degrees, mirrored, (Vec2::ZERO, Pos2::ZERO));
            map.to_screen(10.0, 1.0)
        };
        assert_eq!(map(0.0, false), Pos2::new(20.0, 2.0));
        assert_eq!(map(0.0, true), Pos2::new(-20.0, 2.0));
        assert_eq!(map(90.0, false), Pos2::new(-2.0, 20.0));
        assert_eq!(map(90.0, true), Pos2::new(-2.0, -20.0));
        assert_eq!(map(180.0, false), Pos2::new(-20.0, -2.0));
    }

    #[test]
    fn a_straight_canvas_lies_on_whole_screen_pixels() {
        for pixels_per_point in [1.0, 1.25, 1.5, 2.0] {
            for degrees in [0.0, 90.0, -90.0, 180.0] {
                let anchor = (Vec2::splat(256.0), Pos2::new(433.3, 271.8));
                let map = Mapping::new((512, 512), 0.7, degrees, false, anchor);
                let edge = map.on_whole_pixels(pixels_per_point).bounds().min.x * pixels_per_point;
                assert!((edge - edge.round()).abs() < 1e-3, "{edge} at {pixels_per_point}, {degrees}°");
            }
        }
    }

    #[test]
    fn places_beside_the_canvas_are_no_pixel() {
        let map = Mapping::new((64, 32), 1.0, 0.0, false, (Vec2::ZERO, Pos2::new(10.0, 10.0)));
        assert_eq!(map.to_pixel(Pos2::new(10.0, 10.0)), Some((0, 0)));
        assert_eq!(map.to_pixel(Pos2::new(73.9, 41.9)), Some((63, 31)));
        for outside in [Pos2::new(9.9, 20.0), Pos2::new(74.1, 20.0), Pos2::new(20.0, 42.1)] {
            assert_eq!(map.to_pixel(outside), None, "{outside:?}");
        }
        assert_eq!(map.to_pixel(Pos2::new(f32::NAN, f32::INFINITY)), None);
    }
}
