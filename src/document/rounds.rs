//! All rounds of a document.
//!
//! Round ids count up and are never used again, not even after a round that left nothing behind.
//!
//! What is deleted is only marked: it is kept, and [`Rounds::get`], [`Rounds::result`] and the like pass over it.
//!
//! `round.rs` is one of them, `round_result.rs` a finished picture. `round_marks.rs` stars, notes and deletes,
//! `result_budget.rs` keeps the pixels within a budget, `rounds_from_file.rs` makes them of a document's file.
//!
//! Every change is also noted as a [`RoundChange`], which the document hands to its file.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::result_budget::BUDGET;
use super::seed::{Ancestry, with_seed};
use super::store;
use super::{
    BegunRound, ResultId, ResultImage, Round, RoundChange, RoundId, RoundResult, RoundStart, Settings, Slot,
    StartImage, State,
};
use crate::engine::{Plan, Recipe};
use crate::paint::Region;

/// All rounds of a document, oldest first.
pub struct Rounds {
    pub(super) rounds: Vec<Round>,
    pub(super) next: RoundId,
    /// Counts every change of a slot and every look at a result.
    pub(super) clock: u64,
    pub(super) budget: usize,
    /// Changes with everything but steps and looks.
    pub(super) revision: u64,
    /// What happened since the document was last committed to its file, in order.
    pub(super) changes: Vec<RoundChange>,
}

impl Rounds {
    /// No rounds, whose results may take so many bytes together.
    #[cfg(test)]
    pub(super) fn with_budget(budget: usize) -> Self {
        Self { budget, ..Self::default() }
    }
}

impl Default for Rounds {
    fn default() -> Self {
        Self { rounds: Vec::new(), next: 1, clock: 0, budget: BUDGET, revision: 0, changes: Vec::new() }
    }
}

impl Rounds {
    /// Opens a round with a place for each of its pictures. The parent and the seeds are those of
    /// the start image, the region is where it lies on the canvas if it is not all of it.
    pub(super) fn begin(
        &mut self,
        (settings, plan): (Settings, Plan),
        (parent, ancestry, place): (Option<ResultId>, Ancestry, Option<Region>),
        start: Option<StartImage>,
        model: String,
    ) -> RoundId {
        let id = self.next;
        self.next += 1;
        let slots = vec![Slot::default(); plan.images(&settings)];
        let (settings, plan) = (Arc::new(settings), Arc::new(plan));
        let from = start.as_ref().map(|start| RoundStart { fit: start.fit, paper: start.paper });
        self.note_change(RoundChange::Begun(BegunRound {
            id,
            settings: Arc::clone(&settings),
            plan: Arc::clone(&plan),
            parent,
            ancestry: ancestry.clone(),
            place,
            start,
            model: model.clone(),
            begun: store::now(),
        }));
        self.rounds.push(Round {
            id,
            settings,
            plan,
            parent,
            ancestry,
            place,
            start: from,
            model,
            deleted: false,
            slots,
        });
        id
    }

    /// One of the rounds alone.
    pub(super) fn only(&self, id: RoundId) -> Self {
        Self { rounds: self.rounds.iter().filter(|round| round.id == id).cloned().collect(), ..Self::default() }
    }

    /// Whether anything happened since [`Rounds::take_changes`] was last called.
    pub(super) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Whether something happened that should not wait before it is in the file: more than marks and notes.
    pub(super) fn has_urgent_changes(&self) -> bool {
        let is_mark = |change: &RoundChange| matches!(change, RoundChange::Starred(..) | RoundChange::Noted(..));
        self.changes.iter().any(|change| !is_mark(change))
    }

    /// Changes whenever the list of rounds and what belongs to them may look different: with every change but
    /// the steps of a picture being made.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What happened since this was last called, for the document's file.
    pub(super) fn take_changes(&mut self) -> Vec<RoundChange> {
        std::mem::take(&mut self.changes)
    }

    /// Takes changes back that could not be committed, before those that came later.
    pub(super) fn return_changes(&mut self, changes: &[RoundChange]) {
        self.changes.splice(0..0, changes.iter().cloned());
    }

    /// The number that the next round gets.
    pub fn next_id(&self) -> RoundId {
        self.next
    }

    /// Numbers of rounds that were used in an earlier launch are not used again.
    pub(super) fn continue_from(&mut self, next: RoundId) {
        self.next = self.next.max(next);
    }

    /// A step was made on one picture; a place that does not exist, is finished or dropped is left alone.
    pub fn step(&mut self, id: ResultId, step: usize, steps: usize, preview: Arc<RgbImage>) {
        let is_wanted = |slot: &mut Slot| matches!(slot.state, State::Waiting | State::Denoising { .. });
        if self.slot_mut(id).is_some_and(is_wanted) {
            self.set(id, State::Denoising { step, steps, preview });
        }
    }

    /// One picture is finished; a place that does not exist is left alone.
    pub fn finished(&mut self, id: ResultId, pixels: Arc<RgbImage>, recipe: Arc<Recipe>) {
        let parent = self.parent_of(id.round);
        let used = self.tick();
        if self.slot_mut(id).is_none() {
            return;
        }
        self.note_change(RoundChange::Finished { id, picture: Arc::clone(&pixels), recipe: Arc::clone(&recipe) });
        self.set(
            id,
            State::Done(RoundResult {
                image: ResultImage::Pixels(pixels),
                recipe,
                parent,
                file: None,
                starred: false,
                note: String::new(),
                stored: None,
                png: None,
                used,
            }),
        );
        self.keep_within_budget();
    }

    /// Notes where a result was saved.
    pub fn saved(&mut self, id: ResultId, path: PathBuf) {
        if let Some(result) = self.result_mut(id) {
            result.file = Some(path.clone());
            self.note_change(RoundChange::Saved(id, path));
        }
        self.keep_within_budget();
    }

    /// Ends a round: places that are not finished are dropped, and a round without any result
    /// disappears.
    pub fn end(&mut self, round: RoundId) {
        let Some(at) = self.index(round) else { return };
        let ended = &mut self.rounds[at];
        for slot in &mut ended.slots {
            if slot.kept().is_none() {
                self.clock += 1;
                *slot = Slot { state: State::Dropped, revision: self.clock };
            }
        }
        if ended.slots.iter().all(|slot| slot.kept().is_none()) {
            self.rounds.remove(at);
        }
        self.revision += 1;
    }

    /// One picture is not wanted any more, unless it is finished already.
    pub(super) fn skip(&mut self, id: ResultId) {
        if self.slot_mut(id).is_some_and(|slot| slot.kept().is_none()) {
            self.set(id, State::Dropped);
        }
    }

    /// All pictures of a round that are not finished wait for their turn again.
    pub(super) fn wait_again(&mut self, round: RoundId) {
        let images = self.get(round).map_or(0, |round| round.slots.len());
        for id in (0..images).map(|image| ResultId { round, image }) {
            if self.slot_mut(id).is_some_and(|slot| slot.kept().is_none()) {
                self.set(id, State::Waiting);
            }
        }
    }

    /// Brings a round back that disappeared because it had no result.
    pub(super) fn reopen(&mut self, round: Round) {
        if let Err(at) = self.rounds.binary_search_by_key(&round.id, |r| r.id) {
            self.rounds.insert(at, round);
            self.revision += 1;
        }
    }

    /// A round by its number.
    pub fn get(&self, round: RoundId) -> Option<&Round> {
        self.rounds.get(self.index(round)?).filter(|round| !round.deleted)
    }

    /// The latest round.
    pub fn latest(&self) -> Option<&Round> {
        self.iter().next_back()
    }

    /// All rounds, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Round> {
        self.rounds.iter().filter(|round| !round.deleted)
    }

    /// The result that a round came from, whether it or the round was deleted or not; `None` where neither round
    /// nor result exist.
    pub(super) fn parent_of(&self, round: RoundId) -> Option<ResultId> {
        self.rounds.get(self.index(round)?)?.parent
    }

    /// Whether there is such a round, deleted or not.
    pub(super) fn has_had(&self, round: RoundId) -> bool {
        self.index(round).is_some()
    }

    /// How many rounds there are. Numbers of rounds can be higher, because rounds without results
    /// disappear.
    pub fn count(&self) -> usize {
        self.iter().count()
    }

    /// The round before this one.
    pub fn earlier(&self, round: RoundId) -> Option<RoundId> {
        let at = self.rounds.partition_point(|r| r.id < round);
        Some(self.rounds.get(..at)?.iter().rev().find(|round| !round.deleted)?.id)
    }

    /// The round after this one.
    pub fn later(&self, round: RoundId) -> Option<RoundId> {
        let at = self.rounds.partition_point(|r| r.id <= round);
        Some(self.rounds.get(at..)?.iter().find(|round| !round.deleted)?.id)
    }

    /// One picture's place.
    pub fn slot(&self, round: RoundId, image: usize) -> Option<&Slot> {
        self.get(round)?.slots.get(image)
    }

    /// A finished picture.
    pub fn result(&self, id: ResultId) -> Option<&RoundResult> {
        self.slot(id.round, id.image)?.result()
    }

    /// The seeds whose noise is in a result: its own and those of its start image.
    pub fn ancestry_of(&self, id: ResultId) -> Option<Ancestry> {
        let round = self.get(id.round)?;
        let result = self.result(id)?;
        Some(with_seed(&round.ancestry, result.recipe.seed))
    }

    pub(super) fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn set(&mut self, id: ResultId, state: State) {
        let revision = self.tick();
        if let Some(slot) = self.slot_mut(id) {
            *slot = Slot { state, revision };
        }
    }

    /// Ids increase along the list, but not always by one.
    pub(super) fn index(&self, round: RoundId) -> Option<usize> {
        self.rounds.binary_search_by_key(&round, |r| r.id).ok()
    }

    pub(super) fn slot_mut(&mut self, id: ResultId) -> Option<&mut Slot> {
        let at = self.index(id.round)?;
        self.rounds.get_mut(at)?.slots.get_mut(id.image)
    }

    /// A finished picture, deleted or not.
    pub(super) fn result_mut(&mut self, id: ResultId) -> Option<&mut RoundResult> {
        self.slot_mut(id)?.kept_mut()
    }

    pub(super) fn note_change(&mut self, change: RoundChange) {
        self.revision += 1;
        self.changes.push(change);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::picture::encode_png;

    const SIDE: u32 = 64;
    pub(in crate::document) const PIXELS: usize = (SIDE * SIDE * 3) as usize;

    pub(in crate::document) fn picture(seed: u64) -> Arc<RgbImage> {
        Arc::new(RgbImage::from_fn(SIDE, SIDE, |x, y| image::Rgb([(x * y) as u8, seed as u8, y as u8])))
    }

    fn recipe(seed: u64) -> Arc<Recipe> {
        Arc::new(Recipe {
            settings: Settings::default(),
            seed,
            model: "m".into(),
            from_picture: true,
            made_with: Default::default(),
        })
    }

    fn begin(rounds: &mut Rounds, batch: usize) -> RoundId {
        rounds.begin(
            (Settings { batch, ..Settings::default() }, Plan::default()),
            (None, Ancestry::new(), None),
            None,
            "m".into(),
        )
    }

    /// A round of one finished picture.
    pub(in crate::document) fn finished(rounds: &mut Rounds, seed: u64) -> ResultId {
        let id = ResultId { round: begin(rounds, 1), image: 0 };
        rounds.finished(id, picture(seed), recipe(seed));
        rounds.end(id.round);
        id
    }

    pub(in crate::document) fn png(seed: u64) -> Arc<[u8]> {
        encode_png(&picture(seed), None).expect("encodes").into()
    }

    fn is_decoded(rounds: &Rounds, id: ResultId) -> bool {
        rounds.result(id).is_some_and(|r| r.image.pixels().is_some())
    }

    #[test]
    fn a_cancelled_round_keeps_what_was_finished() {
        let mut rounds = Rounds::default();
        let id = begin(&mut rounds, 4);
        rounds.finished(ResultId { round: id, image: 0 }, picture(1), recipe(1));
        rounds.end(id);
        let round = rounds.latest().expect("kept");
        let states: Vec<bool> = round.slots.iter().map(|slot| slot.result().is_some()).collect();
        assert_eq!(states, [true, false, false, false]);
        assert!(matches!(round.slots[1].state, State::Dropped));
    }

    #[test]
    fn a_round_without_results_disappears_and_its_number_is_not_used_again() {
        let mut rounds = Rounds::default();
        let first = finished(&mut rounds, 1).round;
        let cancelled = begin(&mut rounds, 4);
        rounds.end(cancelled);
        let third = finished(&mut rounds, 3).round;
        assert_eq!((first, cancelled, third), (1, 2, 3));
        assert_eq!(rounds.count(), 2);
        assert!(rounds.get(cancelled).is_none());
        assert_eq!((rounds.earlier(third), rounds.later(first)), (Some(first), Some(third)));
        assert_eq!((rounds.earlier(first), rounds.later(third)), (None, None));
    }

    #[test]
    fn events_of_a_round_that_is_gone_reach_no_other_round() {
        let mut rounds = Rounds::default();
        let gone = ResultId { round: begin(&mut rounds, 1), image: 0 };
        rounds.end(gone.round);
        let next = begin(&mut rounds, 1);
        rounds.finished(gone, picture(1), recipe(1));
        rounds.step(gone, 1, 2, picture(1));
        rounds.saved(ResultId { round: 99, image: 9 }, "x".into());
        rounds.encoded(gone, png(1));
        rounds.decoded(gone, picture(1));
        rounds.look_at(0);
        assert!(matches!(rounds.slot(next, 0).expect("waits").state, State::Waiting));
        assert!(rounds.slot(0, 0).is_none());
    }

    #[test]
    fn a_late_step_does_not_replace_a_finished_picture() {
        let mut rounds = Rounds::default();
        let id = finished(&mut rounds, 1);
        rounds.step(id, 1, 2, picture(2));
        assert!(is_decoded(&rounds, id));
    }

    #[test]
    fn a_result_knows_its_parent_and_all_seeds_in_it() {
        let mut rounds = Rounds::default();
        let parent = finished(&mut rounds, 7);
        let seeds = rounds.ancestry_of(parent).expect("finished");
        let settings = Settings { batch: 1, ..Settings::default() };
        let round = rounds.begin((settings, Plan::default()), (Some(parent), seeds, None), None, "m".into());
        let child = ResultId { round, image: 0 };
        assert_eq!(rounds.ancestry_of(child), None, "not finished");
        rounds.finished(child, picture(9), recipe(9));
        assert_eq!(rounds.result(child).and_then(|r| r.parent), Some(parent));
        assert_eq!(rounds.ancestry_of(child), Some(vec![7, 9]));
    }

    #[test]
    fn numbers_go_on_after_a_restart() {
        let mut rounds = Rounds::default();
        rounds.continue_from(12);
        assert_eq!(begin(&mut rounds, 1), 12);
        rounds.continue_from(3);
        assert_eq!(begin(&mut rounds, 1), 13);
    }

    #[test]
    fn every_change_is_noted_once_and_those_that_failed_come_first() {
        let mut rounds = Rounds::default();
        let id = finished(&mut rounds, 1);
        rounds.star(id, true);
        rounds.star(id, true);
        rounds.note(id, "the best");
        let gone = ResultId { round: 9, image: 0 };
        rounds.star(gone, true);
        rounds.finished(gone, picture(1), recipe(1));
        let changes = rounds.take_changes();
        assert_eq!(changes.len(), 4, "begun, finished, star, note");
        assert!(!rounds.has_changes());
        rounds.star(id, false);
        rounds.return_changes(&changes);
        let again = rounds.take_changes();
        assert!(matches!(again[0], RoundChange::Begun(_)) && matches!(again[4], RoundChange::Starred(_, false)));
    }
}
