//! Zooms, moves, turns and mirrors the canvas on screen.

use egui::{Pos2, Rect, Vec2};

use super::mapping::Mapping;
use crate::document::Viewpoint;
use crate::ui::ZoomStep;

/// The zooms that the keys step through, in screen pixels per canvas pixel.
const STEPS: [f32; 21] = [
    0.02, 0.04, 0.06, 0.08, 0.125, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0, 24.0, 32.0,
    64.0,
];

/// A canvas whose sides are turned by less than this from upright, in degrees, is drawn upright.
const NEARLY_STRAIGHT: f32 = 2.5;

/// Where the canvas is shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct CanvasRoom {
    /// The area on screen, in points.
    pub rect: Rect,
    /// Width and height of the canvas in pixels.
    pub size: (usize, usize),
    /// Screen pixels per point.
    pub pixels_per_point: f32,
}

/// The part of the canvas in view. What is in the middle of the room is always a place on the canvas, so that the
/// canvas cannot get lost.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::ui) struct CanvasViewport {
    viewpoint: Viewpoint,
}

impl CanvasRoom {
    fn canvas(&self) -> Vec2 {
        Vec2::new(self.size.0.max(1) as f32, self.size.1.max(1) as f32)
    }

    /// The zoom at which the whole canvas just fits if it is turned by `degrees`.
    fn fitting(&self, degrees: f32) -> f32 {
        let unit = Mapping::new(self.size, 1.0, degrees, false, (Vec2::ZERO, Pos2::ZERO)).bounds().size();
        let fits = self.rect.size() * self.pixels_per_point / unit.max(Vec2::splat(1.0));
        fits.min_elem().clamp(Viewpoint::SMALLEST, Viewpoint::LARGEST)
    }
}

impl CanvasViewport {
    /// The viewpoint, to be kept.
    pub fn viewpoint(&self) -> Viewpoint {
        self.viewpoint
    }

    /// Shows what is seen from here.
    pub fn use_viewpoint(&mut self, viewpoint: Viewpoint) {
        self.viewpoint = viewpoint.checked();
    }

    /// Screen pixels per canvas pixel.
    pub fn zoom(&self, room: &CanvasRoom) -> f32 {
        self.viewpoint.zoom.unwrap_or_else(|| room.fitting(self.viewpoint.degrees))
    }

    /// Whether the zoom follows the size of the room.
    pub fn is_fitted(&self) -> bool {
        self.viewpoint.zoom.is_none()
    }

    /// Where the canvas is drawn.
    pub fn mapping(&self, room: &CanvasRoom) -> Mapping {
        self.exact(room).on_whole_pixels(room.pixels_per_point)
    }

    /// Shows the whole canvas, as large as it fits.
    pub fn fit(&mut self) {
        self.viewpoint = Viewpoint { zoom: None, center: [0.5; 2], ..self.viewpoint };
    }

    /// Zooms by a factor; what is at `at` on screen stays there.
    pub fn zoom_by(&mut self, factor: f32, at: Pos2, room: &CanvasRoom) {
        self.zoom_to(self.zoom(room) * factor, at, room);
    }

    /// Zooms to this many screen pixels per canvas pixel, or the nearest zoom there is; what is at `at` on screen stays
    /// there.
    pub fn zoom_to(&mut self, zoom: f32, at: Pos2, room: &CanvasRoom) {
        if zoom.is_finite() {
            let zoom = zoom.clamp(Viewpoint::SMALLEST, Viewpoint::LARGEST);
            self.keeping(at, room, |viewpoint| viewpoint.zoom = Some(zoom));
        }
    }

    /// Makes one step of the zoom; what is at `at` on screen stays there, except where the whole canvas is shown.
    pub fn zoom_step(&mut self, step: ZoomStep, at: Pos2, room: &CanvasRoom) {
        let zoom = self.zoom(room);
        let next = match step {
            ZoomStep::In => STEPS.into_iter().find(|step| *step > zoom * 1.01),
            ZoomStep::Out => STEPS.into_iter().rev().find(|step| *step < zoom * 0.99),
            ZoomStep::FullSize => Some(1.0),
            ZoomStep::Fit => {
                self.fit();
                None
            }
        };
        if let Some(next) = next {
            self.zoom_to(next, at, room);
        }
    }

    /// Moves the canvas on screen, in points.
    pub fn pan(&mut self, by: Vec2, room: &CanvasRoom) {
        self.viewpoint.zoom = Some(self.zoom(room));
        let (x, y) = self.exact(room).to_canvas(room.rect.center() - by);
        self.center_on(x, y, room);
    }

    /// Turns the canvas clockwise by an angle in degrees; what is in the middle of the room stays there.
    pub fn turn(&mut self, degrees: f32, room: &CanvasRoom) {
        self.turn_to(self.viewpoint.degrees + degrees, room);
    }

    /// Turns the canvas to an angle in degrees, or upright where it nearly is; what is in the middle of the room stays
    /// there.
    pub fn turn_to(&mut self, degrees: f32, room: &CanvasRoom) {
        // Otherwise the size would change with the angle.
        self.viewpoint.zoom = Some(self.zoom(room));
        let upright = (degrees / 90.0).round() * 90.0;
        let degrees = if (degrees - upright).abs() < NEARLY_STRAIGHT { upright } else { degrees };
        self.viewpoint = Viewpoint { degrees, ..self.viewpoint }.checked();
    }

    /// Exchanges left and right of what is seen; what is in the middle of the room stays there.
    pub fn mirror(&mut self) {
        let Viewpoint { degrees, mirrored, .. } = self.viewpoint;
        // Turning comes after mirroring, so it goes the other way.
        self.viewpoint = Viewpoint { degrees: -degrees, mirrored: !mirrored, ..self.viewpoint }.checked();
    }

    /// Shows the canvas neither turned nor mirrored; what is in the middle of the room stays there.
    pub fn straighten(&mut self) {
        self.viewpoint = Viewpoint { degrees: 0.0, mirrored: false, ..self.viewpoint };
    }

    /// The map before it is moved to whole screen pixels.
    fn exact(&self, room: &CanvasRoom) -> Mapping {
        let Viewpoint { center, degrees, mirrored, .. } = self.viewpoint;
        let scale = self.zoom(room) / room.pixels_per_point;
        let anchor = Vec2::from(center) * room.canvas();
        Mapping::new(room.size, scale, degrees, mirrored, (anchor, room.rect.center()))
    }

    /// Changes the viewpoint in such a way that what is at `at` on screen stays there, as far as the canvas reaches.
    fn keeping(&mut self, at: Pos2, room: &CanvasRoom, change: impl FnOnce(&mut Viewpoint)) {
        let (x, y) = self.exact(room).to_canvas(at);
        change(&mut self.viewpoint);
        let changed = self.exact(room);
        let (x, y) = changed.to_canvas(room.rect.center() - (at - changed.to_screen(x, y)));
        self.center_on(x, y, room);
    }

    /// Puts a place of the canvas into the middle of the room, or the nearest one on the canvas.
    fn center_on(&mut self, x: f32, y: f32, room: &CanvasRoom) {
        let center = (Vec2::new(x, y) / room.canvas()).into();
        self.viewpoint = Viewpoint { center, ..self.viewpoint }.checked();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(pixels_per_point: f32) -> CanvasRoom {
        let rect = Rect::from_min_size(Pos2::new(100.0, 50.0), Vec2::new(600.0, 400.0));
        CanvasRoom { rect, size: (512, 512), pixels_per_point }
    }

    /// The canvas place at a point on screen.
    fn under(view: &CanvasViewport, at: Pos2, room: &CanvasRoom) -> Vec2 {
        view.mapping(room).to_canvas(at).into()
    }

    #[test]
    fn at_first_the_whole_canvas_fits_the_room_in_its_middle() {
        for pixels_per_point in [1.0, 1.25, 1.5, 2.0] {
            let room = room(pixels_per_point);
            let view = CanvasViewport::default();
            let bounds = view.mapping(&room).bounds();
            assert!((bounds.height() - 400.0).abs() < 1e-2 && room.rect.expand(1.0).contains_rect(bounds));
            assert!((bounds.center() - room.rect.center()).length() <= 1.0);
            for pixel in [0, 1, 255, 511] {
                let centre = bounds.min + bounds.size() * ((pixel as f32 + 0.5) / 512.0);
                assert_eq!(view.mapping(&room).to_pixel(centre), Some((pixel, pixel)), "at {pixels_per_point}");
            }
        }
        let mut turned = CanvasViewport::default();
        turned.turn_to(45.0, &room(1.0));
        turned.fit();
        assert!(room(1.0).rect.expand(1.0).contains_rect(turned.mapping(&room(1.0)).bounds()));
    }

    #[test]
    fn a_hundred_percent_is_one_screen_pixel_per_canvas_pixel_at_every_display_scale() {
        for pixels_per_point in [1.0, 1.25, 2.0] {
            let room = room(pixels_per_point);
            let mut view = CanvasViewport::default();
            view.zoom_step(ZoomStep::FullSize, room.rect.center(), &room);
            let bounds = view.mapping(&room).bounds();
            assert!((bounds.width() * pixels_per_point - 512.0).abs() < 1e-2);
            let edge = bounds.min.x * pixels_per_point;
            assert!((edge - edge.round()).abs() < 1e-3);
        }
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer_however_the_canvas_is_turned() {
        let room = room(1.0);
        for (degrees, mirrored) in [(0.0, false), (30.0, false), (0.0, true), (-75.0, true)] {
            let mut view = CanvasViewport::default();
            view.use_viewpoint(Viewpoint { zoom: Some(3.0), degrees, mirrored, ..Viewpoint::default() });
            for at in [Pos2::new(300.0, 200.0), Pos2::new(400.0, 300.0), Pos2::new(450.0, 260.0)] {
                for factor in [1.3, 0.9, 2.5] {
                    let before = under(&view, at, &room);
                    view.zoom_by(factor, at, &room);
                    let off = (under(&view, at, &room) - before).length() * view.zoom(&room);
                    assert!(off < 1.5, "{off} points at {at:?}, {degrees}°, {mirrored}");
                }
            }
        }
    }

    #[test]
    fn the_canvas_follows_the_hand_and_cannot_get_lost() {
        let room = room(1.0);
        for (degrees, mirrored) in [(0.0, false), (30.0, true), (180.0, false)] {
            let mut view = CanvasViewport::default();
            view.use_viewpoint(Viewpoint { zoom: Some(4.0), degrees, mirrored, ..Viewpoint::default() });
            let before = under(&view, room.rect.center(), &room);
            view.pan(Vec2::new(30.0, -12.0), &room);
            let moved = view.mapping(&room).to_screen(before.x, before.y) - room.rect.center();
            assert!((moved - Vec2::new(30.0, -12.0)).length() < 1.5, "{moved:?}");
            for far in [Vec2::splat(1e6), Vec2::splat(-1e6), Vec2::splat(f32::MAX)] {
                view.pan(far, &room);
                let middle = under(&view, room.rect.center(), &room);
                assert!(middle.min_elem() > -1.0 && middle.max_elem() < 513.0, "{middle:?}");
            }
        }
    }

    #[test]
    fn keys_step_through_even_zooms_and_end_at_the_limits() {
        let room = room(1.0);
        let (mut view, at) = (CanvasViewport::default(), room.rect.center());
        assert!(view.is_fitted());
        view.zoom_step(ZoomStep::In, at, &room);
        assert_eq!(view.zoom(&room), 1.0, "from 78 %");
        for _ in 0..100 {
            view.zoom_step(ZoomStep::In, at, &room);
        }
        assert_eq!(view.zoom(&room), Viewpoint::LARGEST);
        for _ in 0..100 {
            view.zoom_step(ZoomStep::Out, at, &room);
        }
        assert_eq!(view.zoom(&room), Viewpoint::SMALLEST);
        view.zoom_by(f32::NAN, at, &room);
        view.zoom_by(f32::INFINITY, at, &room);
        assert_eq!(view.zoom(&room), Viewpoint::SMALLEST);
        view.zoom_step(ZoomStep::Fit, at, &room);
        assert!(view.is_fitted());
    }

    #[test]
    fn mirroring_exchanges_left_and_right_of_what_is_seen() {
        let room = room(1.0);
        for degrees in [0.0, 30.0, -90.0] {
            let mut view = CanvasViewport::default();
            view.use_viewpoint(Viewpoint { zoom: Some(1.0), degrees, ..Viewpoint::default() });
            let before = under(&view, room.rect.center() + Vec2::new(40.0, 10.0), &room);
            view.mirror();
            let after = under(&view, room.rect.center() + Vec2::new(-40.0, 10.0), &room);
            assert!((before - after).length() < 1.5, "{before:?} {after:?} at {degrees}°");
            view.straighten();
            assert_eq!(view.viewpoint(), Viewpoint { zoom: Some(1.0), ..Viewpoint::default() });
        }
    }

    #[test]
    fn turning_keeps_the_size_and_stops_at_upright() {
        let room = room(1.0);
        let mut view = CanvasViewport::default();
        let zoom = view.zoom(&room);
        for _ in 0..24 {
            view.turn(15.0, &room);
            assert_eq!(view.zoom(&room), zoom);
        }
        assert_eq!(view.viewpoint().degrees, 0.0);
        view.turn_to(91.0, &room);
        assert_eq!(view.viewpoint().degrees, 90.0);
    }
}
