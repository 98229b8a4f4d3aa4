//! Deleting rounds and results: they are marked, kept in the document's file, and come back with undo.

use super::edit::Change;
use super::{Document, Edit, EditKind, ResultId, RoundId};

/// What can be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletable {
    /// One result. Rounds that came from it stay.
    Result(ResultId),
    /// A round with all its results. Rounds that came from these stay.
    Round(RoundId),
}

impl Deletable {
    /// The round, or the one that the result belongs to.
    pub fn round(self) -> RoundId {
        match self {
            Self::Result(ResultId { round, .. }) | Self::Round(round) => round,
        }
    }
}

/// Why something cannot be deleted, as one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeleteError {
    /// Its pictures are not finished.
    #[error("This round is being made. Cancel it or wait for it, then delete it.")]
    BeingMade,
    /// It has not begun.
    #[error("This round waits in the queue. Drop it there, then delete it.")]
    Waiting,
    /// There is no such round or result, or it was deleted already.
    #[error("There is nothing to delete here.")]
    Missing,
}

impl Document {
    /// Deletes a result or a round as one edit. With the last result of a round the round is deleted. Returns what
    /// was deleted. Numbers of deleted rounds are never used again.
    ///
    /// # Errors
    /// If there is no such thing, or its round is being made; nothing has changed then.
    pub fn delete(&mut self, item: Deletable) -> Result<Deletable, DeleteError> {
        let id = item.round();
        let round = self.rounds.get(id).ok_or(DeleteError::Missing)?;
        self.check_idle(id)?;
        let (item, kind) = match item {
            Deletable::Result(result) => {
                self.rounds.result(result).ok_or(DeleteError::Missing)?;
                match round.results().count() {
                    1 => (Deletable::Round(id), EditKind::DeleteRound),
                    _ => (item, EditKind::DeleteResult),
                }
            }
            Deletable::Round(_) => (item, EditKind::DeleteRound),
        };
        self.end_stroke();
        if let Some(inverse) = self.exchange_from_history(Edit { kind, change: Change::Deleted(item, true) }) {
            self.history.record(inverse);
        }
        Ok(item)
    }

    /// Refuses a round that waits in the queue or is being made.
    fn check_idle(&self, id: RoundId) -> Result<(), DeleteError> {
        if self.queue.waiting().iter().any(|job| job.round == id) {
            return Err(DeleteError::Waiting);
        }
        match self.rounds.get(id) {
            Some(round) if round.is_being_made() => Err(DeleteError::BeingMade),
            _ => Ok(()),
        }
    }

    /// Why the change that was undone last cannot be made again now: it would delete a round that waits in the queue or is
    /// being made, because it was tried again meanwhile. `None` if it can.
    pub fn redo_refusal(&self) -> Option<DeleteError> {
        match self.history.next_redo()?.change {
            Change::Deleted(item, true) => self.check_idle(item.round()).err(),
            _ => None,
        }
    }

    pub(super) fn mark_deleted(&mut self, item: Deletable, deleted: bool) {
        match item {
            Deletable::Result(id) => self.rounds.delete_result(id, deleted),
            Deletable::Round(id) => self.rounds.delete_round(id, deleted),
        };
    }

    /// What undo would show again, if the last change was to delete something.
    pub fn last_deleted(&self) -> Option<Deletable> {
        deleted_by(self.history.next_undo().filter(|_| !self.is_stroking())?)
    }
}

fn deleted_by(edit: &Edit) -> Option<Deletable> {
    match edit.change {
        Change::Deleted(item, false) => Some(item),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::RgbImage;

    use super::*;
    use crate::document::tests::{document, dot, make_round, sheet};
    use crate::engine::Recipe;
    use crate::paint::Rgb;

    /// A round with two finished pictures.
    fn pair(document: &mut Document) -> RoundId {
        document.settings_mut().batch = 2;
        let (round, _) = document.begin_round(5, "m".into());
        for image in 0..2 {
            let recipe = Recipe {
                settings: document.settings().clone(),
                seed: 5,
                model: "m".into(),
                from_picture: true,
                ..Recipe::default()
            };
            let id = ResultId { round, image };
            document.rounds_mut().finished(id, Arc::new(RgbImage::new(8, 8)), Arc::new(recipe));
        }
        document.rounds_mut().end(round);
        round
    }

    #[test]
    fn a_deleted_round_comes_back_with_undo_and_its_children_stay() {
        let mut document = document();
        document.settings_mut().batch = 1;
        let first = make_round(&mut document, 1);
        document.paint_over(first, sheet(64, 64, Rgb::BLACK));
        let second = make_round(&mut document, 2);
        assert_eq!(document.delete(Deletable::Round(1)), Ok(Deletable::Round(1)));
        let rounds = document.rounds();
        assert!(rounds.get(1).is_none() && rounds.result(first).is_none() && rounds.ancestry_of(first).is_none());
        assert_eq!((rounds.count(), rounds.earlier(2), rounds.latest().map(|round| round.id)), (1, None, Some(2)));
        assert_eq!(rounds.get(2).and_then(|round| round.parent), Some(first));
        assert_eq!(rounds.next_id(), 3, "numbers are never used again");
        assert!(!document.paint_over(first, sheet(64, 64, Rgb::WHITE)), "a deleted result cannot be used");
        assert_eq!(document.last_deleted(), Some(Deletable::Round(1)));
        dot(&mut document, 9.0, 9.0);
        assert_eq!(document.last_deleted(), None, "a stroke is undone first");
        document.undo();
        document.undo();
        assert!(document.rounds().result(first).is_some());
        assert_eq!(document.origin(), Some(first), "the canvas is as it was");
        document.redo();
        assert!(document.rounds().get(1).is_none());
        assert_eq!(document.delete(Deletable::Result(first)), Err(DeleteError::Missing));
        assert_eq!(document.delete(Deletable::Result(second)), Ok(Deletable::Round(2)), "it was the only one");
        assert_eq!((document.rounds().count(), document.rounds().latest().is_none()), (0, true));
    }

    #[test]
    fn of_several_results_one_is_deleted_and_late_reports_still_reach_it() {
        let mut document = document();
        let round = pair(&mut document);
        let [first, second] = [0, 1].map(|image| ResultId { round, image });
        assert_eq!(document.delete(Deletable::Result(first)), Ok(Deletable::Result(first)));
        assert!(document.rounds().result(first).is_none() && document.rounds().result(second).is_some());
        document.rounds_mut().saved(first, "a.png".into());
        document.rounds_mut().step(first, 1, 2, Arc::new(RgbImage::new(1, 1)));
        document.rounds_mut().end(round);
        document.undo();
        assert_eq!(document.rounds().result(first).and_then(|result| result.file.clone()), Some("a.png".into()));
    }

    #[test]
    fn what_is_being_made_is_not_deleted() {
        let mut document = document();
        let (round, _) = document.begin_round(1, "m".into());
        assert_eq!(document.delete(Deletable::Round(round)), Err(DeleteError::BeingMade));
        assert_eq!(document.delete(Deletable::Round(9)), Err(DeleteError::Missing));
        assert!(!document.can_undo());
    }
}
