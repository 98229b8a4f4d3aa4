//! What can be done with the selection and the mask.

use egui::{Button, Id, Ui};

use super::ToolOptions;
use crate::document::Document;
use crate::paint::{PixelRect, Selection};
use crate::ui::keymap::tooltip;
use crate::ui::widgets::{NumberField, number_box};
use crate::ui::{MaskCommand, SelectCommand, UserCommand, theme};

/// A button for a command.
fn action(ui: &mut Ui, enabled: bool, name: &str, help: &str, command: impl Into<UserCommand>) -> Option<UserCommand> {
    let command = command.into();
    let help = tooltip(ui.ctx(), help, command.clone());
    ui.add_enabled(enabled, Button::new(name)).on_hover_text(help).clicked().then_some(command)
}

/// The buttons of the selection.
pub(super) fn selection(ui: &mut Ui, options: &mut ToolOptions, document: &Document) -> Option<UserCommand> {
    theme::section(ui, "Selection");
    let is_there = document.selection().is_some();
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        let mut add = |clicked: Option<UserCommand>| command = command.take().or(clicked);
        add(action(ui, true, "Select all", "Select everything.", SelectCommand::All));
        add(action(
            ui,
            is_there,
            "Select none",
            "Select nothing, so that painting changes everything.",
            SelectCommand::None,
        ));
        add(action(ui, is_there, "Invert selection", "Select what is not selected.", SelectCommand::Invert));
        add(action(ui, true, "Copy", "Copy what is selected on the current layer.", SelectCommand::Copy));
        add(action(ui, true, "Cut", "Cut what is selected on the current layer.", SelectCommand::Cut));
        add(action(ui, true, "Copy merged", "Copy what is selected of the whole picture.", SelectCommand::CopyMerged));
        add(action(
            ui,
            true,
            "Paste in place",
            "Paste what was copied here as a layer, where it was.",
            SelectCommand::PasteInPlace,
        ));
        add(action(ui, true, "Clear", "Make what is selected on the current layer transparent.", SelectCommand::Clear));
        add(action(
            ui,
            true,
            "Fill selection",
            "Fill what is selected with the current colour.",
            SelectCommand::FillForeground,
        ));
        add(action(
            ui,
            true,
            "Fill with background",
            "Fill what is selected with the background colour.",
            SelectCommand::FillBackground,
        ));
    });
    if is_there {
        NumberField::new("By", "By how many pixels the selection grows, shrinks or becomes soft.").suffix(" px").ui(
            ui,
            &mut options.radius,
            1.0..=Selection::MAX_RADIUS,
        );
        ui.horizontal_wrapped(|ui| {
            let mut add = |clicked: Option<UserCommand>| command = command.take().or(clicked);
            add(action(ui, true, "Grow", "Add what is near the selection.", SelectCommand::Grow));
            add(action(ui, true, "Shrink", "Take away what is near the edge.", SelectCommand::Shrink));
            add(action(ui, true, "Feather", "Make the edge soft.", SelectCommand::Feather));
            add(action(ui, true, "Border", "Select a band along the edge.", SelectCommand::Border));
        });
    }
    command
}

/// The buttons of the mask.
pub(super) fn mask(ui: &mut Ui, options: &mut ToolOptions, document: &Document) -> Option<UserCommand> {
    theme::section(ui, "Mask");
    let is_there = document.mask().is_some();
    let help = "With a mask the next round changes only what is masked, and keeps the rest.";
    let state = if is_there { "The next round changes only what is masked." } else { "No mask: all may change." };
    ui.weak(state).on_hover_text(help);
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        let mut add = |clicked: Option<UserCommand>| command = command.take().or(clicked);
        let selected = document.selection().is_some();
        add(action(ui, selected, "From selection", "Mask what is selected.", MaskCommand::FromSelection));
        add(action(ui, is_there, "To selection", "Select what is masked.", MaskCommand::ToSelection));
        add(action(ui, is_there, "Invert mask", "Mask what is not masked.", MaskCommand::Invert));
        add(action(
            ui,
            is_there,
            "Blur mask",
            "Make the mask's edge soft, by the number of pixels of the selection.",
            MaskCommand::Blur,
        ));
        add(action(ui, is_there, "Remove mask", "The next round may change everything.", MaskCommand::Remove));
    });
    if is_there {
        ui.checkbox(&mut options.shows_mask, "Show the mask").on_hover_text("Draws the mask over the canvas.");
    }
    command
}

/// A rectangle to be typed, for those who cannot drag one.
pub(super) fn typed_rectangle(ui: &mut Ui, document: &Document) -> Option<UserCommand> {
    let (width, height) = (document.canvas().width(), document.canvas().height());
    let id = Id::unique("typed selection");
    let mut typed: [usize; 4] = ui.data(|data| data.get_temp(id)).unwrap_or([0, 0, width, height]);
    let mut command = None;
    ui.collapsing("By numbers", |ui| {
        let names = [("Left", width), ("Top", height), ("Width", width), ("Height", height)];
        egui::Grid::new("typed selection").num_columns(4).show(ui, |ui| {
            for (i, (name, most)) in names.into_iter().enumerate() {
                let label = ui.label(name);
                ui.add(number_box(&mut typed[i], 0..=most, 0)).labelled_by(label.id);
                if i == 1 {
                    ui.end_row();
                }
            }
        });
        let [x0, y0, wide, high] = typed;
        let rect = PixelRect { x0, y0, x1: x0.saturating_add(wide), y1: y0.saturating_add(high) };
        if ui.button("Select this").on_hover_text("Selects the rectangle that these numbers give.").clicked() {
            command = Some(SelectCommand::Rectangle(rect).into());
        }
    });
    ui.data_mut(|data| data.insert_temp(id, typed));
    command
}
