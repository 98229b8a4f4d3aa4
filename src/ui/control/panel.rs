//! The section among the settings.

use egui::{RichText, Ui};

use super::state::ControlState;
use crate::document::Document;
use crate::engine::{ControlMode, ControlSettings, ControlSource, Preprocessor, Settings, is_bare_name};
use crate::models::{FoundKind, FoundModel};
use crate::paint::{LayerId, LayerStack};
use crate::ui::widgets::{NumberField, labelled_list};
use crate::ui::{ControlCommand, ModelPanelCommand, UserCommand, theme};

/// What the section shows besides the settings.
pub(in crate::ui) struct ControlContext<'a> {
    pub state: &'a mut ControlState,
    /// The models that were found on this machine.
    pub found: &'a [FoundModel],
    /// The family of the model in use, by its id in JSON.
    pub base: Option<String>,
    /// The document's layers, which share their pixels with it.
    pub layers: LayerStack,
}

impl ControlContext<'_> {
    /// The ControlNets on this machine that can be used, those for the model in use first.
    fn networks(&self) -> Vec<&FoundModel> {
        let usable = |model: &&FoundModel| model.kind == FoundKind::ControlNet && model.usable;
        let mut networks: Vec<&FoundModel> = self.found.iter().filter(usable).collect();
        let fits = |model: &FoundModel| match (&model.base, &self.base) {
            (Some(base), Some(own)) => base.id == *own,
            _ => true,
        };
        networks.sort_by_key(|model| !fits(model));
        networks
    }
}

/// The section. Its values are settings, edited in place as all of them are.
pub(in crate::ui) fn ui(ui: &mut Ui, settings: &mut Settings, context: &mut ControlContext<'_>) -> Option<UserCommand> {
    let is_on = !settings.controls.is_empty();
    let title = if is_on { "Follow my lines (on)" } else { "Follow my lines" };
    // The title changes, the section stays the same one.
    egui::CollapsingHeader::new(title)
        .id_salt("follow my lines")
        .show(ui, |ui| section(ui, settings, context))
        .body_returned
        .flatten()
}

fn section(ui: &mut Ui, settings: &mut Settings, context: &mut ControlContext<'_>) -> Option<UserCommand> {
    let first = context.networks().first().map(|model| model.path.clone());
    let can_begin = first.is_some() || !context.state.kept.is_empty() || !settings.controls.is_empty();
    let mut is_on = !settings.controls.is_empty();
    let help = "Let a ControlNet keep the pictures on the lines of the sketch, of one layer or of a picture file. Each step takes about a third longer.";
    let shown = ui.add_enabled(can_begin, egui::Checkbox::new(&mut is_on, "Use a ControlNet"));
    shown.on_hover_text(help);
    if is_on == settings.controls.is_empty() {
        if is_on {
            let fresh = || first.clone().map(|model| ControlSettings { model, ..ControlSettings::default() });
            let kept = std::mem::take(&mut context.state.kept);
            settings.controls = if kept.is_empty() { fresh().into_iter().collect() } else { kept };
        } else {
            context.state.kept = std::mem::take(&mut settings.controls);
        }
    }
    if !can_begin {
        return missing(ui);
    }
    let mut command = None;
    let (count, mut removed) = (settings.controls.len(), None);
    for (index, control) in settings.controls.iter_mut().enumerate() {
        ui.push_id(("control", index), |ui| {
            if count > 1 {
                ui.horizontal(|ui| {
                    ui.label(RichText::new(format!("Control {}", index + 1)).strong());
                    let help = "Take this control away.";
                    if ui.small_button("Remove").on_hover_text(help).clicked() {
                        removed = Some(index);
                    }
                });
            }
            command = fields(ui, index, control, context).or(command.take());
        });
    }
    if let Some(index) = removed {
        settings.controls.remove(index);
    }
    if !settings.controls.is_empty() {
        ui.checkbox(&mut context.state.shows_lines, "Show the lines on the canvas").on_hover_text(
            "Draw over the canvas what the ControlNet is shown. The canvas itself does not change, and you can paint on it.",
        );
        if settings.controls.len() < ControlSettings::MOST {
            let help = "Follow something else too. Controls add up; lower their weights then.";
            if ui.small_button("Add a control").on_hover_text(help).clicked()
                && let Some(last) = settings.controls.last().cloned()
            {
                settings.controls.push(last);
            }
        }
    }
    command
}

/// What to do where there is no ControlNet.
fn missing(ui: &mut Ui) -> Option<UserCommand> {
    let text = "No ControlNet was found on this machine. Fetch \"ControlNet scribble\" or \"ControlNet line art\" from the list of models, or choose a file. They are for Stable Diffusion 1.x; the starter has none.";
    ui.label(RichText::new(text).small().weak());
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        if ui.button("Models…").on_hover_text("Show the models on this machine and those worth fetching.").clicked() {
            command = Some(UserCommand::from(ModelPanelCommand::Open));
        }
        if ui.button("Choose a file…").on_hover_text("Use a ControlNet file that lies elsewhere.").clicked() {
            command = Some(ControlCommand::ChooseModel(0).into());
        }
    });
    command
}

fn fields(
    ui: &mut Ui,
    index: usize,
    control: &mut ControlSettings,
    context: &ControlContext<'_>,
) -> Option<UserCommand> {
    let model = model(ui, index, control, context);
    let source = source(ui, index, control, context);
    let help = "How the picture becomes the white lines on black that ControlNets were trained on. Line art keeps the softness of strokes; Invert takes black lines on white as they are; None is for pictures that are white on black already. Depth shows what is near and far, for ControlNets that were trained on depth; it needs Depth Anything V2 from the list of models.";
    labelled_list(ui, "Preprocessor", help, control.preprocessor.label().into(), |ui| {
        for choice in Preprocessor::ALL {
            ui.selectable_value(&mut control.preprocessor, choice, choice.label());
        }
    });
    let help = "How strongly the lines are followed.";
    NumberField::new("Control weight", help).step(0.05, 2).ui(
        ui,
        &mut control.weight,
        0.0..=ControlSettings::MAX_WEIGHT,
    );
    let help = "The share of the steps before the lines are followed.";
    NumberField::new("Control start", help).percent().step(0.05, 2).ui(ui, &mut control.start, 0.0..=1.0);
    let help = "The share of the steps after which the lines are not followed any more. Half is often enough for the shapes, and takes half the extra time.";
    NumberField::new("Control end", help).percent().step(0.05, 2).ui(ui, &mut control.end, 0.0..=1.0);
    control.end = control.end.max(control.start);
    let help = "How the lines are weighed against the prompt. Prompt first lets them shape less of the detail; control first makes guidance strengthen them.";
    labelled_list(ui, "Balance", help, control.mode.label().into(), |ui| {
        for choice in ControlMode::ALL {
            ui.selectable_value(&mut control.mode, choice, choice.label());
        }
    });
    model.or(source)
}

/// The network, one that was found or a file.
fn model(
    ui: &mut Ui,
    index: usize,
    control: &mut ControlSettings,
    context: &ControlContext<'_>,
) -> Option<UserCommand> {
    let help = "The network that was trained to follow such lines. Scribble ones forgive rough strokes, line art ones keep every line.";
    let command = labelled_list(ui, "ControlNet", help, control.model_name(), |ui| {
        for network in context.networks() {
            let is_chosen = network.path == control.model;
            if ui.selectable_label(is_chosen, &network.name).on_hover_text(&network.sentence).clicked() {
                control.model.clone_from(&network.path);
            }
        }
        ui.selectable_label(false, "Choose a file…").clicked().then_some(ControlCommand::ChooseModel(index))
    });
    if is_bare_name(&control.model) {
        let text = format!("{} is not on this machine. Choose its file.", control.model.display());
        ui.label(RichText::new(text).small().color(theme::colors(ui).error));
    }
    command.flatten().map(UserCommand::from)
}

/// What is followed.
fn source(
    ui: &mut Ui,
    index: usize,
    control: &mut ControlSettings,
    context: &ControlContext<'_>,
) -> Option<UserCommand> {
    let help = "What is followed: the sketch as it is sent to the model, one layer on white (also a hidden one), or a picture file.";
    let name = name_of(&control.source, &context.layers);
    let command = labelled_list(ui, "Lines from", help, name, |ui| {
        ui.selectable_value(&mut control.source, ControlSource::Sketch, "The whole sketch");
        for layer in context.layers.all() {
            let source = ControlSource::Layer(layer.id.0);
            let label = name_of(&source, &context.layers);
            ui.selectable_value(&mut control.source, source, label);
        }
        ui.selectable_label(false, "A picture file…").clicked().then_some(ControlCommand::ChoosePicture(index))
    });
    if let Some(trouble) = context.state.trouble_with(&control.source) {
        ui.label(RichText::new(trouble).small().color(theme::colors(ui).error));
    }
    command.flatten().map(UserCommand::from)
}

/// What a control follows, in the middle of a sentence.
pub(super) fn source_name(control: &ControlSettings, document: &Document) -> String {
    match &control.source {
        ControlSource::Sketch => "the sketch".into(),
        other => name_of(other, document.layers()),
    }
}

fn name_of(source: &ControlSource, layers: &LayerStack) -> String {
    match source {
        ControlSource::Sketch => "The whole sketch".into(),
        ControlSource::Layer(id) => match layers.get(LayerId(*id)) {
            Some(layer) => format!("Layer: {}", layer.properties.name),
            None => "A layer that is gone".into(),
        },
        ControlSource::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    }
}
