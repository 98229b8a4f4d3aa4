//! The section of the layers in a side panel.

use egui::{Role, Ui, WidgetInfo};
use lucide_icons::Icon;

use super::icon_button::{SIGN, icon_button};
use super::{LayerPanel, controls, paper_row, region, row_view, rows};
use crate::engine::RegionPrompt;
use crate::paint::{LayerDirection, LayerStack, Rgb};
use crate::ui::keymap::tooltip;
use crate::ui::{LayerCommand, UserCommand, theme};

/// Shows the layers, the paper, and what can be done with the current layer. `waits` says that a stroke is being painted.
pub(in crate::ui) fn ui(
    ui: &mut Ui,
    panel: &mut LayerPanel,
    layers: &LayerStack,
    (paper, regions): (Rgb, &[RegionPrompt]),
    waits: bool,
) -> Vec<UserCommand> {
    let mut commands: Vec<LayerCommand> = Vec::new();
    if let Some(layer) = layers.get(layers.current()) {
        commands.extend(controls::ui(ui, layer));
        commands.extend(region::ui(ui, layer, regions));
    }
    ui.add_space(2.0);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        for row in rows::rows(layers, &panel.folded) {
            commands.extend(row_view::ui(ui, panel, layers, &row, waits));
        }
        commands.extend(paper_row::ui(ui, paper));
    });
    commands.extend(buttons(ui, layers));
    panel.thumbnails.end_frame();
    commands.into_iter().map(UserCommand::from).collect()
}

fn buttons(ui: &mut Ui, layers: &LayerStack) -> Option<LayerCommand> {
    let mut command = None;
    let is_group = layers.get(layers.current()).is_some_and(|layer| layer.is_group());
    let can_merge = layers.place_of(layers.current()).is_some_and(|place| place.index > 0) || is_group;
    let is_last = layers.layers().len() == 1 && layers.layers().first().is_some_and(|only| only.id == layers.current());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        for (icon, name, help, wanted, enabled) in [
            (Icon::Plus, "Add a layer", "Add an empty layer above this one.", LayerCommand::Add, true),
            (Icon::Copy, "Duplicate the layer", "Copy this layer.", LayerCommand::Duplicate, true),
            (Icon::FolderPlus, "Group the layer", "Put this layer into a new group.", LayerCommand::Group, true),
            (Icon::ArrowUp, "Move the layer up", "Move this layer up.", LayerCommand::Step(LayerDirection::Up), true),
            (
                Icon::ArrowDown,
                "Move the layer down",
                "Move this layer down.",
                LayerCommand::Step(LayerDirection::Down),
                true,
            ),
            (
                Icon::Trash2,
                "Delete the layer",
                "Delete this layer. Undo brings it back.",
                LayerCommand::Delete,
                !is_last,
            ),
        ] {
            let help = tooltip(ui.ctx(), help, wanted.clone());
            if icon_button(ui, icon, name, &help, enabled).clicked() {
                command = Some(wanted);
            }
        }
        let more = ui.menu_button(theme::icon(Icon::Ellipsis, SIGN), |ui| {
            for (name, wanted, enabled) in [
                ("Rename…", LayerCommand::AskForName, true),
                ("Merge down", LayerCommand::MergeDown, can_merge),
                ("Merge visible layers", LayerCommand::MergeVisible, true),
                ("Flatten", LayerCommand::Flatten, true),
                ("Ungroup", LayerCommand::Ungroup, is_group),
                ("Paste as a layer", LayerCommand::Paste, true),
            ] {
                let keys = crate::ui::keymap::keys(ui.ctx(), wanted.clone());
                let button = egui::Button::new(name).shortcut_text(keys);
                if ui.add_enabled(enabled, button).clicked() {
                    command = Some(wanted);
                }
            }
        });
        let named = || WidgetInfo::labeled(Role::Button, true, "More for layers");
        more.response.on_hover_text("What else can be done with layers.").widget_info(named);
    });
    command
}
