//! The rounds of a document that wait to be made, in the order in which they are made.
//!
//! A round is opened in the document when it is asked for, not when it begins: its number, its parent and the seeds
//! in its start image are then those of the canvas that the person saw, and its request is in the document's file
//! from that moment. A [`QueuedJob`] adds what only the making needs. Each job is in exactly one place: it waits, it
//! is being made, it has failed, or it is gone.

use std::collections::BTreeSet;
use std::sync::Arc;

use image::RgbImage;

use super::store::{BlobHash, StoredJob};
use super::{Round, RoundId, StartImage};
use crate::engine::ModelChoice;
use crate::paint::Rgb;
use crate::picture::Fit;

/// How many jobs may fail in a row before the queue pauses.
const MOST_FAILURES: usize = 2;

/// How many failed jobs are listed; beyond that the oldest are forgotten.
const MOST_FAILED: usize = 20;

/// A round that is to be made.
#[derive(Clone, Debug)]
pub struct QueuedJob {
    /// The round, which is open in the document.
    pub round: RoundId,
    /// The model that makes it.
    pub model: ModelChoice,
    /// From what it starts; `None` if it starts from noise alone.
    pub start: Option<JobStart>,
    /// Places in the batch that are not wanted any more.
    pub skipped: BTreeSet<usize>,
    /// Whether it was being made before and was interrupted.
    pub is_begun: bool,
}

/// The canvas that a job starts from.
#[derive(Clone, Debug)]
pub struct JobStart {
    /// Its pixels, or where they are.
    pub picture: StartPicture,
    /// How it is brought to the size of the results.
    pub fit: Fit,
    /// What fills the rest where the whole canvas shows.
    pub paper: Rgb,
}

/// The pixels of a start image, or where they can be read again.
#[derive(Clone, Debug)]
pub enum StartPicture {
    /// The pixels.
    Pixels(Arc<RgbImage>),
    /// A PNG in the document's file.
    Stored(BlobHash),
}

/// A job that failed.
#[derive(Clone, Debug)]
pub struct FailedJob {
    /// What was asked for.
    pub job: QueuedJob,
    /// The round, if no picture of it was finished, so that it has disappeared from the document.
    pub(super) round: Option<Round>,
    /// Why it failed, as one sentence.
    pub reason: String,
}

/// Why no further job begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The person paused it.
    Person,
    /// The jobs come from an earlier launch.
    Restored,
    /// Jobs failed one after the other, the last one for this reason.
    Failures(String),
}

/// The jobs of a document.
#[derive(Debug, Default)]
pub struct Queue {
    running: Option<QueuedJob>,
    waiting: Vec<QueuedJob>,
    failed: Vec<FailedJob>,
    paused: Option<Pause>,
    /// Jobs that failed since the last one that did not.
    failures: usize,
    /// Whether the document's file does not hold the present jobs yet.
    is_changed: bool,
}

impl From<StartImage> for JobStart {
    fn from(start: StartImage) -> Self {
        Self { picture: StartPicture::Pixels(start.picture), fit: start.fit, paper: start.paper }
    }
}

impl QueuedJob {
    /// A job that was just asked for.
    pub fn new(round: RoundId, model: ModelChoice, start: Option<StartImage>) -> Self {
        Self { round, model, start: start.map(JobStart::from), skipped: BTreeSet::new(), is_begun: false }
    }

    /// The hash of a start image that must be read before the job can begin.
    pub fn missing_start(&self) -> Option<BlobHash> {
        match self.start.as_ref()?.picture {
            StartPicture::Stored(hash) => Some(hash),
            StartPicture::Pixels(_) => None,
        }
    }
}

impl Queue {
    /// The jobs of a document that was opened; they wait until the person resumes them.
    pub(super) fn restored(jobs: Vec<QueuedJob>) -> Self {
        let paused = (!jobs.is_empty()).then_some(Pause::Restored);
        Self { waiting: jobs, paused, ..Self::default() }
    }

    /// No jobs; `is_changed` says whether the document's file has some.
    pub(super) fn left_to_others(is_changed: bool) -> Self {
        Self { is_changed, ..Self::default() }
    }

    /// The job that is being made.
    pub fn running(&self) -> Option<&QueuedJob> {
        self.running.as_ref()
    }

    /// The jobs that wait, the next one first.
    pub fn waiting(&self) -> &[QueuedJob] {
        &self.waiting
    }

    /// The jobs that failed, the latest last.
    pub fn failed(&self) -> &[FailedJob] {
        &self.failed
    }

    /// Why no further job begins; `None` while the queue goes on.
    pub fn paused(&self) -> Option<&Pause> {
        self.paused.as_ref()
    }

    /// Whether no job is being made or waits.
    pub fn is_empty(&self) -> bool {
        self.running.is_none() && self.waiting.is_empty()
    }

    /// The job that begins next; `None` while another is being made, while the queue is paused, and if none waits.
    pub fn next(&self) -> Option<&QueuedJob> {
        if self.running.is_some() || self.paused.is_some() { None } else { self.waiting.first() }
    }

    /// Adds a job at the end. A queue that is paused and empty goes on, because nothing was left to pause.
    pub fn add(&mut self, job: QueuedJob) {
        if self.contains(job.round) {
            return;
        }
        if self.is_empty() {
            self.paused = None;
        }
        self.waiting.push(job);
        self.is_changed = true;
    }

    /// Lets no further job begin.
    pub fn pause(&mut self) {
        self.paused.get_or_insert(Pause::Person);
    }

    /// Lets jobs begin again.
    pub fn resume(&mut self) {
        self.paused = None;
        self.failures = 0;
    }

    /// Moves a waiting job to another place among the waiting ones, from 0; the last place if there is none of that
    /// number. Returns whether there is such a job.
    pub fn move_to(&mut self, round: RoundId, place: usize) -> bool {
        let Some(at) = self.place_of(round) else { return false };
        let job = self.waiting.remove(at);
        self.waiting.insert(place.min(self.waiting.len()), job);
        self.is_changed = true;
        true
    }

    /// The place of a waiting job among the waiting ones, from 0.
    pub fn place_of(&self, round: RoundId) -> Option<usize> {
        self.waiting.iter().position(|job| job.round == round)
    }

    /// The job that is being made, or waits, for this round.
    pub fn job(&self, round: RoundId) -> Option<&QueuedJob> {
        self.running.iter().chain(&self.waiting).find(|job| job.round == round)
    }

    /// Whether a job of this round is anywhere in the queue.
    fn contains(&self, round: RoundId) -> bool {
        self.job(round).is_some() || self.failed.iter().any(|failed| failed.job.round == round)
    }

    /// Begins the next job.
    pub(super) fn begin(&mut self) -> Option<&QueuedJob> {
        self.next()?;
        let job = self.waiting.remove(0);
        self.is_changed = true;
        Some(self.running.insert(QueuedJob { is_begun: true, ..job }))
    }

    /// The running job is done or was cancelled.
    pub(super) fn finish(&mut self) -> Option<QueuedJob> {
        self.failures = 0;
        self.is_changed |= self.running.is_some();
        self.running.take()
    }

    /// The running job waits again, before all others.
    pub(super) fn put_back(&mut self) {
        if let Some(job) = self.running.take() {
            self.waiting.insert(0, job);
            self.is_changed = true;
        }
    }

    /// The running job failed. After two in a row the queue pauses, if anything waits or `goes_on`.
    pub(super) fn fail(&mut self, reason: &str, round: Option<Round>, goes_on: bool) {
        let Some(job) = self.running.take() else { return };
        self.failed.push(FailedJob { job, round, reason: reason.to_owned() });
        let excess = self.failed.len().saturating_sub(MOST_FAILED);
        self.failed.drain(..excess);
        self.failures = self.failures.saturating_add(1);
        if self.failures >= MOST_FAILURES && (goes_on || !self.waiting.is_empty()) && self.paused.is_none() {
            self.paused = Some(Pause::Failures(reason.to_owned()));
        }
        self.is_changed = true;
    }

    /// Takes a job out that waits.
    pub(super) fn remove(&mut self, round: RoundId) -> Option<QueuedJob> {
        let at = self.place_of(round)?;
        self.is_changed = true;
        let job = self.waiting.remove(at);
        if self.is_empty() {
            self.paused = None;
        }
        Some(job)
    }

    /// Takes a job out that failed.
    pub(super) fn remove_failed(&mut self, round: RoundId) -> Option<FailedJob> {
        let at = self.failed.iter().position(|failed| failed.job.round == round)?;
        Some(self.failed.remove(at))
    }

    /// A picture of the running job is not wanted any more.
    pub(super) fn skip(&mut self, image: usize) {
        if let Some(job) = &mut self.running {
            self.is_changed |= job.skipped.insert(image);
        }
    }

    /// Start images are in the document's file: the pixels of all but the next job are read again when their turn
    /// comes.
    pub(super) fn stored(&mut self, round: RoundId, hash: BlobHash) {
        let later = self.waiting.iter_mut().skip(1).chain(self.failed.iter_mut().map(|failed| &mut failed.job));
        for job in later.filter(|job| job.round == round) {
            if let Some(start) = &mut job.start {
                start.picture = StartPicture::Stored(hash);
            }
        }
    }

    /// The pixels of a waiting job's start image were read.
    pub fn start_read(&mut self, round: RoundId, picture: Arc<RgbImage>) {
        let waiting = self.waiting.iter_mut().find(|job| job.round == round);
        if let Some(start) = waiting.and_then(|job| job.start.as_mut()) {
            start.picture = StartPicture::Pixels(picture);
        }
    }

    /// Whether the document's file does not hold the present jobs yet.
    pub(super) fn has_changes(&self) -> bool {
        self.is_changed
    }

    /// The jobs for the document's file, if they changed since this was last called.
    pub(super) fn take_changes(&mut self) -> Option<Vec<StoredJob>> {
        if !std::mem::take(&mut self.is_changed) {
            return None;
        }
        let jobs = self.running.iter().chain(&self.waiting);
        Some(jobs.map(StoredJob::from).collect())
    }

    /// The jobs could not be committed.
    pub(super) fn return_changes(&mut self) {
        self.is_changed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::property_tests::Numbers;

    fn job(round: RoundId) -> QueuedJob {
        QueuedJob::new(round, ModelChoice::Starter, None)
    }

    fn rounds(jobs: &[QueuedJob]) -> Vec<RoundId> {
        jobs.iter().map(|job| job.round).collect()
    }

    #[test]
    fn jobs_are_made_in_the_order_that_the_person_gave_them() {
        let mut queue = Queue::default();
        (1..=4).for_each(|round| queue.add(job(round)));
        assert!(queue.move_to(4, 0) && queue.move_to(1, 99) && !queue.move_to(9, 0));
        let mut made = Vec::new();
        while let Some(job) = queue.begin() {
            made.push(job.round);
            assert!(queue.begin().is_none(), "one at a time");
            queue.finish();
        }
        assert_eq!(made, [4, 2, 3, 1]);
    }

    #[test]
    fn two_failures_in_a_row_pause_the_queue_and_one_does_not() {
        let mut queue = Queue::default();
        (1..=6).for_each(|round| queue.add(job(round)));
        for fails in [true, false, true] {
            queue.begin().expect("goes on");
            if fails { queue.fail("No memory.", None, false) } else { drop(queue.finish()) }
        }
        queue.begin().expect("goes on after one");
        queue.fail("No model.", None, false);
        assert_eq!(queue.paused(), Some(&Pause::Failures("No model.".into())));
        assert!(queue.begin().is_none());
        queue.resume();
        queue.begin().expect("resumed");
        queue.fail("No model.", None, false);
        assert_eq!(queue.paused(), None, "counting starts again");
        assert_eq!((rounds(queue.waiting()), queue.failed().len()), (vec![6], 4));
    }

    #[test]
    fn a_pause_of_nothing_ends_with_the_next_job() {
        let mut queue = Queue::default();
        queue.pause();
        queue.add(job(1));
        assert!(queue.begin().is_some());
        queue.pause();
        queue.add(job(2));
        queue.finish();
        assert!(queue.begin().is_none(), "paused while a job ran");
        queue.remove(2);
        assert_eq!(queue.paused(), None);
    }

    /// Any sequence of add, move, drop, pause, skip, finish and fail keeps every job exactly once.
    #[test]
    fn every_job_is_in_exactly_one_place_whatever_is_done() {
        for seed in 1..=300_u64 {
            let mut numbers = Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let mut queue = Queue::default();
            let (mut added, mut gone): (Vec<RoundId>, Vec<RoundId>) = (Vec::new(), Vec::new());
            for _ in 0..120 {
                let any = numbers.below(added.len() as u64 + 2) as usize;
                let order = rounds(queue.waiting());
                match numbers.below(13) {
                    0..=2 => {
                        added.push(added.len() + 1);
                        queue.add(job(added.len()));
                        queue.add(job(added.len()));
                    }
                    3 => {
                        let place = numbers.below(9) as usize;
                        if queue.move_to(any, place) {
                            let others = |list: &[RoundId]| -> Vec<RoundId> {
                                list.iter().copied().filter(|round| *round != any).collect()
                            };
                            assert_eq!(others(&order), others(&rounds(queue.waiting())), "the others keep their order");
                            assert_eq!(queue.place_of(any), Some(place.min(order.len() - 1)));
                        }
                    }
                    4 => gone.extend(queue.remove(any).map(|job| job.round)),
                    5 => queue.pause(),
                    6 => queue.resume(),
                    7 => queue.skip(numbers.below(4) as usize),
                    8 => gone.extend(queue.finish().map(|job| job.round)),
                    9 => {
                        let oldest = queue.failed().first().map(|failed| failed.job.round);
                        let is_full = queue.failed().len() == MOST_FAILED && queue.running().is_some();
                        gone.extend(oldest.filter(|_| is_full));
                        queue.fail("It failed.", None, numbers.below(2) == 0);
                    }
                    10 => queue.put_back(),
                    11 => {
                        if let Some(failed) = queue.remove_failed(any) {
                            gone.push(failed.job.round);
                        }
                    }
                    _ => {
                        let next = queue.next().map(|job| job.round);
                        assert_eq!(queue.begin().map(|job| job.round), next);
                    }
                }
                let mut all: Vec<RoundId> = queue.running().iter().map(|job| job.round).collect();
                all.extend(rounds(queue.waiting()));
                all.extend(queue.failed().iter().map(|failed| failed.job.round));
                all.extend(&gone);
                all.sort_unstable();
                assert_eq!(all, added, "sequence {seed}");
                if queue.next().is_some() {
                    assert!(queue.paused().is_none() && queue.running().is_none());
                }
            }
        }
    }
}
