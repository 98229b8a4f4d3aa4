//! A model's parts: which are there, and what is missing from them.

use std::collections::HashMap;
use std::path::Path;

use super::expected::{self, Shapes};
use super::report::{ModelReport, PartReport, VaeReport};
use crate::diffusion::files::kind::Family;
use crate::diffusion::files::source::Source;
use crate::diffusion::model_files::ModelFiles;
use crate::diffusion::networks::unet::UNetInputs;
use crate::diffusion::networks::vae::DIFFUSERS;
use crate::diffusion::networks::vae_config::VaeConfig;
use crate::engine::{Error, ModelChoice};

/// Fills in what is known of a model.
///
/// # Errors
/// What keeps it from being loaded.
pub(super) fn model(path: &Path, report: &mut ModelReport) -> Result<(), Error> {
    let files = ModelFiles::open(&ModelChoice::Path(path.to_path_buf()))?;
    report.prediction = files.prediction.map(|prediction| prediction.name());
    if report.family.is_none() {
        report.family = Family::of_text_width(files.unet.cross_attention_dim).filter(|family| family.is_run());
    }
    let mut parts = vec![
        part(&files, "unet", DIFFUSERS, &expected::unet(&files.unet))?,
        part(&files, "text_encoder", "model", &expected::text_encoder(&files.text))?,
    ];
    match &files.vae {
        Some(config) => {
            report.vae = Some(VaeReport { latent_channels: Some(config.latent_channels()) });
            let tensors = if config.is_tiny() { Shapes::new() } else { expected::autoencoder(&config.full) };
            parts.push(part(&files, "vae", DIFFUSERS, &tensors)?);
        }
        None => parts.push(PartReport { name: "vae", present: false, parameters: 0, missing_tensors: Vec::new() }),
    }
    if report.tensors == 0 {
        (report.tensors, report.precision) = files.precision()?;
    }
    report.parts = parts;
    if let Some((part, tensor)) =
        report.parts.iter().find_map(|part| Some((part.name, part.missing_tensors.first()?.clone())))
    {
        let count = report.parts.iter().map(|part| part.missing_tensors.len()).sum::<usize>();
        return Err(Error::File(format!(
            "{} is an incomplete model: {count} of its tensors are missing, the first is {tensor} of its {part}. Download it again.",
            path.display()
        )));
    }
    let family = report.family.map_or("Stable Diffusion", Family::label);
    let about = report.precision_and_size();
    let vae = if files.vae.is_some() {
        "can be used"
    } else {
        "can be used with a VAE of your choice (--vae), because it has none"
    };
    let kind = match files.unet.inputs() {
        Some(UNetInputs::Inpainting) => "an inpainting model",
        Some(UNetInputs::Edit) => "a model that edits pictures (InstructPix2Pix)",
        Some(UNetInputs::Latent) | None => "a model",
    };
    report.can_be_used(path, &format!("is {kind} of {family} ({about}) and {vae}"));
    Ok(())
}

fn part(files: &ModelFiles, name: &'static str, stem: &str, expected: &Shapes) -> Result<PartReport, Error> {
    let opened = files.source.part(name, stem)?;
    let found: HashMap<&str, u64> = opened.tensors().collect();
    let is_there =
        |name: &str| found.contains_key(name) || old_name(name).is_some_and(|old| found.contains_key(old.as_str()));
    let missing_tensors = expected.keys().filter(|name| !is_there(name)).cloned().collect();
    Ok(PartReport { name, present: true, parameters: found.values().sum(), missing_tensors })
}

/// Other names that files have for a tensor: attention in old autoencoders, text encoders without their
/// outermost level.
fn old_name(name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("text_model.") {
        return Some(rest.to_owned());
    }
    let names = [(".to_q.", ".query."), (".to_k.", ".key."), (".to_v.", ".value."), (".to_out.0.", ".proj_attn.")];
    names.iter().find(|(new, _)| name.contains(new)).map(|(new, old)| name.replace(new, old))
}

/// What is known of an autoencoder in a folder of its own.
///
/// # Errors
/// A config that is damaged or that cannot be used.
pub(super) fn vae_folder(path: &Path) -> Result<VaeReport, Error> {
    let source = Source::Folder(path.to_path_buf());
    let config: VaeConfig = source.required_json("config.json", "autoencoder")?;
    config.check()?;
    source.part("", DIFFUSERS)?;
    match config.latent_channels() {
        4 => Ok(VaeReport { latent_channels: Some(4) }),
        channels => Err(Error::File(format!(
            "{} is a VAE for latents of {channels} channels; models that run here have 4.",
            path.display()
        ))),
    }
}
