//! Arrow keys for a widget that uses them itself.

use egui::{EventFilter, Response, Ui};

/// Whether a widget has the focus; then arrow keys do not move the focus to another one.
pub(in crate::ui) fn keep_arrows(ui: &Ui, response: &Response) -> bool {
    if !response.has_focus() {
        return false;
    }
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    true
}
