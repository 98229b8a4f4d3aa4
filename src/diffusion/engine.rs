//! The one door: keeps the loaded model and runs jobs on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checkpoint::Checkpoint;
use super::lora::{self, Lora, Wanted};
use super::weights::Source;
use super::{Cancel, Dtype, Error, Event, Job, Model, img2img};
use crate::kernels::memory::release;

/// Which model to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ModelChoice {
    /// The small model inside the program.
    #[default]
    Starter,
    /// A folder in the diffusers layout, or a checkpoint in one file.
    Path(PathBuf),
}

impl ModelChoice {
    /// `starter`, or a path.
    pub fn from_text(text: &str) -> Self {
        if text.trim().eq_ignore_ascii_case("starter") { Self::Starter } else { Self::Path(PathBuf::from(text)) }
    }

    /// What to call it: `starter`, or the folder's or file's name.
    pub fn name(&self) -> String {
        match self {
            Self::Starter => "starter".into(),
            Self::Path(path) => {
                let path = path.canonicalize().unwrap_or_else(|_| path.clone());
                let name = if path.is_file() { path.file_stem() } else { path.file_name() };
                name.map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
            }
        }
    }

    pub(super) fn source(&self) -> Result<Source, Error> {
        match self {
            Self::Starter => Ok(Source::Starter),
            Self::Path(path) if path.is_dir() => Ok(Source::Folder(path.clone())),
            Self::Path(path) if path.is_file() => {
                Ok(Source::Checkpoint(Arc::new(Checkpoint::open(path)?), path.clone()))
            }
            Self::Path(path) => Err(Error::Missing { what: "folder or file", path: path.clone() }),
        }
    }
}

impl From<&Path> for ModelChoice {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_path_buf())
    }
}

/// Keeps the last loaded model, so that a changed setting never reads weights again.
#[derive(Default)]
pub struct Engine {
    loaded: Option<Loaded>,
    lora_folder: Option<PathBuf>,
    dtype: Dtype,
}

struct Loaded {
    choice: ModelChoice,
    loras: Vec<Wanted>,
    model: Arc<Model>,
}

impl Engine {
    /// The same, finding the LoRAs which prompts name in this folder.
    pub fn with_loras(self, folder: PathBuf) -> Self {
        Self { lora_folder: Some(folder), ..self }
    }

    /// The same, working in this kind of number.
    pub fn with_dtype(self, dtype: Dtype) -> Self {
        Self { dtype, loaded: None, ..self }
    }

    /// The model of this choice, loaded now unless it already is. When loading fails, the model
    /// loaded before stays.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn model(&mut self, choice: &ModelChoice) -> Result<Arc<Model>, Error> {
        self.model_with(choice, Vec::new())
    }

    fn model_with(&mut self, choice: &ModelChoice, loras: Vec<Wanted>) -> Result<Arc<Model>, Error> {
        if let Some(loaded) = &self.loaded
            && loaded.choice == *choice
            && loaded.loras == loras
        {
            return Ok(Arc::clone(&loaded.model));
        }
        let folder = self.lora_folder.as_deref();
        let files = loras.iter().map(|wanted| Lora::open(wanted, folder)).collect::<Result<Vec<_>, _>>()?;
        let model = Arc::new(Model::load_with(choice, self.dtype, &files)?);
        self.loaded = Some(Loaded { choice: choice.clone(), loras, model: Arc::clone(&model) });
        Ok(model)
    }

    /// Loads what is needed and makes every picture of a job, reporting through `on_event`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when `cancel` was set (finished pictures were already reported), or
    /// what went wrong.
    pub fn run(
        &mut self,
        choice: &ModelChoice,
        job: &Job,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        let (prompt, loras) = lora::take_tags(&job.settings.prompt);
        let model = self.model_with(choice, loras)?;
        let done = img2img::run(&model, job, &prompt, cancel, on_event);
        release();
        done
    }
}
