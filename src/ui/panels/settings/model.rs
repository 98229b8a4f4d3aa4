//! The choice of the model, and what is recommended for it.

use egui::RichText;

use crate::engine::{ModelChoice, Recommended, Schedule, Settings};
use crate::remote::model_on_server;
use crate::ui::state::ModelState;
use crate::ui::widgets::labelled_list;
use crate::ui::{EngineCommand, ModelCommand, ModelPanelCommand, SettingsCommand, UserCommand, keymap};

/// What the entry of the list that shows the engines is for.
const ENGINES: &str = "Choose which machines make the pictures: this one, servers, or several together.";

/// The list of models.
pub(super) fn choice(ui: &mut egui::Ui, model: &ModelState) -> Option<UserCommand> {
    let help = "The Stable Diffusion model. The starter is built in and small. A checkpoint file (.safetensors, .ckpt) or a folder in the diffusers layout brings a full-size model.";
    let mut name = model.chosen.name.clone();
    if model.loading {
        name += &loading(model.share_loaded);
    }
    let chosen = labelled_list(ui, "Model", help, name, |ui| {
        let mut command = None;
        if let Some(offered) = &model.offered {
            for name in offered {
                let choice = model_on_server(name);
                let is_chosen = choice == model.chosen.choice;
                if ui.selectable_label(is_chosen, name).on_hover_text("A model of the server.").clicked() {
                    command = Some(ModelCommand::Use(choice).into());
                }
            }
            if ui.selectable_label(false, "Engines…").on_hover_text(ENGINES).clicked() {
                command = Some(EngineCommand::Open.into());
            }
            return command;
        }
        for known in &model.known {
            let entry = ui.selectable_label(known.choice == model.chosen.choice, &known.name);
            let entry = match &known.choice {
                ModelChoice::Starter => entry.on_hover_text("Built in."),
                ModelChoice::Path(path) => entry.on_hover_text(path.display().to_string()),
            };
            if entry.clicked() {
                command = Some(ModelCommand::Use(known.choice.clone()).into());
            }
        }
        let help =
            keymap::tooltip(ui.ctx(), "Show the models on this machine and a catalogue.", ModelPanelCommand::Open);
        if ui.selectable_label(false, "Models…").on_hover_text(help).clicked() {
            command = Some(UserCommand::from(ModelPanelCommand::Open));
        }
        if ui.selectable_label(false, "Engines…").on_hover_text(ENGINES).clicked() {
            command = Some(EngineCommand::Open.into());
        }
        if ui.selectable_label(false, "Choose a file…").clicked() {
            command = Some(ModelCommand::ChooseFile.into());
        }
        if ui.selectable_label(false, "Choose a folder…").clicked() {
            command = Some(ModelCommand::ChooseFolder.into());
        }
        command
    })
    .flatten();
    if let Some(server) = &model.server {
        let text = format!("{server} makes the pictures. Canvas, mask, prompts and settings are sent there.");
        ui.label(RichText::new(text).small().weak());
    }
    // The starter is there at once.
    let takes_long = model.load.is_some() && model.chosen.choice != ModelChoice::Starter;
    let stopped = takes_long.then(|| {
        let help = "Stop loading this model and go on with the one in use.";
        ui.small_button("Stop loading").on_hover_text(help).clicked().then_some(ModelCommand::StopLoading)
    });
    chosen.or(stopped.flatten().map(UserCommand::from))
}

/// How far loading is, behind the model's name.
fn loading(share: f64) -> String {
    if share > 0.0 { format!(" (loading, {:.0} %)", 100.0 * share) } else { " (loading)".into() }
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
        let Settings { steps, cfg_scale, strength, .. } = fresh;
        let mut sampler = fresh.sampler.label().to_owned();
        if fresh.schedule != Schedule::Automatic {
            sampler = format!("{sampler} {}", fresh.schedule.label());
        }
        let text = format!(
            "Recommended for this model: {sampler}, steps {steps}, CFG scale {cfg_scale}, strength {strength}."
        );
        ui.label(RichText::new(text).small().weak());
        if !recommended.is_followed_by(settings)
            && ui.small_button("Use").on_hover_text("Use the settings recommended for this model.").clicked()
        {
            command = Some(SettingsCommand::UseRecommended.into());
        }
    });
    command
}
