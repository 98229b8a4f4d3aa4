//! What pointer and focus do to the pictures: zoom, position, divider, arrow keys.

use egui::{EventFilter, Pos2, Rect, Response, Ui};

use super::slider;
use super::state::{CompareMode, Comparison};
use super::viewport::Room;

/// How far the wheel turns, in points, for a zoom by a factor of e.
const WHEEL: f32 = 240.0;

/// Follows the pointer over the pictures. `second` is the room of the second picture where it has its own.
///
/// Zoom, position and divider are changed here and not through commands: a drag consists of many small
/// steps.
pub(super) fn follow(ui: &Ui, response: &Response, shown: &mut Comparison, room: &Room, second: Option<Rect>) {
    if response.double_clicked() {
        shown.viewport.fit();
    }
    let in_first = |at: Pos2| match second {
        Some(second) if second.contains(at) => at - (second.min - room.rect.min),
        _ => at,
    };
    // The divider lies above the pictures and leaves the wheel to them.
    let hovered = ui.input(|i| i.pointer.hover_pos()).filter(|_| ui.rect_contains_pointer(response.rect));
    if let Some(at) = hovered {
        let factor = ui.input(|i| i.zoom_delta() * (i.smooth_scroll_delta().y / WHEEL).exp());
        if factor != 1.0 {
            shown.viewport.zoom_by(factor, in_first(at), room);
        }
    }
    // A colour is taken there.
    if ui.input(|i| i.modifiers.alt) {
        return;
    }
    let slides = shown.mode == CompareMode::Slider;
    if response.drag_started() {
        // A picture in full view cannot be moved, so the divider follows.
        shown.drags_divider = slides && !shown.viewport.can_pan(room);
    }
    let at = response.interact_pointer_pos();
    if response.dragged() && !shown.drags_divider {
        shown.viewport.pan(response.drag_delta(), room);
    } else if let Some(at) = at.filter(|_| response.dragged() && slides) {
        slider::move_to(shown, shown.viewport.frame(room).intersect(room.rect), at.x);
    }
}

/// Whether a widget has the focus; then arrow keys belong to the pictures and do not move the focus.
pub(super) fn takes_arrows(ui: &Ui, response: &Response) -> bool {
    if !response.has_focus() {
        return false;
    }
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    true
}
