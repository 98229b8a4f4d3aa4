//! Which model a request asks for, and what is known of a loaded one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Recommended, TokenCounter};

/// Which model to use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelChoice {
    /// The small model inside the program.
    #[default]
    Starter,
    /// A folder in the diffusers layout, or a checkpoint in one file.
    Path(PathBuf),
}

impl ModelChoice {
    /// Reads `starter`, or a path. A relative path is made absolute here, so that [`ModelChoice::name`]
    /// needs no look at the disk.
    pub fn from_text(text: &str) -> Self {
        if text.trim().eq_ignore_ascii_case("starter") { Self::Starter } else { Self::from(Path::new(text)) }
    }

    /// The name shown and written into files: `starter`, the folder's name, or the file's name without
    /// its ending.
    pub fn name(&self) -> String {
        let Self::Path(path) = self else { return "starter".into() };
        let is_checkpoint = path.extension().is_some_and(|ending| {
            ["safetensors", "ckpt", "pt", "bin", "gguf"].iter().any(|known| ending.eq_ignore_ascii_case(known))
        });
        let name = if is_checkpoint { path.file_stem() } else { path.file_name() };
        name.map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
    }
}

impl From<&Path> for ModelChoice {
    fn from(path: &Path) -> Self {
        Self::Path(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
    }
}

/// What is known of a model once it is loaded.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// Which model it is.
    pub choice: ModelChoice,
    /// What its maker suggests.
    pub recommended: Recommended,
    /// Counts a prompt's tokens as the model does; `None` where the engine cannot say.
    pub counter: Option<Arc<dyn TokenCounter>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_folders_or_the_files_without_its_ending() {
        for (path, name) in [
            ("/models/dream.safetensors", "dream"),
            ("/models/v1-5.CKPT", "v1-5"),
            ("/models/sd-v1.5", "sd-v1.5"),
            ("/", "/"),
        ] {
            assert_eq!(ModelChoice::Path(path.into()).name(), name);
        }
        assert_eq!(ModelChoice::from_text(" Starter ").name(), "starter");
        assert_ne!(ModelChoice::from_text(".").name(), ".");
    }
}
