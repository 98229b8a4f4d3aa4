//! The bar of hues.

use egui::{Color32, Pos2, Rect, Stroke, StrokeKind, Ui, Vec2, lerp};

use super::gradient::Gradient;
use super::ring::{HUES, hue_dial};
use crate::ui::color::current::CurrentColor;
use crate::ui::theme;

/// All hues from left to right. A drag or the arrow keys choose one.
pub(super) fn ui(ui: &Ui, rect: Rect, gradient: &mut Gradient, current: &mut CurrentColor) {
    let response = hue_dial(ui, rect, current, |at| ((at.x - rect.min.x) / rect.width()).clamp(0.0, 1.0) * 360.0);
    let place = |x: f32, y: f32| Pos2::new(lerp(rect.x_range(), x), lerp(rect.y_range(), y));
    gradient.paint(ui.painter(), (current.model(), 0.0), (HUES, 1), |x, _| [x * 360.0, 1.0, 1.0], place);
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 0, Stroke::new(2.0, theme::ACCENT), StrokeKind::Outside);
    }
    let x = lerp(rect.x_range(), current.coordinates()[0] / 360.0);
    let marker = Rect::from_center_size(Pos2::new(x, rect.center().y), Vec2::new(5.0, rect.height() + 2.0));
    let edge = Stroke::new(1.0, Color32::from_black_alpha(160));
    ui.painter().rect(marker, 2, Color32::WHITE, edge, StrokeKind::Outside);
}
