//! Why a file cannot be used as what it was given as: what it is, then what to do with it.

use std::path::Path;

use super::{
    Contents, Family, Identity, STARTER_TEXT_WIDTH, WeightsKind, identify, input_channels, inversion_vectors,
    inversion_widths, latent_channels,
};
use crate::diffusion::files::embedding::MOST_VECTORS;
use crate::diffusion::files::lora::Layers;
use crate::engine::Error;

/// Refuses a file that holds no model which runs here. Its autoencoder may be missing.
///
/// # Errors
/// [`Error::File`] with the whole sentence.
pub(in crate::diffusion) fn as_model(path: &Path, contents: &Contents) -> Result<(), Error> {
    model_refusal(path, contents, identify(contents)).map_or(Ok(()), |text| Err(sentence(path, &text)))
}

/// Refuses a file that holds no whole autoencoder.
///
/// # Errors
/// [`Error::File`] with the whole sentence.
pub(in crate::diffusion) fn as_autoencoder(path: &Path, contents: &Contents) -> Result<(), Error> {
    autoencoder_refusal(contents, identify(contents)).map_or(Ok(()), |text| Err(sentence(path, &text)))
}

/// Refuses a file that holds no control network which runs here.
///
/// # Errors
/// [`Error::File`] with the whole sentence.
pub(in crate::diffusion) fn as_control(path: &Path, contents: &Contents) -> Result<(), Error> {
    control_refusal(contents, identify(contents)).map_or(Ok(()), |text| Err(sentence(path, &text)))
}

/// What keeps a file from being used as a control network, as the end of a sentence that begins with its name.
pub(in crate::diffusion) fn control_refusal(contents: &Contents, identity: Identity) -> Option<String> {
    const CHOOSE: &str = "choose a ControlNet for Stable Diffusion 1.x";
    let of = identity.family.map_or(String::new(), |family| format!(" for {}", family.label()));
    match identity.kind {
        WeightsKind::ControlNet if identity.family.is_some_and(|family| !family.is_run()) => {
            Some(format!("is a ControlNet{of}, which does not run here; {CHOOSE}"))
        }
        WeightsKind::ControlNet => {
            let has = |end: &str| contents.any(|name| name.ends_with(end));
            let hint = has("input_hint_block.0.weight") || has("controlnet_cond_embedding.conv_in.weight");
            let middle = has("middle_block_out.0.weight") || has("controlnet_mid_block.weight");
            (!hint || !middle)
                .then(|| format!("is a ControlNet of which a part is missing; download it again, or {CHOOSE}"))
        }
        WeightsKind::Unknown => Some(format!("is not a known kind of ControlNet; {CHOOSE}")),
        kind => Some(format!("is {}{of} and not a ControlNet; {CHOOSE}", kind.label())),
    }
}

/// What keeps a T2I-Adapter from being used, as the end of a sentence that begins with its name.
pub(in crate::diffusion) fn adapter_refusal(contents: &Contents) -> Option<String> {
    const CHOOSE: &str = "choose one for Stable Diffusion 1.x, such as t2iadapter_sketch_sd15v2";
    if contents.any(|name| name.contains(".out_conv.")) {
        return Some(format!("is a T2I-Adapter of the light kind, which does not run here; {CHOOSE}"));
    }
    let inputs = ["adapter.conv_in.weight", "conv_in.weight"].iter().find_map(|name| contents.dimension(name, 1));
    match inputs {
        Some(768) => Some(format!("is a T2I-Adapter for SDXL, which does not run here; {CHOOSE}")),
        Some(_) => None,
        None => Some(format!("is a T2I-Adapter of which a part is missing; download it again, or {CHOOSE}")),
    }
}

fn sentence(path: &Path, text: &str) -> Error {
    Error::File(format!("{} {text}.", path.display()))
}

/// What keeps a file from being used as a model, as the end of a sentence that begins with its name.
pub(in crate::diffusion) fn model_refusal(path: &Path, contents: &Contents, identity: Identity) -> Option<String> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let of = identity.family.map_or(String::new(), |family| format!(" for {}", family.label()));
    let not_a_model = |use_it: &str| Some(format!("is {}{of}, not a model: {use_it}", identity.kind.label()));
    match identity.kind {
        WeightsKind::Model => match identity.family {
            Some(family) if !family.is_run() => Some(format!(
                "is a model of {}, which does not run here; choose a Stable Diffusion 1.x or 2.x model",
                family.label()
            )),
            _ => incomplete(contents),
        },
        WeightsKind::Unet if identity.family.is_some_and(|family| !family.is_run()) => Some(format!(
            "is the network of a model{of}, which does not run here; choose a Stable Diffusion 1.x or 2.x model"
        )),
        WeightsKind::Unet => not_a_model(
            "the text encoder and the VAE are missing; choose the diffusers folder it belongs to, or a checkpoint with the whole model",
        ),
        WeightsKind::Lora => match Layers::of(contents).refusal(identity.family) {
            Some(text) => fits_nothing(&text),
            None => not_a_model(&format!(
                "put it into the folder of LoRAs (--loras) and write <lora:{name}:1> in the prompt"
            )),
        },
        WeightsKind::TextualInversion => match inversion_refusal(contents, identity) {
            Some(text) => fits_nothing(&text),
            None => not_a_model(&format!(
                "put it into the folder of textual inversions (--embeddings) and write {name} in the prompt"
            )),
        },
        WeightsKind::Vae | WeightsKind::TinyVae if latent_channels(contents).is_some_and(|count| count != 4) => {
            fits_nothing(&other_latents(contents, identity))
        }
        WeightsKind::Vae => not_a_model("choose a model, and this file as its VAE (--vae)"),
        WeightsKind::TinyVae => {
            not_a_model("choose a model, and this file as its VAE (--vae) or for the previews of the window")
        }
        WeightsKind::TextEncoder => {
            not_a_model("choose the diffusers folder it belongs to, or a checkpoint with the whole model")
        }
        WeightsKind::ControlNet => match control_refusal(contents, identity) {
            Some(text) => fits_nothing(&text),
            None => not_a_model("choose a model, and this file to follow lines with (--control model=FILE)"),
        },
        WeightsKind::T2iAdapter => match adapter_refusal(contents) {
            Some(text) => fits_nothing(&text),
            None => not_a_model("choose a model, and this file to follow lines with (--control model=FILE)"),
        },
        WeightsKind::IpAdapter => {
            not_a_model("files of this kind are not used yet; choose a Stable Diffusion 1.x or 2.x model")
        }
        WeightsKind::Upscaler => not_a_model("choose a model, and this file to enlarge pictures with (--upscaler)"),
        WeightsKind::Captioner => not_a_model("choose a model, and this file to describe pictures"),
        WeightsKind::DepthEstimator => {
            not_a_model("choose a model, and let a control with the preprocessor Depth use this file")
        }
        WeightsKind::Segmenter => not_a_model("choose a model, and this file to select by click"),
        WeightsKind::Hypernetwork | WeightsKind::MotionModule => {
            not_a_model("files of this kind are not used here; choose a Stable Diffusion 1.x or 2.x model")
        }
        WeightsKind::Unknown => Some(unknown(contents)),
    }
}

/// What is said of a file that is no model and cannot be used beside one either; `text` is what
/// [`Layers::refusal`], [`inversion_refusal`], [`control_refusal`] or [`other_latents`] says of it.
fn fits_nothing(text: &str) -> Option<String> {
    Some(format!("is not a model: it {text}"))
}

/// What keeps a textual inversion from being used with any model that runs here, as the end of a sentence
/// that begins with its name.
pub(in crate::diffusion) fn inversion_refusal(contents: &Contents, identity: Identity) -> Option<String> {
    let (vectors, widths) = (inversion_vectors(contents), inversion_widths(contents));
    if vectors > MOST_VECTORS {
        return Some(format!("is a textual inversion of {vectors} vectors, and a prompt has room for {MOST_VECTORS}"));
    }
    // A pickle whose vectors lie elsewhere shows no widths; loading it says more.
    let runs = identity.family.map_or(widths.is_empty() || widths == [STARTER_TEXT_WIDTH], Family::is_run);
    let of = identity.family.map_or(String::new(), |family| format!(" for {}", family.label()));
    let listed: Vec<String> = widths.iter().map(usize::to_string).collect();
    (!runs).then(|| {
        format!(
            "is a textual inversion{of} whose vectors have {} numbers; models that run here need 768 (Stable Diffusion 1.x), 1024 (2.x) or {STARTER_TEXT_WIDTH} (the starter)",
            listed.join(" and ")
        )
    })
}

/// Says that an autoencoder makes latents that no model takes which runs here, as the end of a sentence that
/// begins with its name.
pub(in crate::diffusion) fn other_latents(contents: &Contents, identity: Identity) -> String {
    let count = latent_channels(contents).map_or("an unknown number of".into(), |count| count.to_string());
    format!("is {} for latents of {count} channels; models that run here have 4", identity.kind.label())
}

fn unknown(contents: &Contents) -> String {
    match contents.shapes.keys().next() {
        None => "holds no weights, so it is not a model; choose a Stable Diffusion 1.x or 2.x model".into(),
        Some(name) => format!(
            "is not a known kind of model: it holds no UNet under a known name (its first tensor is {name}); choose a Stable Diffusion 1.x or 2.x model"
        ),
    }
}

/// What a checkpoint of the right family lacks.
fn incomplete(contents: &Contents) -> Option<String> {
    if !contents.begins("model.diffusion_model.") {
        return Some(
            "holds no UNet (model.diffusion_model…), only other parts of a model; download the whole model".into(),
        );
    }
    if !contents.begins("cond_stage_model.") {
        return Some("holds no text encoder (cond_stage_model…); choose a checkpoint with the whole model".into());
    }
    let what = match input_channels(contents) {
        Some(5) => "a depth model (its UNet also takes a depth map)",
        Some(7) => "a model that upscales (its UNet also takes the small picture)",
        _ => return None,
    };
    Some(format!("is {what}, which does not run here yet; choose the plain model it was made from"))
}

/// What keeps a file from being used as an autoencoder, as the end of a sentence that begins with its name.
pub(in crate::diffusion) fn autoencoder_refusal(contents: &Contents, identity: Identity) -> Option<String> {
    let either = |names: [&str; 2]| {
        names.iter().any(|name| contents.has(name) || contents.has(&format!("first_stage_model.{name}")))
    };
    let whole = either(["encoder.conv_in.weight", "encoder.layers.0.weight"])
        && either(["decoder.conv_in.weight", "decoder.layers.0.weight"]);
    match identity.kind {
        _ if identity.family == Some(Family::StableCascade) => {
            Some("is a VAE for Stable Cascade, which fits no model that runs here".into())
        }
        _ if whole => None,
        WeightsKind::Vae | WeightsKind::TinyVae | WeightsKind::Model => Some(
            "holds no autoencoder with both its encoder and its decoder; choose a file with both (for TAESD, diffusion_pytorch_model.safetensors)"
                .into(),
        ),
        WeightsKind::Unknown => Some("is not a known kind of VAE; choose a VAE for Stable Diffusion 1.x or 2.x".into()),
        kind => Some(format!("is {} and not a VAE; choose a VAE for Stable Diffusion 1.x or 2.x", kind.label())),
    }
}
