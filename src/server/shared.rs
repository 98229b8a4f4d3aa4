//! What all connections share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::model_shelf::ModelShelf;
use super::queue::Queue;
use super::stop::Stop;
use super::web_options::WebOptions;
use super::{Credentials, ServerLimits};
use crate::engine::Runtime;
use crate::prompts::StyleList;

pub(super) struct Shared {
    pub limits: ServerLimits,
    pub credentials: Option<Credentials>,
    /// Whether only this machine can reach the server.
    pub is_local: bool,
    pub queue: Arc<Queue>,
    pub shelf: ModelShelf,
    pub options: Mutex<WebOptions>,
    pub runtime: Runtime,
    pub styles: StyleList,
    /// Kilobytes of bodies that may still be read.
    pub body_room: Semaphore,
    pub stop: Stop,
}

impl Shared {
    /// The options as they are now.
    pub fn options(&self) -> WebOptions {
        lock(&self.options).clone()
    }
}

/// Locks a value that is whole after every change, so that a panic elsewhere does not matter.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
