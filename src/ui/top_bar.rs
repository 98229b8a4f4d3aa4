//! The bar at the top: sheets, pictures, undo, and where results go.

use std::path::Path;

use egui::{Button, RichText};

use super::{Action, Paper};
use crate::picture::Fit;

pub(super) fn ui(ui: &mut egui::Ui, can_undo: bool, can_redo: bool, folder: &Path) -> Option<Action> {
    let mut action = None;
    ui.horizontal(|ui| {
        ui.menu_button("New", |ui| {
            for (name, paper) in [
                ("White sheet", Paper::White),
                ("Black sheet", Paper::Black),
                ("Sheet in the current colour", Paper::CurrentColor),
            ] {
                if ui.button(name).clicked() {
                    action = Some(Action::New(paper));
                    ui.close();
                }
            }
        });
        ui.menu_button("Open", |ui| {
            for (name, help, fit) in [
                ("Picture, filling the canvas…", "What sticks out is cut off evenly.", Fit::Fill),
                ("Picture, shown whole…", "The rest of the canvas keeps the paper's colour.", Fit::Whole),
            ] {
                if ui.button(name).on_hover_text(help).clicked() {
                    action = Some(Action::ChooseFile(fit));
                    ui.close();
                }
            }
        })
        .response
        .on_hover_text("Put a PNG, JPEG or WebP picture on the canvas. Dropping a file on the window does the same.");
        if ui
            .button("Save")
            .on_hover_text(
                "Save what is on the canvas as a PNG. Keys Ctrl and S. It is kept from start to start anyway.",
            )
            .clicked()
        {
            action = Some(Action::ChooseSaveDrawing);
        }
        if ui.button("Example sketch").on_hover_text("Put a rough green apple on the canvas.").clicked() {
            action = Some(Action::Example);
        }
        ui.separator();
        if ui
            .add_enabled(can_undo, Button::new("Undo"))
            .on_hover_text("Take the last change back. Keys Ctrl and Z.")
            .clicked()
        {
            action = Some(Action::Undo);
        }
        if ui
            .add_enabled(can_redo, Button::new("Redo"))
            .on_hover_text("Make it again. Keys Ctrl, Shift and Z.")
            .clicked()
        {
            action = Some(Action::Redo);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui
                .button("Show folder")
                .on_hover_text("Open the folder that every finished result is written to.")
                .clicked()
            {
                action = Some(Action::ShowFolder);
            }
            let text = format!("Results are kept in {}", folder.display());
            ui.add(egui::Label::new(RichText::new(&text).small().weak()).truncate()).on_hover_text(&text);
        });
    });
    action
}
