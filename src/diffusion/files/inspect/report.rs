//! What is said of a file or folder.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::diffusion::files::container::Container;
use crate::diffusion::files::kind::{Contents, Family, Identity, WeightsKind};
use crate::diffusion::files::lora::Algorithm;

/// What a file or folder is and what the program would make of it. The names of the fields in JSON are
/// stable.
#[derive(Clone, Debug, Serialize)]
pub struct ModelReport {
    /// The path of the file or folder; what is not UTF-8 in it is replaced.
    pub file: String,
    /// What it is.
    pub kind: WeightsKind,
    /// Whether the program can use it as what it is.
    pub usable: bool,
    /// What it is, why it is or is not usable, and what to do with it.
    pub sentence: String,
    /// The format of the file; null where it could not be read.
    pub container: Option<Container>,
    /// The family of models it belongs to, where that is known.
    pub family: Option<Family>,
    /// Bytes of the file, or of the files in the folder.
    pub size: u64,
    /// How many tensors it holds.
    pub tensors: usize,
    /// How many tensors have their numbers in each format: `f32`, `f16`, `bf16`, `f8_e4m3`.
    pub precision: BTreeMap<String, usize>,
    /// The parts of a model: UNet, text encoder, VAE.
    pub parts: Vec<PartReport>,
    /// What a model predicts: `epsilon` or `v_prediction`; null where only loading it can tell.
    pub prediction: Option<&'static str>,
    /// Of a LoRA.
    pub lora: Option<LoraReport>,
    /// Of a textual inversion.
    pub textual_inversion: Option<TextualInversionReport>,
    /// Of an autoencoder.
    pub vae: Option<VaeReport>,
}

/// A part of a model.
#[derive(Clone, Debug, Serialize)]
pub struct PartReport {
    /// `unet`, `text_encoder` or `vae`.
    pub name: &'static str,
    /// Whether it is there.
    pub present: bool,
    /// How many numbers its tensors hold.
    pub parameters: u64,
    /// Tensors that it must have and has not.
    pub missing_tensors: Vec<String>,
}

/// What a LoRA holds.
#[derive(Clone, Debug, Serialize)]
pub struct LoraReport {
    /// How many layers are of each kind of LoRA.
    pub algorithms: BTreeMap<Algorithm, usize>,
    /// Whether layers have magnitudes of their own (DoRA).
    pub dora: bool,
    /// The lowest and the highest rank; null where its kind has none.
    pub ranks: Option<(usize, usize)>,
    /// How many layers it changes.
    pub layers: usize,
    /// Tensors that belong to no known kind of LoRA.
    pub unknown_tensors: usize,
    /// The model it was trained on, as its training program names it.
    pub base_named: Option<String>,
    /// How many of its layers fit each family that runs here.
    pub fits: Vec<LayerFit>,
}

/// How many layers of a LoRA fit a family of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LayerFit {
    /// The family.
    pub family: Family,
    /// Layers of its UNet.
    pub unet: usize,
    /// Layers of its text encoder.
    pub text_encoder: usize,
}

/// What a textual inversion holds.
#[derive(Clone, Debug, Serialize)]
pub struct TextualInversionReport {
    /// How many vectors stand for the word.
    pub vectors: usize,
    /// How many numbers a vector has, for each text encoder it is made for.
    pub widths: Vec<usize>,
}

/// What is known of an autoencoder.
#[derive(Clone, Debug, Serialize)]
pub struct VaeReport {
    /// Channels of its latents.
    pub latent_channels: Option<usize>,
}

impl ModelReport {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            file: path.to_string_lossy().into_owned(),
            kind: WeightsKind::Unknown,
            usable: false,
            sentence: String::new(),
            container: None,
            family: None,
            size: 0,
            tensors: 0,
            precision: BTreeMap::new(),
            parts: Vec::new(),
            prediction: None,
            lora: None,
            textual_inversion: None,
            vae: None,
        }
    }

    pub(super) fn describe(&mut self, identity: Identity, contents: &Contents) {
        (self.kind, self.family) = (identity.kind, identity.family);
        self.tensors = contents.shapes.len();
        self.precision.clone_from(&contents.formats);
    }

    /// Notes that it is usable; `text` goes on after its name.
    pub(super) fn can_be_used(&mut self, path: &Path, text: &str) {
        self.usable = true;
        self.sentence = format!("{} {text}.", path.display());
    }

    /// The number format that most of its tensors have, and its size: `f16, 2.1 GB`.
    pub(super) fn precision_and_size(&self) -> String {
        let main = self.precision.iter().max_by_key(|(_, count)| **count).map(|(name, _)| name.as_str());
        let size = match self.size {
            bytes if bytes >= 1_000_000_000 => format!("{:.1} GB", bytes as f64 / 1e9),
            bytes if bytes >= 1_000_000 => format!("{} MB", bytes / 1_000_000),
            bytes => format!("{} kB", bytes.div_ceil(1000)),
        };
        main.map_or(size.clone(), |main| format!("{main}, {size}"))
    }
}
