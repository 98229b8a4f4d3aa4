//! The rounds of a document and their results.
//!
//! Round ids count up and are never used again, not even after a round that left nothing behind.
//!
//! Memory: pixels of results stay in memory up to a budget. Beyond it, results that were looked at
//! longest ago keep only their PNG bytes, and beyond that only the name under which the document's file
//! or the file they were saved to has them. Encoding and decoding is slow, so it is left to the owner, who
//! does it on another thread: [`Rounds::to_encode`] lists what should be encoded, [`Rounds::encoded`] takes
//! the bytes, every other form than pixels is decoded with [`ResultImage::decode`], and
//! [`Rounds::decoded`] takes the pixels. The only copy of a result is never dropped.
//!
//! What is deleted is only marked: it is kept, and [`Rounds::get`], [`Rounds::result`] and the like pass over it.
//!
//! Every change is also noted as a [`RoundChange`], which the document hands to its file.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::seed::{Ancestry, with_seed};
use super::store::{self, BlobHash, Store, StoreError, StoredRound};
use super::{BegunRound, QueuedJob, RoundChange, Settings, StartImage};
use crate::engine::{Plan, Recipe};
use crate::paint::Rgb;
use crate::picture::{self, FileKind, Fit, OpenError};

/// A round's number, from 1: the one that people see, in the window, in file names and on the command line. It never
/// changes, and is never used again in the same document.
pub type RoundId = usize;

/// What the pixels and PNG bytes of all results together may take, in bytes.
const BUDGET: usize = 256 << 20;

/// One picture of one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResultId {
    /// The round.
    pub round: RoundId,
    /// Its place in the batch, from 0.
    pub image: usize,
}

/// How far one picture of a round is.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// It is being made.
    Denoising {
        /// Steps done.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// A small picture of how it looks now.
        preview: Arc<RgbImage>,
    },
    /// It is finished.
    Done(RoundResult),
    /// The picture was skipped, or the round was cancelled or failed before it was finished.
    Dropped,
    /// It is finished and was deleted; it is kept so that it can be shown again.
    Deleted(Box<RoundResult>),
}

/// A finished picture.
#[derive(Clone, Debug)]
pub struct RoundResult {
    /// The picture, in the form that is at hand.
    pub image: ResultImage,
    /// What made it.
    pub recipe: Arc<Recipe>,
    /// The result that its start image came from; `None` for a drawing, an opened picture, or no start
    /// image.
    pub parent: Option<ResultId>,
    /// Where it was saved, once it was.
    pub file: Option<PathBuf>,
    /// Whether it is marked with a star.
    pub starred: bool,
    /// What somebody wrote about it; empty without a note.
    pub note: String,
    /// Under which hash the document's file has it, once it is there.
    stored: Option<BlobHash>,
    /// PNG bytes beside decoded pixels, so that the pixels can be dropped without encoding again.
    png: Option<Arc<[u8]>>,
    /// When it was last looked at; larger is later.
    used: u64,
}

/// The pixels of a result, or what they can be decoded from.
#[derive(Clone, Debug)]
pub enum ResultImage {
    /// The pixels.
    Pixels(Arc<RgbImage>),
    /// A PNG in memory.
    Encoded(Arc<[u8]>),
    /// A PNG in the document's file.
    Stored(BlobHash),
    /// The file that it was saved to.
    Saved(PathBuf),
}

/// Why a result cannot be shown, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The picture cannot be read.
    #[error(transparent)]
    Picture(#[from] OpenError),
    /// The document's file cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document's file is not open.
    #[error("The result cannot be read because its document is closed. Open the document again.")]
    Closed,
}

impl ResultImage {
    /// The pixels if they need not be decoded.
    pub fn pixels(&self) -> Option<&Arc<RgbImage>> {
        match self {
            Self::Pixels(pixels) => Some(pixels),
            Self::Encoded(_) | Self::Stored(_) | Self::Saved(_) => None,
        }
    }

    /// Decodes the picture, with the help of the document's open file; takes milliseconds to a second, so not
    /// for the window's thread.
    ///
    /// # Errors
    /// If the file cannot be read any more, or is no picture now.
    pub fn decode(&self, store: Option<&Store>) -> Result<Arc<RgbImage>, DecodeError> {
        const NAME: &str = "The result";
        Ok(Arc::new(match self {
            Self::Pixels(pixels) => return Ok(Arc::clone(pixels)),
            Self::Encoded(bytes) => picture::read(bytes, NAME)?,
            Self::Stored(hash) => picture::read(&store.ok_or(DecodeError::Closed)?.picture(*hash)?, NAME)?,
            Self::Saved(path) => picture::open(path)?,
        }))
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Pixels(pixels) => pixels.as_raw().len(),
            Self::Encoded(bytes) => bytes.len(),
            Self::Stored(_) | Self::Saved(_) => 0,
        }
    }
}

impl RoundResult {
    /// The file it was saved to, if the pixels can be read from there as they were.
    fn lossless_file(&self) -> Option<&PathBuf> {
        self.file.as_ref().filter(|file| FileKind::from_path(file).is_some_and(FileKind::is_lossless))
    }

    fn bytes(&self) -> usize {
        self.image.bytes() + self.png.as_ref().map_or(0, |png| png.len())
    }
}

/// The place of one picture in a round.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// How far the picture is.
    pub state: State,
    /// Changes with every new state, so that a view knows when to show it again.
    pub revision: u64,
}

impl Slot {
    /// The finished picture, if it is finished.
    pub fn result(&self) -> Option<&RoundResult> {
        match &self.state {
            State::Done(result) => Some(result),
            _ => None,
        }
    }

    /// The finished picture, deleted or not.
    fn kept(&self) -> Option<&RoundResult> {
        match &self.state {
            State::Done(result) => Some(result),
            State::Deleted(result) => Some(result),
            _ => None,
        }
    }

    /// The finished picture, deleted or not: what is reported late must reach it.
    fn kept_mut(&mut self) -> Option<&mut RoundResult> {
        match &mut self.state {
            State::Done(result) => Some(result),
            State::Deleted(result) => Some(result),
            _ => None,
        }
    }
}

/// What one press of Generate asked for, and its pictures.
#[derive(Clone, Debug)]
pub struct Round {
    /// Its number, which never changes.
    pub id: RoundId,
    /// The settings it was asked for with; the seed is drawn already.
    pub settings: Arc<Settings>,
    /// What it asks for besides.
    pub plan: Arc<Plan>,
    /// The result that its start image came from.
    pub parent: Option<ResultId>,
    /// The seeds whose noise was in its start image.
    pub ancestry: Ancestry,
    /// How the canvas became its start image; `None` if it started from noise alone.
    pub start: Option<RoundStart>,
    /// The name of the model that makes it.
    pub model: String,
    /// Whether it was deleted.
    pub(super) deleted: bool,
    /// A place for each of its pictures.
    pub slots: Vec<Slot>,
}

/// How the canvas became the start image of a round. The pixels are in the document's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundStart {
    /// How it was brought to the size of the results.
    pub fit: Fit,
    /// The paper's colour.
    pub paper: Rgb,
}

impl Round {
    /// Whether any picture is finished.
    pub fn has_results(&self) -> bool {
        self.slots.iter().any(|slot| slot.result().is_some())
    }

    /// Whether a picture that is wanted is not finished.
    pub fn is_being_made(&self) -> bool {
        self.slots.iter().any(|slot| matches!(slot.state, State::Waiting | State::Denoising { .. }))
    }

    /// The finished pictures with their places in the batch.
    pub fn results(&self) -> impl Iterator<Item = (usize, &RoundResult)> {
        self.slots.iter().enumerate().filter_map(|(image, slot)| Some((image, slot.result()?)))
    }
}

/// All rounds of a document, oldest first.
pub struct Rounds {
    rounds: Vec<Round>,
    next: RoundId,
    /// Counts every change of a slot and every look at a result.
    clock: u64,
    budget: usize,
    /// Changes with everything but steps and looks.
    revision: u64,
    /// What happened since the document was last committed to its file, in order.
    changes: Vec<RoundChange>,
}

impl Default for Rounds {
    fn default() -> Self {
        Self { rounds: Vec::new(), next: 1, clock: 0, budget: BUDGET, revision: 0, changes: Vec::new() }
    }
}

impl Rounds {
    /// Opens a round with a place for each of its pictures. `parent` and `ancestry` are those of
    /// the start image.
    pub(super) fn begin(
        &mut self,
        (settings, plan): (Settings, Plan),
        parent: Option<ResultId>,
        ancestry: Ancestry,
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
            start,
            model: model.clone(),
            begun: store::now(),
        }));
        self.rounds.push(Round { id, settings, plan, parent, ancestry, start: from, model, deleted: false, slots });
        id
    }

    /// The rounds of a document file. Rounds without results that do not wait to be made are left out.
    pub(super) fn from_stored(stored: Vec<StoredRound>, next: RoundId, waiting: &[QueuedJob]) -> Self {
        let mut rounds = Self { next, ..Self::default() };
        for round in stored {
            rounds.next = rounds.next.max(round.id.saturating_add(1));
            let used = rounds.tick();
            let StoredRound { id, settings, plan, model, parent, ancestry, start, deleted, results, .. } = round;
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
            rounds.rounds.push(Round { id, settings, plan, parent, ancestry, start, model, deleted, slots });
        }
        rounds
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

    /// A result is in the document's file under this hash, so that its pixels can be dropped.
    pub(super) fn stored(&mut self, id: ResultId, hash: BlobHash) {
        if let Some(result) = self.result_mut(id) {
            result.stored = Some(hash);
        }
        self.keep_within_budget();
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

    /// Takes the PNG bytes of a result, with which its pixels can be dropped later.
    pub fn encoded(&mut self, id: ResultId, png: Arc<[u8]>) {
        if let Some(result) = self.result_mut(id)
            && matches!(result.image, ResultImage::Pixels(_))
        {
            result.png = Some(png);
        }
        self.keep_within_budget();
    }

    /// Takes the pixels of a result that [`ResultImage::decode`] gave.
    pub fn decoded(&mut self, id: ResultId, pixels: Arc<RgbImage>) {
        let used = self.tick();
        let Some(slot) = self.slot_mut(id) else { return };
        if let Some(result) = slot.kept_mut() {
            result.used = used;
            if let ResultImage::Encoded(png) = std::mem::replace(&mut result.image, ResultImage::Pixels(pixels)) {
                result.png = Some(png);
            }
            slot.revision = used;
        }
        self.keep_within_budget();
    }

    /// The results of a round are being looked at: their pixels are dropped last.
    pub fn look_at(&mut self, round: RoundId) {
        let used = self.tick();
        if let Some(round) = self.index(round).and_then(|at| self.rounds.get_mut(at)) {
            for result in round.slots.iter_mut().filter_map(Slot::kept_mut) {
                result.used = used;
            }
        }
    }

    /// Results beyond the budget that cannot be dropped yet because only their pixels exist.
    pub fn to_encode(&self) -> Vec<(ResultId, Arc<RgbImage>)> {
        let mut excess = self.bytes().saturating_sub(self.budget);
        let mut list = Vec::new();
        if excess == 0 {
            return list;
        }
        for (id, result) in self.by_age() {
            if excess == 0 {
                break;
            }
            let is_elsewhere = result.png.is_some() || result.lossless_file().is_some() || result.stored.is_some();
            if let (ResultImage::Pixels(pixels), false) = (&result.image, is_elsewhere) {
                excess = excess.saturating_sub(pixels.as_raw().len());
                list.push((id, Arc::clone(pixels)));
            }
        }
        list
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

    /// What the pixels and PNG bytes of all results take, in bytes.
    pub fn bytes(&self) -> usize {
        self.results().map(|(_, result)| result.bytes()).sum()
    }

    /// Every finished picture, deleted or not.
    fn results(&self) -> impl Iterator<Item = (ResultId, &RoundResult)> {
        self.rounds.iter().flat_map(|round| {
            let results = round.slots.iter().enumerate();
            results.filter_map(|(image, slot)| Some((ResultId { round: round.id, image }, slot.kept()?)))
        })
    }

    /// The results, the one looked at longest ago first.
    fn by_age(&self) -> Vec<(ResultId, &RoundResult)> {
        let mut results: Vec<_> = self.results().collect();
        results.sort_by_key(|(id, result)| (result.used, id.round, id.image));
        results
    }

    /// Drops pixels that can be decoded again, then PNG bytes that were saved to a file, those looked
    /// at longest ago first, until the rest is within the budget.
    fn keep_within_budget(&mut self) {
        let mut bytes = self.bytes();
        if bytes <= self.budget {
            return;
        }
        let ids: Vec<ResultId> = self.by_age().into_iter().map(|(id, _)| id).collect();
        for smaller in [without_pixels, without_png] {
            for id in &ids {
                if bytes <= self.budget {
                    return;
                }
                if let Some(result) = self.result_mut(*id) {
                    let before = result.bytes();
                    smaller(result);
                    bytes = bytes + result.bytes() - before;
                }
            }
        }
    }

    fn tick(&mut self) -> u64 {
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
    fn index(&self, round: RoundId) -> Option<usize> {
        self.rounds.binary_search_by_key(&round, |r| r.id).ok()
    }

    fn slot_mut(&mut self, id: ResultId) -> Option<&mut Slot> {
        let at = self.index(id.round)?;
        self.rounds.get_mut(at)?.slots.get_mut(id.image)
    }

    /// A finished picture, deleted or not.
    fn result_mut(&mut self, id: ResultId) -> Option<&mut RoundResult> {
        self.slot_mut(id)?.kept_mut()
    }

    fn note_change(&mut self, change: RoundChange) {
        self.revision += 1;
        self.changes.push(change);
    }
}

/// Drops the pixels of a result that can be decoded from the document's file, from memory or from its own
/// file.
fn without_pixels(result: &mut RoundResult) {
    if result.image.pixels().is_none() {
        return;
    }
    if let Some(hash) = result.stored {
        result.image = ResultImage::Stored(hash);
        result.png = None;
    } else if let Some(png) = result.png.take() {
        result.image = ResultImage::Encoded(png);
    } else if let Some(file) = result.lossless_file() {
        result.image = ResultImage::Saved(file.clone());
    }
}

/// Drops the PNG bytes of a result that can be read from a file.
fn without_png(result: &mut RoundResult) {
    match (&result.image, &result.stored, result.lossless_file()) {
        (ResultImage::Encoded(_), Some(hash), _) => result.image = ResultImage::Stored(*hash),
        (ResultImage::Encoded(_), None, Some(file)) => result.image = ResultImage::Saved(file.clone()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::encode_png;

    const SIDE: u32 = 64;
    const PIXELS: usize = (SIDE * SIDE * 3) as usize;

    fn rounds(budget: usize) -> Rounds {
        Rounds { budget, ..Rounds::default() }
    }

    fn picture(seed: u64) -> Arc<RgbImage> {
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
            None,
            Ancestry::new(),
            None,
            "m".into(),
        )
    }

    /// A round of one finished picture.
    fn finished(rounds: &mut Rounds, seed: u64) -> ResultId {
        let id = ResultId { round: begin(rounds, 1), image: 0 };
        rounds.finished(id, picture(seed), recipe(seed));
        rounds.end(id.round);
        id
    }

    fn png(seed: u64) -> Arc<[u8]> {
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
        let round = rounds.begin((settings, Plan::default()), Some(parent), seeds, None, "m".into());
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
    fn pixels_beyond_the_budget_become_png_bytes_and_come_back_the_same() {
        let mut rounds = rounds(3 * PIXELS);
        let ids: Vec<ResultId> = (0..6).map(|seed| finished(&mut rounds, seed)).collect();
        assert_eq!(rounds.bytes(), 6 * PIXELS, "nothing may be dropped while only the pixels exist");
        let wanted: Vec<ResultId> = rounds.to_encode().into_iter().map(|(id, _)| id).collect();
        assert_eq!(wanted, ids[..3], "the oldest results over the budget");
        for (seed, id) in ids.iter().enumerate() {
            rounds.encoded(*id, png(seed as u64));
        }
        assert!(rounds.bytes() <= 3 * PIXELS, "{} bytes", rounds.bytes());
        assert!(!is_decoded(&rounds, ids[0]) && is_decoded(&rounds, ids[5]));
        assert!(rounds.to_encode().is_empty());

        let image = rounds.result(ids[0]).expect("kept").image.clone();
        let pixels = image.decode(None).expect("decodes");
        assert_eq!(*pixels, *picture(0));
        let revision = rounds.slot(ids[0].round, 0).expect("kept").revision;
        rounds.decoded(ids[0], pixels);
        assert!(is_decoded(&rounds, ids[0]), "what was asked for last is kept");
        assert_ne!(rounds.slot(ids[0].round, 0).expect("kept").revision, revision, "the view shows it again");
        assert!(rounds.bytes() <= 3 * PIXELS);
    }

    #[test]
    fn what_was_saved_to_a_file_is_read_from_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("1.png");
        std::fs::write(&path, png(1)).expect("writes");
        let mut rounds = rounds(PIXELS);
        let first = finished(&mut rounds, 1);
        rounds.saved(first, path.clone());
        let second = finished(&mut rounds, 2);
        assert!(!is_decoded(&rounds, first) && is_decoded(&rounds, second));
        let image = rounds.result(first).expect("kept").image.clone();
        assert_eq!(*image.decode(None).expect("reads"), *picture(1));
        std::fs::remove_file(&path).expect("removes");
        assert!(image.decode(None).expect_err("gone").to_string().contains("1.png"));
    }

    #[test]
    fn png_bytes_are_dropped_only_for_a_saved_file() {
        let mut rounds = rounds(0);
        let (saved, unsaved) = (finished(&mut rounds, 1), finished(&mut rounds, 2));
        for id in [saved, unsaved] {
            rounds.encoded(id, png(2));
        }
        rounds.saved(saved, "somewhere.png".into());
        assert!(matches!(rounds.result(saved).expect("kept").image, ResultImage::Saved(_)));
        assert!(matches!(rounds.result(unsaved).expect("kept").image, ResultImage::Encoded(_)));
    }

    #[test]
    fn pixels_in_the_documents_file_are_dropped_before_anything_is_encoded() {
        let mut rounds = rounds(PIXELS);
        let (first, second) = (finished(&mut rounds, 1), finished(&mut rounds, 2));
        assert_eq!(rounds.to_encode().len(), 1);
        let hash = BlobHash::of(&png(1));
        rounds.stored(first, hash);
        assert!(matches!(rounds.result(first).expect("kept").image, ResultImage::Stored(stored) if stored == hash));
        assert!(is_decoded(&rounds, second) && rounds.to_encode().is_empty());
        let error = rounds.result(first).expect("kept").image.decode(None).expect_err("closed").to_string();
        assert!(error.contains("document is closed"), "{error}");
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

    #[test]
    fn the_round_on_show_is_dropped_last() {
        let mut rounds = rounds(2 * PIXELS);
        let shown = finished(&mut rounds, 1);
        rounds.saved(shown, "1.png".into());
        let other = finished(&mut rounds, 2);
        rounds.saved(other, "2.png".into());
        rounds.look_at(shown.round);
        let third = finished(&mut rounds, 3);
        assert!(is_decoded(&rounds, shown) && is_decoded(&rounds, third));
        assert!(!is_decoded(&rounds, other));
    }
}
