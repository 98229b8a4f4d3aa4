//! UNets with a part of the LoRAs of the model in use, kept for the next job or the next tile of a second pass.

use std::sync::{Arc, Weak};

use super::loaded_model::WantedModel;
use crate::diffusion::model::Model;
use crate::diffusion::networks::unet::UNet;
use crate::diffusion::pipeline::step_unets::ActiveLoras;
use crate::engine::Error;
use crate::kernels::memory::release;

/// UNets with a part of the LoRAs of the model in use.
#[derive(Default)]
pub(super) struct KeptUNets {
    /// The model as it is wanted.
    wanted: Option<WantedModel>,
    /// Its UNet with all of them, which does not stay in memory for this.
    of: Weak<UNet>,
    /// By which LoRAs count.
    kept: Vec<(ActiveLoras, Arc<UNet>)>,
}

/// How many are kept. A prompt with one LoRA in a part of the steps needs one.
const MOST: usize = 4;

impl KeptUNets {
    /// This model is used next: those of another one make room for it.
    pub fn before_loading(&mut self, wanted: &WantedModel) {
        if self.wanted.as_ref() != Some(wanted) && !self.kept.is_empty() {
            self.kept.clear();
            release();
        }
    }

    /// From now on they are those of this model, whose files may have been replaced since.
    pub fn of_model(&mut self, wanted: &WantedModel, model: &Model) {
        let of = Arc::downgrade(&model.unet);
        if !Weak::ptr_eq(&of, &self.of) {
            *self = Self { wanted: Some(wanted.clone()), of, kept: Vec::new() };
        }
    }

    /// The one with these LoRAs, which `make` makes if it is not kept.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get(
        &mut self,
        active: &ActiveLoras,
        make: impl FnOnce() -> Result<Arc<UNet>, Error>,
    ) -> Result<Arc<UNet>, Error> {
        if let Some((_, unet)) = self.kept.iter().find(|(of, _)| of == active) {
            return Ok(Arc::clone(unet));
        }
        let unet = make()?;
        if self.kept.len() >= MOST {
            self.kept.remove(0);
        }
        self.kept.push((active.clone(), Arc::clone(&unet)));
        Ok(unet)
    }
}
