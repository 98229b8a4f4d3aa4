//! The ring of hues.

use std::f32::consts::{FRAC_1_SQRT_2, TAU};

use egui::{Color32, Pos2, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, lerp};

use super::dial::{arrow_steps, pointed, requested_steps};
use super::gradient::Gradient;
use crate::ui::color::current::CurrentColor;
use crate::ui::color::swatch::color32;
use crate::ui::theme;

/// Cells that the hues are drawn with.
pub(super) const HUES: usize = 90;
/// Width of the ring, in points.
const WIDTH: f32 = 14.0;
/// The space between ring and square, in points.
const GAP: f32 = 2.0;

/// The square inside the ring.
pub(super) fn square(room: Rect) -> Rect {
    let half = (room.width() / 2.0 - WIDTH - GAP) * FRAC_1_SQRT_2;
    Rect::from_center_size(room.center(), Vec2::splat(2.0 * half.max(4.0)))
}

/// All hues counter-clockwise from the right, as on a unit circle. A drag or the arrow keys choose one.
pub(super) fn ui(ui: &Ui, room: Rect, gradient: &mut Gradient, current: &mut CurrentColor) {
    let center = room.center();
    let response = hue_dial(ui, room, current, |at| angle(center, at));
    let (outer, inner) = (room.width() / 2.0, room.width() / 2.0 - WIDTH);
    let on_ring = |hue: f32, radius: f32| center + Vec2::angled(-hue / 360.0 * TAU) * radius;
    let place = |x: f32, y: f32| on_ring(x * 360.0, lerp(inner..=outer, y));
    gradient.paint(ui.painter(), (current.model(), 1.0), (HUES, 1), |x, _| [x * 360.0, 1.0, 1.0], place);
    if response.has_focus() {
        for radius in [outer + 1.0, inner - 1.0] {
            ui.painter().circle_stroke(center, radius, Stroke::new(2.0, theme::ACCENT));
        }
    }
    let [hue, ..] = current.coordinates();
    let pure = color32(current.model().color([hue, 1.0, 1.0]));
    let at = on_ring(hue, (outer + inner) / 2.0);
    ui.painter().circle(at, WIDTH / 2.0 + 1.0, pure, Stroke::new(3.0, Color32::from_black_alpha(160)));
    ui.painter().circle_stroke(at, WIDTH / 2.0 + 1.0, Stroke::new(1.5, Color32::WHITE));
}

/// The hue in degrees at a point beside the centre.
fn angle(center: Pos2, at: Pos2) -> f32 {
    let from = at - center;
    (-from.angle()).rem_euclid(TAU) / TAU * 360.0
}

/// A control of the hue alone. `hue_at` says which one lies at a point.
pub(super) fn hue_dial(ui: &Ui, rect: Rect, current: &mut CurrentColor, hue_at: impl Fn(Pos2) -> f32) -> Response {
    let response = ui.interact(rect, ui.scope_id().with("hue dial"), Sense::click_and_drag());
    let [hue, saturation, value] = current.coordinates();
    if let Some(at) = pointed(&response) {
        current.dial(response.id, [hue_at(at), saturation, value]);
    }
    let keys = arrow_steps(ui, &response);
    let steps = keys.x + keys.y + requested_steps(ui, &response);
    if steps != 0.0 {
        // Beyond red comes red again.
        current.dial(response.id, [(hue + steps).rem_euclid(360.0), saturation, value]);
    }
    let hue = f64::from(current.coordinates()[0]);
    response.widget_info(|| WidgetInfo::slider(true, hue, "Hue dial"));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        use egui::accesskit::Action;
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(360.0);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    response.on_hover_text("Hue. The arrow keys turn it by 1°, with Shift by 10°.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hues_turn_counter_clockwise_from_the_right() {
        let center = Pos2::new(50.0, 50.0);
        for (by, hue) in [((30.0, 0.0), 0.0), ((0.0, -30.0), 90.0), ((-30.0, 0.0), 180.0), ((0.0, 30.0), 270.0)] {
            assert!((angle(center, center + Vec2::new(by.0, by.1)) - hue).abs() < 1e-3, "{by:?}");
        }
    }

    #[test]
    fn the_square_lies_inside_the_ring() {
        let room = Rect::from_min_size(Pos2::ZERO, Vec2::splat(176.0));
        let square = square(room);
        assert!(square.width() > 90.0);
        assert!((square.max - room.center()).length() <= 88.0 - WIDTH);
    }
}
