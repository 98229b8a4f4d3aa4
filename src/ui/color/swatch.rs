//! A small square of colour.

use egui::{Color32, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use crate::paint::Rgb;
use crate::ui::theme;

/// Shows a square of colour that can be clicked. `is_current` marks it.
pub(super) fn swatch(ui: &mut Ui, color: Rgb, name: &str, side: f32, is_current: bool, sense: Sense) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), sense);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_current, name));
    fill(ui, rect, color);
    rim(ui, rect, &response, is_current);
    response.on_hover_text(name)
}

/// Fills a rectangle with a colour.
pub(super) fn fill(ui: &Ui, rect: Rect, color: Rgb) {
    ui.painter().rect_filled(rect, 4, color32(color));
}

/// Draws the edge of what can be clicked; it says where focus and pointer are.
pub(super) fn rim(ui: &Ui, rect: Rect, response: &Response, is_current: bool) {
    let rim = if response.has_focus() || is_current {
        Stroke::new(2.0, theme::ACCENT)
    } else if response.hovered() {
        Stroke::new(1.0, Color32::WHITE)
    } else {
        Stroke::new(1.0, Color32::from_black_alpha(90))
    };
    ui.painter().rect_stroke(rect, 4, rim, StrokeKind::Inside);
}

/// A colour as egui draws it.
pub(super) fn color32(color: Rgb) -> Color32 {
    let [r, g, b] = color.0;
    Color32::from_rgb(r, g, b)
}
