//! The jobs that wait for the engine, in the order in which they came.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::job::{Job, NotDone, Outcome, Work};
use super::running::{Running, RunningView};
use super::shared::lock;
use crate::engine::Cancel;

/// A bounded queue between connections and the one thread that owns the engine.
pub(super) struct Queue {
    state: Mutex<State>,
    /// Told when a job comes, and when the queue closes.
    changed: Condvar,
    most: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    running: Option<Running>,
    next_id: u64,
    is_closed: bool,
}

/// Why a job is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// As many wait as may.
    Full,
    /// The server ends.
    Closed,
}

/// A client's place in the queue. When it is dropped, because the client is gone or has its answer, the job is
/// taken out of the queue, or cancelled if it is worked on.
pub(super) struct QueuePlace {
    queue: Arc<Queue>,
    id: u64,
    answer: oneshot::Receiver<Outcome>,
}

impl Queue {
    /// A queue in which up to `most` jobs wait.
    pub fn new(most: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), most }
    }

    /// Whether a job would be refused now.
    ///
    /// # Errors
    /// Why it would.
    pub fn check_room(&self) -> Result<(), Refused> {
        self.room_in(&lock(&self.state))
    }

    fn room_in(&self, state: &State) -> Result<(), Refused> {
        match state.is_closed {
            true => Err(Refused::Closed),
            // The first one that waits is about to be worked on.
            false if state.waiting.len() >= self.most + usize::from(state.running.is_none()) => Err(Refused::Full),
            false => Ok(()),
        }
    }

    /// Adds a job at the end.
    ///
    /// # Errors
    /// If the queue is full or closed.
    pub fn enter(self: &Arc<Self>, work: Work) -> Result<QueuePlace, Refused> {
        let mut state = lock(&self.state);
        self.room_in(&state)?;
        let id = state.next_id;
        state.next_id += 1;
        let (sender, answer) = oneshot::channel();
        state.waiting.push_back(Job { id, work, cancel: Cancel::default(), answer: sender });
        drop(state);
        self.changed.notify_one();
        Ok(QueuePlace { queue: Arc::clone(self), id, answer })
    }

    /// Waits for the next job and marks it as worked on; `None` once the queue is closed.
    pub fn next(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            if let Some(job) = state.waiting.pop_front() {
                state.running = Some(Running::new(&job));
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Marks the job that is worked on as done.
    pub fn finished(&self) {
        lock(&self.state).running = None;
    }

    /// Changes what is known of the job that is worked on.
    pub fn update(&self, change: impl FnOnce(&mut Running)) {
        if let Some(running) = &mut lock(&self.state).running {
            change(running);
        }
    }

    /// What is known of the job that is worked on, and how many wait.
    pub fn view(&self) -> (Option<RunningView>, usize) {
        let state = lock(&self.state);
        (state.running.as_ref().map(Running::view), state.waiting.len())
    }

    /// Takes no more jobs and refuses those that wait.
    pub fn close(&self) {
        let refused = {
            let mut state = lock(&self.state);
            state.is_closed = true;
            std::mem::take(&mut state.waiting)
        };
        for job in refused {
            // A client that is gone needs no answer.
            let _ = job.answer.send(Err(NotDone::Stopping));
        }
        self.changed.notify_all();
    }

    fn leave(&self, id: u64) {
        let mut state = lock(&self.state);
        state.waiting.retain(|job| job.id != id);
        if let Some(running) = state.running.as_ref().filter(|running| running.id() == id) {
            running.cancel();
        }
    }
}

impl QueuePlace {
    /// Waits until the job has ended.
    pub async fn outcome(mut self) -> Outcome {
        // The sender is dropped without an answer only if the engine's thread ended.
        (&mut self.answer).await.unwrap_or(Err(NotDone::Stopping))
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        self.queue.leave(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ModelChoice;

    fn enter(queue: &Arc<Queue>) -> Result<QueuePlace, Refused> {
        queue.enter(Work::Load(ModelChoice::Starter))
    }

    #[test]
    fn a_full_queue_refuses_and_a_place_that_is_left_is_free_again() {
        let queue = Arc::new(Queue::new(1));
        let first = enter(&queue).expect("room");
        let job = queue.next().expect("a job");
        let second = enter(&queue).expect("one may wait");
        assert_eq!(enter(&queue).err(), Some(Refused::Full));
        drop(second);
        let third = enter(&queue).expect("room again");
        drop(first);
        assert!(job.cancel.is_cancelled(), "whoever asked for it is gone");
        queue.finished();
        let job = queue.next().expect("the third");
        assert_eq!((job.id, job.cancel.is_cancelled()), (2, false));
        drop(third);
    }

    #[test]
    fn a_closed_queue_refuses_what_waits_and_what_comes() {
        let queue = Arc::new(Queue::new(4));
        let waits = enter(&queue).expect("room");
        queue.close();
        assert_eq!(enter(&queue).err(), Some(Refused::Closed));
        assert!(queue.next().is_none());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        assert!(matches!(runtime.block_on(waits.outcome()), Err(NotDone::Stopping)));
    }
}
