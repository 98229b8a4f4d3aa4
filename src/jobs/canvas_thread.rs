//! The thread that computes what would hold up the window on a large canvas.

use crossbeam_channel::Receiver;

use super::supervise::supervised;
use super::{JobId, PendingHint, Report, Reporter, WorkerThread};
use crate::document::{ComputedEdit, CopiedPixels, PlannedCopy, PlannedEdit, PlannedRound, PreparedRound};

/// A task for the thread that computes edits of a large canvas. Tasks are done in the order in which they were asked for.
pub enum CanvasTask {
    /// Compute an edit.
    Edit(JobId, Box<PlannedEdit>),
    /// Copy what is selected.
    Copy(JobId, PlannedCopy),
    /// Prepare a round, and the pictures that its controls follow.
    Round(JobId, PlannedRound, Vec<PendingHint>),
    /// Convert a large picture; the function hands on what comes of it.
    Convert(JobId, Box<dyn FnOnce() + Send>),
}

/// What came of a task about a large canvas.
#[derive(Debug)]
pub enum CanvasReport {
    /// An edit is computed.
    Edited(JobId, Box<ComputedEdit>),
    /// What was selected is copied; `None` if there was nothing.
    Copied(JobId, Option<CopiedPixels>),
    /// A round is prepared; its plan holds what its controls follow.
    Prepared(JobId, Box<PreparedRound>),
    /// A picture is converted.
    Converted(JobId),
    /// The program failed while it worked on this; nothing came of it.
    Failed(JobId),
}

impl CanvasTask {
    fn job(&self) -> JobId {
        match self {
            Self::Edit(job, _) | Self::Copy(job, _) | Self::Round(job, ..) | Self::Convert(job, _) => *job,
        }
    }

    fn perform(self) -> CanvasReport {
        match self {
            Self::Edit(job, edit) => CanvasReport::Edited(job, Box::new(edit.run())),
            Self::Copy(job, copy) => CanvasReport::Copied(job, copy.run()),
            Self::Round(job, round, hints) => CanvasReport::Prepared(job, Box::new(prepared_round(round, hints))),
            Self::Convert(job, convert) => {
                convert();
                CanvasReport::Converted(job)
            }
        }
    }
}

/// Prepares a round, whose plan then holds what its controls follow.
pub fn prepared_round(round: PlannedRound, hints: Vec<PendingHint>) -> PreparedRound {
    let mut prepared = round.run();
    prepared.plan.hints = hints.into_iter().map(PendingHint::ready).collect();
    prepared
}

pub(super) fn run(tasks: &Receiver<CanvasTask>, reporter: &Reporter) {
    run_with(tasks, reporter, CanvasTask::perform);
}

/// Tests choose what performs the tasks.
fn run_with(tasks: &Receiver<CanvasTask>, reporter: &Reporter, mut perform: impl FnMut(CanvasTask) -> CanvasReport) {
    for task in tasks {
        let job = task.job();
        match supervised(|| perform(task)) {
            Ok(report) => reporter.send(report),
            Err(reason) => {
                tracing::error!("an edit of the canvas crashed: {reason}");
                reporter.send(CanvasReport::Failed(job));
                reporter.send(Report::Restarted { thread: WorkerThread::Canvas, reason });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossbeam_channel::unbounded;

    use super::*;
    use crate::document::{Document, SlowEdit};
    use crate::engine::Settings;
    use crate::paint::{Rgb, Size};

    #[test]
    fn a_task_that_crashes_is_told_and_the_next_one_is_done() {
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        let (tasks, waiting) = unbounded();
        for job in [7, 8] {
            let edit = Box::new(document.plan_edit(SlowEdit::FillSelection(Rgb::BLACK)));
            tasks.send(CanvasTask::Edit(JobId(job), edit)).expect("waits");
        }
        drop(tasks);
        let (sender, reports) = unbounded();
        let reporter = Reporter { reports: sender, repaint: Arc::new(|| {}) };
        run_with(&waiting, &reporter, |task| {
            assert!(task.job() != JobId(7), "the script");
            task.perform()
        });
        let told: Vec<Report> = reports.try_iter().collect();
        assert!(matches!(&told[0], Report::Canvas(CanvasReport::Failed(JobId(7)))));
        assert!(matches!(&told[1], Report::Restarted { thread: WorkerThread::Canvas, .. }));
        let Some(Report::Canvas(CanvasReport::Edited(JobId(8), edit))) = told.into_iter().nth(2) else {
            panic!("the second edit");
        };
        assert_eq!(document.put_edit(*edit), Some(Ok(true)));
    }
}
