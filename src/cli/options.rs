//! Options that several commands share. They may stand before a command or after it and count in both
//! places: `underpaint --model X generate …` is `underpaint generate --model X …`.

use std::path::{Path, PathBuf};

use super::{default_embedding_folder, default_folder, default_lora_folder};
use crate::engine::{DeviceChoice, Dtype, ModelChoice, Runtime, TiledVae};

/// Which model, and how it is run.
#[derive(clap::Args, Clone, Debug, Default, PartialEq)]
pub struct EngineOptions {
    /// Checkpoint: starter (the small model inside the program), a file (.safetensors, .ckpt), a folder in the
    /// diffusers layout, or a name that underpaint models list shows [default: starter]
    #[arg(long, value_name = "starter|PATH|NAME")]
    pub model: Option<PathBuf>,
    /// How many processor threads compute [default: all cores]
    #[arg(long, value_parser = thread_count, value_name = "N")]
    pub threads: Option<usize>,
    /// Precision of the model's weights: f32, f16, bf16, or auto, which is the fastest with instructions of this
    /// processor: bf16, otherwise f16, otherwise f32 [default: auto]
    #[arg(long, value_parser = dtype, value_name = "auto|f32|f16|bf16")]
    pub dtype: Option<Dtype>,
    /// Device that computes: auto, cpu, cuda:N or metal [default: auto]
    #[arg(long, value_parser = device, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// Encode and decode in tiles, which takes less memory and more time for the same picture: on, off, or
    /// auto, which is on where the whole picture at once would not fit into memory [default: auto]
    #[arg(long, value_parser = tiled_vae, value_name = "auto|on|off")]
    pub tiled_vae: Option<TiledVae>,
}

/// Where pictures are written and additions to the model are found.
#[derive(clap::Args, Clone, Debug, Default, PartialEq)]
pub struct FolderOptions {
    /// Folder that results are written to; made when missing
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder of the LoRAs that prompts name, as in <lora:name:0.8> [default: underpaint/loras in your
    /// data folder]
    #[arg(long, value_name = "DIR")]
    pub loras: Option<PathBuf>,
    /// Folder of textual inversions, which prompts name by their file names [default:
    /// underpaint/embeddings in your data folder]
    #[arg(long, value_name = "DIR")]
    pub embeddings: Option<PathBuf>,
}

impl EngineOptions {
    /// These options together with those `before` the command.
    ///
    /// # Errors
    /// An option with different values in both places, as a sentence.
    pub fn merged(self, before: Self) -> Result<Self, String> {
        Ok(Self {
            model: one("--model", before.model, self.model)?,
            threads: one("--threads", before.threads, self.threads)?,
            dtype: one("--dtype", before.dtype, self.dtype)?,
            device: one("--device", before.device, self.device)?,
            tiled_vae: one("--tiled-vae", before.tiled_vae, self.tiled_vae)?,
        })
    }

    /// The first of these options that is given.
    pub fn first_given(&self) -> Option<&'static str> {
        let given = [
            (self.model.is_some(), "--model"),
            (self.threads.is_some(), "--threads"),
            (self.dtype.is_some(), "--dtype"),
            (self.device.is_some(), "--device"),
            (self.tiled_vae.is_some(), "--tiled-vae"),
        ];
        given.into_iter().find(|(given, _)| *given).map(|(_, name)| name)
    }

    /// The model to use.
    pub fn model(&self) -> ModelChoice {
        match &self.model {
            None => ModelChoice::default(),
            // A path need not be text.
            Some(path) => path.to_str().map_or_else(|| ModelChoice::from(path.as_path()), ModelChoice::from_text),
        }
    }

    /// The precision to use.
    pub fn dtype(&self) -> Dtype {
        self.dtype.unwrap_or_default()
    }

    /// The device to use.
    pub fn device(&self) -> DeviceChoice {
        self.device.unwrap_or_default()
    }

    /// Where and with what the engine works.
    pub fn runtime(&self, folders: &FolderOptions) -> Runtime {
        Runtime {
            device: self.device(),
            dtype: self.dtype(),
            loras: Some(folders.loras.clone().unwrap_or_else(default_lora_folder)),
            found_loras: Vec::new(),
            embeddings: Some(folders.embeddings.clone().unwrap_or_else(default_embedding_folder)),
            preview_vae: None,
            tiled_vae: self.tiled_vae.unwrap_or_default(),
        }
    }
}

impl FolderOptions {
    /// These options together with those `before` the command.
    ///
    /// # Errors
    /// An option with different values in both places, as a sentence.
    pub fn merged(self, before: Self) -> Result<Self, String> {
        Ok(Self {
            out: one("--out", before.out, self.out)?,
            loras: one("--loras", before.loras, self.loras)?,
            embeddings: one("--embeddings", before.embeddings, self.embeddings)?,
        })
    }

    /// The first of these options that is given.
    pub fn first_given(&self) -> Option<&'static str> {
        let given = [
            (self.out.is_some(), "--out"),
            (self.loras.is_some(), "--loras"),
            (self.embeddings.is_some(), "--embeddings"),
        ];
        given.into_iter().find(|(given, _)| *given).map(|(_, name)| name)
    }

    /// The folder for results.
    pub fn out(&self) -> PathBuf {
        self.out.as_deref().map_or_else(default_folder, Path::to_path_buf)
    }
}

/// The value of an option that may stand in two places.
pub(super) fn one<T: PartialEq>(name: &str, before: Option<T>, after: Option<T>) -> Result<Option<T>, String> {
    match (before, after) {
        (Some(before), Some(after)) if before != after => {
            Err(format!("{name} has one value before the command and another after it; give it once"))
        }
        (before, after) => Ok(after.or(before)),
    }
}

fn dtype(name: &str) -> Result<Dtype, String> {
    Dtype::ALL
        .into_iter()
        .find(|d| d.id().eq_ignore_ascii_case(name))
        .ok_or_else(|| "say auto, f32, f16 or bf16".into())
}

fn tiled_vae(name: &str) -> Result<TiledVae, String> {
    TiledVae::ALL.into_iter().find(|t| t.id().eq_ignore_ascii_case(name)).ok_or_else(|| "say auto, on or off".into())
}

fn device(name: &str) -> Result<DeviceChoice, String> {
    DeviceChoice::from_name(name).ok_or_else(|| "say auto, cpu, cuda:N or metal".into())
}

fn thread_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err("give a number of threads between 1 and 1024".into()),
    }
}
