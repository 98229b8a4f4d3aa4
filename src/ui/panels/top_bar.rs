//! The bar at the top: new canvas, open, save, undo, and the results folder.

use std::path::Path;

use egui::{Button, RichText};

use crate::picture::READABLE_FORMATS;
use crate::ui::keymap::tooltip;
use crate::ui::{CanvasCommand, FileCommand, Paper, UserCommand, ViewCommand};

/// `takes_drops` says whether files can be dropped on the window.
pub(in crate::ui) fn ui(
    ui: &mut egui::Ui,
    can_undo: bool,
    can_redo: bool,
    takes_drops: bool,
    results: &Path,
) -> Option<UserCommand> {
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
                }
            }
        });
        let drops = match takes_drops {
            true => "Dropping the file on the window does the same.",
            false => "On Wayland this window cannot take dropped files; copy and paste works.",
        };
        let open = format!("Open a picture: {READABLE_FORMATS}. {drops}");
        let paste = "Paste a picture, or a picture file copied in the file manager.";
        let save = "Save the canvas as a picture. The canvas is also restored at the next launch.";
        for (name, help, file) in [
            ("Open…", open.as_str(), FileCommand::ChoosePicture),
            ("Paste", paste, FileCommand::Paste),
            ("Save…", save, FileCommand::ChooseSaveCanvas),
        ] {
            if ui.button(name).on_hover_text(tooltip(&ctx, help, file.clone())).clicked() {
                command = Some(file.into());
            }
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
            if ui.button("About").on_hover_text("Version, keyboard shortcuts and folders.").clicked() {
                command = Some(ViewCommand::ShowAbout.into());
            }
            command = results_menu(ui, results).or(command.take());
            let text = results.display().to_string();
            let help = format!("Every finished result is saved in {text}.");
            ui.add(egui::Label::new(RichText::new(&text).small().weak()).truncate()).on_hover_text(help);
        });
    });
    command
}

/// The menu of the folder that results are written to.
fn results_menu(ui: &mut egui::Ui, folder: &Path) -> Option<UserCommand> {
    let mut command = None;
    ui.menu_button("Results folder", |ui| {
        if ui.button("Show it").clicked() {
            command = Some(FileCommand::ShowFolder(folder.to_path_buf()).into());
        }
        if ui.button("Choose another…").clicked() {
            command = Some(FileCommand::ChooseResultsFolder.into());
        }
    });
    command
}
