//! The threads that work for the window: commands in, reports out.
//!
//! One thread owns the engine, one reads and writes files, so that saving never waits for a picture to
//! be made. Each has a command type of its own, so no command can reach the wrong one. Nothing is shared
//! with them but the cancel flags; pictures cross as `Arc`s. After every report the closure given to
//! [`Jobs::start`] is called, which asks the window to repaint.
//!
//! A command that panics does not end its thread: the panic is reported, the engine is made again where
//! it was the engine's, and the next command runs.

mod command;
mod engine_thread;
mod file_thread;
mod report;
mod supervise;

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

pub use command::{EngineCommand, FileCommand, GenerateJob, JobId};
pub use report::{Ending, EngineReport, Extras, FileReport, Report, WorkerThread};

use crate::engine::Engine;

/// A handle to the two threads; they end when it is dropped.
pub struct Jobs {
    engine: Sender<EngineCommand>,
    files: Sender<FileCommand>,
    reports: Receiver<Report>,
    last: u64,
}

/// Sends reports and asks for a repaint after each.
#[derive(Clone)]
struct Reporter {
    reports: Sender<Report>,
    repaint: Arc<dyn Fn() + Send + Sync>,
}

impl Reporter {
    fn send(&self, report: impl Into<Report>) {
        // A window that is gone needs no reports.
        let _ = self.reports.send(report.into());
        (self.repaint)();
    }
}

impl Jobs {
    /// Starts both threads. `make_engine` is called on the engine's thread, again after a crash;
    /// `repaint` is called from both threads after every report.
    pub fn start(
        make_engine: impl Fn() -> Box<dyn Engine> + Send + 'static,
        repaint: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let (engine, engine_commands) = unbounded();
        let (files, file_commands) = unbounded();
        let (sender, reports) = unbounded();
        let reporter = Reporter { reports: sender, repaint: Arc::new(repaint) };
        let (results, engine_reporter) = (files.clone(), reporter.clone());
        std::thread::spawn(move || {
            engine_thread::EngineThread::new(Box::new(make_engine), results, engine_reporter).run(&engine_commands);
        });
        std::thread::spawn(move || file_thread::run(&file_commands, &reporter));
        Self { engine, files, reports, last: 0 }
    }

    /// A job id that was never used before.
    pub fn next_id(&mut self) -> JobId {
        self.last += 1;
        JobId(self.last)
    }

    /// Hands a command to the engine's thread; never waits.
    pub fn engine(&self, command: EngineCommand) {
        if self.engine.send(command).is_err() {
            tracing::error!("the engine thread has stopped");
        }
    }

    /// Hands a command to the file thread; never waits.
    pub fn files(&self, command: FileCommand) {
        if self.files.send(command).is_err() {
            tracing::error!("the file thread has stopped");
        }
    }

    /// Waits until every file asked for so far is written, for at most `patience`. Returns whether all
    /// were.
    pub fn finish_files(&self, patience: Duration) -> bool {
        let (done, all_done) = bounded(1);
        self.files.send(FileCommand::Flush(done)).is_ok() && all_done.recv_timeout(patience).is_ok()
    }

    /// The next report, if there is one.
    pub fn poll(&self) -> Option<Report> {
        self.reports.try_recv().ok()
    }
}

#[cfg(test)]
mod tests;
