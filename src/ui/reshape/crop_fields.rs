//! The numbers of the crop tool, and its buttons.

use egui::{Role, Ui, WidgetInfo};

use crate::document::Document;
use crate::document::size::canvas_side;
use crate::paint::{Border, MAX_SIDE, Region, Size};
use crate::ui::keymap::tooltip;
use crate::ui::widgets::{number_box, parse_number};
use crate::ui::{ReshapeCommand, SelectCommand, UserCommand};

/// Shows the rectangle of the crop tool, to be typed. `border` is changed in place.
pub(in crate::ui) fn ui(
    ui: &mut Ui,
    chosen: Option<Region>,
    border: &mut Border,
    document: &Document,
) -> Option<UserCommand> {
    let canvas = document.canvas().size();
    let now = chosen.unwrap_or(Region::whole(canvas));
    ui.weak("Drag the edges on the canvas, or type. Outside the canvas there is room to add.");
    let mut typed = now;
    let (mut width, mut height) = (now.size.width(), now.size.height());
    let far = MAX_SIDE as i64;
    egui::Grid::new("crop").num_columns(2).show(ui, |ui| {
        for (name, value) in [("Crop left", &mut typed.x), ("Crop top", &mut typed.y)] {
            let label = ui.label(name);
            ui.add(number_box(value, -far..=far, 0).suffix(" px")).labelled_by(label.id);
            ui.end_row();
        }
        for (name, value) in [("Crop width", &mut width), ("Crop height", &mut height)] {
            let label = ui.label(name);
            // Rounded while it is read: a number that changes while it is typed would end the typing.
            let side = number_box(value, 1..=MAX_SIDE, 0)
                .custom_parser(|text| parse_number(text, true).map(|typed| canvas_side(typed as i64) as f64))
                .speed(8.0)
                .suffix(" px");
            ui.add(side).labelled_by(label.id);
            ui.end_row();
        }
    });
    if (width, height) != (now.size.width(), now.size.height()) {
        typed.size = Size::new(canvas_side(width as i64), canvas_side(height as i64)).unwrap_or(now.size);
    }
    let mut command = (typed != now).then(|| ReshapeCommand::SetCrop(typed).into());
    if !now.is_inside(canvas) {
        border_choice(ui, border);
    }
    ui.weak(format!("{} × {} → {} × {}", canvas.width(), canvas.height(), now.size.width(), now.size.height()));
    ui.horizontal_wrapped(|ui| {
        let mut button = |works: bool, name: &str, help: &str, wanted: UserCommand| {
            let help = tooltip(ui.ctx(), help, wanted.clone());
            let button = ui.add_enabled(works, egui::Button::new(name)).on_hover_text(help);
            if button.clicked() {
                command = Some(wanted);
            }
        };
        let differs = now != Region::whole(canvas);
        button(differs, "Crop the canvas", "Make this the canvas. All layers are kept.", SelectCommand::Apply.into());
        button(chosen.is_some(), "Whole canvas", "Begin with the whole canvas again.", SelectCommand::Leave.into());
        let help = "Crop the canvas to what is selected.";
        let is_selected = document.selection().is_some();
        button(is_selected, "Crop to the selection", help, ReshapeCommand::CropToSelection.into());
    });
    command
}

/// The choice of what is in the room that is added.
pub(super) fn border_choice(ui: &mut Ui, border: &mut Border) {
    ui.horizontal_wrapped(|ui| {
        ui.label("New area");
        for (choice, name, help) in [
            (Border::Clear, "Paper", "Nothing is painted there: the paper shows."),
            (Border::Continued, "Continue the edge", "The pixels at the edge of each layer go on."),
        ] {
            let is_chosen = *border == choice;
            let response = ui.add(egui::Button::new(name).selected(is_chosen)).on_hover_text(help);
            response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, name));
            if response.clicked() {
                *border = choice;
            }
        }
    });
}
