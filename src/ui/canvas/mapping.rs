//! Where the canvas lies on screen, and which of its pixels a point on screen is.

use egui::{Pos2, Rect, Vec2};

/// A linear map from points on screen to canvas pixels.
pub(super) struct Mapping {
    /// Where the canvas is drawn, in points.
    pub rect: Rect,
    width: usize,
    height: usize,
}

impl Mapping {
    /// Puts a canvas of `width` by `height` pixels into the middle of `room`, as large as it fits
    /// and on whole screen pixels.
    pub fn new(room: Rect, width: usize, height: usize, pixels_per_point: f32) -> Self {
        let canvas = Vec2::new(width as f32, height as f32);
        let scale = (room.width() / canvas.x).min(room.height() / canvas.y).max(0.01);
        let snap = |v: f32| (v * pixels_per_point).round() / pixels_per_point;
        let size = Vec2::new(snap(canvas.x * scale), snap(canvas.y * scale));
        let min = room.center() - size / 2.0;
        Self { rect: Rect::from_min_size(Pos2::new(snap(min.x), snap(min.y)), size), width, height }
    }

    /// Points per canvas pixel.
    pub fn scale(&self) -> f32 {
        self.rect.width() / self.width as f32
    }

    /// The place on the canvas, in pixels, under a point on screen; it may lie outside the canvas.
    pub fn to_canvas(&self, at: Pos2) -> (f32, f32) {
        let share = (at - self.rect.min) / self.rect.size();
        (share.x * self.width as f32, share.y * self.height as f32)
    }

    /// The canvas pixel under a point on screen; `None` outside the canvas.
    pub fn to_pixel(&self, at: Pos2) -> Option<(usize, usize)> {
        let (x, y) = self.to_canvas(at);
        let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
        inside.then_some((x as usize, y as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pixel_under_the_pointer_is_the_pixel_meant_at_every_display_scale() {
        for ppp in [1.0, 1.25, 1.5, 2.0] {
            let room = Rect::from_min_size(Pos2::new(210.3, 48.7), Vec2::new(451.0, 530.0));
            let map = Mapping::new(room, 512, 512, ppp);
            let rect = map.rect;
            assert!(room.expand(1.0).contains_rect(rect));
            let edge = rect.min.x * ppp;
            assert!((edge - edge.round()).abs() < 1e-3, "drawn between pixels at {ppp}");
            for pixel in [0, 1, 255, 511] {
                let centre = rect.min + rect.size() * ((pixel as f32 + 0.5) / 512.0);
                assert_eq!(map.to_pixel(centre), Some((pixel, pixel)), "at {ppp}");
            }
            assert_eq!(map.to_pixel(rect.min - Vec2::splat(0.1)), None);
            assert_eq!(map.to_pixel(rect.max + Vec2::splat(0.1)), None);
        }
    }

    #[test]
    fn a_wide_canvas_fits_its_room() {
        let room = Rect::from_min_size(Pos2::ZERO, Vec2::new(300.0, 300.0));
        let rect = Mapping::new(room, 1024, 256, 1.0).rect;
        assert_eq!(rect.size(), Vec2::new(300.0, 75.0));
        assert!((rect.center() - room.center()).length() <= 0.5, "{rect:?}");
    }
}
