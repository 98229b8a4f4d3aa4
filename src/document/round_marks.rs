//! Stars, notes, and what is marked as deleted.

use super::rounds::Rounds;
use super::{ResultId, RoundChange, RoundId, Slot, State};

impl Rounds {
    /// Marks a result with a star, or takes the star away.
    pub fn star(&mut self, id: ResultId, starred: bool) {
        if let Some(result) = self.result_mut(id)
            && result.starred != starred
        {
            result.starred = starred;
            self.note_change(RoundChange::Starred(id, starred));
        }
    }

    /// Writes a note about a result; an empty one is none.
    pub fn note(&mut self, id: ResultId, note: &str) {
        if let Some(result) = self.result_mut(id)
            && result.note != note
        {
            note.clone_into(&mut result.note);
            // A note that is being typed is one change and not one for each letter.
            if matches!(self.changes.last(), Some(RoundChange::Noted(last, _)) if *last == id) {
                self.changes.pop();
            }
            self.note_change(RoundChange::Noted(id, note.to_owned()));
        }
    }

    /// Marks a result as deleted, or shows it again. Returns whether that changed anything.
    pub(super) fn delete_result(&mut self, id: ResultId, deleted: bool) -> bool {
        let revision = self.tick();
        let Some(slot) = self.slot_mut(id) else { return false };
        let state = match (std::mem::take(&mut slot.state), deleted) {
            (State::Done(result), true) => State::Deleted(Box::new(result)),
            (State::Deleted(result), false) => State::Done(*result),
            (other, _) => {
                slot.state = other;
                return false;
            }
        };
        *slot = Slot { state, revision };
        self.note_change(RoundChange::Deleted(id, deleted));
        true
    }

    /// Marks a round as deleted, or shows it again. Returns whether that changed anything.
    pub(super) fn delete_round(&mut self, id: RoundId, deleted: bool) -> bool {
        match self.index(id).and_then(|at| self.rounds.get_mut(at)) {
            Some(round) if round.deleted != deleted => {
                round.deleted = deleted;
                self.note_change(RoundChange::RoundDeleted(id, deleted));
                true
            }
            _ => false,
        }
    }
}
