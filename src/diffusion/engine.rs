//! The one door: keeps the loaded model and runs jobs on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checkpoint::Checkpoint;
use super::device::{DeviceChoice, Place, explained};
use super::img2img::{self, Aids};
use super::lora::{self, Lora, Wanted};
use super::vae::Vae;
use super::weights::Source;
use super::{Cancel, Dtype, Error, Event, Job, Model};
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
    embedding_folder: Option<PathBuf>,
    dtype: Dtype,
    device: DeviceChoice,
    preview: Option<(PathBuf, DeviceChoice, Arc<Vae>)>,
}

struct Loaded {
    choice: ModelChoice,
    device: DeviceChoice,
    loras: Vec<Wanted>,
    vae: Option<PathBuf>,
    model: Arc<Model>,
}

impl Engine {
    /// The same, finding the LoRAs which prompts name in this folder.
    pub fn with_loras(self, folder: PathBuf) -> Self {
        Self { lora_folder: Some(folder), ..self }
    }

    /// The same, finding the textual inversions which prompts name in this folder.
    pub fn with_embeddings(self, folder: PathBuf) -> Self {
        Self { embedding_folder: Some(folder), ..self }
    }

    /// The same, working in this kind of number.
    pub fn with_dtype(self, dtype: Dtype) -> Self {
        Self { dtype, loaded: None, ..self }
    }

    /// The same, working on this device until a job names another.
    pub fn with_device(self, device: DeviceChoice) -> Self {
        Self { device, loaded: None, ..self }
    }

    /// The model of this choice, loaded now unless it already is. When loading fails, the model
    /// loaded before stays.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn model(&mut self, choice: &ModelChoice) -> Result<Arc<Model>, Error> {
        self.model_with(choice, Vec::new(), None)
    }

    fn model_with(
        &mut self,
        choice: &ModelChoice,
        loras: Vec<Wanted>,
        vae: Option<&Path>,
    ) -> Result<Arc<Model>, Error> {
        if let Some(loaded) = &mut self.loaded
            && loaded.choice == *choice
            && loaded.device == self.device
            && loaded.loras == loras
        {
            if loaded.vae.as_deref() != vae {
                loaded.model = Arc::new(loaded.model.with_vae(vae)?);
                loaded.vae = vae.map(Path::to_path_buf);
            }
            return Ok(Arc::clone(&loaded.model));
        }
        let folder = self.lora_folder.as_deref();
        let files = loras.iter().map(|wanted| Lora::open(wanted, folder)).collect::<Result<Vec<_>, _>>()?;
        let place = Place::new(self.device, self.dtype)?;
        let mut model = Model::load_with(choice, place, &files).map_err(explained)?;
        if vae.is_some() {
            model = model.with_vae(vae)?;
        }
        let (model, vae) = (Arc::new(model), vae.map(Path::to_path_buf));
        self.loaded =
            Some(Loaded { choice: choice.clone(), device: self.device, loras, vae, model: Arc::clone(&model) });
        Ok(model)
    }

    /// The autoencoder for previews, read when it is asked for first.
    fn preview(&mut self, path: Option<&Path>) -> Result<Option<Arc<Vae>>, Error> {
        let Some(path) = path else { return Ok(None) };
        if let Some((known, device, vae)) = &self.preview
            && known == path
            && *device == self.device
        {
            return Ok(Some(Arc::clone(vae)));
        }
        let vae = Arc::new(Vae::open(path, &Place::new(self.device, self.dtype)?)?);
        self.preview = Some((path.to_path_buf(), self.device, Arc::clone(&vae)));
        Ok(Some(vae))
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
        self.device = job.settings.device;
        let (prompt, loras) = lora::take_tags(&job.settings.prompt);
        let model = self.model_with(choice, loras, job.settings.vae.as_deref())?;
        let preview = self.preview(job.settings.preview_vae.as_deref())?;
        if let Some(preview) = &preview {
            preview.check_fits(&model.vae)?;
        }
        let aids = Aids { prompt: &prompt, embeddings: self.embedding_folder.as_deref(), preview: preview.as_deref() };
        let done = img2img::run(&model, job, &aids, cancel, on_event).map_err(explained);
        release();
        done
    }
}
