//! The canvas.

use super::entry::Menu;
use crate::document::Reshape;
use crate::paint::{MirrorAxis, QuarterTurns};
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, Paper, ReshapeCommand, Tool};

pub(super) fn ui(menu: &mut Menu<'_>, state: &WindowState) {
    for (name, paper) in [
        ("White canvas", Paper::White),
        ("Black canvas", Paper::Black),
        ("Canvas in the current colour", Paper::CurrentColor),
    ] {
        menu.entry(name, "Replace the canvas with an empty one. Undo brings it back.", CanvasCommand::New(paper));
    }
    menu.line();
    let help = "Scale the picture with all its layers.";
    menu.entry("Scale the canvas…", help, ReshapeCommand::AskToScale);
    let help = "Add room at the sides of the canvas, or cut off.";
    menu.entry("Canvas size…", help, ReshapeCommand::AskForSides);
    menu.entry("Crop", "Drag the edges of the canvas.", CanvasCommand::UseTool(Tool::Crop));
    let help = "Cut off what is not selected. Sides are multiples of 8 pixels.";
    let is_selected = state.document.selection().is_some();
    menu.entry_if(is_selected, "Crop to the selection", help, ReshapeCommand::CropToSelection);
    menu.line();
    for (name, reshape) in [
        ("Turn the picture right", Reshape::Turn(QuarterTurns::Right)),
        ("Turn the picture left", Reshape::Turn(QuarterTurns::Left)),
        ("Turn the picture by 180°", Reshape::Turn(QuarterTurns::Half)),
        ("Mirror the picture", Reshape::Mirror(MirrorAxis::Vertical)),
        ("Flip the picture", Reshape::Mirror(MirrorAxis::Horizontal)),
    ] {
        menu.entry(name, "All layers, selection and mask go along.", ReshapeCommand::Reshape(reshape));
    }
    menu.line();
    menu.entry("Example sketch", "Put a rough green apple on the canvas.", CanvasCommand::Example);
}
