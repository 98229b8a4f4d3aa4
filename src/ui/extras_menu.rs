//! The menu beside the prompt: LoRAs and textual inversions that lie in their folders, each a click away.

use egui::RichText;

use super::Action;
use crate::jobs::Extras;

/// Shows the menu's button; what is chosen is added to `prompt`. Opening it has the folders read anew.
pub(super) fn ui(ui: &mut egui::Ui, extras: &Extras, prompt: &mut String) -> Option<Action> {
    let mut action = None;
    let menu = ui.menu_button(RichText::new("Add…").small(), |ui| {
        ui.set_max_width(320.0);
        let help = "Changes how the model paints; the number says how strongly.";
        list(ui, "LoRAs", help, &extras.loras, prompt, |name| format!("<lora:{name}:1>"));
        let help = "A textual inversion: a word that its file gives a meaning.";
        list(ui, "Words", help, &extras.embeddings, prompt, str::to_owned);
        if extras.loras.is_empty() && extras.embeddings.is_empty() {
            let text = format!(
                "LoRA files in {} and textual inversions in {} can be added to the prompt here. There are none yet.",
                extras.lora_folder.display(),
                extras.embedding_folder.display()
            );
            ui.label(RichText::new(text).small());
            if ui.button("Show the folder for LoRAs").clicked() {
                action = Some(Action::ShowThis(extras.lora_folder.clone()));
                ui.close();
            }
        }
    });
    let help = "Add a LoRA or a textual inversion to the prompt.";
    if menu.response.on_hover_text(help).clicked() {
        action = Some(Action::ListExtras);
    }
    action
}

/// The names of one kind under their title; a click adds one to the prompt as `said` and closes the menu.
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

/// Appends a word, with a space before it where one is needed.
fn add(prompt: &mut String, text: &str) {
    if !prompt.is_empty() && !prompt.ends_with(char::is_whitespace) {
        prompt.push(' ');
    }
    prompt.push_str(text);
}
