//! The pictures that wait, shared by the threads of the engines.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::pace::{Pace, should_take};
use crate::engine::{Cancel, Error};

/// How often a waiting engine looks whether it was cancelled, or whether it should help after all.
const LOOK: Duration = Duration::from_millis(50);

/// The pictures of a request, and who makes them.
pub(super) struct Work {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: VecDeque<usize>,
    engines: Vec<Worker>,
    error: Option<Error>,
}

struct Worker {
    seconds: Option<f64>,
    /// Since when it makes a picture.
    since: Option<Instant>,
    takes_part: bool,
}

impl Work {
    /// These pictures for engines of which is known how long a picture takes and whether they take part.
    pub fn new(waiting: VecDeque<usize>, engines: Vec<(Option<f64>, bool)>) -> Self {
        let worker = |(seconds, takes_part)| Worker { seconds, since: None, takes_part };
        let engines = engines.into_iter().map(worker).collect();
        Self { state: Mutex::new(State { waiting, engines, error: None }), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What a panicking thread left is whole: nothing is changed in several steps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next picture for an engine, which waits while others would be done earlier, or might fail. `None` when there is
    /// nothing left for it.
    pub fn take(&self, place: usize, cancel: &Cancel) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if cancel.is_cancelled() || !state.engines.get(place)?.takes_part {
                return None;
            }
            // Left out while it waited.
            state.waiting.retain(|image| !cancel.is_left_out(*image));
            if state.waiting.is_empty() && state.engines.iter().all(|worker| worker.since.is_none()) {
                return None;
            }
            if should_take(place, state.waiting.len(), &state.paces())
                && let Some(image) = state.waiting.pop_front()
            {
                state.engines.get_mut(place)?.since = Some(Instant::now());
                return Some(image);
            }
            let waited = self.changed.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// An engine is done with its picture, in so many seconds if that says how quick it is.
    pub fn done(&self, place: usize, seconds: Option<f64>) {
        if let Some(worker) = self.lock().engines.get_mut(place) {
            worker.since = None;
            worker.seconds = seconds.or(worker.seconds);
        }
        self.changed.notify_all();
    }

    /// An engine failed at a picture, which waits again, and gets no others. Returns whether another one can make it.
    pub fn failed(&self, place: usize, image: usize, error: Error) -> bool {
        let mut state = self.lock();
        state.waiting.push_front(image);
        state.error = Some(error);
        if let Some(worker) = state.engines.get_mut(place) {
            (worker.since, worker.takes_part) = (None, false);
        }
        let others = state.engines.iter().any(|worker| worker.takes_part);
        drop(state);
        self.changed.notify_all();
        others
    }

    /// Whether all pictures were made.
    ///
    /// # Errors
    /// What the last engine failed at.
    pub fn outcome(self) -> Result<(), Error> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (state.waiting.is_empty(), state.error) {
            (true, _) => Ok(()),
            (false, Some(error)) => Err(error),
            (false, None) => Err(Error::Setting("No engine that is switched on can make these pictures.".into())),
        }
    }
}

impl State {
    fn paces(&self) -> Vec<Pace> {
        let pace = |worker: &Worker| {
            let busy = worker.since.map(|since| since.elapsed().as_secs_f64());
            // One that takes longer than usual is expected to go on like that.
            let seconds = worker.seconds.map(|usual| usual.max(busy.unwrap_or(0.0)));
            let left = busy.map_or(0.0, |busy| (seconds.unwrap_or(busy) - busy).max(0.0));
            Pace { seconds, busy: left, takes_part: worker.takes_part }
        };
        self.engines.iter().map(pace).collect()
    }
}
