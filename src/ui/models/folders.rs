//! The section of folders: those that the person named, and those of other programs.

use std::path::Path;

use egui::{Label, RichText, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::panel::ModelPanel;
use super::view::of_height;
use crate::models::Origin;
use crate::ui::{ModelPanelCommand, UserCommand, theme};

/// Shows the folders, which take this height in points.
pub(super) fn ui(ui: &mut Ui, panel: &mut ModelPanel, height: f32) -> Option<UserCommand> {
    let mut command = add(ui, panel);
    of_height(ui, height, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| command = list(ui, panel).or(command.take()));
    });
    command
}

fn list(ui: &mut Ui, panel: &ModelPanel) -> Option<UserCommand> {
    let mut command = None;

    for folder in panel.named() {
        ui.horizontal(|ui| {
            let button = ui.button("Remove");
            let name = format!("Do not search {}", folder.display());
            button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
            if button.on_hover_text("Do not search this folder any more. Its files stay.").clicked() {
                command = Some(ModelPanelCommand::RemoveFolder(folder.clone()).into());
            }
            path(ui, folder);
        });
    }
    if panel.named().is_empty() {
        ui.label(RichText::new("You have named no folder yet.").weak());
    }
    ui.add_space(6.0);
    let text = "Searched besides, where they are found: the folders of this program, of AUTOMATIC1111's web UI, Forge, ComfyUI with its extra_model_paths.yaml, InvokeAI, Krita AI Diffusion, and the cache of the Hugging Face hub. Nothing is written there.";
    ui.label(RichText::new(text).small().weak());
    for folder in panel.searched().iter().filter(|folder| folder.origin != Origin::Named) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(folder.origin.label()).small().strong());
            path(ui, &folder.path);
        });
    }
    for trouble in panel.troubles() {
        ui.add(Label::new(RichText::new(trouble).small().color(theme::colors(ui).error)).wrap());
    }
    command
}

/// The field and the buttons that add a folder.
fn add(ui: &mut Ui, panel: &mut ModelPanel) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        let label = ui.label("Folder");
        let field = TextEdit::singleline(&mut panel.typed_folder)
            .desired_width((ui.available_width() - 190.0).max(80.0))
            .hint_text("a folder of models, or of a program");
        let field = ui.add(field).labelled_by(label.id);
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let typed = panel.typed_folder.trim().to_owned();
        let is_pressed = ui.add_enabled(!typed.is_empty(), egui::Button::new("Search it")).clicked();
        if (is_entered || is_pressed) && !typed.is_empty() {
            command = Some(ModelPanelCommand::AddFolder(typed.into()).into());
            panel.typed_folder.clear();
        }
        if ui.button("Choose…").on_hover_text("Choose a folder to search.").clicked() {
            command = Some(ModelPanelCommand::ChooseFolder.into());
        }
    });
    command
}

fn path(ui: &mut Ui, path: &Path) {
    let text = path.display().to_string();
    ui.add(Label::new(RichText::new(&text).small().weak()).truncate()).on_hover_text(text);
}
