//! The thread that owns the engine.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::hints::with_fitted_hints;
use super::live::{self, LiveThreads};
use super::run_again::run_again;
use super::supervise::supervised;
use super::{
    Ending, EngineReport, EngineTask, FileTask, GenerateJob, JobId, LiveEnding, LiveJob, NoiseJob, Report, Reporter,
    ResultSaving, ResultStart, RunAgainJob, WorkerThread,
};
use crate::engine::{
    Cancel, Engine, Error, Event, FinishedImage, ModelChoice, NoisedStart, Recipe, Request, RequestKind, Runtime,
    Settings,
};
use crate::picture::{check_folder, fit};
use crate::prompts;
use crate::remote::{EngineChoice, engine_of};

type MakeEngine = Box<dyn Fn() -> Box<dyn Engine> + Send>;

pub(super) struct EngineThread {
    make_engine: MakeEngine,
    /// `None` until it is first needed, and after a crash.
    engine: Option<Box<dyn Engine>>,
    runtime: Option<Runtime>,
    /// Which engines make the pictures.
    choice: EngineChoice,
    /// The model that was loaded last.
    model: Option<ModelChoice>,
    /// Where finished pictures go to be written.
    files: Sender<FileTask>,
    reporter: Reporter,
    live: Arc<LiveThreads>,
    /// A frame of live painting was made, and the engine has not rested since.
    keeps_for_frames: bool,
}

impl EngineThread {
    pub fn new(make_engine: MakeEngine, files: Sender<FileTask>, reporter: Reporter) -> Self {
        Self {
            make_engine,
            engine: None,
            runtime: None,
            choice: EngineChoice::default(),
            model: None,
            files,
            reporter,
            live: Arc::default(),
            keeps_for_frames: false,
        }
    }

    pub fn run(mut self, tasks: &Receiver<EngineTask>) {
        // Asking for devices takes a moment and runs drivers' code, so it is done here and supervised.
        self.report_capabilities();
        while let Some(task) = self.next_task(tasks) {
            match task {
                EngineTask::Configure(runtime) => {
                    self.runtime = Some(runtime.clone());
                    if let Err(reason) = supervised(|| self.engine().configure(&runtime)) {
                        self.crashed(reason);
                    }
                    self.report_estimator();
                }
                EngineTask::Use(choice) => {
                    self.choice = choice;
                    self.model = None;
                    self.drop_engine();
                    self.report_capabilities();
                }
                EngineTask::Load { job, model, cancel } => {
                    // The reason is reported with the model.
                    let _ = self.load(job, &model, &cancel);
                }
                EngineTask::Generate(round) => {
                    let job = round.job;
                    let how = self.generate(*round);
                    self.reporter.send(EngineReport::Ended { job, how });
                }
                EngineTask::Noise(noise) => {
                    let job = noise.job;
                    let start = self.noised_start(*noise);
                    self.reporter.send(EngineReport::Noised { job, start });
                }
                EngineTask::Live(frame) => {
                    let job = frame.job;
                    let how = self.live_frame(*frame);
                    self.reporter.send(EngineReport::Live { job, how });
                }
                EngineTask::RunAgain(again) => {
                    let job = again.job;
                    let how = self.run_again(*again);
                    self.reporter.send(EngineReport::Ended { job, how });
                }
            }
        }
    }

    /// Waits for the next task; `None` once there will be none. The engine gives back what it keeps between frames of
    /// live painting when no other frame has come for a while.
    fn next_task(&mut self, tasks: &Receiver<EngineTask>) -> Option<EngineTask> {
        if self.keeps_for_frames {
            match tasks.recv_timeout(live::REST) {
                Err(RecvTimeoutError::Timeout) => {
                    self.keeps_for_frames = false;
                    if let Err(reason) = supervised(|| self.engine().rest()) {
                        self.crashed(reason);
                    }
                }
                task => return task.ok(),
            }
        }
        tasks.recv().ok()
    }

    fn engine(&mut self) -> &mut dyn Engine {
        let (make, runtime, choice) = (&self.make_engine, &self.runtime, &self.choice);
        self.engine
            .get_or_insert_with(|| {
                let mut engine = engine_of(choice, make);
                if let Some(runtime) = runtime {
                    engine.configure(runtime);
                }
                engine
            })
            .as_mut()
    }

    fn report_capabilities(&mut self) {
        match supervised(|| self.engine().capabilities()) {
            Ok(capabilities) => self.reporter.send(EngineReport::Capabilities(capabilities)),
            Err(reason) => self.crashed(reason),
        }
    }

    /// Dropping an engine could panic too.
    fn drop_engine(&mut self) {
        let engine = self.engine.take();
        if let Err(reason) = supervised(move || drop(engine)) {
            tracing::error!("the engine crashed while it was dropped: {reason}");
        }
    }

    /// An engine that panicked may be half changed: it is thrown away, and made again for the next task.
    fn crashed(&mut self, reason: String) {
        tracing::error!("the engine crashed: {reason}");
        self.drop_engine();
        self.reporter.send(Report::Restarted { thread: WorkerThread::Engine, reason });
    }

    fn supervised<T>(&mut self, work: impl FnOnce(&mut dyn Engine) -> Result<T, Error>) -> Result<T, Error> {
        match supervised(|| work(self.engine())) {
            Ok(done) => done,
            Err(reason) => {
                self.crashed(reason.clone());
                Err(Error::Internal(reason))
            }
        }
    }

    fn load(&mut self, job: JobId, model: &ModelChoice, cancel: &Cancel) -> Result<(), Error> {
        self.reporter.send(EngineReport::Loading { job, name: model.name() });
        let reporter = self.reporter.clone();
        let progress = Arc::new(move |share| reporter.send(EngineReport::LoadProgress { job, share }));
        match self.supervised(|engine| engine.load_with_progress(model, cancel, progress)) {
            Ok(info) => {
                // A server says only now what it has.
                if !self.choice.is_local() {
                    self.report_capabilities();
                }
                self.reporter.send(EngineReport::Loaded { job, info });
                if self.model.as_ref() != Some(model) {
                    self.model = Some(model.clone());
                    self.report_estimator();
                }
                Ok(())
            }
            Err(error) => {
                let reason = error.to_string();
                self.reporter.send(EngineReport::LoadFailed { job, model: model.clone(), reason });
                Err(error)
            }
        }
    }

    /// Reports what estimates rounds with the loaded model.
    fn report_estimator(&mut self) {
        let Some(model) = self.model.clone() else { return };
        match supervised(|| self.engine().estimator(&model)) {
            Ok(estimator) => self.reporter.send(EngineReport::Estimator { model, estimator }),
            Err(reason) => self.crashed(reason),
        }
    }

    fn generate(&mut self, round: GenerateJob) -> Ending {
        // Told before minutes of work, not after; the results stay in the window all the same.
        if let Err(error) = check_folder(&round.folder) {
            self.reporter.send(EngineReport::Notice { job: round.job, text: error.to_string() });
        }
        let made = self.load(round.job, &round.model, &round.cancel).and_then(|()| self.make(round));
        match made {
            Ok(()) => Ending::Complete,
            Err(Error::Cancelled) => Ending::Cancelled,
            Err(error) => Ending::Failed(error.to_string()),
        }
    }

    /// An aid that is asked for again and again: that it failed is no news for the person.
    fn noised_start(&mut self, noise: NoiseJob) -> Option<Arc<dyn NoisedStart>> {
        let NoiseJob { model, settings, start, cancel, .. } = noise;
        let (width, height) = (settings.width as u32, settings.height as u32);
        let start = Arc::new(fit(&start.picture(), width, height, start.fit, start.paper.0));
        // A strength at which there is a start image; which one it is does not matter.
        let settings = Settings { strength: settings.strength.min(0.5), ..settings };
        let request = Request::new(model, settings, Some(start));
        match self.supervised(|engine| engine.noised_start(&request, &cancel)) {
            Ok(start) => start,
            Err(error) => {
                tracing::debug!("a start image cannot be looked at under noise: {error}");
                None
            }
        }
    }

    /// Loading is reported only where the model is not the one that was loaded last.
    fn live_frame(&mut self, frame: LiveJob) -> LiveEnding {
        let loaded = match self.model.as_ref() == Some(&frame.model) {
            true => Ok(()),
            false => self.load(frame.job, &frame.model, &frame.cancel),
        };
        let threads = Arc::clone(&self.live);
        self.keeps_for_frames = true;
        let made = loaded.and_then(|()| self.supervised(|engine| live::make(engine, &threads, frame)));
        match made {
            Ok((picture, seconds)) => LiveEnding::Finished { picture: Arc::new(picture), seconds },
            Err(Error::Cancelled) => LiveEnding::Cancelled,
            Err(error) => LiveEnding::Failed(error.to_string()),
        }
    }

    fn run_again(&mut self, again: RunAgainJob) -> Ending {
        let reporter = self.reporter.clone();
        // A result of a server is made again here, to see how much it differs.
        let elsewhere = (!self.choice.is_local()).then(|| {
            let choice = std::mem::take(&mut self.choice);
            (choice, self.engine.take(), self.model.take())
        });
        let made = self
            .load(again.job, &again.model, &again.cancel)
            .and_then(|()| self.supervised(|engine| run_again(engine, again, &reporter)));
        if let Some((choice, engine, model)) = elsewhere {
            self.drop_engine();
            (self.choice, self.engine, self.model) = (choice, engine, model);
        }
        match made {
            Ok(()) => Ending::Complete,
            Err(Error::Cancelled) => Ending::Cancelled,
            Err(error) => Ending::Failed(error.to_string()),
        }
    }

    fn make(&mut self, round: GenerateJob) -> Result<(), Error> {
        let GenerateJob { job, model, settings, plan, start, fit: how, paper, cancel, folder, saving, wildcards } =
            round;
        let size = (settings.width as u32, settings.height as u32);
        let (files, reporter) = (self.files.clone(), self.reporter.clone());
        self.supervised(|engine| {
            // Where only the masked part is sampled, or a second pass enlarges it, the start image keeps its size.
            let keeps_size = plan.mask.is_some() && settings.samples_masked_part() || settings.second_pass.is_some();
            let start = start.map(|start| match keeps_size || start.dimensions() == size {
                true => start,
                false => Arc::new(fit(&start, size.0, size.1, how, paper)),
            });
            let hint_size = start.as_ref().filter(|_| keeps_size).map_or(size, |start| start.dimensions());
            let plan = with_fitted_hints(plan, hint_size, how, paper);
            let request = Request::planned(model, settings, plan, start);
            let made_with = engine.made_with(&request.model);
            let forward = Forward { job, request: &request, files, reporter, folder, saving };
            prompts::generate(engine, &request, &wildcards, &made_with, &cancel, &mut |event, recipe| {
                forward.event(event, recipe);
            })
        })
    }
}

/// Turns the events of one job into reports, and hands finished pictures to the file thread.
struct Forward<'a> {
    job: JobId,
    request: &'a Request,
    files: Sender<FileTask>,
    reporter: Reporter,
    folder: PathBuf,
    saving: ResultSaving,
}

impl Forward<'_> {
    /// `recipe` says what made a finished picture.
    fn event(&self, event: Event, recipe: Option<Recipe>) {
        let job = self.job;
        match event {
            Event::Notice(text) => self.reporter.send(EngineReport::Notice { job, text }),
            Event::Stage(stage) => self.reporter.send(EngineReport::Stage { job, stage }),
            Event::Step { image, step, steps, preview } => {
                self.reporter.send(EngineReport::Step { job, image, step, steps, preview: Arc::new(preview) });
            }
            Event::Finished(finished) => self.finished(finished, recipe.unwrap_or_default()),
        }
    }

    fn finished(&self, finished: FinishedImage, recipe: Recipe) {
        let recipe = Arc::new(recipe);
        let start = match &self.request.kind {
            RequestKind::ImageToImage { start } if recipe.from_picture => ResultStart::Pixels(Arc::clone(start)),
            RequestKind::ImageToImage { .. } | RequestKind::TextToImage => ResultStart::None,
        };
        let FinishedImage { image, picture, made_by, .. } = finished;
        if let Some(made_by) = made_by {
            self.reporter.send(EngineReport::Speed { engine: made_by.engine, seconds: made_by.seconds });
        }
        let (job, picture) = (self.job, Arc::new(picture));
        self.reporter.send(EngineReport::Finished {
            job,
            image,
            picture: Arc::clone(&picture),
            recipe: Arc::clone(&recipe),
        });
        let (folder, saving) = (self.folder.clone(), self.saving.clone());
        let regions = self.request.plan.regions.clone();
        let task = FileTask::KeepResult { job, image, picture, recipe, folder, saving, start, regions };
        if self.files.send(task).is_err() {
            tracing::error!("the file thread has stopped");
        }
    }
}
