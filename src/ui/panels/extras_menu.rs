//! The menu beside the prompt that adds LoRAs and textual inversions.

use egui::RichText;

use crate::jobs::Extras;
use crate::ui::{FileCommand, UserCommand};

/// Shows the menu's button. What is chosen is added to `prompt`; opening the menu lists the folders
/// again.
pub(super) fn ui(ui: &mut egui::Ui, extras: &Extras, prompt: &mut String) -> Option<UserCommand> {
    let mut command = None;
    let menu = ui.menu_button(RichText::new("Add…").small(), |ui| {
        ui.set_max_width(320.0);
        let help = "A LoRA changes how the model paints. The number is its weight.";
        list(ui, "LoRAs", help, &extras.loras, prompt, |name| format!("<lora:{name}:1>"));
        let help = "A textual inversion adds a new word to the prompt.";
        list(ui, "Textual inversions", help, &extras.embeddings, prompt, str::to_owned);
        if extras.loras.is_empty() && extras.embeddings.is_empty() {
            let text = format!(
                "There are no LoRAs and no textual inversions yet. Put LoRA files into {} and textual inversions into {}.",
                extras.lora_folder.display(),
                extras.embedding_folder.display()
            );
            ui.label(RichText::new(text).small());
            if ui.button("Show the LoRA folder").clicked() {
                command = Some(FileCommand::ShowFolder(extras.lora_folder.clone()).into());
                ui.close();
            }
        }
    });
    let help = "Add a LoRA or a textual inversion to the prompt.";
    if menu.response.on_hover_text(help).clicked() {
        command = Some(FileCommand::ListExtras.into());
    }
    command
}

/// Lists the names of one kind under their title. A click adds `said(name)` to the prompt and closes
/// the menu.
fn list(
    ui: &mut egui::Ui,
    title: &str,
    help: &str,
    names: &[String],
    prompt: &mut String,
    said: impl Fn(&str) -> String,
) {
    if names.is_empty() {
        return;
    }
    ui.label(RichText::new(title).small().weak());
    for name in names {
        if ui.button(name).on_hover_text(help).clicked() {
            add(prompt, &said(name));
            ui.close();
        }
    }
}

/// Appends `text` to the prompt, separated by a space.
fn add(prompt: &mut String, text: &str) {
    if !prompt.is_empty() && !prompt.ends_with(char::is_whitespace) {
        prompt.push(' ');
    }
    prompt.push_str(text);
}
