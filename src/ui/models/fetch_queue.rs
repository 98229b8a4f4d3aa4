//! What is fetched, one after the other: each waits for its turn, and goes on where it stopped.

use std::time::{Duration, Instant};

use crate::hub::{Control, FetchEvent, FetchStage, Progress};
use crate::jobs::{FetchTarget, JobId};
use crate::models::{FetchSubject, KeptDownload, KeptDownloads};

/// How long to wait after the connection was lost; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait after the connection was lost.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// The longest wait that a server can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// How far something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FetchState {
    /// It waits for its turn; with how far it came before it stopped, if it did.
    Queued(Option<Progress>),
    /// It has its turn, and nothing was heard of it yet.
    Starting,
    /// It is being fetched or checked.
    Working(Progress),
    /// The connection was lost. It is tried again by itself.
    CutOff {
        /// What happened, as one sentence.
        reason: String,
        /// When it is tried again.
        due: Instant,
    },
    /// It failed.
    Failed {
        /// Why, as one sentence.
        reason: String,
        /// The page where access is granted, if that is what is missing.
        page: Option<String>,
    },
    /// It is here; the search that finds it goes on.
    Done,
}

/// When something was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum AskedAt {
    /// Just now.
    Now,
    /// Before the program ended last time. It waits until the person goes on with it.
    LastTime,
    /// As [`AskedAt::LastTime`], and the person had paused it.
    LastTimePaused,
}

/// Something that is fetched.
pub(super) struct Fetch {
    pub subject: FetchSubject,
    pub job: JobId,
    pub state: FetchState,
    /// Whether the person paused it, or it waits for an answer.
    pub is_paused: bool,
    /// Whether it was asked for before the program ended, and the person has not said yet whether it goes on.
    pub is_unanswered: bool,
    /// The licence that the repository's page names, once that is known.
    pub licence: Option<String>,
    /// What the thread is asked for; `None` where that could not be said.
    target: Option<FetchTarget>,
    /// The flags of its latest turn.
    control: Control,
    /// How often the connection was lost since bytes arrived.
    cuts: u32,
}

impl Fetch {
    /// Whether it waits for its turn, in which it would be fetched.
    fn is_due(&self, now: Instant) -> bool {
        let waits = match &self.state {
            FetchState::Queued(_) => true,
            FetchState::CutOff { due, .. } => *due <= now,
            FetchState::Starting | FetchState::Working(_) | FetchState::Failed { .. } | FetchState::Done => false,
        };
        waits && !self.is_paused && self.target.is_some()
    }

    /// Whether it is to be fetched, now or later.
    pub fn is_wanted(&self) -> bool {
        !matches!(self.state, FetchState::Failed { .. } | FetchState::Done)
    }

    /// How far it came.
    fn reached(&self) -> Option<Progress> {
        match &self.state {
            FetchState::Working(progress) => Some(*progress),
            FetchState::Queued(reached) => *reached,
            _ => None,
        }
    }
}

/// What is handed to the thread that fetches.
pub(super) struct NextFetch {
    pub job: JobId,
    pub target: FetchTarget,
    pub control: Control,
}

/// Everything that was asked for and is not among the found models yet, in the order in which it is fetched. The thread
/// gets one of them at a time.
#[derive(Default)]
pub(in crate::ui) struct FetchQueue {
    list: Vec<Fetch>,
    /// What the thread works on. It may be out of the list, until the thread has stopped.
    running: Option<JobId>,
    /// Counts what changes rows.
    pub(super) version: u64,
}

impl FetchQueue {
    /// Everything in the order in which it is fetched.
    pub(super) fn list(&self) -> &[Fetch] {
        &self.list
    }

    /// What is known of fetching this.
    pub(super) fn of(&self, subject: &FetchSubject) -> Option<&Fetch> {
        self.list.iter().find(|fetch| fetch.subject == *subject)
    }

    /// What this job fetches.
    pub fn subject(&self, job: JobId) -> Option<&FetchSubject> {
        self.list.iter().find(|fetch| fetch.job == job).map(|fetch| &fetch.subject)
    }

    /// Whether this is to be fetched, now or later.
    pub fn is_wanted(&self, subject: &FetchSubject) -> bool {
        self.of(subject).is_some_and(Fetch::is_wanted)
    }

    /// What was asked for before the program ended, and waits until the person goes on with it.
    pub fn unanswered(&self) -> impl Iterator<Item = JobId> {
        self.list.iter().filter(|fetch| fetch.is_unanswered && fetch.is_wanted()).map(|fetch| fetch.job)
    }

    /// How many come before this one, as far as they are not paused.
    pub(super) fn ahead_of(&self, job: JobId) -> usize {
        let before = self.list.iter().take_while(|fetch| fetch.job != job);
        before.filter(|fetch| fetch.is_wanted() && !fetch.is_paused).count()
    }

    /// Asks for this, after everything that was asked for before. What failed before keeps its place.
    pub fn ask(&mut self, subject: FetchSubject, job: JobId, target: FetchTarget, asked: AskedAt) {
        let state = FetchState::Queued(None);
        self.put(Fetch {
            subject,
            job,
            state,
            is_paused: asked != AskedAt::Now,
            is_unanswered: asked == AskedAt::LastTime,
            licence: None,
            target: Some(target),
            control: Control::default(),
            cuts: 0,
        });
    }

    /// Lists this as failed, before it could be asked for.
    pub fn refuse(&mut self, subject: FetchSubject, job: JobId, reason: String) {
        let state = FetchState::Failed { reason, page: None };
        self.put(Fetch {
            subject,
            job,
            state,
            is_paused: false,
            is_unanswered: false,
            licence: None,
            target: None,
            control: Control::default(),
            cuts: 0,
        });
    }

    fn put(&mut self, fetch: Fetch) {
        match self.list.iter_mut().find(|known| known.subject == fetch.subject) {
            Some(known) => *known = fetch,
            None => self.list.push(fetch),
        }
        self.version += 1;
    }

    /// Pauses a job, or goes on with it.
    pub fn pause(&mut self, job: JobId, is_paused: bool) {
        let is_running = self.running == Some(job);
        if let Some(fetch) = self.find(job).filter(|fetch| fetch.is_wanted()) {
            (fetch.is_paused, fetch.is_unanswered) = (is_paused, false);
            match is_paused {
                true if is_running => fetch.control.pause(),
                false if is_running => fetch.control.resume(),
                _ => {}
            }
        }
    }

    /// Pauses everything, or goes on with it.
    pub fn pause_all(&mut self, is_paused: bool) {
        let jobs: Vec<JobId> = self.list.iter().map(|fetch| fetch.job).collect();
        jobs.into_iter().for_each(|job| self.pause(job, is_paused));
    }

    /// Takes a job out of the list. If the thread works on it, it stops; what is here is kept.
    pub fn cancel(&mut self, job: JobId) {
        if let Some(fetch) = self.find(job) {
            fetch.control.cancel();
        }
        self.list.retain(|fetch| fetch.job != job);
    }

    /// Takes everything out of the list, also what failed.
    pub fn cancel_all(&mut self) {
        let jobs: Vec<JobId> = self.list.iter().map(|fetch| fetch.job).collect();
        jobs.into_iter().for_each(|job| self.cancel(job));
    }

    /// Fetches this next, after what is being fetched.
    pub fn move_up(&mut self, job: JobId) {
        let Some(from) = self.list.iter().position(|fetch| fetch.job == job) else { return };
        let fetch = self.list.remove(from);
        let running = self.running.and_then(|running| self.list.iter().position(|fetch| fetch.job == running));
        self.list.insert(running.map_or(0, |running| running + 1), fetch);
        self.version += 1;
    }

    /// Tries again now what lost its connection; `false` if that is not so.
    pub fn try_now(&mut self, job: JobId) -> bool {
        let fetch = self.find(job).filter(|fetch| matches!(fetch.state, FetchState::CutOff { .. }));
        let Some(fetch) = fetch else { return false };
        (fetch.state, fetch.is_paused) = (FetchState::Queued(None), false);
        true
    }

    /// What the thread is to do now, if it has nothing to do; then it counts as handed over.
    pub(super) fn next(&mut self, now: Instant) -> Option<NextFetch> {
        if self.running.is_some() {
            return None;
        }
        let fetch = self.list.iter_mut().find(|fetch| fetch.is_due(now))?;
        let target = fetch.target.clone()?;
        (fetch.state, fetch.control) = (FetchState::Starting, Control::default());
        self.running = Some(fetch.job);
        self.version += 1;
        Some(NextFetch { job: fetch.job, target, control: fetch.control.clone() })
    }

    /// Stops what is paused where something else waits for its turn; it goes on later where it stopped.
    pub(super) fn make_way(&mut self, now: Instant) {
        let is_awaited = self.list.iter().any(|fetch| fetch.is_due(now));
        let running = self.list.iter().find(|fetch| self.running == Some(fetch.job));
        if let Some(paused) = running.filter(|fetch| fetch.is_paused && is_awaited) {
            paused.control.cancel();
        }
    }

    /// Stops what is being fetched; it goes on later where it stopped.
    pub fn stop(&self) {
        if let Some(running) = self.list.iter().find(|fetch| self.running == Some(fetch.job)) {
            running.control.cancel();
        }
    }

    /// How long until something that lost its connection is tried again; `None` if nothing waits for that.
    pub(super) fn next_try(&self, now: Instant) -> Option<Duration> {
        let due = |fetch: &Fetch| match &fetch.state {
            FetchState::CutOff { due, .. } if !fetch.is_paused => Some(due.saturating_duration_since(now)),
            _ => None,
        };
        self.list.iter().filter_map(due).min()
    }

    /// Whether something waits for the connection.
    pub(super) fn is_cut_off(&self) -> bool {
        self.list.iter().any(|fetch| !fetch.is_paused && matches!(fetch.state, FetchState::CutOff { .. }))
    }

    pub(super) fn event(&mut self, job: JobId, event: FetchEvent) {
        let Some(fetch) = self.find(job) else { return };
        match event {
            FetchEvent::Listed { listing, .. } => fetch.licence = listing.license,
            FetchEvent::Progress(progress) => {
                let before = fetch.reached().map(|reached| reached.bytes);
                if progress.stage == FetchStage::Fetching && before.is_some_and(|before| before < progress.bytes) {
                    fetch.cuts = 0;
                }
                fetch.state = FetchState::Working(progress);
            }
        }
    }

    /// The thread stopped as it was told. What is in the list still waits for another turn.
    pub(super) fn stopped(&mut self, job: JobId) {
        self.ended(job);
        if let Some(fetch) = self.find(job) {
            fetch.state = FetchState::Queued(fetch.reached());
        }
    }

    /// The connection was lost, and the server asks to wait this long. Gives whether that is news.
    pub(super) fn cut_off(&mut self, job: JobId, reason: String, asked: Duration, now: Instant) -> bool {
        self.ended(job);
        let Some(fetch) = self.find(job) else { return false };
        let wait = FIRST_WAIT.saturating_mul(1 << fetch.cuts.min(16)).min(LONGEST_WAIT);
        // A server may say anything.
        let due = now + wait.max(asked.min(LONGEST_ASKED));
        fetch.state = FetchState::CutOff { reason, due };
        fetch.cuts = fetch.cuts.saturating_add(1);
        fetch.cuts == 1
    }

    /// It failed. Gives whether anybody waits for it.
    pub(super) fn failed(&mut self, job: JobId, reason: String, page: Option<String>) -> bool {
        self.ended(job);
        let fetch = self.find(job);
        fetch.map(|fetch| fetch.state = FetchState::Failed { reason, page }).is_some()
    }

    /// It is here. Gives whether anybody waits for it.
    pub(super) fn done(&mut self, job: JobId) -> bool {
        self.ended(job);
        self.find(job).map(|fetch| fetch.state = FetchState::Done).is_some()
    }

    /// A search has ended: what was fetched is among the models that were found.
    pub(super) fn searched(&mut self) {
        self.list.retain(|fetch| fetch.state != FetchState::Done);
        self.version += 1;
    }

    /// What is kept for the next launch.
    pub(super) fn kept(&self) -> KeptDownloads {
        let wanted = self.list.iter().filter(|fetch| fetch.is_wanted());
        // What is unanswered is asked about again.
        let kept = |fetch: &Fetch| KeptDownload {
            subject: fetch.subject.clone(),
            is_paused: fetch.is_paused && !fetch.is_unanswered,
        };
        KeptDownloads(wanted.map(kept).collect())
    }

    fn ended(&mut self, job: JobId) {
        self.running.take_if(|running| *running == job);
        self.version += 1;
    }

    /// The entry of a job, to be changed.
    fn find(&mut self, job: JobId) -> Option<&mut Fetch> {
        self.version += 1;
        self.list.iter_mut().find(|fetch| fetch.job == job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{Place, Repository};

    const NONE: Duration = Duration::ZERO;

    /// A queue in which these were asked for, and their jobs.
    fn queue<const N: usize>(names: [&str; N]) -> (FetchQueue, [JobId; N]) {
        let mut queue = FetchQueue::default();
        let mut jobs = names.map(|_| JobId::for_test(0));
        for (number, name) in names.into_iter().enumerate() {
            jobs[number] = JobId::for_test(number as u64 + 1);
            queue.ask(FetchSubject::Entry(name.into()), jobs[number], target(), AskedAt::Now);
        }
        (queue, jobs)
    }

    fn target() -> FetchTarget {
        let repository = Repository::new("a/b").expect("a repository");
        FetchTarget::Place { place: Place::Repository(repository), folder: "/none".into() }
    }

    fn fetching(bytes: u64) -> FetchEvent {
        let stage = FetchStage::Fetching;
        FetchEvent::Progress(Progress { stage, bytes, total: Some(100), bytes_per_second: None, seconds_left: None })
    }

    fn next(queue: &mut FetchQueue, now: Instant) -> Option<JobId> {
        queue.next(now).map(|next| next.job)
    }

    fn names(queue: &FetchQueue) -> Vec<&str> {
        fn name(fetch: &Fetch) -> &str {
            match &fetch.subject {
                FetchSubject::Entry(name) | FetchSubject::Place(name) => name,
            }
        }
        queue.list().iter().map(name).collect()
    }

    #[test]
    fn each_waits_for_the_one_before_it() {
        let (mut queue, [a, b, c]) = queue(["a", "b", "c"]);
        let now = Instant::now();
        assert_eq!(next(&mut queue, now), Some(a));
        assert_eq!(next(&mut queue, now), None, "the thread has something to do");
        assert_eq!((queue.ahead_of(a), queue.ahead_of(c)), (0, 2));
        assert!(queue.done(a));
        assert_eq!(next(&mut queue, now), Some(b));
        assert!(queue.failed(b, "It is gone.".into(), None), "a failure does not hold up the others");
        assert_eq!(next(&mut queue, now), Some(c));
        queue.searched();
        assert_eq!(names(&queue), ["b", "c"]);
    }

    #[test]
    fn one_that_waits_is_cancelled_alone_and_the_running_one_ends_before_the_next_begins() {
        let (mut queue, [a, b, c]) = queue(["a", "b", "c"]);
        let now = Instant::now();
        let running = queue.next(now).expect("the first");
        queue.cancel(b);
        assert!(!running.control.is_cancelled());
        queue.cancel(a);
        assert!(running.control.is_cancelled());
        assert_eq!(names(&queue), ["c"]);
        assert_eq!(next(&mut queue, now), None, "the thread has not stopped yet");
        queue.stopped(a);
        assert_eq!(next(&mut queue, now), Some(c));
        assert!(!queue.done(a) && !queue.failed(b, String::new(), None), "nobody waits for them");
    }

    #[test]
    fn a_paused_one_lets_the_others_go_first_and_goes_on_where_it_stopped() {
        let (mut queue, [a, b]) = queue(["a", "b"]);
        let now = Instant::now();
        let first = queue.next(now).expect("the first");
        queue.event(a, fetching(40));
        queue.pause(a, true);
        assert!(first.control.is_paused());
        queue.make_way(now);
        assert!(first.control.is_cancelled());
        queue.stopped(a);
        assert!(matches!(queue.list()[0].state, FetchState::Queued(Some(Progress { bytes: 40, .. }))));
        assert_eq!(next(&mut queue, now), Some(b));
        queue.done(b);
        assert_eq!(next(&mut queue, now), None, "it is paused");
        queue.pause(a, false);
        let again = queue.next(now).expect("its next turn");
        assert!(again.job == a && !again.control.is_cancelled() && !again.control.is_paused());
        // Alone it stays with the thread.
        queue.pause(a, true);
        queue.make_way(now);
        assert!(again.control.is_paused() && !again.control.is_cancelled());
        queue.pause(a, false);
        assert!(!again.control.is_paused());
    }

    #[test]
    fn a_lost_connection_is_tried_again_by_itself_ever_less_often() {
        let (mut queue, [a, b]) = queue(["a", "b"]);
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        assert_eq!(next(&mut queue, start), Some(a));
        assert!(queue.cut_off(a, "No answer.".into(), NONE, start));
        assert_eq!(next(&mut queue, at(1)), Some(b), "another server may answer");
        assert!(queue.cut_off(b, "No answer.".into(), NONE, at(1)));
        assert_eq!(queue.next_try(at(5)), Some(Duration::from_secs(10)));
        assert_eq!(next(&mut queue, at(14)), None);
        assert_eq!(next(&mut queue, at(15)), Some(a));
        assert!(!queue.cut_off(a, "No answer.".into(), NONE, at(15)), "that is no news");
        queue.cancel(b);
        assert_eq!(next(&mut queue, at(44)), None);
        assert_eq!(next(&mut queue, at(45)), Some(a));
        // Bytes that were here already are no news either; those that arrive are.
        queue.event(a, fetching(40));
        queue.event(a, fetching(60));
        queue.cut_off(a, "No answer.".into(), NONE, at(50));
        assert_eq!(next(&mut queue, at(65)), Some(a));
        queue.cut_off(a, "No answer.".into(), NONE, at(70));
        assert!(queue.try_now(a));
        assert_eq!(next(&mut queue, at(70)), Some(a));
        for _ in 0..40 {
            queue.cut_off(a, "No answer.".into(), NONE, start);
        }
        assert_eq!(queue.next_try(start), Some(LONGEST_WAIT));
        queue.cut_off(a, "No answer.".into(), Duration::from_secs(3600), start);
        assert_eq!(queue.next_try(start), Some(Duration::from_secs(3600)), "the server asked for it");
        queue.cut_off(a, "No answer.".into(), Duration::MAX, start);
        assert_eq!(queue.next_try(start), Some(LONGEST_ASKED));
    }

    #[test]
    fn what_is_wanted_is_kept_with_what_is_paused() {
        let (mut queue, [a, b, c, d]) = queue(["a", "b", "c", "d"]);
        queue.next(Instant::now());
        queue.done(a);
        queue.pause(b, true);
        queue.failed(c, "It is gone.".into(), None);
        queue.move_up(d);
        let kept: Vec<(FetchSubject, bool)> =
            queue.kept().0.into_iter().map(|kept| (kept.subject, kept.is_paused)).collect();
        let entry = |name: &str| FetchSubject::Entry(name.into());
        assert_eq!(kept, [(entry("d"), false), (entry("b"), true)]);
        // What was not finished last time waits until the person says so, and is asked about until then.
        let (late, paused) = (JobId::for_test(8), JobId::for_test(9));
        queue.ask(FetchSubject::Entry("late".into()), late, target(), AskedAt::LastTime);
        queue.ask(FetchSubject::Entry("paused".into()), paused, target(), AskedAt::LastTimePaused);
        queue.cancel(d);
        assert_eq!(next(&mut queue, Instant::now()), None);
        assert!(queue.unanswered().eq([late]));
        assert_eq!(queue.kept().0.iter().map(|kept| kept.is_paused).collect::<Vec<_>>(), [true, false, true]);
        queue.pause(late, false);
        assert_eq!(next(&mut queue, Instant::now()), Some(late));
        assert_eq!(queue.unanswered().count(), 0);
        queue.cancel_all();
        assert!(queue.list().is_empty() && queue.kept().0.is_empty());
    }
}
