//! The edge between a side and the canvas, which is dragged to make the side wider.

use egui::{CursorIcon, EventFilter, Id, Key, Rect, Role, Sense, Stroke, Ui, WidgetInfo};

use super::DockSide;
use crate::ui::theme;

/// How wide the edge is for the pointer, in points.
const GRIP: f32 = 7.0;
/// How far an arrow key moves it, in points.
const STEP: f32 = 16.0;

/// Lets the edge of a side be dragged, or moved with the arrow keys. Returns by how much the side becomes wider.
pub(super) fn ui(ui: &Ui, side: DockSide, panel: Rect) -> Option<f32> {
    let (x, outwards) = match side {
        DockSide::Left => (panel.right(), 1.0),
        DockSide::Right => (panel.left(), -1.0),
    };
    let grip = Rect::from_x_y_ranges(x - GRIP / 2.0..=x + GRIP / 2.0, panel.y_range());
    let response = ui.interact(grip, Id::unique(("edge", side)), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, format!("Width of the {}", side.name())));
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    if response.hovered() || response.dragged() || response.has_focus() {
        let stroke = Stroke::new(2.0, theme::colors(ui).strong_line);
        ui.painter().vline(x, panel.y_range(), stroke);
    }
    let mut moved = if response.dragged() { response.drag_delta().x } else { 0.0 };
    if response.has_focus() {
        let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        let presses = |key| ui.input(|i| i.num_presses(key)) as f32;
        moved += (presses(Key::ArrowRight) - presses(Key::ArrowLeft)) * STEP;
    }
    (moved != 0.0).then_some(moved * outwards)
}
