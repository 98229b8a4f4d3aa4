//! Reads results again that are looked at, and encodes those that take too much memory.
//!
//! [`Rounds`](crate::document::Rounds) decides which pixels are dropped; the file thread encodes and
//! decodes.

use std::collections::{HashMap, HashSet};

use super::UserCommand;
use super::commands::Services;
use super::state::WindowState;
use crate::document::{ResultId, RoundId};
use crate::jobs::FileTask;

/// What was asked of the file thread.
#[derive(Default)]
pub(super) struct ResultMemory {
    /// The round that was shown in the previous frame.
    shown: RoundId,
    /// Results that are being decoded, or cannot be.
    decoding: HashSet<ResultId>,
    /// Results that are being encoded.
    encoding: HashSet<ResultId>,
    /// Commands that wait for the pixels of a result.
    waiting: Vec<(ResultId, UserCommand)>,
    /// Why the pixels of a result cannot be read, one sentence each.
    unreadable: HashMap<ResultId, String>,
}

impl ResultMemory {
    /// Lets a command wait until the pixels of its result are there.
    pub fn wait(&mut self, id: ResultId, command: UserCommand) {
        self.decoding.remove(&id);
        self.waiting.push((id, command));
    }

    /// Asks for the pixels of a result again, if that failed before.
    pub fn retry(&mut self, id: ResultId) {
        self.decoding.remove(&id);
        self.unreadable.remove(&id);
    }

    /// Pixels were read; returns the commands that waited for them.
    pub fn decoded(&mut self, id: ResultId) -> Vec<UserCommand> {
        self.decoding.remove(&id);
        self.unreadable.remove(&id);
        self.no_longer_waiting(id)
    }

    /// Pixels cannot be read, for a reason in one sentence. They are not asked for again until a command
    /// needs them.
    pub fn failed(&mut self, id: ResultId, reason: String) {
        self.no_longer_waiting(id);
        self.unreadable.insert(id, reason);
    }

    /// Why the pixels of a result cannot be read, if that was tried and failed.
    pub fn unreadable(&self, id: ResultId) -> Option<&str> {
        self.unreadable.get(&id).map(String::as_str)
    }

    /// A result was encoded.
    pub fn encoded(&mut self, id: ResultId) {
        self.encoding.remove(&id);
    }

    fn no_longer_waiting(&mut self, id: ResultId) -> Vec<UserCommand> {
        let (ready, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|(of, _)| *of == id);
        self.waiting = waiting;
        let ready: Vec<(ResultId, UserCommand)> = ready;
        ready.into_iter().map(|(_, command)| command).collect()
    }
}

/// Asks the file thread for what is missing. Runs once a frame.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    let memory = &mut state.result_memory;
    let shown = state.gallery.round();
    if std::mem::replace(&mut memory.shown, shown) != shown {
        state.document.rounds_mut().look_at(shown);
    }
    let rounds = state.document.rounds();
    let slots = rounds.get(shown).map_or(0, |round| round.slots.len());
    let on_show = (0..slots).map(|image| ResultId { round: shown, image });
    let waiting = memory.waiting.iter().map(|(id, _)| *id);
    let wanted: Vec<ResultId> = on_show.chain(waiting).chain(state.compare.wanted()).collect();
    for id in wanted {
        let Some(result) = rounds.result(id) else { continue };
        if result.image.pixels().is_none() && memory.decoding.insert(id) {
            services.jobs.files(FileTask::DecodeResult(state.shown.id, id, result.image.clone()));
        }
    }
    for (id, pixels) in rounds.to_encode() {
        if memory.encoding.insert(id) {
            services.jobs.files(FileTask::EncodeResult(state.shown.id, id, pixels));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::ResultCommand;

    #[test]
    fn a_result_that_cannot_be_read_says_so_until_it_can() {
        let mut memory = ResultMemory::default();
        let id = ResultId { round: 1, image: 2 };
        memory.wait(id, ResultCommand::Copy(1, 2).into());
        assert_eq!(memory.unreadable(id), None);
        memory.failed(id, "It is gone.".into());
        assert_eq!(memory.unreadable(id), Some("It is gone."));
        assert!(memory.decoded(id).is_empty(), "the command does not wait any more");
        assert_eq!(memory.unreadable(id), None);
    }
}
