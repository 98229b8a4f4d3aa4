//! Undo and the clipboard.

use super::entry::Menu;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, FileCommand};

pub(super) fn ui(menu: &mut Menu<'_>, state: &WindowState) {
    let document = &state.document;
    menu.entry_if(document.can_undo(), "Undo", "Undo the last change to the canvas.", CanvasCommand::Undo);
    menu.entry_if(document.can_redo(), "Redo", "Redo the change that was undone last.", CanvasCommand::Redo);
    menu.line();
    menu.entry("Paste", "Paste a picture, or a picture file copied in the file manager.", FileCommand::Paste);
}
