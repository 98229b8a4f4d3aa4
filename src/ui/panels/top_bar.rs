//! The bar at the top: new canvas, open, save, undo, and the results folder.

use std::path::Path;

use egui::{Button, RichText};

use crate::picture::Fit;
use crate::ui::keymap::tooltip;
use crate::ui::{CanvasCommand, FileCommand, Paper, UserCommand};

pub(in crate::ui) fn ui(ui: &mut egui::Ui, can_undo: bool, can_redo: bool, folder: &Path) -> Option<UserCommand> {
    let mut command: Option<UserCommand> = None;
    let ctx = ui.ctx().clone();
    ui.horizontal(|ui| {
        ui.menu_button("New", |ui| {
            for (name, paper) in [
                ("White canvas", Paper::White),
                ("Black canvas", Paper::Black),
                ("Canvas in the current colour", Paper::CurrentColor),
            ] {
                if ui.button(name).clicked() {
                    command = Some(CanvasCommand::New(paper).into());
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
                    command = Some(FileCommand::ChoosePicture(fit).into());
                    ui.close();
                }
            }
        })
        .response
        .on_hover_text("Put a PNG, JPEG or WebP picture on the canvas. Dropping a file on the window does the same.");
        let help = "Save the canvas as a PNG file. The canvas is also restored at the next launch.";
        if ui.button("Save").on_hover_text(tooltip(&ctx, help, FileCommand::ChooseSaveCanvas)).clicked() {
            command = Some(FileCommand::ChooseSaveCanvas.into());
        }
        if ui.button("Example sketch").on_hover_text("Put a rough green apple on the canvas.").clicked() {
            command = Some(CanvasCommand::Example.into());
        }
        ui.separator();
        for (name, help, enabled, change) in [
            ("Undo", "Undo the last change to the canvas.", can_undo, CanvasCommand::Undo),
            ("Redo", "Redo the change that was undone last.", can_redo, CanvasCommand::Redo),
        ] {
            let help = tooltip(&ctx, help, change.clone());
            if ui.add_enabled(enabled, Button::new(name)).on_hover_text(help).clicked() {
                command = Some(change.into());
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let help = "Open the folder that every finished result is written to.";
            if ui.button("Show folder").on_hover_text(help).clicked() {
                command = Some(FileCommand::ShowFolder(folder.to_path_buf()).into());
            }
            let text = format!("Results are saved in {}", folder.display());
            ui.add(egui::Label::new(RichText::new(&text).small().weak()).truncate()).on_hover_text(&text);
        });
    });
    command
}
