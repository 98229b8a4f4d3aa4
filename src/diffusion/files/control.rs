//! ControlNet files: in the original layout, in diffusers', and as changes to a model's UNet (control LoRA).

use std::path::{Path, PathBuf};

use candle_core::{DType, Tensor};
use serde::Deserialize;

use super::checkpoint::{Checkpoint, Store};
use super::kind::{Contents, as_control, identify_folder};
use super::part::{PartFiles, PartReader};
use super::source::Source;
use crate::diffusion::error::first_line;
use crate::diffusion::files::kind::WeightsKind;
use crate::engine::Error;

/// The name of weight files in diffusers' folders, without their ending.
pub(super) const STEM: &str = "diffusion_pytorch_model";

/// The name of the part in a file of its own.
pub(super) const PART: &str = "control";

/// An opened ControlNet; its numbers are still in its file.
pub(in crate::diffusion) struct ControlFile {
    path: PathBuf,
    weights: ControlWeights,
}

enum ControlWeights {
    /// One file, its tensors under diffusers' names.
    File(Box<Checkpoint>),
    /// A folder in the diffusers layout.
    Folder(Source),
}

/// The entries of a folder's config.json that would change what the network does.
#[derive(Deserialize)]
#[serde(default)]
struct FolderConfig {
    controlnet_conditioning_channel_order: String,
    global_pool_conditions: bool,
    addition_embed_type: Option<String>,
    class_embed_type: Option<String>,
}

impl Default for FolderConfig {
    fn default() -> Self {
        Self {
            controlnet_conditioning_channel_order: "rgb".into(),
            global_pool_conditions: false,
            addition_embed_type: None,
            class_embed_type: None,
        }
    }
}

impl ControlFile {
    /// Opens a file or folder and reads what it holds, without its numbers.
    ///
    /// # Errors
    /// One sentence for what is missing, damaged, no ControlNet, or one of a kind that does not run here.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if path.is_dir() {
            return Self::open_folder(path);
        }
        if !path.is_file() {
            return Err(Error::File(format!(
                "There is no ControlNet at {}: neither a file nor a folder. Choose a ControlNet file.",
                path.display()
            )));
        }
        let store = Store::open(path)?;
        let contents = Contents::of(&store);
        as_control(path, &contents)?;
        let weights = ControlWeights::File(Box::new(Checkpoint::of_control(path, store, contents)));
        Ok(Self { path: path.to_path_buf(), weights })
    }

    fn open_folder(path: &Path) -> Result<Self, Error> {
        let refused = |text: &str| Err(Error::File(format!("{} {text}.", path.display())));
        if identify_folder(path).identity.kind != WeightsKind::ControlNet {
            return refused("is no ControlNet folder; choose a ControlNet file, or a folder in the diffusers layout");
        }
        let source = Source::Folder(path.to_path_buf());
        let config: FolderConfig = source.json("config.json")?.unwrap_or_default();
        if config.addition_embed_type.is_some() || config.class_embed_type.is_some() {
            return refused(
                "is a ControlNet for SDXL or a model of another family, which does not run here; choose one for Stable Diffusion 1.x",
            );
        }
        if config.global_pool_conditions || config.controlnet_conditioning_channel_order != "rgb" {
            return refused(
                "is a ControlNet of a kind that is not used here (its hints are pooled, or their colours are in another order); choose one for lines",
            );
        }
        // This also checks that its files are complete.
        source.part("", STEM)?;
        Ok(Self { path: path.to_path_buf(), weights: ControlWeights::Folder(source) })
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its tensors.
    ///
    /// # Errors
    /// Files that can no longer be read.
    pub fn part(&self) -> Result<PartFiles<'_>, Error> {
        match &self.weights {
            ControlWeights::File(file) => Ok(PartFiles::Checkpoint(file, PART)),
            ControlWeights::Folder(source) => source.part("", STEM),
        }
    }

    /// The shapes of its tensors by diffusers' names.
    ///
    /// # Errors
    /// Files that can no longer be read.
    pub fn shapes(&self) -> Result<ControlShapes, Error> {
        Ok(ControlShapes::of(self.part()?.shapes()))
    }

    /// Whether it holds only changes to a model's UNet, besides what the UNet does not have.
    pub fn is_lora(&self) -> bool {
        match &self.weights {
            ControlWeights::File(file) => file.tensors(PART).any(|(name, _)| name.ends_with(".up")),
            ControlWeights::Folder(_) => false,
        }
    }
}

/// Names and shapes of a ControlNet's tensors.
pub(in crate::diffusion) struct ControlShapes(std::collections::BTreeMap<String, Vec<usize>>);

impl ControlShapes {
    /// Those of tensors by diffusers' names.
    pub fn of(shapes: std::collections::BTreeMap<String, Vec<usize>>) -> Self {
        Self(shapes)
    }

    /// A dimension of a tensor of this name; `None` where there is none.
    pub fn dimension(&self, name: &str, at: usize) -> Option<usize> {
        self.0.get(name)?.get(at).copied()
    }

    /// How wide the text vectors are that it attends to.
    pub fn text_width(&self) -> Option<usize> {
        let reads_text = |name: &str| name.contains("attn2.to_k.") && !name.ends_with(".up");
        self.0.iter().find(|(name, _)| reads_text(name)).and_then(|(_, shape)| shape.get(1).copied())
    }
}

/// A UNet's tensors, changed by a control LoRA: those that the file has whole, else the UNet's own, and `up · down` added
/// where the file has both.
pub(in crate::diffusion) struct ChangedUNet<'a> {
    pub path: &'a Path,
    pub changes: PartFiles<'a>,
    pub base: PartReader<'a>,
}

impl ChangedUNet<'_> {
    /// Whether there is a tensor of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.changes.contains(name) || self.base.contains(name)
    }

    /// A tensor under diffusers' name; `None` where neither has one.
    ///
    /// # Errors
    /// Files that can no longer be read, or a change that does not fit the UNet.
    pub fn read(&self, name: &str) -> Result<Option<Tensor>, Error> {
        let whole = match self.changes.read(name)? {
            Some(whole) => Some(whole),
            None => self.base.read(name)?,
        };
        let (Some(weight), Some(layer)) = (whole.as_ref(), name.strip_suffix("weight")) else { return Ok(whole) };
        let half = |end: &str| self.changes.read(&format!("{layer}{end}"));
        let (Some(up), Some(down)) = (half("up")?, half("down")?) else { return Ok(whole) };
        let changed = || -> candle_core::Result<Tensor> {
            let (up, down) = (up.to_dtype(DType::F32)?.flatten_from(1)?, down.to_dtype(DType::F32)?.flatten_from(1)?);
            weight.to_dtype(DType::F32)? + up.matmul(&down)?.reshape(weight.shape())?
        };
        changed().map(Some).map_err(|error| {
            tracing::info!("{}: {name}: {}", self.path.display(), first_line(&error));
            Error::File(format!(
                "{} does not fit this model: its change to {name} has another shape; choose a ControlNet for this model.",
                self.path.display()
            ))
        })
    }
}
