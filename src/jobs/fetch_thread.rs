//! The thread that fetches models.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::supervise::supervised;
use super::{FetchJob, FetchReport, FetchTarget, JobId, Report, Reporter, WorkerThread};
use crate::hub::{FetchEvent, FetchStage, HubError};

/// The shortest time between two reports of progress in one stage.
const INTERVAL: Duration = Duration::from_millis(200);

pub(super) fn run(jobs: &Receiver<FetchJob>, reporter: &Reporter) {
    run_with(jobs, reporter, fetch);
}

/// Tests choose what fetches.
fn run_with(
    jobs: &Receiver<FetchJob>,
    reporter: &Reporter,
    mut fetch: impl FnMut(&FetchJob, &mut dyn FnMut(FetchEvent)) -> Result<PathBuf, HubError>,
) {
    for task in jobs {
        let job = task.job;
        let mut forward = Forward { job, reporter, last: None };
        match supervised(|| fetch(&task, &mut |event| forward.event(event))) {
            Ok(result) => reporter.send(ended(job, result)),
            Err(reason) => {
                tracing::error!("fetching crashed: {reason}");
                let sentence = "The program failed while it fetched a model; try again.".to_owned();
                reporter.send(FetchReport::Failed { job, reason: sentence, page: None });
                reporter.send(Report::Restarted { thread: WorkerThread::Fetches, reason });
            }
        }
    }
}

fn fetch(task: &FetchJob, on_event: &mut dyn FnMut(FetchEvent)) -> Result<PathBuf, HubError> {
    // It may have been cancelled while it waited for its turn.
    if task.control.is_cancelled() {
        return Err(HubError::Cancelled);
    }
    match &task.target {
        FetchTarget::Place { place, folder } => task.hub.fetch_place(place, folder, &task.control, on_event),
        FetchTarget::Files(requests) => {
            let on_progress = &mut |progress| on_event(FetchEvent::Progress(progress));
            let paths = task.hub.fetch_files(requests, &task.control, on_progress)?;
            paths.into_iter().next().ok_or_else(|| HubError::NotFound("There is no file to fetch.".into()))
        }
    }
}

fn ended(job: JobId, result: Result<PathBuf, HubError>) -> FetchReport {
    match result {
        Ok(path) => FetchReport::Done { job, path },
        Err(HubError::Cancelled) => FetchReport::Cancelled(job),
        Err(error @ HubError::Unreachable { wait, .. }) => {
            FetchReport::Unreachable { job, reason: error.to_string(), wait }
        }
        Err(error) => {
            let page = match &error {
                HubError::Access { page, .. } if !page.is_empty() => Some(page.clone()),
                _ => None,
            };
            FetchReport::Failed { job, reason: error.to_string(), page }
        }
    }
}

/// Turns the events of one job into reports, not too many.
struct Forward<'a> {
    job: JobId,
    reporter: &'a Reporter,
    last: Option<(Instant, FetchStage)>,
}

impl Forward<'_> {
    fn event(&mut self, event: FetchEvent) {
        if let FetchEvent::Progress(progress) = &event {
            let is_soon = |(time, stage): (Instant, FetchStage)| stage == progress.stage && time.elapsed() < INTERVAL;
            if self.last.is_some_and(is_soon) {
                return;
            }
            self.last = Some((Instant::now(), progress.stage));
        }
        self.reporter.send(FetchReport::Event { job: self.job, event });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossbeam_channel::unbounded;

    use super::*;
    use crate::hub::{Control, Environment, Hub, Place, Progress, Proxies};

    fn job(number: u64, place: &str, control: &Control) -> FetchJob {
        let environment = Environment {
            endpoint: "http://127.0.0.1:9".into(),
            cache: "/no/such/cache".into(),
            token: None,
            offline: true,
            proxies: Proxies::default(),
        };
        let hub = Arc::new(Hub::new(environment).expect("opens"));
        let place = Place::from_text(place, "http://127.0.0.1:9").expect("a place");
        let target = FetchTarget::Place { place, folder: "/no/such/folder".into() };
        FetchJob { job: JobId(number), hub, target, control: control.clone() }
    }

    /// What is reported of jobs that are fetched like this.
    fn reports_of(
        jobs: Vec<FetchJob>,
        fetch: impl FnMut(&FetchJob, &mut dyn FnMut(FetchEvent)) -> Result<PathBuf, HubError>,
    ) -> Vec<Report> {
        let (sender, tasks) = unbounded();
        jobs.into_iter().for_each(|job| sender.send(job).expect("sends"));
        drop(sender);
        let (reports, seen) = unbounded();
        run_with(&tasks, &Reporter { reports, repaint: Arc::new(|| ()) }, fetch);
        seen.try_iter().collect()
    }

    fn ends(reports: &[Report]) -> Vec<&FetchReport> {
        let is_end = |report: &&FetchReport| !matches!(report, FetchReport::Event { .. });
        reports
            .iter()
            .filter_map(|report| if let Report::Fetch(report) = report { Some(report) } else { None })
            .filter(is_end)
            .collect()
    }

    #[test]
    fn each_job_ends_once_with_what_became_of_it() {
        let control = Control::default();
        let cancelled = Control::default();
        cancelled.cancel();
        let jobs = vec![job(1, "a/b", &control), job(2, "a/b", &cancelled)];
        let reports = reports_of(jobs, fetch);
        let reason =
            "a/b is not on this machine, and nothing is fetched while offline; go online and try again.".to_owned();
        assert_eq!(
            ends(&reports),
            [&FetchReport::Failed { job: JobId(1), reason, page: None }, &FetchReport::Cancelled(JobId(2))]
        );
        let access = || HubError::Access { sentence: "Ask first.".into(), page: "http://hub/a/b".into() };
        let reports = reports_of(vec![job(3, "a/b", &control)], |_, _| Err(access()));
        let page = Some("http://hub/a/b".to_owned());
        assert_eq!(ends(&reports), [&FetchReport::Failed { job: JobId(3), reason: "Ask first.".into(), page }]);
        let cut = || HubError::Unreachable { host: "hub".into(), reason: "no answer".into(), wait: Some(INTERVAL) };
        let reports = reports_of(vec![job(5, "a/b", &control)], |_, _| Err(cut()));
        assert_eq!(
            ends(&reports),
            [&FetchReport::Unreachable { job: JobId(5), reason: cut().to_string(), wait: Some(INTERVAL) }]
        );
        let reports = reports_of(vec![job(4, "a/b", &control)], |_, _| Ok("/model".into()));
        assert_eq!(ends(&reports), [&FetchReport::Done { job: JobId(4), path: "/model".into() }]);
    }

    #[test]
    fn progress_is_reported_when_its_stage_changes_and_else_seldom() {
        let told = |stage, bytes| {
            FetchEvent::Progress(Progress { stage, bytes, total: None, bytes_per_second: None, seconds_left: None })
        };
        let reports = reports_of(vec![job(1, "a/b", &Control::default())], |_, on_event| {
            for bytes in 0..10_000 {
                on_event(told(FetchStage::Fetching, bytes));
            }
            on_event(told(FetchStage::Checking, 7));
            Ok("/model".into())
        });
        let bytes: Vec<u64> = reports
            .iter()
            .filter_map(|report| match report {
                Report::Fetch(FetchReport::Event { event: FetchEvent::Progress(progress), .. }) => Some(progress.bytes),
                _ => None,
            })
            .collect();
        // Ten thousand calls take far less than ten seconds.
        assert!(bytes.len() >= 2 && bytes.len() < 50, "{bytes:?}");
        assert_eq!((bytes.first(), bytes.last()), (Some(&0), Some(&7)));
    }

    #[test]
    fn a_crash_fails_its_job_and_the_next_one_is_done() {
        let control = Control::default();
        let jobs = vec![job(1, "a/b", &control), job(2, "a/b", &control)];
        let reports = reports_of(jobs, |task, _| match task.job {
            JobId(1) => panic!("the script says so"),
            _ => Ok("/model".into()),
        });
        assert!(matches!(ends(&reports)[..], [FetchReport::Failed { .. }, FetchReport::Done { .. }]), "{reports:?}");
        let is_restart = |report: &Report| matches!(report, Report::Restarted { thread: WorkerThread::Fetches, reason } if reason.contains("the script"));
        assert!(reports.iter().any(is_restart));
    }
}
