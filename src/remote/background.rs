//! Requests that may hang, sent where they can be abandoned.

use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::trouble::Trouble;
use crate::engine::{Cancel, Error};

/// How often the cancel flag is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// Runs `work` on a thread of its own. If nobody takes the result any more, it is dropped.
///
/// # Errors
/// If the system starts no thread.
pub(super) fn start<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<Receiver<T>, Trouble> {
    let (sender, results) = bounded(1);
    let run = move || {
        let _ = sender.send(work());
    };
    let started = std::thread::Builder::new().name("remote".into()).spawn(run);
    started.map(|_| results).map_err(|error| Trouble::Connection(crate::picture::plain_reason(&error)))
}

/// Runs a request beside this thread and waits for it until `cancel` is set.
///
/// # Errors
/// [`Error::Cancelled`], or what goes wrong with the server at `host`.
pub(super) fn ask<T: Send + 'static>(
    host: &str,
    cancel: &Cancel,
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<Result<T, Trouble>, Error> {
    let results = start(work).map_err(|trouble| trouble.into_error(host))?;
    loop {
        cancel.check()?;
        match results.recv_timeout(LOOK) {
            Ok(result) => return Ok(result),
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => {
                return Err(Error::Internal("a request ended without a result".into()));
            }
        }
    }
}
