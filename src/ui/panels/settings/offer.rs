//! The offer to use the settings stored in the opened picture.

use egui::RichText;

use crate::ui::{SettingsCommand, UserCommand, theme};

pub(super) fn ui(ui: &mut egui::Ui) -> Option<UserCommand> {
    let mut command = None;
    theme::card().show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new("The opened picture stores the settings that made it.").small());
        ui.horizontal(|ui| {
            let help = "Use its prompt, negative prompt, sampler, steps, CFG scale, strength, seed and size.";
            if ui.button("Use its settings").on_hover_text(help).clicked() {
                command = Some(SettingsCommand::UseOffered.into());
            }
            if ui.button("Dismiss").clicked() {
                command = Some(SettingsCommand::DismissOffer.into());
            }
        });
    });
    command
}
