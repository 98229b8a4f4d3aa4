//! What a file or folder is and what the program would make of it, without loading weights.
//!
//! Only headers, configs and (parsed, never executed) pickles are read. The sentences are the ones that
//! loading gives.

mod expected;
mod inspector;
mod parts;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use crate::diffusion::files::adapter::AdapterFile;
use crate::diffusion::files::checkpoint::Store;
use crate::diffusion::files::container::Container;
use crate::diffusion::files::control::ControlFile;
use crate::diffusion::files::embedding;
use crate::diffusion::files::kind::{
    Contents, Family, Identity, STARTER_TEXT_WIDTH, WeightsKind, adapter_refusal, autoencoder_refusal,
    captioner_refusal, control_refusal, identify, identify_folder, inversion_refusal, inversion_vectors,
    inversion_widths, latent_channels, model_refusal, other_latents, segmenter_refusal,
};
use crate::diffusion::files::lora::{Layers, layer_key};
use crate::diffusion::files::upscaler::config_of;
use crate::engine::Error;
pub use inspector::HeaderInspector;
pub use report::{LayerFit, LoraReport, ModelReport, PartReport, TextualInversionReport, VaeReport};

/// Says what a file or folder is and what the program would make of it. Weights are not loaded, and no
/// pickle is executed.
pub fn inspect_model(path: &Path) -> ModelReport {
    let mut report = ModelReport::new(path);
    if let Err(error) = inspect(path, &mut report) {
        report.usable = false;
        report.sentence = error.to_string();
    }
    report
}

/// Whether a file or folder is one for [`inspect_model`]: told by its first bytes, and by its name only where
/// those say nothing. Pipes and devices are not read.
pub fn is_meant_as_weights(path: &Path) -> bool {
    (path.is_dir() || path.is_file()) && Container::of(path).is_ok_and(|container| container.is_meant_as_weights(path))
}

fn inspect(path: &Path, report: &mut ModelReport) -> Result<(), Error> {
    if !path.exists() {
        return Err(Error::File(format!("There is no file or folder at {}.", path.display())));
    }
    let container = Container::of(path)?;
    report.container = Some(container);
    if container == Container::Folder {
        report.size = folder_size(path);
        return folder(path, report);
    }
    report.size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    container.check(path)?;
    let contents = Contents::of(&Store::open_under(path, embedding::KEY)?);
    let identity = identify(&contents);
    report.describe(identity, &contents);
    file(path, &contents, identity, report)
}

fn folder(path: &Path, report: &mut ModelReport) -> Result<(), Error> {
    let found = identify_folder(path);
    (report.kind, report.family) = (found.identity.kind, found.identity.family);
    match (found.identity.kind, found.refusal) {
        (WeightsKind::Model, None) => parts::model(path, report),
        // An autoencoder in a folder of its own is used with --vae.
        (kind @ (WeightsKind::Vae | WeightsKind::TinyVae), _) => {
            report.vae = Some(parts::vae_folder(path)?);
            report.can_be_used(path, &format!("is {} and can be used with --vae", kind.label()));
            Ok(())
        }
        (WeightsKind::ControlNet, _) => {
            ControlFile::open(path)?;
            report.can_be_used(path, &control_use(report.family));
            Ok(())
        }
        (WeightsKind::T2iAdapter, _) if AdapterFile::open(path)?.is_some() => {
            report.can_be_used(path, ADAPTER_USE);
            Ok(())
        }
        (_, Some(text)) => Err(Error::File(format!("{} {text}.", path.display()))),
        (kind, None) => Err(Error::File(format!("{} is {}.", path.display(), kind.label()))),
    }
}

fn file(path: &Path, contents: &Contents, identity: Identity, report: &mut ModelReport) -> Result<(), Error> {
    let refused = |text: String| Err(Error::File(format!("{} {text}.", path.display())));
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let of = identity.family.map_or(String::new(), |family| format!(" for {}", family.label()));
    match identity.kind {
        WeightsKind::Model => match model_refusal(path, contents, identity) {
            Some(text) => refused(text),
            None => parts::model(path, report),
        },
        WeightsKind::Lora => {
            let lora = lora(contents);
            let kinds: Vec<&str> = lora.algorithms.keys().map(|algorithm| algorithm.label()).collect();
            let ranks = match lora.ranks {
                Some((low, high)) if low == high => format!(", rank {low}"),
                Some((low, high)) => format!(", ranks {low} to {high}"),
                None => String::new(),
            };
            let about = format!("is a LoRA{of} ({}{ranks})", kinds.join(", "));
            let refusal = Layers::of(contents).refusal(identity.family);
            let best =
                lora.fits.iter().max_by_key(|fit| fit.unet + fit.text_encoder).map(|fit| fit.unet + fit.text_encoder);
            let fits: Vec<String> = lora
                .fits
                .iter()
                .filter(|fit| Some(fit.unet + fit.text_encoder) == best && best > Some(0))
                .map(|fit| {
                    format!("{} with {} of {} layers", fit.family.label(), fit.unet + fit.text_encoder, lora.layers)
                })
                .collect();
            report.lora = Some(lora);
            if let Some(text) = refusal {
                return refused(text);
            }
            let fits = match fits.as_slice() {
                [] => "its layers fit no published model".into(),
                fits => format!("it fits {}", fits.join(" and ")),
            };
            report.can_be_used(
                path,
                &format!(
                    "{about}; {fits}. Put it into the folder of LoRAs (--loras) and write <lora:{name}:1> in the prompt"
                ),
            );
            Ok(())
        }
        WeightsKind::TextualInversion => {
            let (vectors, widths) = (inversion_vectors(contents), inversion_widths(contents));
            report.textual_inversion = Some(TextualInversionReport { vectors, widths: widths.clone() });
            if let Some(text) = inversion_refusal(contents, identity) {
                return refused(text);
            }
            let of = if widths == [STARTER_TEXT_WIDTH] { " for the starter".to_owned() } else { of };
            report.can_be_used(
                path,
                &format!(
                    "is a textual inversion{of} of {vectors} vectors; put it into the folder of textual inversions (--embeddings) and write {name} in the prompt"
                ),
            );
            Ok(())
        }
        WeightsKind::ControlNet => match control_refusal(contents, identity) {
            Some(text) => refused(text),
            None => {
                report.can_be_used(path, &control_use(identity.family));
                Ok(())
            }
        },
        WeightsKind::T2iAdapter => match adapter_refusal(contents) {
            Some(text) => refused(text),
            None => {
                report.can_be_used(path, ADAPTER_USE);
                Ok(())
            }
        },
        WeightsKind::Vae | WeightsKind::TinyVae => {
            report.vae = Some(vae(contents));
            if let Some(text) = autoencoder_refusal(contents, identity) {
                return refused(text);
            }
            match latent_channels(contents) {
                Some(4) => {
                    let previews =
                        if identity.kind == WeightsKind::TinyVae { ", or for the previews of the window" } else { "" };
                    report.can_be_used(
                        path,
                        &format!(
                            "is {} for latents of 4 channels, as Stable Diffusion 1.x and 2.x have; use it with --vae{previews}",
                            identity.kind.label()
                        ),
                    );
                    Ok(())
                }
                _ => refused(other_latents(contents, identity)),
            }
        }
        WeightsKind::Upscaler => match config_of(&contents.shapes) {
            Err(text) => refused(text),
            Ok(config) => {
                let use_it = "use it with underpaint upscale --upscaler PATH, or under Upscale in the window";
                report.can_be_used(path, &format!("is an upscaler ({}); {use_it}", config.summary()));
                Ok(())
            }
        },
        WeightsKind::Captioner => match captioner_refusal(&|name| contents.shapes.contains_key(name)) {
            Some(text) => refused(text.into()),
            None => {
                let use_it =
                    "use it with underpaint describe --model PATH, or with Describe above the prompt in the window";
                report.can_be_used(path, &format!("is BLIP, which describes pictures; {use_it}"));
                Ok(())
            }
        },
        WeightsKind::DepthEstimator => {
            let use_it = "controls with the preprocessor Depth use it";
            report.can_be_used(path, &format!("is Depth Anything, which estimates depth; {use_it}"));
            Ok(())
        }
        WeightsKind::Segmenter => match segmenter_refusal(&|name| contents.shapes.contains_key(name)) {
            Some(text) => refused(text.into()),
            None => {
                let use_it = "use it with underpaint select --model PATH, or with Select by click in the window";
                report.can_be_used(path, &format!("is MobileSAM (Segment Anything); {use_it}"));
                Ok(())
            }
        },
        _ => match model_refusal(path, contents, identity) {
            Some(text) => refused(text),
            None => refused(format!("is {}", identity.kind.label())),
        },
    }
}

/// What a T2I-Adapter is for, as the end of a sentence that begins with its name.
const ADAPTER_USE: &str = "is a T2I-Adapter; use it with --control model=PATH, or under Follow my lines in the window";

/// What a control network is for, as the end of a sentence that begins with its name.
fn control_use(family: Option<Family>) -> String {
    let of = family.map_or(String::new(), |family| format!(" for {}", family.label()));
    format!("is a ControlNet{of}; use it with --control model=PATH, or under Follow my lines in the window")
}

fn vae(contents: &Contents) -> VaeReport {
    VaeReport { latent_channels: latent_channels(contents) }
}

fn lora(contents: &Contents) -> LoraReport {
    let layers = Layers::of(contents);
    let fits = [Family::Sd1, Family::Sd2].into_iter().filter_map(|family| {
        let (unet, text) = expected::of_family(family)?;
        let fitting = |part: &str, shapes: &expected::Shapes| -> usize {
            let keys: BTreeMap<String, &[usize]> = shapes
                .iter()
                .filter_map(|(name, shape)| Some((layer_key(part, name.strip_suffix(".weight")?), shape.as_slice())))
                .collect();
            layers.keys().filter(|key| keys.get(*key).is_some_and(|shape| layers.fits(key, shape, contents))).count()
        };
        Some(LayerFit { family, unet: fitting("unet", &unet), text_encoder: fitting("text_encoder", &text) })
    });
    LoraReport {
        algorithms: layers.algorithms(),
        dora: layers.has_magnitudes(),
        ranks: layers.ranks(contents),
        layers: layers.count(),
        unknown_tensors: layers.strays.len(),
        base_named: contents.metadata.get("ss_base_model_version").cloned(),
        fits: fits.collect(),
    }
}

/// Bytes of the files in a folder, two levels deep.
fn folder_size(folder: &Path) -> u64 {
    let sizes = |folder: &Path| -> (u64, Vec<std::path::PathBuf>) {
        let entries: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().take(10_000).map(|e| e.path()).collect();
        let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
        (files.iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum(), folders)
    };
    let (size, folders) = sizes(folder);
    size + folders.iter().map(|folder| sizes(folder).0).sum::<u64>()
}
