//! How large a picture is shown, and which part of it.

use egui::{Pos2, Rect, Vec2};

/// The largest zoom, in screen pixels per picture pixel.
const LARGEST: f32 = 32.0;

/// Above this zoom pixels are shown as squares.
const SHARP: f32 = 2.0;

/// Where a picture is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The area on screen, in points.
    pub rect: Rect,
    /// The picture's size in pixels.
    pub picture: Vec2,
    /// Screen pixels per point.
    pub pixels_per_point: f32,
}

/// The part of a picture that is shown. The same for both pictures of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) struct Viewport {
    /// Screen pixels per picture pixel; `None` shows the whole picture, as large as it fits.
    zoom: Option<f32>,
    /// What is in the middle of the room, as a share of the picture's width and height.
    center: Vec2,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { zoom: None, center: Vec2::splat(0.5) }
    }
}

impl Room {
    /// The zoom at which the whole picture just fits.
    fn fitting(&self) -> f32 {
        let room = self.rect.size() * self.pixels_per_point / self.picture.max(Vec2::splat(1.0));
        room.min_elem().clamp(0.01, LARGEST)
    }

    /// The picture's size on screen at this zoom, in points.
    fn size(&self, zoom: f32) -> Vec2 {
        self.picture.max(Vec2::splat(1.0)) * zoom / self.pixels_per_point
    }
}

impl Viewport {
    /// Screen pixels per picture pixel.
    pub fn zoom(&self, room: &Room) -> f32 {
        self.zoom.unwrap_or_else(|| room.fitting())
    }

    /// Whether the zoom follows the size of the room.
    pub fn is_fitted(&self) -> bool {
        self.zoom.is_none()
    }

    /// Whether pixels are large enough to be shown as squares.
    pub fn is_sharp(&self, room: &Room) -> bool {
        self.zoom(room) > SHARP
    }

    /// Where the picture lies, in points, beginning on a whole screen pixel. It may be larger than the room.
    pub fn frame(&self, room: &Room) -> Rect {
        let size = room.size(self.zoom(room));
        let min = room.rect.center() - self.limited(self.center, size, room) * size;
        let snap = |v: f32| (v * room.pixels_per_point).round() / room.pixels_per_point;
        Rect::from_min_size(Pos2::new(snap(min.x), snap(min.y)), size)
    }

    /// Shows the whole picture, as large as it fits.
    pub fn fit(&mut self) {
        *self = Self::default();
    }

    /// Shows each picture pixel as one screen pixel, and what was in the middle stays there.
    pub fn full_size(&mut self) {
        self.zoom = Some(1.0);
    }

    /// Zooms by a factor. What is under `at` stays there, as far as the picture's edges allow.
    pub fn zoom_by(&mut self, factor: f32, at: Pos2, room: &Room) {
        let smallest = room.fitting().min(1.0);
        let before = self.frame(room);
        let under = (at - before.min) / before.size();
        let zoom = self.zoom(room) * factor;
        if factor < 1.0 && zoom <= smallest {
            self.fit();
            return;
        }
        let zoom = zoom.clamp(smallest, LARGEST);
        let size = room.size(zoom);
        self.zoom = Some(zoom);
        self.center = self.limited(under + (room.rect.center() - at) / size, size, room);
    }

    /// Moves the picture on screen, in points, as far as its edges allow.
    pub fn pan(&mut self, by: Vec2, room: &Room) {
        let size = room.size(self.zoom(room));
        self.center = self.limited(self.limited(self.center, size, room) - by / size, size, room);
    }

    /// Whether part of the picture is out of view.
    pub fn can_pan(&self, room: &Room) -> bool {
        let size = room.size(self.zoom(room));
        size.x > room.rect.width() + 0.5 || size.y > room.rect.height() + 0.5
    }

    /// The nearest center at which no room is wasted beside the picture.
    fn limited(&self, center: Vec2, size: Vec2, room: &Room) -> Vec2 {
        let limit = |center: f32, size: f32, room: f32| {
            let half = room / size / 2.0;
            if half >= 0.5 { 0.5 } else { center.clamp(half, 1.0 - half) }
        };
        Vec2::new(limit(center.x, size.x, room.rect.width()), limit(center.y, size.y, room.rect.height()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(pixels_per_point: f32) -> Room {
        let rect = Rect::from_min_size(Pos2::new(100.0, 50.0), Vec2::new(600.0, 400.0));
        Room { rect, picture: Vec2::new(512.0, 512.0), pixels_per_point }
    }

    /// The picture pixel at a place on screen.
    fn under(view: &Viewport, at: Pos2, room: &Room) -> Vec2 {
        let frame = view.frame(room);
        (at - frame.min) / frame.size() * room.picture
    }

    #[test]
    fn the_whole_picture_fits_the_room_in_its_middle() {
        let room = room(1.0);
        let frame = Viewport::default().frame(&room);
        assert_eq!(frame.size(), Vec2::splat(400.0));
        assert!((frame.center() - room.rect.center()).length() <= 1.0);
        assert!(!Viewport::default().can_pan(&room));
    }

    #[test]
    fn full_size_is_one_screen_pixel_per_picture_pixel_at_every_display_scale() {
        for pixels_per_point in [1.0, 1.25, 2.0] {
            let room = room(pixels_per_point);
            let mut view = Viewport::default();
            view.full_size();
            let frame = view.frame(&room);
            assert!((frame.width() * pixels_per_point - 512.0).abs() < 1e-2);
            let edge = frame.min.x * pixels_per_point;
            assert!((edge - edge.round()).abs() < 1e-3);
            assert!(!view.is_sharp(&room));
        }
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let room = room(1.0);
        let mut view = Viewport::default();
        view.zoom_by(4.0, room.rect.center(), &room);
        assert!(view.is_sharp(&room) && view.can_pan(&room));
        for at in [Pos2::new(300.0, 200.0), Pos2::new(400.0, 300.0), Pos2::new(450.0, 260.0)] {
            let before = under(&view, at, &room);
            view.zoom_by(1.3, at, &room);
            assert!((under(&view, at, &room) - before).length() < 1.0, "{at:?}");
        }
    }

    #[test]
    fn zoom_is_limited_and_ends_in_the_whole_picture() {
        let room = room(1.0);
        let mut view = Viewport::default();
        for _ in 0..100 {
            view.zoom_by(1.5, room.rect.center(), &room);
        }
        assert_eq!(view.zoom(&room), LARGEST);
        for _ in 0..100 {
            view.zoom_by(0.7, room.rect.center(), &room);
        }
        assert!(view.is_fitted());
    }

    #[test]
    fn the_picture_cannot_be_moved_out_of_view() {
        let room = room(1.0);
        let mut view = Viewport::default();
        view.pan(Vec2::splat(1000.0), &room);
        assert_eq!(view.frame(&room), Viewport::default().frame(&room), "a picture in full view stays");
        view.zoom_by(4.0, room.rect.center(), &room);
        for (by, edge) in [(Vec2::splat(1e5), 0.0), (Vec2::splat(-1e5), 512.0)] {
            view.pan(by, &room);
            let corner = if edge == 0.0 { room.rect.min } else { room.rect.max };
            assert!((under(&view, corner, &room) - Vec2::splat(edge)).length() < 1.0);
        }
        let before = under(&view, room.rect.center(), &room);
        view.pan(Vec2::new(30.0, 0.0), &room);
        let moved = before - under(&view, room.rect.center(), &room);
        assert!((moved.x * view.zoom(&room) - 30.0).abs() < 1.5 && moved.y.abs() < 1.0, "{moved:?}");
    }
}
