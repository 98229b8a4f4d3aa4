//! Lines over the canvas that show on any colour.

use egui::{Color32, Painter, Pos2, Shape, Stroke};

use crate::ui::canvas::mapping::Mapping;

/// Draws a line through places on the canvas, dark with light dashes.
pub(in crate::ui::canvas) fn dashed(painter: &Painter, points: Vec<Pos2>) {
    painter.add(Shape::line(points.clone(), Stroke::new(1.5, Color32::from_black_alpha(190))));
    painter.extend(Shape::dashed_line(&points, Stroke::new(1.5, Color32::from_white_alpha(235)), 4.0, 4.0));
}

/// Draws a closed line through places in canvas pixels.
pub(super) fn closed(painter: &Painter, map: &Mapping, places: &[(f32, f32)]) {
    dashed(painter, on_screen(map, places.iter().chain(places.first())));
}

/// Draws a line through places in canvas pixels.
pub(super) fn open(painter: &Painter, map: &Mapping, places: &[(f32, f32)]) {
    dashed(painter, on_screen(map, places.iter()));
}

fn on_screen<'a>(map: &Mapping, places: impl Iterator<Item = &'a (f32, f32)>) -> Vec<Pos2> {
    places.map(|(x, y)| map.to_screen(*x, *y)).collect()
}

/// A small square around a place on screen that can be dragged.
pub(super) fn handle(painter: &Painter, at: Pos2) {
    let rect = egui::Rect::from_center_size(at, egui::Vec2::splat(8.0));
    painter.rect_filled(rect, 1, Color32::WHITE);
    painter.rect_stroke(rect, 1, Stroke::new(1.0, Color32::BLACK), egui::StrokeKind::Outside);
}

/// The other end of a drag, so that the rectangle between both ends has equal sides.
pub(super) fn squared(from: (f32, f32), to: (f32, f32)) -> (f32, f32) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let side = dx.abs().max(dy.abs());
    (from.0 + side.copysign(dx), from.1 + side.copysign(dy))
}

/// The other end of a drag, turned to the nearest of steps of 15°.
pub(super) fn in_steps(from: (f32, f32), to: (f32, f32)) -> (f32, f32) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let step = 15.0_f32.to_radians();
    let (sin, cos) = ((dy.atan2(dx) / step).round() * step).sin_cos();
    let length = dx.hypot(dy);
    (from.0 + length * cos, from.1 + length * sin)
}

/// The corners of the rectangle between two places.
pub(super) fn corners(from: (f32, f32), to: (f32, f32)) -> [(f32, f32); 4] {
    [from, (to.0, from.1), to, (from.0, to.1)]
}
