//! The queue in the window: rounds that wait to be made while another is.
//!
//! The document holds the jobs ([`Queue`](crate::document::Queue)); the window hands one after the other to the
//! engine's thread, so that the others can still be moved, dropped and paused.
//!
//! - `driver.rs` begins jobs, and applies what becomes of them.
//! - `forever.rs` adds the next round when no other waits.
//! - `strip.rs` is the line below the prompt: progress, pause, skip; `panel.rs` is the list of jobs, `words.rs` what
//!   it says, `bar.rs` the question about jobs of an earlier launch.
//! - `pace.rs` tells when all will be done, `notification.rs` that they are.

pub(super) mod bar;
pub(super) mod driver;
pub(super) mod forever;
mod notification;
mod pace;
pub(super) mod panel;
pub(super) mod strip;
mod words;

pub use notification::NotifyWhen;
pub(super) use notification::{Notifier, desktop_notifier};

use crate::document::RoundId;

/// What the window remembers about the queue besides its jobs.
#[derive(Default)]
pub(super) struct QueueView {
    /// Whether the list of jobs is shown.
    pub is_open: bool,
    /// Whether another round begins when no job waits.
    pub is_forever: bool,
    /// When the end of the queue is notified.
    pub notify: NotifyWhen,
    pub pace: pace::Pace,
    /// The round whose start image is being read.
    reading: Option<RoundId>,
    /// The round whose start image cannot be read, and why, as one sentence.
    unreadable: Option<(RoundId, String)>,
    /// Since when jobs are being made without a pause, in seconds of the window's clock.
    busy_since: Option<f64>,
    /// How many pictures were made since then.
    made: usize,
    /// When the running job began, or its latest picture was finished, in seconds of the window's clock.
    picture_since: Option<f64>,
    /// The round that was asked for last, and the canvas that it started from.
    pub asked: Option<(RoundId, u64)>,
    /// Whether the chosen model is loaded once the queue is empty.
    loads_later: bool,
}

impl QueueView {
    /// Nothing is queued; its end is notified as it was chosen.
    pub fn new(notify: NotifyWhen) -> Self {
        Self { notify, ..Self::default() }
    }

    /// Another document is shown.
    pub fn leave_document(&mut self) {
        (self.is_forever, self.reading, self.unreadable) = (false, None, None);
        (self.busy_since, self.made, self.asked) = (None, 0, None);
    }
}
