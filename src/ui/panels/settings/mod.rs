//! The settings of the next round.

mod inpaint;
mod model;
mod more;
mod offer;
mod preset;
mod sampler_options;
mod sampling;
mod seed;
mod size;

use std::cell::Cell;

use egui::{Key, RichText};

pub(in crate::ui) use model::FoundForList;

use crate::engine::{ModelChoice, PresetFiles, Runtime, Settings};
use crate::ui::control::{self, ControlContext};
use crate::ui::models::PictureModel;
use crate::ui::state::ModelState;
use crate::ui::widgets::{NumberField, anchored};
use crate::ui::{NotifyWhen, UserCommand, theme};

/// The reuse interval of the switch.
const USUAL_REUSE: usize = 3;

/// What the panel shows besides the settings.
pub(in crate::ui) struct Context<'a> {
    pub model: &'a ModelState,
    /// How far models are that are being fetched, if any are.
    pub downloads: Option<String>,
    /// The models of this machine that can be chosen.
    pub found: FoundForList<'a>,
    /// The first seed of the latest round.
    pub last_seed: Option<u64>,
    /// Whether the opened picture stores settings that can be used.
    pub offers: bool,
    /// Whether it stores its start image too.
    pub offers_start: bool,
    /// Whether wildcards in its prompts were replaced.
    pub offers_template: bool,
    /// The model that made it and whether that is here, if it names one.
    pub offered_model: Option<(String, PictureModel)>,
    /// Whether the canvas has a mask.
    pub has_mask: bool,
    /// When the end of the queue is notified.
    pub notify: NotifyWhen,
    /// The files that make pictures quick.
    pub presets: &'a PresetFiles,
    /// What the section about controls shows.
    pub control: ControlContext<'a>,
    /// Set while the denoising strength is being dragged, or changed by a held key.
    pub holds_strength: Cell<bool>,
}

/// Shows the settings and edits them in place; everything else is returned as a command.
pub(in crate::ui) fn ui(
    ui: &mut egui::Ui,
    settings: &mut Settings,
    runtime: &mut Runtime,
    context: &mut Context<'_>,
) -> Option<UserCommand> {
    let mut command = if context.offers {
        offer::ui(ui, (context.offers_start, context.offers_template), context.offered_model.as_ref())
    } else {
        None
    };
    command = model::choice(ui, context.model, &context.found).or(command);
    command = model::downloads(ui, context.downloads.as_deref()).or(command);
    command = model::recommended(ui, settings, context.model.recommended).or(command);
    command = preset::ui(ui, settings, context).or(command);
    anchored(ui, "settings", |ui| fields(ui, settings, runtime, context)).or(command)
}

/// The settings themselves; what is above them may come and go while a number is typed.
fn fields(
    ui: &mut egui::Ui,
    settings: &mut Settings,
    runtime: &mut Runtime,
    context: &mut Context<'_>,
) -> Option<UserCommand> {
    reuse(ui, settings, context.model.chosen.choice == ModelChoice::Starter);
    let help = "Number of sampling steps. More steps take longer; beyond 30 little changes.";
    NumberField::new("Steps", help).logarithmic().ui(ui, &mut settings.steps, 1..=150);
    sampling::sampler(ui, &mut settings.sampler, context.model);
    sampling::schedule(ui, settings, context.model);
    let help =
        "How strictly the picture follows the prompt. Low values wander, high values become harsh and oversaturated.";
    NumberField::new("CFG scale", help).step(0.5, 1).ui(ui, &mut settings.cfg_scale, 1.0..=30.0);
    context.holds_strength.set(strength(ui, settings));
    ui.checkbox(&mut settings.keep_unpainted, "Keep what I did not paint").on_hover_text(
        "The next round changes only what was painted since a result, a picture or an empty sheet was put on the canvas. All other pixels stay, up to a soft edge.",
    );
    inpaint::ui(ui, settings, context.has_mask);
    let limits = context.model.limits.clone();
    lacking(ui, settings.inpaint.is_some(), &limits.no_inpainting);
    let follows = control::ui(ui, settings, &mut context.control);
    lacking(ui, !settings.controls.is_empty(), &limits.no_controls);
    let uses_rare_options = settings.guided < 1.0 || settings.reuse > 1 || !settings.sampling.is_default();
    lacking(ui, uses_rare_options, &limits.no_rare_options);
    seed::ui(ui, settings, context.last_seed);
    let help = "How many pictures one round makes.";
    NumberField::new("Batch size", help).ui(ui, &mut settings.batch, 1..=16);
    size::ui(ui, settings);
    ui.checkbox(&mut settings.color_correct, "Correct colours").on_hover_text(
        "Pull the colours of each result towards the canvas. Helps when many rounds at low strength slowly change the tint; mutes new colours.",
    );
    ui.collapsing("More", |ui| more::ui(ui, settings, runtime, context)).body_returned.flatten().or(follows)
}

/// Whether evaluations share deep features; *More* has how many.
fn reuse(ui: &mut egui::Ui, settings: &mut Settings, is_starter: bool) {
    let mut reuses = settings.reuse > 1;
    let help = "Runs the whole model at every third step only, and at the others its outermost layers with what the deep ones made before (DeepCache). Leaves out up to half of the arithmetic; the picture changes, more so with few steps.";
    let switch = ui.add_enabled(!is_starter || reuses, egui::Checkbox::new(&mut reuses, "Reuse deep features"));
    let switch = switch.on_hover_text(help);
    if switch.on_disabled_hover_text("The starter takes too few steps for this.").changed() {
        settings.reuse = if reuses { USUAL_REUSE } else { 1 };
    }
}

/// Says why the engine cannot follow a setting that is in use.
fn lacking(ui: &mut egui::Ui, is_used: bool, reason: &str) {
    if is_used && !reason.is_empty() {
        ui.label(RichText::new(reason).small().color(theme::colors(ui).error));
    }
}

/// The denoising strength, and how many steps run with it. Returns whether it is being dragged, or changed by a held key.
fn strength(ui: &mut egui::Ui, settings: &mut Settings) -> bool {
    let help = "How much the canvas may change. Low values keep its shapes and colours, high values invent more; 1 ignores the canvas.";
    let slider = NumberField::new("Denoising strength", help).step(0.01, 2).ui(ui, &mut settings.strength, 0.0..=1.0);
    let arrows = [Key::ArrowLeft, Key::ArrowRight];
    let by_key = slider.has_focus() && ui.input(|input| arrows.iter().any(|key| input.key_down(*key)));
    let note = if settings.strength >= 1.0 {
        "The canvas is ignored: only the prompt counts.".to_owned()
    } else {
        let (whole, run) = settings.planned_steps(true);
        match settings.sampler.has_fixed_schedule() {
            true => format!("The last {} of {whole} steps run.", settings.steps_to_report(true)),
            false => format!("{run} of {whole} steps run."),
        }
    };
    ui.label(RichText::new(note).small().weak());
    by_key || slider.is_pointer_button_down_on()
}
