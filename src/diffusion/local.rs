//! The engine on this machine: keeps the loaded model and works on requests with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diffusion::Model;
use crate::diffusion::device::{Place, explained};
use crate::diffusion::files::lora::{self, Lora, Wanted};
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::pipeline::img2img::{self, Aids};
use crate::engine::{
    Cancel, Capabilities, DeviceChoice, Engine, Error, Event, ModelChoice, ModelInfo, Request, Runtime,
};
use crate::kernels::memory::release;

/// Stable Diffusion on this machine. Keeps the last loaded model, so that a changed setting never reads
/// weights again.
#[derive(Default)]
pub struct LocalEngine {
    runtime: Runtime,
    loaded: Option<Loaded>,
    preview: Option<LoadedPreview>,
}

struct Loaded {
    choice: ModelChoice,
    loras: Vec<Wanted>,
    vae: Option<PathBuf>,
    model: Arc<Model>,
}

struct LoadedPreview {
    path: PathBuf,
    vae: Arc<Vae>,
}

impl LocalEngine {
    /// An engine that works with this runtime. Nothing is loaded yet.
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime, ..Self::default() }
    }

    fn place(&self) -> Result<Place, Error> {
        Place::new(self.runtime.device, self.runtime.dtype)
    }

    fn model(&mut self, choice: &ModelChoice, loras: Vec<Wanted>, vae: Option<&Path>) -> Result<Arc<Model>, Error> {
        if let Some(loaded) = &mut self.loaded
            && loaded.choice == *choice
            && loaded.loras == loras
        {
            if loaded.vae.as_deref() != vae {
                loaded.model = Arc::new(loaded.model.with_vae(vae)?);
                loaded.vae = vae.map(Path::to_path_buf);
            }
            return Ok(Arc::clone(&loaded.model));
        }
        let folder = self.runtime.loras.as_deref();
        let files = loras.iter().map(|wanted| Lora::open(wanted, folder)).collect::<Result<Vec<_>, _>>()?;
        let mut model = Model::load_with(choice, self.place()?, &files).map_err(explained)?;
        if vae.is_some() {
            model = model.with_vae(vae)?;
        }
        let (model, vae) = (Arc::new(model), vae.map(Path::to_path_buf));
        self.loaded = Some(Loaded { choice: choice.clone(), loras, vae, model: Arc::clone(&model) });
        Ok(model)
    }

    /// The autoencoder for previews, read when it is first asked for.
    fn preview(&mut self) -> Result<Option<Arc<Vae>>, Error> {
        let Some(path) = self.runtime.preview_vae.clone() else { return Ok(None) };
        if let Some(preview) = &self.preview
            && preview.path == path
        {
            return Ok(Some(Arc::clone(&preview.vae)));
        }
        let vae = Arc::new(Vae::open(&path, &self.place()?)?);
        self.preview = Some(LoadedPreview { path, vae: Arc::clone(&vae) });
        Ok(Some(vae))
    }
}

impl Engine for LocalEngine {
    fn capabilities(&mut self) -> Capabilities {
        Capabilities { name: "This machine".into(), devices: DeviceChoice::available() }
    }

    fn configure(&mut self, runtime: &Runtime) {
        if (runtime.device, runtime.dtype) != (self.runtime.device, self.runtime.dtype) {
            self.loaded = None;
            self.preview = None;
        }
        self.runtime = runtime.clone();
    }

    fn load(&mut self, choice: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        cancel.check()?;
        // A model with LoRAs folded in still answers for its choice.
        let model = match &self.loaded {
            Some(loaded) if loaded.choice == *choice => Arc::clone(&loaded.model),
            _ => self.model(choice, Vec::new(), None)?,
        };
        Ok(ModelInfo { choice: choice.clone(), recommended: model.recommended(), counter: Some(model.counter()) })
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        request.check()?;
        let (prompt, loras) = lora::take_tags(&request.settings.prompt);
        let model = self.model(&request.model, loras, request.settings.vae.as_deref())?;
        let preview = self.preview()?;
        if let Some(preview) = &preview {
            preview.check_fits(&model.vae)?;
        }
        let embeddings = self.runtime.embeddings.as_deref();
        let aids = Aids { prompt: &prompt, embeddings, preview: preview.as_deref() };
        let done = img2img::run(&model, request, &aids, cancel, on_event).map_err(explained);
        release();
        done
    }
}
