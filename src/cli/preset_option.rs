//! The option `--preset` of `underpaint generate`.

use super::default_lora_folder;
use super::models::preset_files_here;
use super::options::FolderOptions;
use crate::engine::{ModelChoice, Preset, PresetFiles, QuickRecipe, Recommended, Settings, use_quality};
use crate::models::preset_files;

/// A preset with the files that it uses here.
pub(super) struct PresetOption {
    files: PresetFiles,
    /// How Quick is done; `None` for Quality.
    quick: Option<QuickRecipe>,
}

impl PresetOption {
    /// Looks for what a preset needs with this model.
    ///
    /// # Errors
    /// What is missing for Quick, as one sentence.
    pub fn new(preset: Preset, model: &ModelChoice, folders: &FolderOptions) -> anyhow::Result<Self> {
        let mut files = preset_files(&folders.loras.clone().unwrap_or_else(default_lora_folder));
        let quick = match preset {
            Preset::Quality => None,
            Preset::Quick => {
                files = preset_files_here(files)?;
                Some(QuickRecipe::new(model, &files).map_err(anyhow::Error::msg)?)
            }
        };
        Ok(Self { files, quick })
    }

    /// Sets what the preset takes.
    pub fn apply(&self, settings: &mut Settings, recommended: Recommended) {
        match &self.quick {
            Some(quick) => quick.apply(settings),
            None => use_quality(settings, recommended, &self.files),
        }
    }

    /// Writes the preset's LoRA into the prompt that was given.
    pub fn apply_to_prompt(&self, prompt: &mut String) {
        if let Some(quick) = &self.quick {
            quick.write_lora(prompt);
        }
    }

    /// What Quick does and gives up, as sentences.
    pub fn explanation(&self) -> Option<String> {
        self.quick.as_ref().map(|quick| format!("Quick: {}", quick.explanation()))
    }
}
