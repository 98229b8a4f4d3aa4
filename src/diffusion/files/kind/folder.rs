//! What a folder is: told by the names and configs of the files in it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Family, Identity, WeightsKind};

/// The longest config that is read.
const MAX_CONFIG: u64 = 1 << 20;

/// What a folder is, and what keeps it from being used as a model, as the end of a sentence that begins
/// with its name.
pub(in crate::diffusion) struct FolderIdentity {
    pub identity: Identity,
    pub refusal: Option<String>,
}

/// The entry of a config that says which class it is for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Class {
    #[serde(rename = "_class_name")]
    class: Option<String>,
    architectures: Vec<String>,
}

/// Tells what a folder is.
pub(in crate::diffusion) fn identify_folder(folder: &Path) -> FolderIdentity {
    let of = |kind, family, refusal: Option<String>| FolderIdentity { identity: Identity { kind, family }, refusal };
    let has = |inside: &str| folder.join(inside).exists();
    let pipeline = class_in(&folder.join("model_index.json")).unwrap_or_default();
    if let Some(family) = Family::of_class(&pipeline).filter(|family| !family.is_run()) {
        let text = format!(
            "holds a model of {} ({pipeline}), which does not run here; choose a Stable Diffusion 1.x or 2.x model",
            family.label()
        );
        return of(WeightsKind::Model, Some(family), Some(text));
    }
    if has("unet/model.onnx") || has("unet/openvino_model.xml") {
        let format = if has("unet/model.onnx") { "ONNX" } else { "OpenVINO" };
        let text =
            format!("holds a model in the format {format}, which is not read; get its folder with .safetensors files");
        return of(WeightsKind::Model, None, Some(text));
    }
    if has("unet/config.json") {
        return of(WeightsKind::Model, None, None);
    }
    if has("transformer/config.json") {
        let class = class_in(&folder.join("transformer/config.json")).unwrap_or_default();
        let family = Family::of_class(&class).unwrap_or(Family::Other);
        let text = format!(
            "holds a model with a transformer in the place of the UNet ({}), which does not run here; choose a Stable Diffusion 1.x or 2.x model",
            family.label()
        );
        return of(WeightsKind::Model, Some(family), Some(text));
    }
    if let Some(class) = class_in(&folder.join("config.json")) {
        let part = |kind, text: &str| of(kind, Family::of_class(&class), Some(text.to_owned()));
        match class.as_str() {
            "UNet2DConditionModel" => {
                return part(WeightsKind::Unet, "is the UNet of a model alone; choose the folder that it lies in");
            }
            "AutoencoderKL" => {
                return part(
                    WeightsKind::Vae,
                    "is a VAE, not a model: choose a model, and this folder as its VAE (--vae)",
                );
            }
            "AutoencoderTiny" => {
                return part(
                    WeightsKind::TinyVae,
                    "is a small autoencoder (TAESD), not a model: choose a model, and this folder as its VAE (--vae) or for the previews of the window",
                );
            }
            "ControlNetModel" => {
                return part(
                    WeightsKind::ControlNet,
                    "is a ControlNet, not a model: choose a model, and this folder to follow lines with (--control model=FOLDER)",
                );
            }
            "T2IAdapter" => {
                return part(
                    WeightsKind::T2iAdapter,
                    "is a T2I-Adapter, not a model: choose a model, and this folder to follow lines with (--control model=FOLDER)",
                );
            }
            "CLIPTextModel" | "CLIPTextModelWithProjection" | "CLIPModel" => {
                return part(
                    WeightsKind::TextEncoder,
                    "is the text encoder of a model alone; choose the folder that it lies in",
                );
            }
            _ if Family::of_class(&class).is_some() => {
                return part(
                    WeightsKind::Unet,
                    "is the network of a model that does not run here; choose a Stable Diffusion 1.x or 2.x model",
                );
            }
            _ => {}
        }
    }
    if has("pytorch_lora_weights.safetensors") {
        let text = "holds a LoRA, not a model: put its pytorch_lora_weights.safetensors into the folder of LoRAs (--loras) under a name of your choice, and write <lora:NAME:1> in the prompt";
        return of(WeightsKind::Lora, None, Some(text.into()));
    }
    let checkpoints = checkpoints_in(folder);
    let text = if checkpoints.is_empty() {
        "is no model folder: it has no UNet (unet/config.json); choose a folder in the diffusers layout, or a checkpoint file".into()
    } else {
        let names: Vec<String> = checkpoints.iter().take(3).map(|name| name.display().to_string()).collect();
        let more = if checkpoints.len() > 3 { " or another of its files" } else { "" };
        format!(
            "is a folder of files and no model folder (it has no UNet); choose one of its files: {}{more}",
            names.join(", ")
        )
    };
    of(WeightsKind::Unknown, None, Some(text))
}

fn class_in(config: &Path) -> Option<String> {
    let length = std::fs::metadata(config).ok().filter(std::fs::Metadata::is_file)?.len();
    let text = (length <= MAX_CONFIG).then(|| std::fs::read_to_string(config).ok())??;
    let class: Class = serde_json::from_str(&text).ok()?;
    class.class.or_else(|| class.architectures.into_iter().next())
}

/// The names of the files directly in a folder that may be checkpoints, in order.
fn checkpoints_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("safetensors") || end.eq_ignore_ascii_case("ckpt"))
        })
        .filter_map(|path| path.file_name().map(PathBuf::from))
        .collect();
    names.sort();
    names
}
