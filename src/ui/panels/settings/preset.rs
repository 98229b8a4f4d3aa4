//! The choice between quality and speed.

use egui::{Button, RichText};

use super::Context;
use crate::engine::{Preset, QuickRecipe, Settings};
use crate::ui::{SettingsCommand, UserCommand};

/// Two buttons side by side; below them what Quick gives up, while it is chosen.
pub(super) fn ui(ui: &mut egui::Ui, settings: &Settings, context: &Context<'_>) -> Option<UserCommand> {
    let model = &context.model.chosen.choice;
    let (chosen, quick) = (Preset::of(settings, model), QuickRecipe::new(model, context.presets));
    let mut command = None;
    ui.horizontal(|ui| {
        let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
        for preset in Preset::ALL {
            let (enabled, help) = match (preset, &quick) {
                (Preset::Quality, _) => {
                    (true, "The usual number of steps with guidance. The strength stays as it is.".to_owned())
                }
                (Preset::Quick, Ok(recipe)) => (true, recipe.explanation()),
                (Preset::Quick, Err(reason)) => (false, reason.clone()),
            };
            let button = Button::selectable(preset == chosen, preset.label()).min_size(egui::vec2(width, 24.0));
            let button = ui.add_enabled(enabled, button).on_hover_text(&help).on_disabled_hover_text(&help);
            if button.clicked() {
                command = Some(SettingsCommand::UsePreset(preset).into());
            }
        }
    });
    if let (Preset::Quick, Ok(recipe)) = (chosen, &quick) {
        ui.label(RichText::new(recipe.explanation()).small().weak());
    }
    command
}
