//! The choice of the model, and what is recommended for it.

use egui::RichText;

use super::Context;
use crate::engine::{ModelChoice, Recommended, Schedule, Settings};
use crate::ui::widgets::labelled_list;
use crate::ui::{ModelCommand, SettingsCommand, UserCommand};

/// The list of models.
pub(super) fn choice(ui: &mut egui::Ui, context: &Context<'_>) -> Option<UserCommand> {
    let help = "The Stable Diffusion model. The starter is built in and small. A checkpoint file (.safetensors, .ckpt) or a folder in the diffusers layout brings a full-size model.";
    let mut name = context.model.name();
    if context.loading {
        name += " (loading)";
    }
    labelled_list(ui, "Model", help, name, |ui| {
        let mut command = None;
        let starter = ModelChoice::Starter;
        if ui.selectable_label(*context.model == starter, "starter").clicked() {
            command = Some(ModelCommand::Use(starter));
        }
        if let ModelChoice::Path(path) = context.model {
            let _ = ui.selectable_label(true, context.model.name()).on_hover_text(path.display().to_string());
        }
        if ui.selectable_label(false, "Choose a file…").clicked() {
            command = Some(ModelCommand::ChooseFile);
        }
        if ui.selectable_label(false, "Choose a folder…").clicked() {
            command = Some(ModelCommand::ChooseFolder);
        }
        command
    })
    .flatten()
    .map(UserCommand::from)
}

/// The recommended settings, if there are any, with a button while the settings differ.
pub(super) fn recommended(ui: &mut egui::Ui, settings: &Settings, recommended: Recommended) -> Option<UserCommand> {
    if recommended == Recommended::default() {
        return None;
    }
    let mut fresh = Settings::default();
    recommended.apply_to(&mut fresh);
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        let Settings { cfg_scale, strength, .. } = fresh;
        let mut sampler = fresh.sampler.label().to_owned();
        if fresh.schedule != Schedule::Automatic {
            sampler = format!("{sampler} {}", fresh.schedule.label());
        }
        let text = format!("Recommended for this model: {sampler}, CFG scale {cfg_scale}, strength {strength}.");
        ui.label(RichText::new(text).small().weak());
        if !recommended.is_followed_by(settings)
            && ui.small_button("Use").on_hover_text("Use the settings recommended for this model.").clicked()
        {
            command = Some(SettingsCommand::UseRecommended.into());
        }
    });
    command
}
