//! The bar at the top: new canvas, open, save, undo, and the results folder.

use std::path::Path;

use egui::{Button, RichText};

use crate::document::RoundId;
use crate::picture::READABLE_FORMATS;
use crate::ui::documents::ShownDocument;
use crate::ui::keymap::tooltip;
use crate::ui::state::WindowState;
use crate::ui::{
    CanvasCommand, DocumentCommand, ExportCommand, FileCommand, HistoryCommand, Paper, UserCommand, ViewCommand,
};

/// Below this width in points the example sketch is in the menu of new canvases.
const NARROW: f32 = 840.0;

/// Shows the bar.
pub(in crate::ui) fn ui(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let (can_undo, can_redo) = (state.document.can_undo(), state.document.can_redo());
    let results = &state.results_folder;
    let mut command: Option<UserCommand> = None;
    let ctx = ui.ctx().clone();
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal(|ui| {
        command = document_menu(ui, &state.shown, state.gallery.round()).or(command.take());
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
            if is_narrow {
                command = example(ui).or(command.take());
            }
        });
        let drops = match state.takes_drops {
            true => "Dropping the file on the window does the same.",
            false => "On Wayland this window cannot take dropped files; copy and paste works.",
        };
        let open = format!("Open a picture ({READABLE_FORMATS}) or a document. {drops}");
        let paste = "Paste a picture, or a picture file copied in the file manager.";
        let save = "Save the canvas as a picture. The document with all rounds saves itself.";
        for (name, help, file) in [
            ("Open…", open.as_str(), FileCommand::ChoosePicture),
            ("Paste", paste, FileCommand::Paste),
            ("Save…", save, FileCommand::ChooseSaveCanvas),
        ] {
            if ui.button(name).on_hover_text(tooltip(&ctx, help, file.clone())).clicked() {
                command = Some(file.into());
            }
        }
        if !is_narrow {
            command = example(ui).or(command.take());
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

fn example(ui: &mut egui::Ui) -> Option<UserCommand> {
    let button = ui.button("Example sketch").on_hover_text("Put a rough green apple on the canvas.");
    button.clicked().then(|| CanvasCommand::Example.into())
}

/// The menu of documents. `shown_round` is the round on show.
fn document_menu(ui: &mut egui::Ui, shown: &ShownDocument, shown_round: RoundId) -> Option<UserCommand> {
    let mut command: Option<UserCommand> = None;
    let ctx = ui.ctx().clone();
    ui.menu_button("Document", |ui| {
        let new = "Begin a new document. This one is kept as it is.";
        let open = "Open a document or a picture.";
        let save = "Copy the document with all rounds to a file of your choice, and go on with the copy.";
        for (name, help, choice) in [
            ("New document", new, UserCommand::from(DocumentCommand::New)),
            ("Open a document…", open, FileCommand::ChoosePicture.into()),
            ("Save document as…", save, DocumentCommand::ChooseSaveAs.into()),
        ] {
            if ui.button(name).on_hover_text(tooltip(&ctx, help, choice.clone())).clicked() {
                command = Some(choice);
            }
        }
        let rename = tooltip(&ctx, "Give the document's file another name.", DocumentCommand::ChooseName);
        let can_rename = shown.path.is_some() && !shown.is_read_only;
        if ui.add_enabled(can_rename, Button::new("Rename…")).on_hover_text(rename).clicked() {
            command = Some(DocumentCommand::ChooseName.into());
        }
        let folder = shown.path.as_deref().and_then(Path::parent);
        let help = "Show the folder that the document's file is in.";
        if ui.add_enabled(folder.is_some(), Button::new("Show in the file manager")).on_hover_text(help).clicked()
            && let Some(folder) = folder
        {
            command = Some(FileCommand::ShowFolder(folder.to_path_buf()).into());
        }
        let history = tooltip(&ctx, "List all rounds, or hide the list.", HistoryCommand::Toggle);
        if ui.button("Show or hide the history").on_hover_text(history).clicked() {
            command = Some(HistoryCommand::Toggle.into());
        }
        ui.separator();
        let sheet = "Save the results on show as one picture with prompt, settings and seeds.";
        let lapse = "Save an animation of the canvas from its first stroke to the last.";
        for (name, help, choice) in [
            ("Contact sheet…", sheet, ExportCommand::ChooseContactSheet(shown_round)),
            ("Time-lapse…", lapse, ExportCommand::ShowTimeLapse),
        ] {
            if ui.button(name).on_hover_text(help).clicked() {
                command = Some(choice.into());
            }
        }
        ui.separator();
        ui.label(RichText::new("Open recent").weak());
        for path in &shown.recent {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                command = Some(DocumentCommand::Open(path.clone()).into());
            }
        }
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
        ui.separator();
        let help = "The kind of file, what the files are called, and what is inside besides the picture.";
        if ui.button("Format and names…").on_hover_text(help).clicked() {
            command = Some(ExportCommand::ShowSaving.into());
        }
    });
    command
}
