//! Undo and the clipboard.

use super::entry::Menu;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, FileCommand, SelectCommand};

pub(super) fn ui(menu: &mut Menu<'_>, state: &WindowState) {
    let document = &state.document;
    menu.entry_if(document.can_undo(), "Undo", "Undo the last change to the canvas.", CanvasCommand::Undo);
    menu.entry_if(document.can_redo(), "Redo", "Redo the change that was undone last.", CanvasCommand::Redo);
    menu.line();
    menu.entry("Cut", "Cut what is selected on the current layer.", SelectCommand::Cut);
    menu.entry("Copy", "Copy what is selected on the current layer.", SelectCommand::Copy);
    menu.entry("Copy merged", "Copy what is selected of the whole picture.", SelectCommand::CopyMerged);
    menu.entry(
        "Paste in place",
        "What was copied from the canvas becomes a layer, where it was.",
        SelectCommand::PasteInPlace,
    );
    menu.entry("Paste", "Paste a picture, or a picture file copied in the file manager.", FileCommand::Paste);
}
