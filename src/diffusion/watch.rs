//! Stops long work: a look at the cancel flag between its parts.

#[cfg(test)]
use std::sync::Arc;

use crate::engine::{Cancel, Error};

/// Goes along with loading and with each evaluation of a network. They call [`Watch::check`] between
/// tensors and between blocks, so that a cancelled job ends within one of them.
#[derive(Clone, Default)]
pub(in crate::diffusion) struct Watch {
    cancel: Cancel,
    /// The image of the batch that is being made; it may be left out.
    image: Option<usize>,
    /// Called at every check, so that tests can count them and cancel at a chosen one.
    #[cfg(test)]
    observer: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Watch {
    /// A watch over this flag.
    pub fn new(cancel: &Cancel) -> Self {
        Self {
            cancel: cancel.clone(),
            image: None,
            #[cfg(test)]
            observer: None,
        }
    }

    /// A watch that calls `observer` at every check, before it looks at the flag.
    #[cfg(test)]
    pub fn observed(cancel: &Cancel, observer: impl Fn() + Send + Sync + 'static) -> Self {
        Self { cancel: cancel.clone(), image: None, observer: Some(Arc::new(observer)) }
    }

    /// A watch over one image of the batch, which also ends when that image is left out.
    pub fn of_image(&self, image: usize) -> Self {
        Self { image: Some(image), ..self.clone() }
    }

    /// Whether the job goes on without this image of the batch.
    pub fn is_left_out(&self, image: usize) -> bool {
        self.cancel.is_left_out(image) && !self.cancel.is_cancelled()
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once the flag is set, of the job or of the image that is watched.
    pub fn check(&self) -> Result<(), Error> {
        #[cfg(test)]
        if let Some(observer) = &self.observer {
            observer();
        }
        match self.image {
            Some(image) if self.cancel.is_left_out(image) => Err(Error::Cancelled),
            _ => self.cancel.check(),
        }
    }
}
