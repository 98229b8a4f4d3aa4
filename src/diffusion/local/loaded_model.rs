//! Which model is held in memory, and how the next one takes its place.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::file_stamp::FileStamp;
use crate::diffusion::compute_device::{ComputeDevice, is_out_of_memory};
use crate::diffusion::files::lora::{self, Lora};
use crate::diffusion::memory::{self, Room};
use crate::diffusion::model::Model;
use crate::diffusion::model_files::ModelFiles;
use crate::diffusion::networks::unet::UNet;
use crate::diffusion::watch::Watch;
use crate::engine::{Error, ModelChoice, Runtime};
use crate::kernels::memory::release;

/// A model with what is changed in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WantedModel {
    pub choice: ModelChoice,
    pub loras: Vec<lora::Wanted>,
    /// A replacement VAE.
    pub vae: Option<PathBuf>,
}

impl WantedModel {
    /// A model as its files have it.
    pub fn plain(choice: &ModelChoice) -> Self {
        Self { choice: choice.clone(), loras: Vec::new(), vae: None }
    }
}

/// The model in use, and the last ones before it as far as memory allows.
///
/// A new model is loaded beside the loaded one where both fit, so that a failed load changes nothing. Where
/// memory is short, everything that can be checked without reading weights is checked, then the loaded model
/// is freed, and loaded again should the new one fail.
pub(super) struct ModelSlot {
    loaded: Option<LoadedModel>,
    /// Other models that were in use before, the latest first.
    earlier: VecDeque<LoadedModel>,
    /// Bytes that all models in memory may take together before earlier ones are freed.
    budget: u64,
    /// Bytes that the system has available; 0 where it does not say.
    free_memory: fn() -> u64,
}

struct LoadedModel {
    wanted: WantedModel,
    stamp: FileStamp,
    model: Arc<Model>,
    /// Bytes of this machine's memory.
    memory: u64,
    /// Bytes of the weights that its LoRAs change.
    changed: u64,
}

impl Default for ModelSlot {
    fn default() -> Self {
        Self { loaded: None, earlier: VecDeque::new(), budget: memory::model_budget(), free_memory: memory::free }
    }
}

/// How a load that failed left the slot.
const RELOADED: &str = "The previous model had been freed to make room and is loaded again.";
const NOT_RELOADED: &str = "The previous model had been freed to make room and could not be loaded again.";

#[cfg(test)]
impl ModelSlot {
    /// A slot on a machine with so much free memory.
    pub fn with_free_memory(free_memory: fn() -> u64) -> Self {
        Self { free_memory, ..Self::default() }
    }

    /// From now on models may take so much memory.
    pub fn set_budget(&mut self, budget: u64) {
        self.budget = budget;
    }

    /// From now on so much memory is free.
    pub fn set_free_memory(&mut self, free_memory: fn() -> u64) {
        self.free_memory = free_memory;
    }
}

impl ModelSlot {
    /// The loaded model where it was made from this choice, with whatever LoRAs and VAE.
    pub fn loaded_for(&self, choice: &ModelChoice) -> Option<Arc<Model>> {
        let loaded = self.loaded.as_ref().filter(|loaded| loaded.wanted.choice == *choice)?;
        (loaded.stamp == FileStamp::of(choice)).then(|| Arc::clone(&loaded.model))
    }

    /// Bytes of this machine's memory that the loaded model holds.
    pub fn memory(&self) -> u64 {
        self.loaded.iter().chain(&self.earlier).map(|loaded| loaded.memory).sum()
    }

    /// Frees earlier models, the oldest first, until `need` bytes are free or only the model in use is left.
    pub fn make_room(&mut self, need: u64) {
        while !self.earlier.is_empty() {
            let free = (self.free_memory)();
            if free == 0 || free >= need {
                return;
            }
            self.earlier.pop_back();
            release();
        }
    }

    /// Takes an earlier model into use again where it is the one that is wanted.
    fn take_earlier(&mut self, wanted: &WantedModel, stamp: &FileStamp) {
        let same = |model: &LoadedModel| model.wanted == *wanted && model.stamp == *stamp;
        if !self.loaded.as_ref().is_some_and(same)
            && let Some(at) = self.earlier.iter().position(same)
            && let Some(model) = self.earlier.remove(at)
            && let Some(previous) = self.loaded.replace(model)
        {
            self.earlier.push_front(previous);
        }
    }

    /// The model as it is wanted, loaded as far as it is not. `runtime` says where LoRAs are looked for; what of
    /// them is left out is added to `notices`.
    ///
    /// # Errors
    /// Files that are missing, damaged or unsupported, too little memory, or [`Error::Cancelled`]. The
    /// previous model stays loaded, or is loaded again, unless loading was cancelled after it was freed.
    pub fn get(
        &mut self,
        wanted: WantedModel,
        device: &ComputeDevice,
        runtime: &Runtime,
        watch: &Watch,
        notices: &mut Vec<String>,
    ) -> Result<Arc<Model>, Error> {
        let stamp = FileStamp::of(&wanted.choice);
        self.take_earlier(&wanted, &stamp);
        let same_files = |loaded: &&mut LoadedModel| loaded.wanted.choice == wanted.choice && loaded.stamp == stamp;
        if let Some(loaded) = self.loaded.as_mut().filter(same_files)
            && loaded.wanted.loras == wanted.loras
        {
            if loaded.wanted.vae != wanted.vae {
                loaded.model = Arc::new(loaded.model.with_vae(wanted.vae.as_deref(), watch)?);
                loaded.wanted.vae = wanted.vae;
            }
            return Ok(Arc::clone(&loaded.model));
        }
        let next = NextModel::open(wanted, stamp, device, runtime)?;
        notices.extend(next.loras.iter().filter_map(Lora::notice));
        self.replace(next, device, runtime, watch)
    }

    /// The UNet of the model in use with only those of its LoRAs that `active` names, in their order.
    ///
    /// # Errors
    /// Files that cannot be read any more, too little memory, or [`Error::Cancelled`]. The model in use stays.
    pub fn unet_with(
        &mut self,
        active: &[bool],
        device: &ComputeDevice,
        runtime: &Runtime,
        watch: &Watch,
    ) -> Result<Arc<UNet>, Error> {
        let Some(loaded) = &self.loaded else { return Err(Error::Internal("no model is loaded".into())) };
        let (model, all) = (Arc::clone(&loaded.model), &loaded.wanted);
        let loras = all.loras.iter().zip(active).filter(|(_, active)| **active).map(|(lora, _)| lora.clone()).collect();
        let wanted = WantedModel { loras, ..all.clone() };
        let (stamp, changed) = (loaded.stamp.clone(), loaded.changed);
        let part = NextModel::open(wanted, stamp, device, runtime)?;
        // What the model's own LoRAs change is read again without them.
        let need = changed + part.changed;
        self.make_room(need);
        let advice = "take start=, stop= and step= out of the LoRAs of the prompt, or close other programs";
        memory::enough("A LoRA in a part of the steps", need, (self.free_memory)(), advice)?;
        model.unet_with(&part.files, &part.loras, watch)
    }

    fn replace(
        &mut self,
        next: NextModel,
        device: &ComputeDevice,
        runtime: &Runtime,
        watch: &Watch,
    ) -> Result<Arc<Model>, Error> {
        let shared_need = self.loaded.as_ref().filter(|loaded| next.shares_files_with(loaded));
        self.make_room(shared_need.map_or(next.memory, |loaded| loaded.changed + next.changed));
        let (free, held) = ((self.free_memory)(), self.loaded.as_ref().map_or(0, |loaded| loaded.memory));
        let shared = self.loaded.as_ref().filter(|loaded| next.shares_files_with(loaded));
        let beside = match shared {
            // What either of the two changes is read again.
            Some(loaded) => loaded.changed + next.changed,
            None => next.memory,
        };
        if memory::room(beside, free, 0) == Room::Beside {
            let shared = shared.map(|loaded| Arc::clone(&loaded.model));
            match next.load(device, shared.as_deref(), watch) {
                // A graphics card does not say how much memory is free; it is tried.
                Err(error) if is_out_of_memory(&error) && self.loaded.is_some() => {}
                loaded => return Ok(self.keep(loaded?)),
            }
        } else if memory::room(next.memory, free, held) == Room::Nowhere {
            let advice = "close other programs or choose a smaller model";
            memory::enough("Loading this model", next.memory, free + held, advice)?;
        }
        let previous = self.loaded.take().map(|loaded| loaded.wanted);
        release();
        match next.load(device, None, watch) {
            Ok(loaded) => Ok(self.keep(loaded)),
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Err(error) => Err(match previous {
                None => error,
                Some(previous) => {
                    let again = NextModel::open(previous.clone(), FileStamp::of(&previous.choice), device, runtime)
                        .and_then(|previous| previous.load(device, None, watch));
                    let after = if again.is_ok() { RELOADED } else { NOT_RELOADED };
                    self.loaded = again.ok();
                    Error::WithConsequence { error: Box::new(error), consequence: after }
                }
            }),
        }
    }

    fn keep(&mut self, loaded: LoadedModel) -> Arc<Model> {
        let model = Arc::clone(&loaded.model);
        // The same files with other LoRAs are made from what is in use faster than they are kept twice.
        self.earlier.retain(|earlier| earlier.wanted.choice != loaded.wanted.choice);
        // A graphics card's memory is not known, so nothing is kept there that is not used.
        if let Some(previous) = self.loaded.replace(loaded)
            && previous.memory > 0
            && self.loaded.as_ref().is_some_and(|loaded| loaded.wanted.choice != previous.wanted.choice)
        {
            self.earlier.push_front(previous);
        }
        while self.memory() > self.budget && self.earlier.pop_back().is_some() {}
        release();
        model
    }
}

/// A model whose files are open and checked.
struct NextModel {
    wanted: WantedModel,
    stamp: FileStamp,
    files: ModelFiles,
    loras: Vec<Lora>,
    /// Bytes of this machine's memory that it takes.
    memory: u64,
    /// Bytes of the weights that its LoRAs change.
    changed: u64,
}

impl NextModel {
    fn open(wanted: WantedModel, stamp: FileStamp, device: &ComputeDevice, runtime: &Runtime) -> Result<Self, Error> {
        let files = ModelFiles::open(&wanted.choice)?;
        if files.vae.is_none() && wanted.vae.is_none() {
            return Err(files.lacks_vae());
        }
        let loras = wanted.loras.iter().map(|wanted| Lora::open(wanted, runtime)).collect::<Result<Vec<_>, _>>()?;
        let changed = files.memory_of_changes(&loras, device)?;
        Ok(Self { memory: files.memory(device), changed, wanted, stamp, files, loras })
    }

    fn shares_files_with(&self, loaded: &LoadedModel) -> bool {
        loaded.wanted.choice == self.wanted.choice && loaded.stamp == self.stamp
    }

    fn load(&self, device: &ComputeDevice, shared: Option<&Model>, watch: &Watch) -> Result<LoadedModel, Error> {
        let vae = self.wanted.vae.as_deref();
        let mut model = Model::load(&self.files, vae, device, &self.loras, shared, watch)?;
        // A model without a VAE of its own has been loaded with this one.
        if vae.is_some() && (self.files.vae.is_some() || shared.is_some()) {
            model = model.with_vae(vae, watch)?;
        }
        Ok(LoadedModel {
            wanted: self.wanted.clone(),
            stamp: self.stamp.clone(),
            model: Arc::new(model),
            memory: self.memory,
            changed: self.changed,
        })
    }
}
