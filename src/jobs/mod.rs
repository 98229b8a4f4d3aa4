//! The threads that work for the window: tasks in, reports out.
//!
//! One thread owns the engine, one reads and writes files, so that saving never waits for a picture to
//! be made, one computes edits of a large canvas, one finds the models on this machine, one fetches models, one finds the
//! object at a click, and one describes the canvas and estimates depth. Each has a task type of its own, so no task can reach the wrong one. Nothing is shared
//! with them but the cancel flags; pictures cross as `Arc`s. After every report the closure given to
//! [`Jobs::start`] is called, which asks the window to repaint.
//!
//! A task that panics does not end its thread: the panic is reported, the engine is made again where
//! it was the engine's, and the next task runs.

mod canvas_thread;
mod documents;
mod engine_thread;
mod fetch_task;
mod fetch_thread;
mod file_thread;
mod hints;
mod layer_files;
mod live;
mod model_thread;
mod objects;
mod palettes;
mod report;
mod run_again;
mod scores;
mod sheets;
mod summary;
mod supervise;
mod task;
mod vision_thread;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

pub use canvas_thread::{CanvasReport, CanvasTask, prepared_round};
pub use fetch_task::{FetchJob, FetchReport, FetchTarget};
pub use hints::{DrawnHint, HintSource, HintTask, PendingHint};
pub use live::{LiveJob, LiveScheduler, LiveStep};
pub use model_thread::{FolderChange, ModelReport, ModelSearch, ModelTask, PREVIEW_SIDE};
pub use objects::{ObjectPrompt, ObjectReport, ObjectTask, PromptBox, PromptPoint};
pub use palettes::{PaletteReport, PaletteTask};
pub use report::{DocumentReport, Ending, EngineReport, Extras, FileReport, LiveEnding, Report, WorkerThread};
pub use scores::{ResultScores, ScoreTask};
pub use task::{
    ContactResult, DocumentId, EngineTask, FileTask, GenerateJob, JobId, LayerPicture, LayerPixels, NoiseJob,
    ResultSaving, ResultStart, RunAgainJob, SaveName,
};
pub use vision_thread::{DescribeReport, DescribeTask, VisionTask};

use crate::engine::Engine;
use crate::remote::{Patience, Server, ask_health};

/// A handle to the threads; they end when it is dropped.
pub struct Jobs {
    engine: Sender<EngineTask>,
    files: Sender<FileTask>,
    canvas: Sender<CanvasTask>,
    fetches: Sender<FetchJob>,
    objects: Sender<ObjectTask>,
    vision: Sender<VisionTask>,
    /// `None` where no models are searched.
    models: Option<Sender<ModelTask>>,
    reporter: Reporter,
    reports: Receiver<Report>,
    last: AtomicU64,
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
    /// Starts the threads. `make_engine` is called on the engine's thread, again after a crash;
    /// `repaint` is called from all of them after every report.
    pub fn start(
        make_engine: impl Fn() -> Box<dyn Engine> + Send + 'static,
        repaint: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let (engine, engine_tasks) = unbounded();
        let (files, file_tasks) = unbounded();
        let (canvas, canvas_tasks) = unbounded();
        let (fetches, fetch_jobs) = unbounded();
        let (objects, object_tasks) = unbounded();
        let (vision, vision_tasks) = unbounded();
        let (sender, reports) = unbounded();
        let reporter = Reporter { reports: sender, repaint: Arc::new(repaint) };
        let (results, engine_reporter) = (files.clone(), reporter.clone());
        std::thread::spawn(move || {
            engine_thread::EngineThread::new(Box::new(make_engine), results, engine_reporter).run(&engine_tasks);
        });
        let (file_reporter, fetch_reporter) = (reporter.clone(), reporter.clone());
        let (canvas_reporter, object_reporter) = (reporter.clone(), reporter.clone());
        std::thread::spawn(move || canvas_thread::run(&canvas_tasks, &canvas_reporter));
        std::thread::spawn(move || file_thread::run(&file_tasks, &file_reporter));
        std::thread::spawn(move || fetch_thread::run(&fetch_jobs, &fetch_reporter));
        let vision_reporter = reporter.clone();
        std::thread::spawn(move || objects::run(&object_tasks, &object_reporter));
        std::thread::spawn(move || vision_thread::run(&vision_tasks, &vision_reporter));
        Self {
            engine,
            files,
            canvas,
            fetches,
            objects,
            vision,
            models: None,
            reporter,
            reports,
            last: AtomicU64::new(0),
        }
    }

    /// Starts another thread, which finds the models on this machine.
    #[must_use]
    pub fn with_models(mut self, search: ModelSearch) -> Self {
        let (models, tasks) = unbounded();
        let reporter = self.reporter.clone();
        std::thread::spawn(move || model_thread::run(&tasks, search, reporter));
        self.models = Some(models);
        self
    }

    /// A job id that was never used before.
    pub fn next_id(&self) -> JobId {
        JobId(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A document id that was never used before.
    pub fn next_document(&self) -> DocumentId {
        DocumentId(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Hands a task to the engine's thread; never waits.
    pub fn engine(&self, task: EngineTask) {
        if self.engine.send(task).is_err() {
            tracing::error!("the engine thread has stopped");
        }
    }

    /// Hands a task to the file thread; never waits.
    pub fn files(&self, task: FileTask) {
        if self.files.send(task).is_err() {
            tracing::error!("the file thread has stopped");
        }
    }

    /// Hands a task to the thread that computes edits of a large canvas; never waits.
    pub fn canvas(&self, task: CanvasTask) {
        if self.canvas.send(task).is_err() {
            tracing::error!("the thread that computes edits has stopped");
        }
    }

    /// Hands a task to the thread that finds models, if there is one; never waits.
    pub fn models(&self, task: ModelTask) {
        if let Some(models) = &self.models
            && models.send(task).is_err()
        {
            tracing::error!("the thread that finds models has stopped");
        }
    }

    /// Hands a job to the thread that fetches models; never waits.
    pub fn fetch(&self, job: FetchJob) {
        if self.fetches.send(job).is_err() {
            tracing::error!("the thread that fetches models has stopped");
        }
    }

    /// Hands a task to the thread that finds objects; never waits.
    pub fn find_object(&self, task: ObjectTask) {
        if self.objects.send(task).is_err() {
            tracing::error!("the thread that finds objects has stopped");
        }
    }

    /// Hands a task to the thread that describes the canvas and estimates depth; never waits.
    pub fn look(&self, task: VisionTask) {
        if self.vision.send(task).is_err() {
            tracing::error!("the thread that describes pictures has stopped");
        }
    }

    /// Asks a server what it is and has, on a thread of its own; never waits.
    pub fn ask_server(&self, server: Server, patience: Patience) {
        let reporter = self.reporter.clone();
        let ask = move || {
            let health = ask_health(&server, patience);
            reporter.send(Report::Server { url: server.url, health });
        };
        if let Err(error) = std::thread::Builder::new().name("server health".into()).spawn(ask) {
            tracing::error!("no thread to ask a server: {error}");
        }
    }

    /// Waits until every file asked for so far is written, for at most `patience`. Returns whether all
    /// were.
    pub fn finish_files(&self, patience: Duration) -> bool {
        let (done, all_done) = bounded(1);
        self.files.send(FileTask::Flush(done)).is_ok() && all_done.recv_timeout(patience).is_ok()
    }

    /// The next report, for which it waits at most so long. Only for when the window closes.
    pub fn wait(&self, patience: Duration) -> Option<Report> {
        self.reports.recv_timeout(patience).ok()
    }

    /// The next report, if there is one.
    pub fn poll(&self) -> Option<Report> {
        self.reports.try_recv().ok()
    }
}

#[cfg(test)]
mod tests;
