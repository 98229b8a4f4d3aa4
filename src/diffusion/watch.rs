//! Stops long work: a look at the cancel flag between its parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::{Cancel, Error, LoadProgress};

/// Counts the tensors of a model that is being loaded.
struct LoadMeter {
    tensors: usize,
    read: AtomicUsize,
    on_share: LoadProgress,
}

impl LoadMeter {
    fn count(&self) {
        let read = self.read.fetch_add(1, Ordering::Relaxed).saturating_add(1).min(self.tensors);
        let hundredths = |read: usize| read.saturating_mul(100) / self.tensors;
        if hundredths(read) > hundredths(read - 1) {
            (self.on_share)(read as f64 / self.tensors as f64);
        }
    }
}

/// Goes along with loading and with each evaluation of a network. They call [`Watch::check`] between
/// tensors and between blocks, so that a cancelled job ends within one of them.
#[derive(Clone, Default)]
pub(in crate::diffusion) struct Watch {
    cancel: Cancel,
    /// The image of the batch that is being made; it may be left out.
    image: Option<usize>,
    /// Told of every tensor that is read.
    loading: Option<Arc<LoadMeter>>,
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
            loading: None,
            #[cfg(test)]
            observer: None,
        }
    }

    /// A watch that calls `observer` at every check, before it looks at the flag.
    #[cfg(test)]
    pub fn observed(cancel: &Cancel, observer: impl Fn() + Send + Sync + 'static) -> Self {
        Self { cancel: cancel.clone(), image: None, loading: None, observer: Some(Arc::new(observer)) }
    }

    /// A watch that tells `on_share` which share of `tensors` tensors is read, in `0.0..=1.0`, whenever that has risen
    /// by a hundredth. It is called from the threads that read.
    pub fn of_loading(&self, tensors: usize, on_share: LoadProgress) -> Self {
        let meter = LoadMeter { tensors: tensors.max(1), read: AtomicUsize::new(0), on_share };
        Self { loading: Some(Arc::new(meter)), ..self.clone() }
    }

    /// Takes note of a tensor that was read.
    pub fn tensor_read(&self) {
        if let Some(meter) = &self.loading {
            meter.count();
        }
    }

    /// A watch over one image of the batch, which also ends when that image is left out.
    pub fn of_image(&self, image: usize) -> Self {
        Self { image: Some(image), ..self.clone() }
    }

    /// Whether the job goes on without this image of the batch.
    pub fn is_left_out(&self, image: usize) -> bool {
        self.cancel.is_left_out(image) && !self.cancel.is_cancelled()
    }

    /// The flag, for work that knows no watch.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
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
