//! LoRAs that prompts name, wherever they lie on this machine.

use super::here::models_here;
use crate::cli::options::{EngineOptions, FolderOptions};
use crate::engine::{PresetFiles, Runtime};
use crate::models::{loras_among, with_found};

/// Where and with what the engine works for a prompt: if it may name LoRAs, with those that are elsewhere than in the
/// folder of LoRAs. `None` if it names none, so that nothing needs to be searched.
///
/// # Errors
/// If the folders cannot be searched.
pub(in crate::cli) fn runtime_with_loras(
    prompt: &str,
    engine: &EngineOptions,
    folders: &FolderOptions,
) -> anyhow::Result<Option<Runtime>> {
    // What a wildcard stands for may hold a tag too.
    if !prompt.contains("<lora:") && !prompt.contains("__") {
        return Ok(None);
    }
    let found_loras = loras_among(&models_here()?.list);
    Ok(Some(Runtime { found_loras, ..engine.runtime(folders) }))
}

/// These files, and what presets use of what is elsewhere on this machine. Nothing is searched where nothing is missing.
///
/// # Errors
/// If the folders cannot be searched.
pub(in crate::cli) fn preset_files_here(files: PresetFiles) -> anyhow::Result<PresetFiles> {
    if !files.loras.is_empty() && files.tiny_vae.is_some() {
        return Ok(files);
    }
    Ok(with_found(&files, &models_here()?.list))
}
