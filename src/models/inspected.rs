//! What a file of weights is, as far as its header says.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::engine::Estimator;

/// What a found file or folder is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A whole model.
    Model,
    /// A LoRA or one of its relatives.
    Lora,
    /// A textual inversion (embedding).
    TextualInversion,
    /// An autoencoder (VAE), also a small one (TAESD).
    Vae,
    /// A ControlNet or T2I-Adapter.
    ControlNet,
    /// A network that enlarges pictures.
    Upscaler,
    /// A network that selects the object at a click (Segment Anything).
    Segmenter,
    /// A network that describes pictures (BLIP).
    Captioner,
    /// A network that estimates depth (Depth Anything).
    DepthEstimator,
    /// Something else; [`InspectedFile::sentence`] says what.
    #[default]
    Other,
}

impl FoundKind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::Model,
        Self::Lora,
        Self::TextualInversion,
        Self::Vae,
        Self::ControlNet,
        Self::Upscaler,
        Self::Segmenter,
        Self::Captioner,
        Self::DepthEstimator,
        Self::Other,
    ];

    /// The name people know it by, without an article.
    pub fn label(self) -> &'static str {
        match self {
            Self::Model => "Model",
            Self::Lora => "LoRA",
            Self::TextualInversion => "Textual inversion",
            Self::Vae => "VAE",
            Self::ControlNet => "ControlNet",
            Self::Upscaler => "Upscaler",
            Self::Segmenter => "Select by click",
            Self::Captioner => "Describe",
            Self::DepthEstimator => "Depth",
            Self::Other => "Other",
        }
    }
}

/// The family of models that a file belongs to. Files fit each other if their ids are equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseModel {
    /// A stable name in lower case: `sd1`, `sd2`, `sdxl`, `starter`.
    pub id: String,
    /// The name people know it by: `Stable Diffusion 1.x`.
    pub label: String,
}

impl BaseModel {
    /// The family of the model inside the program, which has no other members.
    pub fn starter() -> Self {
        Self { id: "starter".into(), label: "the starter".into() }
    }
}

/// What a file or folder is, without its weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InspectedFile {
    /// What it is.
    pub kind: FoundKind,
    /// Whether this program can use it as what it is.
    pub usable: bool,
    /// What it is, and why it can or cannot be used.
    pub sentence: String,
    /// The family it belongs to; `None` where the file does not say.
    pub base: Option<BaseModel>,
    /// The number format of most of its tensors, such as `f16`; empty if unknown.
    pub precision: String,
    /// What a model predicts, `epsilon` or `v_prediction`; `None` where only loading it can tell.
    pub prediction: Option<String>,
    /// Whether it is a small autoencoder (TAESD).
    pub tiny_vae: bool,
}

/// Says what files are. The engine that runs the models implements it.
pub trait Inspector: Send + Sync {
    /// What a file or folder is. Only headers and configs are read; nothing in a file is executed.
    fn inspect(&self, path: &Path) -> InspectedFile;

    /// Estimates rounds with a model of a published shape, such as `sd1`, that need not be here; `None` where nothing can
    /// be said. The first call may take a second: the machine's speed is measured.
    fn estimator(&self, _shape: &str) -> Option<Arc<dyn Estimator>> {
        None
    }
}
