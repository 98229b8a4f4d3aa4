//! The engine on this machine: keeps the loaded model and works on requests with it.

mod file_stamp;
mod loaded_model;
mod measure;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use crate::diffusion::compute_device::{ComputeDevice, explain_out_of_memory};
use crate::diffusion::files::lora;
use crate::diffusion::model::Model;
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::pipeline::hook::NoHook;
use crate::diffusion::pipeline::job::{self, Job};
use crate::diffusion::text::tokens::ModelTokenCounter;
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, Capabilities, DeviceChoice, Engine, Error, Event, ModelChoice, ModelInfo, Request, Runtime,
};
use crate::kernels::memory::release;
use loaded_model::{ModelSlot, WantedModel};
pub use measure::Timing;

/// Stable Diffusion on this machine. Keeps the last loaded model, so that a changed setting never reads
/// weights again.
#[derive(Default)]
pub struct LocalEngine {
    runtime: Runtime,
    slot: ModelSlot,
    preview: Option<LoadedPreview>,
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

    fn compute_device(&self) -> Result<ComputeDevice, Error> {
        ComputeDevice::new(self.runtime.device, self.runtime.dtype)
    }

    fn model(&mut self, wanted: WantedModel, watch: &Watch) -> Result<Arc<Model>, Error> {
        let device = self.compute_device()?;
        self.slot.get(wanted, &device, self.runtime.loras.as_deref(), watch).map_err(explain_out_of_memory)
    }

    /// The autoencoder for previews, read when it is first asked for.
    fn preview(&mut self, watch: &Watch) -> Result<Option<Arc<Vae>>, Error> {
        let Some(path) = self.runtime.preview_vae.clone() else { return Ok(None) };
        if let Some(preview) = &self.preview
            && preview.path == path
        {
            return Ok(Some(Arc::clone(&preview.vae)));
        }
        let vae = Arc::new(Vae::open(&path, &self.compute_device()?, watch)?);
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
            self.slot = ModelSlot::default();
            self.preview = None;
        }
        self.runtime = runtime.clone();
    }

    fn load(&mut self, choice: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        let watch = Watch::new(cancel);
        watch.check()?;
        // A model with LoRAs still answers for its choice.
        let model = match self.slot.loaded_for(choice) {
            Some(model) => model,
            None => self.model(WantedModel::plain(choice), &watch)?,
        };
        let counter = Arc::new(ModelTokenCounter(Arc::clone(&model.tokens)));
        Ok(ModelInfo { choice: choice.clone(), recommended: model.recommended, counter: Some(counter) })
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        request.check()?;
        let watch = Watch::new(cancel);
        watch.check()?;
        let (prompt, loras) = lora::take_tags(&request.settings.prompt);
        let vae = request.settings.vae.clone();
        let model = self.model(WantedModel { choice: request.model.clone(), loras, vae }, &watch)?;
        let preview = self.preview(&watch)?;
        if let Some(preview) = &preview {
            preview.check_fits(&model.vae)?;
        }
        let job = Job {
            model: &model,
            request,
            prompt: &prompt,
            embeddings: self.runtime.embeddings.as_deref(),
            preview: preview.as_deref(),
            control: None,
            hook: &NoHook,
        };
        let done = job::run(&job, &watch, on_event).map_err(explain_out_of_memory);
        release();
        done
    }
}
