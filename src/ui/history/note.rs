//! The star and the note of a result.

use egui::{Id, TextEdit, Ui};

use crate::document::{ResultId, RoundResult};
use crate::ui::keymap::tooltip;
use crate::ui::widgets::star_button;
use crate::ui::{HistoryCommand, UserCommand};

/// Shows them in a row. With `focus` the note gets the keyboard.
pub(in crate::ui) fn note_row(ui: &mut Ui, id: ResultId, result: &RoundResult, focus: bool) -> Option<UserCommand> {
    let mut command = None;
    let ResultId { round, image } = id;
    let help = if result.starred { "Take the star away." } else { "Mark this result with a star." };
    let help = tooltip(ui.ctx(), help, HistoryCommand::ToggleStar);
    let button = star_button(ui, result.starred, "Star").on_hover_text(help);
    if button.clicked() {
        command = Some(HistoryCommand::Star(round, image, !result.starred).into());
    }
    let mut text = result.note.clone();
    // Another result has another field, so that undo inside the field stays with its text.
    let field = Id::unique(("note", round, image));
    let width = (ui.available_width() * 0.36).clamp(60.0, 280.0);
    let edit = TextEdit::singleline(&mut text).id(field).hint_text("Note").desired_width(width);
    let help = tooltip(ui.ctx(), "A note about this result. It is kept in the document.", HistoryCommand::EditNote);
    let response = ui.add(edit).on_hover_text(help);
    ui.ctx().accesskit_node_builder(field, |node| node.set_label("Note"));
    if focus {
        response.request_focus();
    }
    if response.changed() {
        command = Some(HistoryCommand::Note(round, image, text).into());
    }
    command
}
