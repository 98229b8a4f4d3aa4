//! The flags that pause, resume and cancel fetching.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::HubError;
use crate::engine::Cancel;

/// Shared flags: cheap to clone, set from any thread.
#[derive(Clone, Debug, Default)]
pub struct Control {
    cancel: Cancel,
    paused: Arc<AtomicBool>,
}

impl Control {
    /// Stops fetching within a second. What was fetched is kept, and the next try goes on from there.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether cancelling was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Asks for nothing more until [`Control::resume`].
    pub fn pause(&self) {
        self.paused.store(true, Ordering::Relaxed);
    }

    /// Goes on after [`Control::pause`].
    pub fn resume(&self) {
        self.paused.store(false, Ordering::Relaxed);
    }

    /// Whether fetching is paused.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// The flag that cancels.
    pub(super) fn cancel_flag(&self) -> &Cancel {
        &self.cancel
    }

    /// [`HubError::Cancelled`] once cancelling was asked for.
    pub(super) fn check(&self) -> Result<(), HubError> {
        if self.is_cancelled() { Err(HubError::Cancelled) } else { Ok(()) }
    }
}

/// A control whose cancel flag is this one.
impl From<&Cancel> for Control {
    fn from(cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), paused: Arc::default() }
    }
}
