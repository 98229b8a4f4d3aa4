//! Stops long work: a look at the cancel flag between its parts.

use crate::engine::{Cancel, Error};

/// Goes along with loading and with each evaluation of a network. They call [`Watch::check`] between
/// tensors and between blocks, so that a cancelled job ends within one of them.
#[derive(Default)]
pub(in crate::diffusion) struct Watch {
    cancel: Cancel,
    /// Called at every check, so that tests can count them and cancel at a chosen one.
    #[cfg(test)]
    observer: Option<Box<dyn Fn() + Send + Sync>>,
}

impl Watch {
    /// A watch over this flag.
    pub fn new(cancel: &Cancel) -> Self {
        Self {
            cancel: cancel.clone(),
            #[cfg(test)]
            observer: None,
        }
    }

    /// A watch that calls `observer` at every check, before it looks at the flag.
    #[cfg(test)]
    pub fn observed(cancel: &Cancel, observer: impl Fn() + Send + Sync + 'static) -> Self {
        Self { cancel: cancel.clone(), observer: Some(Box::new(observer)) }
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once the flag is set.
    pub fn check(&self) -> Result<(), Error> {
        #[cfg(test)]
        if let Some(observer) = &self.observer {
            observer();
        }
        self.cancel.check()
    }
}
