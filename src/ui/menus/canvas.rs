//! The canvas.

use super::entry::Menu;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, Paper};

pub(super) fn ui(menu: &mut Menu<'_>, _: &WindowState) {
    for (name, paper) in [
        ("White canvas", Paper::White),
        ("Black canvas", Paper::Black),
        ("Canvas in the current colour", Paper::CurrentColor),
    ] {
        menu.entry(name, "Replace the canvas with an empty one. Undo brings it back.", CanvasCommand::New(paper));
    }
    menu.line();
    menu.entry("Example sketch", "Put a rough green apple on the canvas.", CanvasCommand::Example);
}
