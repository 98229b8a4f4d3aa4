//! The field of saturation and value.

use egui::{Color32, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, lerp};

use super::dial::{arrow_steps, pointed};
use super::gradient::Gradient;
use crate::ui::color::current::CurrentColor;
use crate::ui::color::swatch::color32;
use crate::ui::theme;

/// Cells in each direction that the field is drawn with; the corners of each are exact.
const CELLS: usize = 28;

/// Saturation to the right, value upwards. A drag or the arrow keys choose both.
pub(super) fn ui(ui: &Ui, rect: Rect, gradient: &mut Gradient, current: &mut CurrentColor) {
    let response = ui.interact(rect, ui.scope_id().with("saturation and value"), Sense::click_and_drag());
    let [hue, saturation, value] = current.coordinates();
    let text = format!("Saturation {:.0} %, value {:.0} %", saturation * 100.0, value * 100.0);
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(text.clone()),
        ..WidgetInfo::labeled(egui::Role::ColorWell, true, "Saturation and value")
    });
    if let Some(at) = pointed(&response) {
        let share = (at - rect.min) / rect.size();
        current.dial(response.id, [hue, share.x, 1.0 - share.y]);
    }
    let steps = arrow_steps(ui, &response) / 100.0;
    if steps != egui::Vec2::ZERO {
        current.dial(response.id, [hue, saturation + steps.x, value + steps.y]);
    }

    let [hue, saturation, value] = current.coordinates();
    let place = |x: f32, y: f32| Pos2::new(lerp(rect.x_range(), x), lerp(rect.y_range(), y));
    let model = current.model();
    gradient.paint(ui.painter(), (model, hue), (CELLS, CELLS), |x, y| [hue, x, 1.0 - y], place);
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 0, Stroke::new(2.0, theme::ACCENT), StrokeKind::Outside);
    }
    let edge = if value > 0.6 && saturation < 0.6 { Color32::BLACK } else { Color32::WHITE };
    let marker = Stroke::new(1.5, edge);
    ui.painter().circle(place(saturation, 1.0 - value), 6.0, color32(current.rgb()), marker);
    response.on_hover_text("Saturation to the right, value upwards. The arrow keys move by 1 %, with Shift by 10 %.");
}
