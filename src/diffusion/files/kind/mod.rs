//! What a file of tensors is: told by the names and shapes of its tensors, which every program that
//! writes such files keeps to.

mod family;
mod folder;
mod refusals;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::diffusion::files::checkpoint::Store;
use crate::diffusion::files::lora::is_lora_tensor;

pub use family::Family;
pub(in crate::diffusion) use folder::identify_folder;
pub(in crate::diffusion) use refusals::{
    adapter_refusal, as_autoencoder, as_control, as_model, autoencoder_refusal, control_refusal, inversion_refusal,
    model_refusal, other_latents,
};

/// How many numbers a vector of the starter's text encoder has.
pub(in crate::diffusion) const STARTER_TEXT_WIDTH: usize = 128;

/// Tensors of every BLIP network that writes captions.
const CAPTIONER: [&str; 2] =
    ["text_decoder.bert.embeddings.word_embeddings.weight", "vision_model.embeddings.class_embedding"];

/// Tensors of Depth Anything's networks, in transformers' files and in the original ones.
const DEPTH: [[&str; 2]; 2] = [
    ["backbone.embeddings.cls_token", "head.conv3.weight"],
    ["pretrained.cls_token", "depth_head.scratch.output_conv2.2.weight"],
];

/// What keeps a file from being used to describe pictures, as the end of a sentence that begins with its name; `None` for BLIP's
/// captioner.
pub(crate) fn captioner_refusal(has: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    if !CAPTIONER.iter().all(|name| has(name)) {
        return Some("is not a model that describes pictures (BLIP); choose the folder of blip-image-captioning-base");
    }
    has("text_encoder.embeddings.word_embeddings.weight").then_some(
        "is a BLIP model that answers questions and does not describe pictures; choose the folder of blip-image-captioning-base",
    )
}

/// Whether a file holds a network of Depth Anything; `None` if it does not, else whether its tensors have the original names.
pub(crate) fn depth_names(has: &dyn Fn(&str) -> bool) -> Option<bool> {
    let at = DEPTH.iter().position(|names| names.iter().all(|name| has(name)))?;
    Some(at == 1)
}

/// A tensor of every Segment Anything network.
const SEGMENTER: &str = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix";

/// What keeps a Segment Anything network from being used, as the end of a sentence that begins with its name; `None` for
/// MobileSAM, whose encoder is TinyViT.
pub(crate) fn segmenter_refusal(has: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    if !has(SEGMENTER) {
        return Some("is not a Segment Anything network; choose the file of MobileSAM");
    }
    let is_mobile = has("image_encoder.patch_embed.seq.0.c.weight");
    (!is_mobile).then_some("is a Segment Anything network with another encoder; choose the file of MobileSAM")
}

/// What a file or folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightsKind {
    /// A whole model.
    Model,
    /// A model's UNet (or transformer) alone.
    Unet,
    /// An autoencoder alone.
    Vae,
    /// A small autoencoder (TAESD).
    TinyVae,
    /// A text encoder alone.
    TextEncoder,
    /// A LoRA or one of its relatives.
    Lora,
    /// A textual inversion (embedding).
    TextualInversion,
    /// A ControlNet.
    ControlNet,
    /// A T2I-Adapter.
    T2iAdapter,
    /// An IP-Adapter.
    IpAdapter,
    /// A motion module (AnimateDiff).
    MotionModule,
    /// A hypernetwork.
    Hypernetwork,
    /// An upscaler or face restorer.
    Upscaler,
    /// A network that selects the object at a click (Segment Anything).
    Segmenter,
    /// A network that describes pictures (BLIP).
    Captioner,
    /// A network that estimates depth (Depth Anything).
    DepthEstimator,
    /// None of these.
    Unknown,
}

impl WeightsKind {
    /// The name people know it by, with its article.
    pub fn label(self) -> &'static str {
        match self {
            Self::Model => "a model",
            Self::Unet => "the UNet of a model",
            Self::Vae => "a VAE (autoencoder)",
            Self::TinyVae => "a small autoencoder (TAESD)",
            Self::TextEncoder => "a text encoder",
            Self::Lora => "a LoRA",
            Self::TextualInversion => "a textual inversion (embedding)",
            Self::ControlNet => "a ControlNet",
            Self::T2iAdapter => "a T2I-Adapter",
            Self::IpAdapter => "an IP-Adapter",
            Self::MotionModule => "a motion module (AnimateDiff)",
            Self::Hypernetwork => "a hypernetwork",
            Self::Upscaler => "an upscaler",
            Self::Segmenter => "a Segment Anything network",
            Self::Captioner => "a BLIP network",
            Self::DepthEstimator => "a depth network",
            Self::Unknown => "a file of an unknown kind",
        }
    }
}

/// What a file holds, without its numbers.
pub(in crate::diffusion) struct Contents {
    pub shapes: BTreeMap<String, Vec<usize>>,
    pub formats: BTreeMap<String, usize>,
    pub metadata: HashMap<String, String>,
    /// The keys of a pickle's outermost dictionary.
    pub keys: Vec<String>,
}

impl Contents {
    pub fn of(store: &Store) -> Self {
        Self {
            shapes: store.shapes(),
            formats: store.formats(),
            metadata: store.metadata(),
            keys: store.keys().to_vec(),
        }
    }

    fn any(&self, mut is: impl FnMut(&str) -> bool) -> bool {
        self.shapes.keys().any(|name| is(name))
    }

    fn begins(&self, start: &str) -> bool {
        self.shapes.range(start.to_owned()..).next().is_some_and(|(name, _)| name.starts_with(start))
    }

    fn has(&self, name: &str) -> bool {
        self.shapes.contains_key(name)
    }

    fn dimension(&self, name: &str, dimension: usize) -> Option<usize> {
        self.shapes.get(name)?.get(dimension).copied()
    }
}

/// Kind and family of a file's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diffusion) struct Identity {
    pub kind: WeightsKind,
    pub family: Option<Family>,
}

/// Tells what a file of these contents is.
pub(in crate::diffusion) fn identify(contents: &Contents) -> Identity {
    let of = |kind, family| Identity { kind, family };
    let has_key = |key: &str| contents.keys.iter().any(|own| own == key);
    if contents.any(is_lora_tensor) {
        // A ControlNet may be stored as a LoRA of the model's own layers.
        if contents.has("lora_controlnet") || contents.begins("input_hint_block.") {
            return of(WeightsKind::ControlNet, control_family(contents));
        }
        return of(WeightsKind::Lora, lora_family(contents));
    }
    if has_key("string_to_param") || contents.has("emb_params") {
        return of(WeightsKind::TextualInversion, inversion_family(contents));
    }
    if has_key("layer_structure") || (has_key("768") && has_key("320")) {
        return of(WeightsKind::Hypernetwork, None);
    }
    if contents.begins("control_model.")
        || contents.begins("controlnet_cond_embedding.")
        || contents.begins("input_hint_block.")
        || contents.begins("zero_convs.")
        || contents.begins("controlnet_blocks.")
        || contents.begins("controlnet_x_embedder.")
    {
        return of(WeightsKind::ControlNet, control_family(contents));
    }
    if contents.begins("image_proj.") || contents.begins("ip_adapter.") || has_key("ip_adapter") {
        return of(WeightsKind::IpAdapter, None);
    }
    if contents.begins("adapter.body.") || contents.has("body.0.block1.weight") || contents.begins("body.0.resnets.") {
        return of(WeightsKind::T2iAdapter, None);
    }
    if contents.any(|name| name.contains("motion_modules.")) {
        return of(WeightsKind::MotionModule, None);
    }
    if CAPTIONER.iter().all(|name| contents.has(name)) {
        return of(WeightsKind::Captioner, None);
    }
    if depth_names(&|name| contents.has(name)).is_some() {
        return of(WeightsKind::DepthEstimator, None);
    }
    if contents.has(SEGMENTER) {
        return of(WeightsKind::Segmenter, None);
    }
    if let Some(identity) = network(contents) {
        return identity;
    }
    if is_upscaler(contents) || has_key("params_ema") || has_key("params") {
        return of(WeightsKind::Upscaler, None);
    }
    if is_inversion(contents) {
        return of(WeightsKind::TextualInversion, inversion_family(contents));
    }
    of(WeightsKind::Unknown, None)
}

/// Whole models and their parts.
fn network(contents: &Contents) -> Option<Identity> {
    let of = |kind, family| Some(Identity { kind, family });
    // A file with a UNet under the original prefix is a whole model, even where a part is missing.
    let whole = contents.begins("model.diffusion_model.");
    let kind = if whole { WeightsKind::Model } else { WeightsKind::Unet };
    if let Some(family) = transformer_family(contents) {
        return of(kind, Some(family));
    }
    if contents.begins("conditioner.embedders.") {
        let xl = contents.begins("conditioner.embedders.1.");
        let refiner = contents.begins("conditioner.embedders.0.model.");
        return of(WeightsKind::Model, Some(if refiner && !xl { Family::SdxlRefiner } else { Family::Sdxl }));
    }
    let unet = whole
        || contents.has("input_blocks.0.0.weight")
        || contents.begins("diffusion_model.input_blocks.")
        || (contents.has("conv_in.weight") && contents.begins("down_blocks."));
    if unet {
        let by_text = text_width(contents).and_then(Family::of_text_width);
        let family = if contents.begins("cond_stage_model.model.") {
            Some(Family::Sd2)
        } else if contents.begins("cond_stage_model.transformer.") {
            Some(Family::Sd1)
        } else {
            by_text
        };
        return of(kind, family);
    }
    if contents.any(|name| name == "encoder.layers.0.weight" || name == "decoder.layers.0.weight")
        || (contents.has("1.weight") && contents.has("3.conv.0.weight"))
        || (contents.has("0.weight") && contents.has("1.conv.0.weight"))
    {
        return of(WeightsKind::TinyVae, None);
    }
    let vae = |start: &str| {
        ["encoder.conv_in.weight", "decoder.conv_in.weight"].iter().any(|name| contents.has(&format!("{start}{name}")))
    };
    let text = contents.begins("cond_stage_model.") || contents.any(is_text_encoder);
    if vae("first_stage_model.") || vae("") || contents.has("vquantizer.codebook.weight") {
        // A model whose UNet is missing still has its other parts under their prefixes.
        let model = contents.begins("cond_stage_model.");
        return of(if model { WeightsKind::Model } else { WeightsKind::Vae }, vae_family(contents));
    }
    text.then_some(Identity { kind: WeightsKind::TextEncoder, family: None })
}

fn is_text_encoder(name: &str) -> bool {
    let starts =
        ["text_model.", "transformer.resblocks.", "encoder.block.0.layer.0.SelfAttention", "model.layers.0.self_attn"];
    starts.iter().any(|start| name.starts_with(start))
}

/// How wide the text vectors are that its UNet attends to.
pub(in crate::diffusion) fn text_width(contents: &Contents) -> Option<usize> {
    let (_, shape) = contents.shapes.iter().find(|(name, _)| name.ends_with("attn2.to_k.weight"))?;
    shape.get(1).copied()
}

/// Channels that its UNet takes: 4, or more where it also takes a mask or a picture.
pub(in crate::diffusion) fn input_channels(contents: &Contents) -> Option<usize> {
    let names = ["model.diffusion_model.input_blocks.0.0.weight", "input_blocks.0.0.weight", "conv_in.weight"];
    names.iter().find_map(|name| contents.dimension(name, 1))
}

/// Channels of the latents that its autoencoder makes.
pub(in crate::diffusion) fn latent_channels(contents: &Contents) -> Option<usize> {
    let names = ["first_stage_model.decoder.conv_in.weight", "decoder.conv_in.weight", "decoder.layers.0.weight"];
    names.iter().find_map(|name| contents.dimension(name, 1))
}

/// The family of a control network: by the text that it attends to, or by the network that it is a copy of.
fn control_family(contents: &Contents) -> Option<Family> {
    let reads_text =
        |name: &str| name.contains("attn2.to_k.") && (name.ends_with(".weight") || name.ends_with(".down"));
    let width = contents.shapes.iter().find(|(name, _)| reads_text(name)).and_then(|(_, shape)| shape.get(1).copied());
    match width {
        Some(width) => Family::of_text_width(width),
        None => transformer_family(contents),
    }
}

fn vae_family(contents: &Contents) -> Option<Family> {
    if contents.has("vquantizer.codebook.weight") {
        return Some(Family::StableCascade);
    }
    // Sixteen channels are those of Stable Diffusion 3 and FLUX alike.
    (latent_channels(contents) == Some(16)).then_some(Family::Flux)
}

/// Families whose network is no UNet of Stable Diffusion's shape, by names that only they have.
fn transformer_family(contents: &Contents) -> Option<Family> {
    let signs = [
        ("time_stack.", Family::StableVideo),
        ("txt_in.individual_token_refiner.", Family::Hunyuan),
        ("mlp_t5.", Family::Hunyuan),
        ("joint_blocks.", Family::Sd3),
        ("double_blocks.", Family::Flux),
        ("single_transformer_blocks.", Family::Flux),
        ("distilled_guidance_layer.", Family::Flux),
        ("double_layers.", Family::AuraFlow),
        ("clip_txt_pooled_mapper.", Family::StableCascade),
        ("clip_txt_mapper.", Family::StableCascade),
        ("effnet_mapper.", Family::StableCascade),
        ("patchify_proj.", Family::LtxVideo),
        ("caption_projection.0.", Family::HiDream),
        ("caption_projection.", Family::PixArt),
        ("cap_embedder.", Family::Lumina),
        ("head.modulation", Family::Wan),
        ("txt_norm.", Family::QwenImage),
        ("visual_transformer_blocks.", Family::Kandinsky),
        ("encoder_hid_proj.image_embeds.", Family::Kandinsky),
        ("add_embedding.image_norm.", Family::Kandinsky),
        ("pos_embed.proj.", Family::Sd3),
    ];
    let at = |name: &str, sign: &str| name.find(sign).is_some_and(|at| at == 0 || name[..at].ends_with('.'));
    signs.iter().find(|(sign, _)| contents.any(|name| at(name, sign))).map(|(_, family)| *family)
}

fn lora_family(contents: &Contents) -> Option<Family> {
    for key in ["ss_base_model_version", "modelspec.architecture"] {
        if let Some(family) = contents.metadata.get(key).and_then(|name| Family::of_base_name(name)) {
            return Some(family);
        }
    }
    let signs = [
        ("double_blocks", Family::Flux),
        ("single_transformer_blocks", Family::Flux),
        ("joint_blocks", Family::Sd3),
        ("lora_te1_", Family::Sdxl),
        ("lora_te2_", Family::Sdxl),
        ("text_encoder_2.", Family::Sdxl),
        ("diffusion_model.blocks.", Family::Wan),
        ("lora_unet_blocks_", Family::Wan),
        ("transformer.transformer_blocks", Family::Other),
        ("lora_transformer_", Family::Other),
    ];
    if let Some((_, family)) = signs.iter().find(|(sign, _)| contents.any(|name| name.contains(sign))) {
        return Some(*family);
    }
    // Layers that read the text tell its width.
    let reads_text = |name: &str| {
        name.contains("attn2_to_k") || name.contains("attn2.to_k") || name.contains("attn2.processor.to_k")
    };
    let inputs = ["lora_down.weight", "lora_A.weight", "down.weight", "hada_w1_b", "hada_w2_b", "diff"];
    contents
        .shapes
        .iter()
        .filter(|(name, _)| reads_text(name) && inputs.iter().any(|end| name.ends_with(end)))
        .find_map(|(_, shape)| Family::of_text_width(*shape.get(1)?))
}

fn is_inversion(contents: &Contents) -> bool {
    let vectors = |shape: &Vec<usize>| matches!(shape.as_slice(), [width] | [_, width] if *width >= 16);
    (1..=4).contains(&contents.shapes.len())
        && contents.shapes.iter().all(|(name, shape)| !name.ends_with(".weight") && vectors(shape))
}

/// How wide the vectors of a textual inversion are: one number for each text encoder it is for.
pub(in crate::diffusion) fn inversion_widths(contents: &Contents) -> Vec<usize> {
    contents.shapes.values().filter_map(|shape| shape.last().copied()).collect()
}

/// How many vectors a textual inversion has.
pub(in crate::diffusion) fn inversion_vectors(contents: &Contents) -> usize {
    let count = |shape: &Vec<usize>| if let [count, _] = shape[..] { count } else { 1 };
    contents.shapes.values().map(count).max().unwrap_or(0)
}

fn inversion_family(contents: &Contents) -> Option<Family> {
    let widths = inversion_widths(contents);
    if widths.contains(&1280) {
        return Some(Family::Sdxl);
    }
    widths.first().and_then(|width| Family::of_text_width(*width))
}

fn is_upscaler(contents: &Contents) -> bool {
    let signs = [
        "RRDB_trunk.",
        "body.0.rdb1.",
        "model.1.sub.0.",
        "layers.0.residual_group.",
        "conv_before_upsample.",
        "stylegan_decoder.",
    ];
    signs.iter().any(|sign| contents.begins(sign))
        || (contents.has("conv_first.weight") && contents.has("conv_last.weight"))
        || contents.shapes.get("body.0.weight").is_some_and(|shape| shape.len() == 4)
}
