//! The settings that few people change.

use std::path::Path;

use super::{Context, sampler_options};
use crate::engine::{DeviceChoice, MAX_SEED, Rng, Runtime, Settings, TiledVae};
use crate::ui::widgets::{NumberField, labelled_list};
use crate::ui::{AutoencoderUse, ModelCommand, NotifyWhen, QueueCommand, UserCommand};

pub(super) fn ui(
    ui: &mut egui::Ui,
    settings: &mut Settings,
    runtime: &mut Runtime,
    context: &Context<'_>,
) -> Option<UserCommand> {
    ui.checkbox(&mut settings.exact_steps, "Exactly this many steps").on_hover_text(
        "Run as many steps as the slider says, whatever the denoising strength. Otherwise strength 0.75 runs three quarters of them.",
    );
    let help = "Share of the steps that use the CFG scale and the negative prompt. The remaining steps take half the time and change little.";
    NumberField::new("Guided share", help).step(0.05, 2).ui(ui, &mut settings.guided, 0.0..=1.0);
    let help = "Runs the whole model at every so many evaluations, and at the others its outermost layers with what the deep ones made before (DeepCache). 1 is off; 2 or 3 leave out a third to a half of the arithmetic, and the picture changes.";
    NumberField::new("Reuse interval", help).ui(ui, &mut settings.reuse, 1..=Settings::MAX_REUSE);
    let help = "Blends the noise with that of another seed: small values make slight variations of one picture.";
    NumberField::new("Variation strength", help).step(0.01, 2).ui(ui, &mut settings.variation_strength, 0.0..=1.0);
    let help = "The seed of the noise that is blended in. It counts up through the batch, while the seed itself stays.";
    NumberField::new("Variation seed", help).logarithmic().ui(ui, &mut settings.variation_seed, 0..=MAX_SEED);
    let help = "Multiplies the noise added to the canvas. Less keeps more of the canvas and looks flatter, more invents detail.";
    NumberField::new("Noise multiplier", help).step(0.01, 2).ui(ui, &mut settings.noise_multiplier, 0.0..=1.5);
    let help = "Noise added on top of that; gives texture to smooth areas.";
    NumberField::new("Extra noise", help).step(0.01, 2).ui(ui, &mut settings.extra_noise, 0.0..=1.0);
    let mut follows = settings.image_cfg.is_some();
    ui.checkbox(&mut follows, "Image CFG scale of edit models").on_hover_text(
        "For models that edit pictures as InstructPix2Pix does: the canvas counts at denoising strength 1 too, and the number below says how strongly it is followed.",
    );
    settings.image_cfg = follows.then(|| settings.image_cfg.unwrap_or(1.5));
    if let Some(scale) = &mut settings.image_cfg {
        let help = "How strongly the canvas is followed by a model that edits pictures. Other models ignore it.";
        NumberField::new("Image CFG scale", help).step(0.05, 2).ui(ui, scale, 0.0..=10.0);
    }
    let help = "Which of the text encoder's last layers is used: 1 is the last. Some models made for drawings need 2.";
    NumberField::new("Clip skip", help).ui(ui, &mut settings.clip_skip, 1..=12);
    let help = "The random number generator that seeds refer to. Most published seeds were used on a GPU; with the right generator the same seed gives the same noise here.";
    labelled_list(ui, "Random numbers", help, settings.rng.label().into(), |ui| {
        for rng in Rng::ALL {
            ui.selectable_value(&mut settings.rng, rng, rng.label());
        }
    });
    sampler_options::ui(ui, settings);
    device(ui, &mut runtime.device, &context.model.devices);
    let help = "Encodes the canvas and decodes the results. A VAE file can give better colours or, as TAESD, decode much faster.";
    let default = "the model's own";
    let results = autoencoder(ui, "Autoencoder (VAE)", help, default, AutoencoderUse::Results, settings.vae.as_deref());
    let help = "Decodes the previews. The quick preview costs nothing and is coarse; a TAESD file shows more and takes a moment each step.";
    let default = "quick preview";
    let previews = autoencoder(ui, "Previews", help, default, AutoencoderUse::Previews, runtime.preview_vae.as_deref());
    let help = "Encode and decode in tiles: the same picture in less memory and more time. Auto uses tiles where the whole picture at once would not fit into memory.";
    labelled_list(ui, "Tiled VAE", help, runtime.tiled_vae.id().into(), |ui| {
        for choice in TiledVae::ALL {
            ui.selectable_value(&mut runtime.tiled_vae, choice, choice.id());
        }
    });
    results.or(previews).or(notification(ui, context.notify))
}

/// When a desktop notification tells that the queue has ended.
fn notification(ui: &mut egui::Ui, chosen: NotifyWhen) -> Option<UserCommand> {
    let help = "Tell with a desktop notification when all rounds are made, if another window has the focus. The time counts from the first of them.";
    let entries = |ui: &mut egui::Ui| {
        let mut command = None;
        for when in NotifyWhen::ALL {
            if ui.selectable_label(when == chosen, when.label()).clicked() {
                command = Some(QueueCommand::NotifyWhen(when).into());
            }
        }
        command
    };
    labelled_list(ui, "Notify when done", help, chosen.label().into(), entries).flatten()
}

/// The device; there is nothing to choose where only the processor is available.
fn device(ui: &mut egui::Ui, chosen: &mut DeviceChoice, devices: &[DeviceChoice]) {
    if devices.len() <= 2 {
        return;
    }
    let help = "What the model runs on: a graphics card or the processor. The model is loaded again when this changes.";
    labelled_list(ui, "Device", help, chosen.label(), |ui| {
        for device in devices {
            ui.selectable_value(chosen, *device, device.label());
        }
    });
}

/// A choice between the default autoencoder and a file.
fn autoencoder(
    ui: &mut egui::Ui,
    title: &str,
    help: &str,
    default: &str,
    purpose: AutoencoderUse,
    chosen: Option<&Path>,
) -> Option<UserCommand> {
    let name = chosen
        .map_or(default.into(), |path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned());
    labelled_list(ui, title, help, name, |ui| {
        let mut command = None;
        if ui.selectable_label(chosen.is_none(), default).clicked() {
            command = Some(ModelCommand::UseAutoencoder(purpose, None));
        }
        if ui.selectable_label(false, "Choose a file…").clicked() {
            command = Some(ModelCommand::ChooseAutoencoder(purpose));
        }
        command
    })
    .flatten()
    .map(UserCommand::from)
}
