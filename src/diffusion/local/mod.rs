//! The engine on this machine: keeps the loaded model and works on requests with it.

mod file_stamp;
mod fingerprint;
mod kept_unets;
mod loaded_controls;
mod loaded_model;
mod measure;
mod second_pass;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use image::RgbImage;

use crate::diffusion::compute_device::{ComputeDevice, explain_out_of_memory};
use crate::diffusion::estimate::{HeldMemory, LocalEstimator, Observed, StepClock};
use crate::diffusion::files::lora::LoraSteps;
use crate::diffusion::memory;
use crate::diffusion::model::Model;
use crate::diffusion::model_files::ModelFiles;
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::pipeline::hook::NoHook;
use crate::diffusion::pipeline::job::{self, Job, Previews};
use crate::diffusion::pipeline::noised::Noised;
use crate::diffusion::pipeline::step_unets::{ActiveLoras, StepUNets};
use crate::diffusion::text::prompt_plan;
use crate::diffusion::text::tags::{notice_in_negative, take_tags};
use crate::diffusion::text::tokens::{ModelTokenCounter, Tokens};
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, Capabilities, DepthMaps, DeviceChoice, Engine, Error, Estimator, Event, LoadProgress, MadeWith,
    ModelChoice, ModelInfo, NoisedStart, Request, Runtime,
};
use crate::kernels::memory::release;
use crate::kernels::{Instructions, Precision, instructions};
use crate::models::{Remembered, Stamp, WEB_HASH};
use fingerprint::Fingerprints;
use kept_unets::KeptUNets;
use loaded_controls::ControlSlot;
use loaded_model::{ModelSlot, WantedModel};
pub use measure::Timing;

/// Stable Diffusion on this machine. Keeps the model in use, so that a changed setting never reads
/// weights again, and the last ones before it as far as memory allows.
#[derive(Default)]
pub struct LocalEngine {
    runtime: Runtime,
    slot: ModelSlot,
    controls: ControlSlot,
    preview: Option<LoadedPreview>,
    /// UNets with a part of the LoRAs of the model in use.
    step_unets: KeptUNets,
    fingerprints: Fingerprints,
    observed: Observed,
    held: HeldMemory,
    /// Estimates rounds of the model that was used last: making one reads the model's files.
    learner: Option<(ModelChoice, LocalEstimator)>,
    /// The folder in which the hashes of model files are kept, if any are.
    hashes: Option<PathBuf>,
    /// What makes pictures of depth for controls.
    depth: Option<Arc<dyn DepthMaps>>,
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

    /// Writes the hash of the model's file into what pictures say about themselves, where it is known in this folder of
    /// data (see [`Remembered`]).
    #[must_use]
    pub fn with_known_hashes(mut self, data: Option<PathBuf>) -> Self {
        self.hashes = data;
        self
    }

    /// Lets controls follow pictures of depth that this makes.
    #[must_use]
    pub fn with_depth_maps(mut self, depth: Arc<dyn DepthMaps>) -> Self {
        self.depth = Some(depth);
        self
    }

    /// The first digits of the hash of a model's file; empty where it is not known.
    fn known_hash(&self, model: &ModelChoice) -> String {
        let (Some(data), ModelChoice::Path(path)) = (&self.hashes, model) else { return String::new() };
        let remembered = Remembered::open(Some(data));
        let hash = Stamp::of(path).and_then(|stamp| remembered.sha256(path, stamp));
        hash.and_then(|hash| hash.get(..WEB_HASH)).unwrap_or_default().to_owned()
    }

    /// Bytes that control networks hold.
    #[cfg(test)]
    pub(in crate::diffusion) fn controls_memory(&self) -> u64 {
        self.controls.memory()
    }

    fn compute_device(&self) -> Result<ComputeDevice, Error> {
        ComputeDevice::new(self.runtime.device, self.runtime.dtype)
    }

    fn model(
        &mut self,
        wanted: WantedModel,
        watch: &Watch,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Arc<Model>, Error> {
        let device = self.compute_device()?;
        let mut notices = Vec::new();
        let mut model = self.slot.get(wanted.clone(), &device, &self.runtime, watch, &mut notices);
        // Control networks that are only kept in case they are wanted again make room.
        if matches!(model, Err(Error::Memory { .. })) && self.controls.memory() > 0 {
            self.controls = ControlSlot::default();
            release();
            model = self.slot.get(wanted, &device, &self.runtime, watch, &mut notices);
        }
        let model = model.map_err(explain_out_of_memory);
        self.held.set(self.slot.memory() + self.controls.memory());
        notices.into_iter().for_each(|notice| on_event(Event::Notice(notice)));
        model
    }

    /// The UNets of the steps in which not all LoRAs of the loaded model count.
    fn step_unets(
        &mut self,
        (model, wanted): (&Model, &WantedModel),
        steps: Vec<LoraSteps>,
        request: &Request,
        watch: &Watch,
    ) -> Result<StepUNets, Error> {
        if steps.iter().all(|steps| steps.is_whole()) {
            self.step_unets = KeptUNets::default();
            return Ok(StepUNets::default());
        }
        let device = self.compute_device()?;
        let pictures = request.plan.steps_to_report(&request.settings, request.start().is_some());
        self.step_unets.of_model(wanted, model);
        let Self { step_unets, slot, runtime, .. } = self;
        let make = |active: &ActiveLoras| {
            step_unets.get(active, || slot.unet_with(active, &device, runtime, watch)).map_err(explain_out_of_memory)
        };
        StepUNets::new(steps, &pictures, make)
    }

    fn local_estimator(&self, model: &ModelChoice) -> Option<LocalEstimator> {
        let (files, device) = (ModelFiles::open(model).ok()?, self.compute_device().ok()?);
        let (observed, held) = (self.observed.clone(), self.held.clone());
        LocalEstimator::new(&files, &device, self.runtime.tiled_vae, observed, held)
    }

    /// Corrects later estimates by the steps of this request, where they all were the same work.
    fn learn_from(&mut self, clock: &StepClock, request: &Request) {
        let settings = &request.settings;
        let options = &settings.sampling;
        let is_mixed =
            settings.guided < 1.0 || settings.reuse > 1 || options.negative_min_sigma > 0.0 || options.skip_early > 0.0;
        if request.plan.sheet.is_some() || is_mixed || !settings.controls.is_empty() {
            return;
        }
        let Some(seen) = clock.seconds_a_step() else { return };
        if self.learner.as_ref().is_none_or(|(model, _)| *model != request.model) {
            let estimator = self.local_estimator(&request.model);
            self.learner = estimator.map(|estimator| (request.model.clone(), estimator));
        }
        if let Some((_, estimator)) = &self.learner {
            self.observed.add(estimator.promised_sampler_step(settings), seen);
        }
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

    /// Makes the pictures of a request, with previews or without.
    fn make(
        &mut self,
        request: &Request,
        cancel: &Cancel,
        with_previews: bool,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        request.check()?;
        let watch = Watch::new(cancel);
        watch.check()?;
        let tags = take_tags(&request.settings.prompt)?;
        let mut notices = tags.notices;
        notices.extend(prompt_plan::notices(&tags.text, &request.settings.negative));
        notices.extend(notice_in_negative(&request.settings.negative));
        notices.into_iter().for_each(|notice| on_event(Event::Notice(notice)));
        let (loras, vae) = (tags.loras, request.settings.vae.clone());
        let wanted = WantedModel { choice: request.model.clone(), loras, vae };
        self.step_unets.before_loading(&wanted);
        let model = self.model(wanted.clone(), &watch, on_event)?;
        let controls = self.controls.get(&request.settings.controls, (&model, &wanted), &self.runtime, &watch);
        let controls = controls.map_err(explain_out_of_memory)?;
        self.held.set(self.slot.memory() + self.controls.memory());
        let preview = if with_previews { self.preview(&watch)? } else { None };
        if let Some(preview) = &preview {
            preview.check_fits(&model.vae)?;
        }
        // Models that are only kept in case they are wanted again make room for the work.
        let need = memory::decoding(request.settings.width, request.settings.height, model.vae.widest);
        if memory::free_for(need) < need {
            self.slot.make_room(need);
            if request.settings.controls.is_empty() {
                self.controls.make_room(need);
            }
        }
        let unets = self.step_unets((&*model, &wanted), tags.lora_steps, request, &watch)?;
        let job = Job {
            model: &model,
            request,
            prompt: &tags.text,
            embeddings: self.runtime.embeddings.as_deref(),
            previews: match &preview {
                _ if !with_previews => Previews::Off,
                None => Previews::Linear,
                Some(preview) => Previews::Autoencoder(preview),
            },
            tiled_vae: self.runtime.tiled_vae,
            controls: &controls,
            depth: self.depth.as_deref(),
            unets: &unets,
            hook: &NoHook,
        };
        job::run(&job, &watch, on_event).map_err(explain_out_of_memory)
    }
}

impl Engine for LocalEngine {
    fn capabilities(&mut self) -> Capabilities {
        Capabilities { name: "This machine".into(), devices: DeviceChoice::available(), ..Capabilities::default() }
    }

    fn configure(&mut self, runtime: &Runtime) {
        if (runtime.device, runtime.dtype) != (self.runtime.device, self.runtime.dtype) {
            self.slot = ModelSlot::default();
            self.controls = ControlSlot::default();
            self.preview = None;
            self.step_unets = KeptUNets::default();
            self.observed = Observed::default();
            self.learner = None;
            self.held.set(0);
        }
        self.runtime = runtime.clone();
    }

    fn load(&mut self, choice: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        self.load_with_progress(choice, cancel, Arc::new(|_| {}))
    }

    fn load_with_progress(
        &mut self,
        choice: &ModelChoice,
        cancel: &Cancel,
        progress: LoadProgress,
    ) -> Result<ModelInfo, Error> {
        let watch = Watch::new(cancel);
        watch.check()?;
        // A model with LoRAs still answers for its choice.
        let info = |recommended, tokens: &Arc<Tokens>| {
            let counter = Arc::new(ModelTokenCounter(Arc::clone(tokens)));
            Ok(ModelInfo { choice: choice.clone(), recommended, counter: Some(counter) })
        };
        if let Some(model) = self.slot.loaded_for(choice) {
            return info(model.recommended, &model.tokens);
        }
        // Its files may be others than before.
        self.learner = None;
        let tensors = ModelFiles::open(choice)?.tensors()?;
        let watch = watch.of_loading(tensors, progress);
        match self.model(WantedModel::plain(choice), &watch, &mut |_| {}) {
            Ok(model) => info(model.recommended, &model.tokens),
            // A model without a VAE is loaded once a request brings one.
            Err(error) => match ModelFiles::open(choice) {
                Ok(files) if files.vae.is_none() => info(files.recommended, &files.tokens),
                _ => Err(error),
            },
        }
    }

    fn made_with(&mut self, model: &ModelChoice) -> MadeWith {
        let program = format!("underpaint {}", env!("CARGO_PKG_VERSION"));
        let Ok(device) = self.compute_device() else { return MadeWith { program, ..MadeWith::default() } };
        let instructions = match instructions() {
            _ if !device.is_processor() => self.runtime.device.label(),
            Instructions::Avx512 => "AVX-512".into(),
            Instructions::Avx2 => "AVX2".into(),
            Instructions::Neon => "NEON".into(),
            Instructions::Plain => "plain".into(),
        };
        let precision = match device.precision() {
            Precision::F32 => "f32",
            Precision::F16 => "f16",
            Precision::Bf16 => "bf16",
        };
        let precision = precision.into();
        let model_hash = self.known_hash(model);
        let model = self.fingerprints.of(model);
        MadeWith { program, instructions, precision, model, model_hash, ..MadeWith::default() }
    }

    fn estimator(&mut self, model: &ModelChoice) -> Option<Arc<dyn Estimator>> {
        Some(Arc::new(self.local_estimator(model)?))
    }

    fn noised_start(&mut self, request: &Request, cancel: &Cancel) -> Result<Option<Arc<dyn NoisedStart>>, Error> {
        request.check()?;
        let Some(model) = self.slot.loaded_for(&request.model) else { return Ok(None) };
        let noised = Noised::encode(&model, request, self.runtime.tiled_vae, &Watch::new(cancel))?;
        Ok(noised.map(|noised| Arc::new(noised) as Arc<dyn NoisedStart>))
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        request.check()?;
        match &request.settings.second_pass {
            Some(pass) => self.make_second_pass(request, pass, cancel, on_event),
            None => self.make_pictures(request, cancel, on_event),
        }
    }

    fn live_frame(&mut self, request: &Request, cancel: &Cancel) -> Result<RgbImage, Error> {
        let mut picture = None;
        let mut keep = |event: Event| {
            if let Event::Finished(finished) = event {
                picture = Some(finished.picture);
            }
        };
        match request.settings.second_pass {
            Some(_) => self.generate(request, cancel, &mut keep)?,
            None => self.make(request, cancel, false, &mut keep)?,
        }
        picture.ok_or_else(|| Error::Internal("a frame was finished without a picture".into()))
    }

    fn rest(&mut self) {
        release();
    }
}

impl LocalEngine {
    /// The pictures of a request without a second pass.
    fn make_pictures(
        &mut self,
        request: &Request,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        let mut clock = StepClock::default();
        let done = self.make(request, cancel, true, &mut |event| {
            clock.saw(&event, Instant::now());
            on_event(event);
        });
        self.learn_from(&clock, request);
        release();
        done
    }
}
