//! The About window: version, folders and licences.

use std::path::Path;

use egui::{CollapsingHeader, Id, Label, Modal, RichText, ScrollArea, TextStyle};

use super::state::WindowState;
use super::{FileCommand, UserCommand, theme};
use crate::licenses;

/// Shows the window while it is open. Escape, a click beside it and its button close it.
pub(super) fn show(ctx: &egui::Context, state: &mut WindowState) -> Option<UserCommand> {
    if !state.about_open {
        return None;
    }
    let mut command = None;
    let screen = ctx.content_rect().size();
    let shown = Modal::new(Id::unique("about")).show(ctx, |ui| {
        ui.set_width((screen.x - 80.0).min(560.0));
        theme::section(ui, &format!("underpaint {}", env!("CARGO_PKG_VERSION")));
        ui.label("Paint a rough sketch, describe it, and Stable Diffusion on this machine makes pictures from it.");
        ScrollArea::vertical().max_height((screen.y - 190.0).max(80.0)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let folders = |ui: &mut egui::Ui| command = folders(ui, state);
            CollapsingHeader::new("Folders").default_open(true).show(ui, folders);
            ui.collapsing("Licences", licences);
        });
        ui.add_space(4.0);
        ui.button("Close").clicked()
    });
    if shown.inner || shown.should_close() {
        state.about_open = false;
    }
    command
}

fn folders(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let mut command = None;
    let folders = [
        ("Results", Some(&state.results_folder)),
        ("LoRAs", state.runtime.loras.as_ref()),
        ("Textual inversions", state.runtime.embeddings.as_ref()),
    ];
    for (name, folder) in folders {
        let Some(folder) = folder else { continue };
        ui.horizontal(|ui| {
            if ui.button("Show").clicked() {
                command = Some(FileCommand::ShowFolder(folder.clone()).into());
            }
            ui.label(name);
            path(ui, folder);
        });
    }
    command
}

/// The notices of everything in the program. Only the lines in view are laid out: there are thousands.
fn licences(ui: &mut egui::Ui) {
    let lines: Vec<&str> = licenses::text().lines().collect();
    let row = ui.text_style_height(&TextStyle::Small);
    let area = ScrollArea::both().id_salt("licences").max_height(220.0).auto_shrink(false);
    area.show_rows(ui, row, lines.len(), |ui, rows| {
        for line in lines.get(rows).unwrap_or_default() {
            ui.add(Label::new(RichText::new(*line).small()).extend());
        }
    });
}

fn path(ui: &mut egui::Ui, path: &Path) {
    let text = path.display().to_string();
    ui.add(Label::new(RichText::new(&text).weak()).truncate()).on_hover_text(text);
}
