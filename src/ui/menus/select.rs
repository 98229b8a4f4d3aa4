//! Selection and mask.

use super::entry::Menu;
use crate::ui::state::WindowState;
use crate::ui::{MaskCommand, SelectCommand};

pub(super) fn ui(menu: &mut Menu<'_>, state: &WindowState) {
    let (selected, masked) = (state.document.selection().is_some(), state.document.mask().is_some());
    menu.entry("Select everything", "", SelectCommand::All);
    menu.entry_if(selected, "Select nothing", "Painting then changes everything.", SelectCommand::None);
    menu.entry_if(selected, "Invert the selection", "", SelectCommand::Invert);
    menu.line();
    menu.entry("Move and transform", "Move, scale, turn or mirror what is selected.", SelectCommand::BeginTransform);
    menu.entry("Clear what is selected", "Make it transparent on the current layer.", SelectCommand::Clear);
    menu.entry("Fill with the colour", "", SelectCommand::FillForeground);
    menu.entry("Fill with the background colour", "", SelectCommand::FillBackground);
    menu.line();
    menu.entry_if(
        selected,
        "Selection to mask",
        "The next round changes only what is selected.",
        MaskCommand::FromSelection,
    );
    menu.entry_if(masked, "Mask to selection", "", MaskCommand::ToSelection);
    menu.entry_if(masked, "Remove the mask", "The next round may change everything.", MaskCommand::Remove);
    menu.mark(state.select.options.shows_mask, "Show the mask", "", MaskCommand::ToggleShown);
}
