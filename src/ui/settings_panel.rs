//! The settings of the next round, each with what it does to the picture.

use std::path::Path;

use egui::{ComboBox, DragValue, RichText};

use super::field::Field;
use super::{Action, AutoencoderTask, theme};
use crate::engine::{DeviceChoice, MAX_SEED, ModelChoice, Recommended, Rng, Runtime, Sampler, Schedule, Settings};

/// What the panel shows besides the settings themselves.
pub(super) struct Context<'a> {
    pub model: &'a ModelChoice,
    pub loading: bool,
    pub recommended: Recommended,
    pub last_seed: Option<u64>,
    /// Whether the opened picture says what made it.
    pub offers: bool,
    /// What the arithmetic can run on here.
    pub devices: &'a [DeviceChoice],
}

pub(super) fn ui(
    ui: &mut egui::Ui,
    settings: &mut Settings,
    runtime: &mut Runtime,
    context: &Context<'_>,
) -> Option<Action> {
    theme::section(ui, "Settings");
    let mut action = if context.offers { offer(ui) } else { None };
    action = model(ui, context).or(action);
    action = recommended(ui, settings, context.recommended).or(action);

    let help = "In how many steps noise becomes a picture. More take longer; beyond 30 little changes.";
    Field::new("Steps", help).logarithmic().ui(ui, &mut settings.steps, 1..=150);
    sampler(ui, &mut settings.sampler);
    schedule(ui, settings);
    let help = "How strongly the words are followed. Low values wander, high ones get harsh and over-coloured.";
    Field::new("CFG scale", help).step(0.5, 1).ui(ui, &mut settings.cfg_scale, 1.0..=30.0);
    let help = "How far the sketch may be left behind. Low keeps its shapes and colours, high invents more; 1 ignores the sketch.";
    Field::new("Denoising strength", help).step(0.01, 2).ui(ui, &mut settings.strength, 0.0..=1.0);
    let note = if settings.strength >= 1.0 {
        "The sketch is ignored: the words alone count.".to_owned()
    } else {
        let (whole, run) = settings.planned_steps(true);
        match settings.sampler.has_fixed_schedule() {
            true => format!("The last {} of {whole} steps run.", settings.steps_to_report(true)),
            false => format!("{run} of {whole} steps run."),
        }
    };
    ui.label(RichText::new(note).small().weak());
    seed(ui, settings, context.last_seed);
    let help = "How many pictures one press of Generate makes.";
    Field::new("Batch size", help).ui(ui, &mut settings.batch, 1..=16);
    size(ui, settings);
    ui.checkbox(&mut settings.color_correct, "Correct colours").on_hover_text(
        "Pull each result's colours back towards the start image. Helps when many rounds at low strength slowly change the tint; mutes new colours.",
    );
    ui.collapsing("More", |ui| more(ui, settings, runtime, context.devices)).body_returned.flatten().or(action)
}

/// What few people turn.
fn more(ui: &mut egui::Ui, settings: &mut Settings, runtime: &mut Runtime, devices: &[DeviceChoice]) -> Option<Action> {
    ui.checkbox(&mut settings.exact_steps, "Exactly this many steps").on_hover_text(
        "Run as many steps as the slider says, whatever the denoising strength. Otherwise strength 0.75 runs three quarters of them.",
    );
    let help = "Share of the steps that follow CFG scale and negative prompt. The last steps take half the time without them and change little.";
    Field::new("Guided share", help).step(0.05, 2).ui(ui, &mut settings.guided, 0.0..=1.0);
    let help = "Turns each picture's noise a little towards that of another seed: small values give near relatives of one picture.";
    Field::new("Variation strength", help).step(0.01, 2).ui(ui, &mut settings.variation_strength, 0.0..=1.0);
    let help = "The seed it turns towards; counts up through the batch, while the seed itself stays.";
    Field::new("Variation seed", help).logarithmic().ui(ui, &mut settings.variation_seed, 0..=MAX_SEED);
    let help =
        "Scales the noise laid over the start image. Less keeps more of it and gets flatter, more invents detail.";
    Field::new("Noise multiplier", help).step(0.01, 2).ui(ui, &mut settings.noise_multiplier, 0.0..=1.5);
    let help = "Noise added on top of that; brings texture to smooth places.";
    Field::new("Extra noise", help).step(0.01, 2).ui(ui, &mut settings.extra_noise, 0.0..=1.0);
    let help = "Which of the text encoder's last layers is read: 1 is the last. Some models made for drawings want 2.";
    Field::new("Clip skip", help).ui(ui, &mut settings.clip_skip, 1..=12);
    let help = "Whose random numbers a seed stands for. Most published seeds were drawn on a GPU; with the right kind the same seed gives the same picture here.";
    let label = ui.label("Random numbers").on_hover_text(help);
    ComboBox::from_id_salt("rng")
        .width(ui.available_width())
        .selected_text(settings.rng.label())
        .show_ui(ui, |ui| {
            for rng in Rng::ALL {
                ui.selectable_value(&mut settings.rng, rng, rng.label());
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text(help);
    device(ui, &mut runtime.device, devices);
    let help = "What turns the sketch into a latent and latents into pictures. A VAE file can bring better colours or, as TAESD, much quicker decoding.";
    let own = ("Autoencoder", "the model's own", help);
    let action = autoencoder(ui, own, AutoencoderTask::Results, settings.vae.as_deref());
    let help = "What shows a picture while it is made. The quick way costs nothing and is coarse; a TAESD file shows more and takes a moment each step.";
    let quick = ("Previews", "the quick way", help);
    action.or(autoencoder(ui, quick, AutoencoderTask::Previews, runtime.preview_vae.as_deref()))
}

/// Where the arithmetic runs; nothing to choose where there is the processor alone.
fn device(ui: &mut egui::Ui, chosen: &mut DeviceChoice, devices: &[DeviceChoice]) {
    if devices.len() <= 2 {
        return;
    }
    let help = "What does the arithmetic: a graphics card, or this machine's processor. The model is loaded anew when it changes.";
    let label = ui.label("Device").on_hover_text(help);
    ComboBox::from_id_salt("device")
        .width(ui.available_width())
        .selected_text(chosen.label())
        .show_ui(ui, |ui| {
            for device in devices {
                ui.selectable_value(chosen, *device, device.label());
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text(help);
}

/// A choice between what is there and a file; `title` holds label, name of the first and help.
fn autoencoder(
    ui: &mut egui::Ui,
    (title, own, help): (&str, &str, &str),
    task: AutoencoderTask,
    chosen: Option<&Path>,
) -> Option<Action> {
    let mut action = None;
    let label = ui.label(title).on_hover_text(help);
    let name =
        chosen.map_or(own.into(), |path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned());
    ComboBox::from_id_salt(title)
        .width(ui.available_width())
        .truncate()
        .selected_text(name)
        .show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), own).clicked() {
                action = Some(Action::UseAutoencoder(task, None));
            }
            if ui.selectable_label(false, "Choose a file…").clicked() {
                action = Some(Action::ChooseAutoencoder(task));
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text(help);
    action
}

/// Shown after a picture was opened that says what made it.
fn offer(ui: &mut egui::Ui) -> Option<Action> {
    let mut action = None;
    theme::card().show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new("The opened picture says how it was made.").small());
        ui.horizontal(|ui| {
            let help = "Take over its prompt, negative prompt, sampler, steps, scale, strength, seed and size.";
            if ui.button("Use its settings").on_hover_text(help).clicked() {
                action = Some(Action::UseItsSettings);
            }
            if ui.button("Not now").clicked() {
                action = Some(Action::LeaveItsSettings);
            }
        });
    });
    action
}

fn model(ui: &mut egui::Ui, context: &Context<'_>) -> Option<Action> {
    let mut action = None;
    let help = "Which Stable Diffusion model paints. The starter is built in and small; a checkpoint file (.safetensors, .ckpt) or a folder in the diffusers layout brings a big one.";
    let label = ui.label("Model").on_hover_text(help);
    let mut name = context.model.name();
    if context.loading {
        name += " (loading)";
    }
    ComboBox::from_id_salt("model")
        .width(ui.available_width())
        .truncate()
        .selected_text(name)
        .show_ui(ui, |ui| {
            let starter = ModelChoice::Starter;
            if ui.selectable_label(*context.model == starter, "starter").clicked() {
                action = Some(Action::UseModel(starter));
            }
            if let ModelChoice::Path(path) = context.model {
                let _ = ui.selectable_label(true, context.model.name()).on_hover_text(path.display().to_string());
            }
            if ui.selectable_label(false, "Choose a file…").clicked() {
                action = Some(Action::ChooseCheckpoint);
            }
            if ui.selectable_label(false, "Choose a folder…").clicked() {
                action = Some(Action::ChooseModel);
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text(help);
    action
}

/// What the model's maker suggests, where anything is suggested, with a button while it differs.
fn recommended(ui: &mut egui::Ui, settings: &Settings, recommended: Recommended) -> Option<Action> {
    if recommended == Recommended::default() {
        return None;
    }
    let mut fresh = Settings::default();
    recommended.apply_to(&mut fresh);
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        let Settings { cfg_scale, strength, .. } = fresh;
        let mut sampler = fresh.sampler.label().to_owned();
        if fresh.schedule != Schedule::Automatic {
            sampler = format!("{sampler} {}", fresh.schedule.label());
        }
        let text = format!("Recommended for this model: {sampler}, CFG scale {cfg_scale}, strength {strength}.");
        ui.label(RichText::new(text).small().weak());
        if !recommended.is_followed_by(settings)
            && ui.small_button("Use").on_hover_text("Set what is recommended for this model.").clicked()
        {
            action = Some(Action::UseRecommended);
        }
    });
    action
}

fn sampler(ui: &mut egui::Ui, chosen: &mut Sampler) {
    let help = "The recipe for walking from noise to picture. DPM++ 2M is clean and repeatable; the kinds with an a or SDE add fresh noise on the way and change with the number of steps; Heun, DPM2 and 2S ask the model twice a step; DDIM and UniPC walk timesteps of their own; LCM and TCD are for models made for them.";
    let label = ui.label("Sampler").on_hover_text(help);
    ComboBox::from_id_salt("sampler")
        .width(ui.available_width())
        .selected_text(chosen.label())
        .show_ui(ui, |ui| {
            for sampler in Sampler::ALL {
                ui.selectable_value(chosen, sampler, sampler.label());
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text(help);
}

fn schedule(ui: &mut egui::Ui, settings: &mut Settings) {
    let help =
        "How the steps are spaced. Karras spends most of them on fine detail; Automatic takes what suits the sampler.";
    let label = ui.label("Schedule").on_hover_text(help);
    if settings.sampler.has_fixed_schedule() {
        let text = format!("{} walks evenly spaced timesteps of its own.", settings.sampler.label());
        ui.label(RichText::new(text).small().weak());
        return;
    }
    let own = settings.sampler.own_schedule().label();
    let name = |schedule: Schedule| match schedule {
        Schedule::Automatic => format!("Automatic ({own})"),
        other => other.label().to_owned(),
    };
    ComboBox::from_id_salt("schedule")
        .width(ui.available_width())
        .selected_text(name(settings.schedule))
        .show_ui(ui, |ui| {
            for schedule in Schedule::all() {
                ui.selectable_value(&mut settings.schedule, schedule, name(schedule));
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text(help);
}

fn seed(ui: &mut egui::Ui, settings: &mut Settings, last: Option<u64>) {
    let help = "The number the noise grows from: the same seed and settings give the same picture. -1 draws a new one each round.";
    let label = ui.label("Seed").on_hover_text(help);
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 164.0).max(56.0);
        let drag = DragValue::new(&mut settings.seed).range(-1..=MAX_SEED).speed(1.0);
        ui.add_sized([width, 24.0], drag).labelled_by(label.id).on_hover_text(help);
        if ui.button("Random").on_hover_text("Back to -1: a new seed each round.").clicked() {
            settings.seed = -1;
        }
        let reuse = ui.add_enabled(last.is_some(), egui::Button::new("Last seed"));
        let reuse = reuse
            .on_hover_text("Use the seed of the last round again.")
            .on_disabled_hover_text("There was no round yet.");
        if let (true, Some(last)) = (reuse.clicked(), last) {
            settings.seed = last as i64;
        }
    });
}

fn size(ui: &mut egui::Ui, settings: &mut Settings) {
    let step = Settings::SIDE_STEP;
    let help = "Size of the results in pixels, in steps of 64. Larger takes longer and more memory.";
    let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
    ui.horizontal(|ui| {
        for (name, side) in [("Width", &mut settings.width), ("Height", &mut settings.height)] {
            ui.vertical(|ui| {
                let label = ui.label(name).on_hover_text(help);
                let drag = DragValue::new(side).range(step..=Settings::MAX_SIDE).speed(8.0).suffix(" px");
                let response = ui.add_sized([width, 24.0], drag).labelled_by(label.id).on_hover_text(help);
                if response.changed() {
                    *side = (*side + step / 2) / step * step;
                }
            });
        }
    });
}
