//! Layers.

use super::entry::Menu;
use crate::paint::LayerDirection::{Down, Up};
use crate::ui::state::WindowState;
use crate::ui::{LayerCommand, LayerSwitch};

pub(super) fn ui(menu: &mut Menu<'_>, _: &WindowState) {
    menu.entry("Add a layer", "An empty one above the current layer.", LayerCommand::Add);
    menu.entry("Paste as a layer", "Paste a picture as a layer.", LayerCommand::Paste);
    menu.entry("Duplicate", "Copy the layer.", LayerCommand::Duplicate);
    menu.entry("Rename the layer…", "", LayerCommand::AskForName);
    menu.entry("Delete", "Delete the layer, with all layers in it.", LayerCommand::Delete);
    menu.line();
    menu.entry("Move up", "", LayerCommand::Step(Up));
    menu.entry("Move down", "", LayerCommand::Step(Down));
    menu.entry("Choose the layer above", "", LayerCommand::ChooseNext(Up));
    menu.entry("Choose the layer below", "", LayerCommand::ChooseNext(Down));
    menu.line();
    let help = "The layer shows only where the one below does, or everywhere.";
    menu.entry("Clip to the layer below", help, LayerCommand::SwitchCurrent(LayerSwitch::Clipped));
    menu.entry("Group", "Put the layer into a new group.", LayerCommand::Group);
    menu.entry("Take the group apart", "", LayerCommand::Ungroup);
    menu.line();
    menu.entry("Merge down", "Merge the layer into the one below.", LayerCommand::MergeDown);
    menu.entry("Merge visible layers", "", LayerCommand::MergeVisible);
    menu.entry("Flatten", "Make one opaque layer of the canvas.", LayerCommand::Flatten);
}
