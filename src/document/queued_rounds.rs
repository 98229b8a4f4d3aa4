//! What happens to a job in the queue and to its round at the same time.

use super::store::StoredJob;
use super::{Document, JobStart, Queue, QueuedJob, ResultId, RoundId, StartPicture, State};
use crate::document::store::StoredRound;

impl Document {
    /// The rounds that wait to be made.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The rounds that wait to be made, to add, move, pause and resume them.
    pub fn queue_mut(&mut self) -> &mut Queue {
        &mut self.queue
    }

    /// Begins the next job; `None` if none can begin now.
    pub fn begin_job(&mut self) -> Option<QueuedJob> {
        self.queue.begin().cloned()
    }

    /// The places in a round whose pictures are still wanted, in the order in which they are made.
    pub fn missing_images(&self, round: RoundId) -> Vec<usize> {
        let slots = self.rounds.get(round).map_or(&[][..], |round| &round.slots);
        let is_missing = |state: &State| matches!(state, State::Waiting | State::Denoising { .. });
        slots.iter().enumerate().filter(|(_, slot)| is_missing(&slot.state)).map(|(image, _)| image).collect()
    }

    /// Gives up the picture that is being made; the job goes on with the next one. Returns its place in the batch.
    pub fn skip_image(&mut self) -> Option<usize> {
        let round = self.queue.running()?.round;
        let image = *self.missing_images(round).first()?;
        self.queue.skip(image);
        self.rounds.skip(ResultId { round, image });
        Some(image)
    }

    /// The running job is done or was cancelled: pictures that are missing are dropped.
    pub fn end_job(&mut self) {
        if let Some(job) = self.queue.finish() {
            self.rounds.end(job.round);
        }
    }

    /// The running job was interrupted: it is made first when the queue goes on, with the pictures that are missing.
    pub fn put_back_job(&mut self) {
        if let Some(job) = self.queue.running().cloned() {
            self.open_places(&job);
            self.queue.put_back();
        }
    }

    /// The running job failed, for a reason in one sentence. After two in a row the queue pauses, if anything is to
    /// come after it: a waiting job, or what `goes_on` stands for.
    pub fn fail_job(&mut self, reason: &str, goes_on: bool) {
        let Some(round) = self.queue.running().map(|job| job.round) else { return };
        let vanishing = self.rounds.get(round).filter(|round| !round.has_results()).cloned();
        self.rounds.end(round);
        self.queue.fail(reason, vanishing, goes_on);
    }

    /// Takes a job out of the queue that waits. Finished pictures of its round stay.
    pub fn drop_job(&mut self, round: RoundId) {
        if let Some(job) = self.queue.remove(round) {
            self.rounds.end(job.round);
        }
    }

    /// Takes all jobs out of the queue that wait.
    pub fn drop_all_jobs(&mut self) {
        let rounds: Vec<RoundId> = self.queue.waiting().iter().map(|job| job.round).collect();
        rounds.into_iter().for_each(|round| self.drop_job(round));
    }

    /// Lets a job that failed wait again, at the end. A round that was deleted meanwhile must come back first: its job stays
    /// among those that failed. Returns whether the job waits now.
    pub fn retry_job(&mut self, round: RoundId) -> bool {
        let is_deleted = self.rounds.has_had(round) && self.rounds.get(round).is_none();
        let Some(failed) = (if is_deleted { None } else { self.queue.remove_failed(round) }) else { return false };
        if let Some(round) = failed.round {
            self.rounds.reopen(round);
        }
        self.open_places(&failed.job);
        self.queue.add(failed.job);
        true
    }

    /// Lets all pictures of a job's round wait that are neither finished nor skipped.
    fn open_places(&mut self, job: &QueuedJob) {
        self.rounds.wait_again(job.round);
        for image in &job.skipped {
            self.rounds.skip(ResultId { round: job.round, image: *image });
        }
    }

    /// Forgets a job that failed.
    pub fn dismiss_job(&mut self, round: RoundId) {
        self.queue.remove_failed(round);
    }

    /// Forgets the jobs of a document that is only looked at: whoever writes to its file makes them. That is no work
    /// to be saved, but a copy of the file will not have them.
    pub fn leave_queue_to_others(&mut self) {
        let rounds: Vec<RoundId> = self.queue.waiting().iter().map(|job| job.round).collect();
        self.queue = Queue::left_to_others(!rounds.is_empty());
        rounds.into_iter().for_each(|round| self.rounds.end(round));
    }
}

/// The jobs of a document file whose rounds are there and lack pictures.
pub(super) fn restored(jobs: Vec<StoredJob>, rounds: &[StoredRound]) -> Vec<QueuedJob> {
    let restore = |job: StoredJob| {
        let round = rounds.iter().find(|round| round.id == job.round && !round.deleted)?;
        let is_made = |image: &usize| round.results.iter().any(|result| result.id.image == *image);
        let is_missing = |image: usize| !is_made(&image) && !job.skipped.contains(&image);
        if !(0..round.plan.images(&round.settings)).any(is_missing) {
            return None;
        }
        let start = round.start.as_ref().map(|start| JobStart {
            picture: StartPicture::Stored(start.picture),
            fit: start.fit,
            paper: start.paper,
        });
        Some(QueuedJob { round: job.round, model: job.model, start, skipped: job.skipped, is_begun: job.is_begun })
    };
    jobs.into_iter().filter_map(restore).collect()
}
