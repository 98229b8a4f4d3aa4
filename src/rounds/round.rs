//! A round and its results.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use crate::engine::Recipe;

/// A round's place in the order of the program's run, from 1.
pub type RoundId = usize;

/// How far one picture of a round is.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// It is being made; the preview is small.
    Denoising {
        /// Steps done.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// The latest idea of it.
        preview: Arc<RgbImage>,
    },
    /// It is ready.
    Done {
        /// The pixels.
        picture: Arc<RgbImage>,
        /// What made it.
        recipe: Arc<Recipe>,
        /// Where it was written by itself, once it was.
        file: Option<PathBuf>,
    },
    /// The round was cancelled or failed before it was ready.
    Dropped,
}

/// One picture's place in a round.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// How far it is.
    pub state: State,
    /// Changes with every new state, so that a view knows when to look again.
    pub revision: u64,
}

/// One press of Generate.
#[derive(Clone, Debug)]
pub struct Round {
    /// Its number.
    pub id: RoundId,
    /// A place for each picture of the batch.
    pub slots: Vec<Slot>,
}

impl Round {
    /// Whether any picture is ready.
    pub fn has_results(&self) -> bool {
        self.slots.iter().any(|s| matches!(s.state, State::Done { .. }))
    }
}

/// All rounds of this run of the program, oldest first.
#[derive(Default)]
pub struct Rounds {
    rounds: Vec<Round>,
    revision: u64,
}

impl Rounds {
    /// Opens a round with so many places.
    pub fn begin(&mut self, batch: usize) -> RoundId {
        let id = self.rounds.len() + 1;
        self.rounds.push(Round { id, slots: vec![Slot::default(); batch] });
        id
    }

    /// Puts a picture of a round into a new state; a place that does not exist is ignored.
    pub fn set(&mut self, round: RoundId, image: usize, state: State) {
        self.revision += 1;
        let revision = self.revision;
        if let Some(slot) = self.slot_mut(round, image) {
            *slot = Slot { state, revision };
        }
    }

    /// Notes where a result was written.
    pub fn saved(&mut self, round: RoundId, image: usize, path: PathBuf) {
        if let Some(Slot { state: State::Done { file, .. }, .. }) = self.slot_mut(round, image) {
            *file = Some(path);
        }
    }

    /// Ends a round: places that are not ready are dropped; a round without any result disappears
    /// if it is the latest.
    pub fn end(&mut self, round: RoundId) {
        let Some(ended) = round.checked_sub(1).and_then(|i| self.rounds.get_mut(i)) else { return };
        for slot in &mut ended.slots {
            if !matches!(slot.state, State::Done { .. }) {
                slot.state = State::Dropped;
            }
        }
        if !ended.has_results() && round == self.rounds.len() {
            self.rounds.pop();
        }
    }

    /// A round by its number.
    pub fn get(&self, round: RoundId) -> Option<&Round> {
        self.rounds.get(round.checked_sub(1)?)
    }

    /// The latest round.
    pub fn latest(&self) -> Option<&Round> {
        self.rounds.last()
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Round> {
        self.rounds.iter()
    }

    /// One picture's state.
    pub fn slot(&self, round: RoundId, image: usize) -> Option<&Slot> {
        self.get(round)?.slots.get(image)
    }

    fn slot_mut(&mut self, round: RoundId, image: usize) -> Option<&mut Slot> {
        self.rounds.get_mut(round.checked_sub(1)?)?.slots.get_mut(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settings;

    fn done() -> State {
        let settings = Settings::default();
        let recipe = Arc::new(Recipe { settings, seed: 1, model: "m".into(), from_picture: true });
        State::Done { picture: Arc::new(RgbImage::new(1, 1)), recipe, file: None }
    }

    #[test]
    fn a_cancelled_round_keeps_what_was_finished() {
        let mut rounds = Rounds::default();
        let id = rounds.begin(4);
        rounds.set(id, 0, done());
        rounds.end(id);
        let states: Vec<bool> =
            rounds.latest().expect("kept").slots.iter().map(|s| matches!(s.state, State::Done { .. })).collect();
        assert_eq!(states, [true, false, false, false]);
    }

    #[test]
    fn a_round_without_results_leaves_nothing_behind() {
        let mut rounds = Rounds::default();
        let first = rounds.begin(1);
        rounds.set(first, 0, done());
        rounds.end(first);
        let second = rounds.begin(4);
        rounds.end(second);
        assert_eq!(rounds.iter().count(), 1);
        rounds.set(second, 0, done());
        rounds.saved(99, 0, "x".into());
        assert!(rounds.slot(0, 0).is_none());
    }
}
