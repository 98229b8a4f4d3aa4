//! Says what was deleted, and offers to undo that.

use egui::{RichText, Ui, WidgetInfo};

use crate::ui::keymap::tooltip;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, UserCommand};

/// Whether the message of the status line is about something deleted that undo would bring back.
pub(in crate::ui) fn is_deletion_told(state: &WindowState) -> bool {
    let text = &state.history.deleted;
    !text.is_empty() && state.status.text() == text && state.document.last_deleted().is_some()
}

/// The message of the status line, with a button that brings back what was deleted.
pub(in crate::ui) fn undo_bar(ui: &mut Ui, state: &WindowState) -> Option<UserCommand> {
    ui.horizontal(|ui| {
        ui.label(RichText::new(state.status.text()).small());
        let help = tooltip(ui.ctx(), "Bring it back.", CanvasCommand::Undo);
        let button = ui.small_button("Undo").on_hover_text(help);
        // The bar at the top has a button of that name too.
        button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Undo deleting"));
        button.clicked().then(|| CanvasCommand::Undo.into())
    })
    .inner
}
