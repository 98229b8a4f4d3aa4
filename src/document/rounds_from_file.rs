//! The rounds of a document file as those of a document.

use super::rounds::Rounds;
use super::store::StoredRound;
use super::{QueuedJob, ResultImage, Round, RoundId, RoundResult, RoundStart, Slot, State};

impl Rounds {
    /// The rounds of a document file. Rounds without results that do not wait to be made are left out.
    pub(super) fn from_stored(stored: Vec<StoredRound>, next: RoundId, waiting: &[QueuedJob]) -> Self {
        let mut rounds = Self { next, ..Self::default() };
        for round in stored {
            rounds.next = rounds.next.max(round.id.saturating_add(1));
            let used = rounds.tick();
            let StoredRound { id, settings, plan, model, parent, ancestry, place, start, deleted, results, .. } = round;
            let job = waiting.iter().find(|job| job.round == id);
            let places = results.iter().map(|result| result.id.image + 1).max();
            if places.is_none() && job.is_none() {
                continue;
            }
            let wanted = plan.images(&settings);
            let places = wanted.max(places.unwrap_or(0));
            let state_of = |image| match job {
                Some(job) if image < wanted && !job.skipped.contains(&image) => State::Waiting,
                _ => State::Dropped,
            };
            let mut slots: Vec<Slot> =
                (0..places).map(|image| Slot { state: state_of(image), revision: used }).collect();
            for stored in results {
                let result = RoundResult {
                    image: ResultImage::Stored(stored.picture),
                    recipe: stored.recipe,
                    parent,
                    file: stored.file,
                    starred: stored.starred,
                    note: stored.note,
                    stored: Some(stored.picture),
                    png: None,
                    used,
                };
                let state = if stored.deleted { State::Deleted(Box::new(result)) } else { State::Done(result) };
                slots[stored.id.image] = Slot { state, revision: used };
            }
            let start = start.map(|start| RoundStart { fit: start.fit, paper: start.paper });
            let deleted = deleted || job.is_none() && slots.iter().all(|slot| slot.result().is_none());
            rounds.rounds.push(Round { id, settings, plan, parent, ancestry, place, start, model, deleted, slots });
        }
        rounds
    }
}
