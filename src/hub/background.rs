//! Work that may hang, done where it can be abandoned.

use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};

use super::{Control, HubError};

/// Runs `work` on a thread of its own and returns its result. After cancelling the thread is abandoned: it ends when the
/// network lets it, and what it brings is dropped.
///
/// # Errors
/// [`HubError::Cancelled`], or [`HubError::Setup`] where the system starts no thread.
pub(super) fn run<T: Send + 'static>(
    control: &Control,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HubError> {
    let (sender, results) = bounded(1);
    start(move || {
        let _ = sender.send(work());
    })?;
    loop {
        control.check()?;
        match results.recv_timeout(Duration::from_millis(50)) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(HubError::Setup("Fetching stopped because of an internal error; try again.".into()));
            }
        }
    }
}

/// Starts a thread for the network.
///
/// # Errors
/// [`HubError::Setup`] where the system starts none.
pub(super) fn start(work: impl FnOnce() + Send + 'static) -> Result<(), HubError> {
    let started = std::thread::Builder::new().name("fetching".into()).spawn(work);
    started.map(drop).map_err(|error| {
        HubError::Setup(format!(
            "Fetching could not begin: {}; close other programs and try again.",
            super::error::plain(&error)
        ))
    })
}
