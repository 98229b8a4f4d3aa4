//! The choice of the model, and what is recommended for it.

use egui::{Align, Label, Layout, RichText, Role, ScrollArea, WidgetInfo};

use crate::engine::{ModelChoice, Recommended, Schedule, Settings};
use crate::remote::model_on_server;
use crate::ui::models::ListedModel;
use crate::ui::state::ModelState;
use crate::ui::widgets::labelled_list;
use crate::ui::{EngineCommand, FetchCommand, ModelCommand, ModelPanelCommand, SettingsCommand, UserCommand, keymap};

/// What the entry of the list that shows the engines is for.
const ENGINES: &str = "Choose which machines make the pictures: this one, servers, or several together.";

/// The height that the models in the list take at most, in points. What is below them is always in view.
const MODELS_HEIGHT: f32 = 240.0;
/// The height of the whole list, in points.
const LIST_HEIGHT: f32 = 380.0;

/// The models of this machine, as far as they are known.
#[derive(Clone, Copy)]
pub(in crate::ui) struct FoundForList<'a> {
    /// Those that can be used, by name.
    pub models: &'a [ListedModel],
    /// Whether a search for more goes on.
    pub is_searching: bool,
}

/// The list of models.
pub(super) fn choice(ui: &mut egui::Ui, model: &ModelState, found: &FoundForList<'_>) -> Option<UserCommand> {
    let help = "The Stable Diffusion model. The starter is built in and small. A checkpoint file (.safetensors, .ckpt) or a folder in the diffusers layout brings a full-size model. Those in the folders of this program and of others are in the list.";
    let listed = found.models.iter().find(|listed| listed.choice == model.chosen.choice);
    let mut name = listed.map_or(&model.chosen.name, |listed| &listed.name).clone();
    if model.loading {
        name += &loading(model.share_loaded);
    }
    let chosen = ui
        .scope(|ui| {
            ui.spacing_mut().combo_height = LIST_HEIGHT;
            labelled_list(ui, "Model", help, name, |ui| match &model.offered {
                Some(offered) => of_servers(ui, model, offered),
                None => of_this_machine(ui, model, found),
            })
        })
        .inner
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

/// The entries while servers make the pictures: their models.
fn of_servers(ui: &mut egui::Ui, model: &ModelState, offered: &[String]) -> Option<UserCommand> {
    let mut command = None;
    for name in offered {
        let choice = model_on_server(name);
        let is_chosen = choice == model.chosen.choice;
        if ui.selectable_label(is_chosen, name).on_hover_text("A model of the server.").clicked() {
            command = Some(ModelCommand::Use(choice).into());
        }
    }
    engines(ui).or(command)
}

/// The entries while this machine makes the pictures: the starter, what was chosen by hand, and what was found.
fn of_this_machine(ui: &mut egui::Ui, model: &ModelState, found: &FoundForList<'_>) -> Option<UserCommand> {
    let mut command = None;
    ScrollArea::vertical().max_height(MODELS_HEIGHT).id_salt("models of this machine").show(ui, |ui| {
        let mut entry = |ui: &mut egui::Ui, choice: &ModelChoice, name: &str, help: String| {
            let entry = ui.selectable_label(*choice == model.chosen.choice, name).on_hover_text(help);
            // The keyboard reaches what is out of view.
            if entry.gained_focus() {
                entry.scroll_to_me(None);
            }
            if entry.clicked() {
                command = Some(ModelCommand::Use(choice.clone()).into());
            }
        };
        let is_found = |choice: &ModelChoice| found.models.iter().any(|listed| listed.choice == *choice);
        for known in model.known.iter().filter(|known| !is_found(&known.choice)) {
            let help = match &known.choice {
                ModelChoice::Starter => "Built in.".to_owned(),
                ModelChoice::Path(path) => path.display().to_string(),
            };
            entry(ui, &known.choice, &known.name, help);
        }
        for listed in found.models {
            entry(ui, &listed.choice, &listed.name, listed.details.clone());
        }
        if found.is_searching {
            ui.label(RichText::new("Searching for more…").small().weak());
        }
    });
    ui.separator();
    let help = "Show the models on this machine, also those that cannot be used, and a catalogue.";
    let help = keymap::tooltip(ui.ctx(), help, ModelPanelCommand::Open);
    if ui.selectable_label(false, "Models…").on_hover_text(help).clicked() {
        command = Some(ModelPanelCommand::Open.into());
    }
    command = engines(ui).or(command);
    if ui.selectable_label(false, "Choose a file…").clicked() {
        command = Some(ModelCommand::ChooseFile.into());
    }
    if ui.selectable_label(false, "Choose a folder…").clicked() {
        command = Some(ModelCommand::ChooseFolder.into());
    }
    command
}

fn engines(ui: &mut egui::Ui) -> Option<UserCommand> {
    let entry = ui.selectable_label(false, "Engines…").on_hover_text(ENGINES);
    entry.clicked().then(|| EngineCommand::Open.into())
}

/// How far models are that are being fetched, as a button that shows them.
pub(super) fn downloads(ui: &mut egui::Ui, line: Option<&str>) -> Option<UserCommand> {
    let button = ui.small_button(line?).on_hover_text("Show what is being fetched.");
    button.clicked().then(|| FetchCommand::ShowDownloads.into())
}

/// How far loading is, behind the model's name.
fn loading(share: f64) -> String {
    if share > 0.0 { format!(" (loading, {:.0} %)", 100.0 * share) } else { " (loading)".into() }
}

/// One line about the recommended settings, if there are any: those that differ from the settings, and a button that
/// takes them. It is there and of the same height when nothing differs, so that nothing below moves.
pub(super) fn recommended(ui: &mut egui::Ui, settings: &Settings, recommended: Recommended) -> Option<UserCommand> {
    if recommended == Recommended::default() {
        return None;
    }
    let mut fresh = settings.clone();
    recommended.apply_to(&mut fresh);
    let different = words(&fresh, Some(settings));
    let text = match different.as_str() {
        "" => "Settings as recommended".to_owned(),
        different => format!("Recommended: {different}"),
    };
    let all = format!("Recommended for this model: {}.", words(&fresh, None));
    let size = egui::vec2(ui.available_width(), ui.spacing().interact_size.y);
    let line = ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let mut command = None;
        if !different.is_empty() {
            let button = ui.small_button("Use").on_hover_text(format!("{all} Use these settings."));
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Use the recommended settings"));
            command = button.clicked().then(|| SettingsCommand::UseRecommended.into());
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(RichText::new(text).small().weak()).truncate()).on_hover_text(all);
        });
        command
    });
    line.inner
}

/// The recommended settings in short; only those that differ from `settings`, if there are such.
fn words(recommended: &Settings, settings: Option<&Settings>) -> String {
    let Settings { steps, cfg_scale, strength, sampler, schedule, .. } = recommended;
    let mut words = Vec::new();
    if settings.is_none_or(|now| (now.sampler, now.schedule) != (*sampler, *schedule)) {
        words.push(match schedule {
            Schedule::Automatic => sampler.label().to_owned(),
            schedule => format!("{} {}", sampler.label(), schedule.label()),
        });
    }
    if settings.is_none_or(|now| now.steps != *steps) {
        words.push(format!("{steps} steps"));
    }
    if settings.is_none_or(|now| now.cfg_scale != *cfg_scale) {
        words.push(format!("CFG {cfg_scale}"));
    }
    if settings.is_none_or(|now| now.strength != *strength) {
        words.push(format!("strength {strength}"));
    }
    words.join(", ")
}
