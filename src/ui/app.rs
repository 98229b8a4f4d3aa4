//! The application: one state, events applied in one place, wishes carried out in one place.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Context, Panel, ScrollArea};
use image::RgbImage;

use super::canvas_view::CanvasView;
use super::color_panel::ColorPanel;
use super::dialogs::Dialogs;
use super::gallery::{Gallery, color_image};
use super::keeper::{Keeper, paper_of, picture_of};
use super::progress::Progress;
use super::prompt_panel::PromptPanel;
use super::status::Status;
use super::tools_panel::Tools;
use super::{Action, AutoencoderTask, Paper, settings_panel, shortcuts, theme, top_bar};
use crate::engine::{Cancel, DeviceChoice, Engine, ModelChoice, Recipe, Recommended, Runtime, Settings};
use crate::example::example_sketch;
use crate::jobs::{
    Ending, EngineCommand, EngineReport, Extras, FileCommand, FileReport, GenerateJob, JobId, Jobs, Report,
    WorkerThread,
};
use crate::paint::{Brush, Canvas, Painting, Rgb};
use crate::picture::{Fit, Parameters};
use crate::rounds::{Ancestry, RoundId, Rounds, State, choose_seed};

/// How long closing the window waits for files.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the window starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The model to load.
    pub model: ModelChoice,
    /// Where results are written by themselves.
    pub folder: PathBuf,
    /// Where the drawing is kept from start to start; nowhere without one.
    pub drawing: Option<PathBuf>,
    /// Where and with what the engine works.
    pub runtime: Runtime,
}

/// The state of the whole program.
pub struct App {
    jobs: Jobs,
    dialogs: Dialogs,
    painting: Painting,
    keeper: Keeper,
    /// Seeds whose noise is in the canvas.
    ancestry: Ancestry,
    tools: Tools,
    color: ColorPanel,
    settings: Settings,
    runtime: Runtime,
    /// The runtime that the engine was told last.
    configured: Runtime,
    model: ModelChoice,
    loading: bool,
    recommended: Recommended,
    /// What the arithmetic can run on here.
    devices: Vec<DeviceChoice>,
    extras: Extras,
    /// What made the picture opened last, until it is used or left.
    offered: Option<Parameters>,
    rounds: Rounds,
    running: Option<Running>,
    /// The round that each job makes.
    rounds_of_jobs: HashMap<JobId, RoundId>,
    last_seed: Option<u64>,
    folder: PathBuf,
    canvas_view: CanvasView,
    gallery: Gallery,
    prompts: PromptPanel,
    status: Status,
}

/// The round in progress.
struct Running {
    job: JobId,
    cancel: Cancel,
    progress: Progress,
}

fn list_extras(runtime: &Runtime) -> FileCommand {
    let folder = |folder: &Option<PathBuf>| folder.clone().unwrap_or_default();
    FileCommand::ListExtras { loras: folder(&runtime.loras), embeddings: folder(&runtime.embeddings) }
}

impl App {
    /// Builds the state and starts loading the model.
    pub fn new(ctx: &Context, options: Options, make_engine: impl Fn() -> Box<dyn Engine> + Send + 'static) -> Self {
        theme::apply(ctx);
        let repaint = ctx.clone();
        let mut jobs = Jobs::start(make_engine, move || repaint.request_repaint());
        jobs.files(list_extras(&options.runtime));
        jobs.engine(EngineCommand::Configure(options.runtime.clone()));
        let job = jobs.next_id();
        jobs.engine(EngineCommand::Load { job, model: options.model.clone(), cancel: Cancel::default() });
        let keeper = Keeper::new(options.drawing);
        if let Some(command) = keeper.restore() {
            jobs.files(command);
        }
        let brush = Brush::default();
        let mut status = Status::default();
        status.say("Paint, or take the example sketch; then press Generate.");
        Self {
            jobs,
            dialogs: Dialogs::new(ctx.clone()),
            painting: Painting::new(512, 512, Rgb::WHITE),
            keeper,
            ancestry: Ancestry::new(),
            color: ColorPanel::new(brush.color),
            tools: Tools { brush, ..Tools::default() },
            settings: Settings::default(),
            configured: options.runtime.clone(),
            runtime: options.runtime,
            model: options.model,
            loading: true,
            recommended: Recommended::default(),
            devices: Vec::new(),
            extras: Extras::default(),
            offered: None,
            rounds: Rounds::default(),
            running: None,
            rounds_of_jobs: HashMap::new(),
            last_seed: None,
            folder: options.folder,
            canvas_view: CanvasView::default(),
            gallery: Gallery::default(),
            prompts: PromptPanel::default(),
            status,
        }
    }

    /// The painting.
    pub fn painting(&self) -> &Painting {
        &self.painting
    }

    /// All rounds so far.
    pub fn rounds(&self) -> &Rounds {
        &self.rounds
    }

    /// The settings of the next round.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The same, to be changed.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// Whether a model is being read.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// What the loaded model's maker suggests.
    pub fn recommended(&self) -> Recommended {
        self.recommended
    }

    /// Whether a round is being made.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// What the status line says.
    pub fn status(&self) -> &str {
        self.status.text()
    }

    /// Where the canvas is on screen, in points.
    pub fn canvas_rect(&self) -> Option<egui::Rect> {
        self.canvas_view.shown()
    }

    /// Carries out one wish.
    pub fn perform(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Undo => self.painting.undo(),
            Action::Redo => self.painting.redo(),
            Action::New(paper) => self.new_sheet(paper),
            Action::Example => {
                let canvas = example_sketch().canvas().clone();
                self.replace_canvas(canvas, Rgb::WHITE, Ancestry::new());
                self.status.say("The example sketch is on the canvas.");
            }
            Action::ChooseFile(fit) => self.dialogs.open_picture(fit),
            Action::Open(path, fit) => self.jobs.files(FileCommand::Open {
                path,
                fit,
                size: (self.settings.width as u32, self.settings.height as u32),
                paper: self.painting.paper().0,
            }),
            Action::Use(tool) => self.tools.tool = tool,
            Action::Pick(color) => self.color.set(color),
            Action::Generate => self.generate(),
            Action::Cancel => {
                if let Some(running) = &mut self.running {
                    running.cancel.cancel();
                    running.progress.say("Cancelling");
                }
            }
            Action::PaintOver(round, image) => self.paint_over(round, image),
            Action::ChooseSave(round, image) => {
                if let Some((_, recipe)) = self.result(round, image) {
                    self.dialogs.save_result(round, image, &self.folder, &format!("underpaint-{}.png", recipe.seed));
                }
            }
            Action::Save(round, image, path) => {
                if let Some((picture, recipe)) = self.result(round, image) {
                    self.jobs.files(FileCommand::SaveAs { picture, infotext: Some(recipe.infotext()), path });
                }
            }
            Action::ChooseSaveDrawing => self.dialogs.save_drawing(&self.folder),
            Action::SaveDrawing(path) => {
                self.painting.end_stroke();
                if let Some(picture) = picture_of(self.painting.canvas()) {
                    self.jobs.files(FileCommand::SaveAs { picture: Arc::new(picture), infotext: None, path });
                }
            }
            Action::Copy(round, image) => {
                if let Some((picture, _)) = self.result(round, image) {
                    ctx.copy_image(color_image(&picture));
                    self.status.say("The result is on the clipboard.");
                }
            }
            Action::UseSeed(seed) => {
                self.settings.seed = seed as i64;
                self.status.say(format!("The next round starts with seed {seed}."));
            }
            Action::ChooseCheckpoint => self.dialogs.choose_checkpoint(),
            Action::ChooseModel => self.dialogs.choose_model(),
            Action::UseModel(model) => {
                self.load(model);
            }
            Action::ChooseAutoencoder(task) => self.dialogs.choose_autoencoder(task),
            Action::UseAutoencoder(AutoencoderTask::Results, path) => self.settings.vae = path,
            Action::UseAutoencoder(AutoencoderTask::Previews, path) => self.runtime.preview_vae = path,
            Action::UseRecommended => self.recommended.apply_to(&mut self.settings),
            Action::UseItsSettings => {
                if let Some(parameters) = self.offered.take() {
                    parameters.apply_to(&mut self.settings);
                    self.status.say("The next round uses the picture's own prompt and settings.");
                }
            }
            Action::LeaveItsSettings => self.offered = None,
            Action::ShowThis(folder) => self.jobs.files(FileCommand::ShowFolder(folder)),
            Action::ListExtras => self.jobs.files(list_extras(&self.runtime)),
            Action::ShowFolder => self.jobs.files(FileCommand::ShowFolder(self.folder.clone())),
        }
    }

    fn new_sheet(&mut self, paper: Paper) {
        let color = match paper {
            Paper::White => Rgb::WHITE,
            Paper::Black => Rgb::BLACK,
            Paper::CurrentColor => self.color.color(),
        };
        let canvas = Canvas::new(self.settings.width, self.settings.height, color);
        self.replace_canvas(canvas, color, Ancestry::new());
        self.status.say("A new sheet. Undo brings the old canvas back.");
    }

    fn replace_canvas(&mut self, canvas: Canvas, paper: Rgb, ancestry: Ancestry) {
        self.painting.replace(canvas, paper);
        self.ancestry = ancestry;
    }

    fn load(&mut self, model: ModelChoice) {
        self.loading = true;
        let job = self.jobs.next_id();
        self.jobs.engine(EngineCommand::Load { job, model, cancel: Cancel::default() });
    }

    fn generate(&mut self) {
        if self.running.is_some() {
            return;
        }
        if let Err(error) = self.settings.check() {
            self.status.fail(error.to_string());
            return;
        }
        self.painting.end_stroke();
        let from_picture = self.settings.strength < 1.0;
        let ancestry: &[u64] = if from_picture { &self.ancestry } else { &[] };
        let chosen = choose_seed(self.settings.seed, self.settings.batch, ancestry);
        match chosen.notice {
            Some(notice) => {
                self.settings.seed = chosen.seed;
                self.status.say(notice);
            }
            None if from_picture && self.painting.canvas().is_blank() => {
                self.status
                    .say("The canvas is blank: draw something, or set the strength to 1 to use the words alone.");
            }
            None => self.status.say(""),
        }
        let settings = Settings { seed: chosen.seed, ..self.settings.clone() };
        self.last_seed = Some(chosen.seed as u64);
        let init = from_picture.then(|| picture_of(self.painting.canvas())).flatten();
        let round = self.rounds.begin(settings.batch);
        self.gallery.follow(round);
        let cancel = Cancel::default();
        let progress = Progress::new(&settings, from_picture);
        let job = self.jobs.next_id();
        self.rounds_of_jobs.insert(job, round);
        self.running = Some(Running { job, cancel: cancel.clone(), progress });
        if self.configured != self.runtime {
            self.configured = self.runtime.clone();
            self.jobs.engine(EngineCommand::Configure(self.runtime.clone()));
        }
        self.jobs.engine(EngineCommand::Generate(Box::new(GenerateJob {
            job,
            model: self.model.clone(),
            settings,
            start: init.map(Arc::new),
            fit: Fit::Fill,
            cancel,
            folder: self.folder.clone(),
        })));
    }

    fn result(&self, round: RoundId, image: usize) -> Option<(Arc<RgbImage>, Arc<Recipe>)> {
        match &self.rounds.slot(round, image)?.state {
            State::Done { picture, recipe, .. } => Some((Arc::clone(picture), Arc::clone(recipe))),
            _ => None,
        }
    }

    fn paint_over(&mut self, round: RoundId, image: usize) {
        let Some((picture, recipe)) = self.result(round, image) else { return };
        let (w, h) = (picture.width() as usize, picture.height() as usize);
        let Some(canvas) = Canvas::from_rgb(w, h, picture.as_raw()) else { return };
        let mut ancestry = self.ancestry.clone();
        ancestry.push(recipe.seed);
        self.replace_canvas(canvas, self.painting.paper(), ancestry);
        self.status
            .say(format!("Result {} of round {round} is on the canvas; the next round starts from it.", image + 1));
    }

    /// Applies one report of the threads.
    fn apply(&mut self, report: Report, now: f64) {
        match report {
            Report::Engine(report) => self.apply_engine(report, now),
            Report::File(report) => self.apply_file(report),
            Report::Restarted { thread, reason } => {
                let what = match thread {
                    WorkerThread::Engine => "The engine",
                    WorkerThread::Files => "Reading or writing a file",
                };
                self.status.fail(format!("{what} crashed and was started again: {reason}. Please try once more."));
            }
        }
    }

    fn apply_engine(&mut self, report: EngineReport, now: f64) {
        match report {
            EngineReport::Capabilities(capabilities) => self.devices = capabilities.devices,
            EngineReport::Loading { name, .. } => {
                self.loading = true;
                self.progress(|p| p.say(format!("Loading the model {name}")));
            }
            EngineReport::Loaded { info, .. } => {
                self.prompts.count_with(info.counter);
                self.loading = false;
                self.model = info.choice;
                info.recommended.follow(self.recommended, &mut self.settings);
                self.recommended = info.recommended;
            }
            EngineReport::LoadFailed { model, reason, .. } => {
                self.loading = false;
                self.status.fail(reason);
                // A bad --model at the start: the built-in one still works.
                if model == self.model && model != ModelChoice::Starter {
                    self.model = ModelChoice::Starter;
                    self.load(ModelChoice::Starter);
                }
            }
            EngineReport::Notice { text, .. } => self.status.say(text),
            EngineReport::Stage { stage, .. } => self.progress(|p| p.stage(stage)),
            EngineReport::Step { job, image, step, steps, preview } => {
                if let Some(round) = self.rounds_of_jobs.get(&job).copied() {
                    self.rounds.set(round, image, State::Denoising { step, steps, preview });
                    self.gallery.made_progress(round, image);
                }
                self.progress(|p| p.step(image, step, steps, now));
            }
            EngineReport::Finished { job, image, picture, recipe } => {
                if let Some(round) = self.rounds_of_jobs.get(&job).copied() {
                    self.rounds.set(round, image, State::Done { picture, recipe, file: None });
                }
            }
            EngineReport::Ended { job, how } => {
                if let Some(round) = self.rounds_of_jobs.get(&job).copied() {
                    self.rounds.end(round);
                }
                if self.running.as_ref().is_some_and(|running| running.job == job) {
                    self.running = None;
                }
                match how {
                    Ending::Complete => {}
                    Ending::Cancelled => {
                        if !self.status.is_error() {
                            self.status.say("Cancelled; finished pictures stay.");
                        }
                    }
                    Ending::Failed(reason) => self.status.fail(reason),
                }
            }
        }
    }

    fn apply_file(&mut self, report: FileReport) {
        match report {
            FileReport::Extras(extras) => self.extras = extras,
            FileReport::ResultKept { job, image, path } => {
                if let Some(round) = self.rounds_of_jobs.get(&job).copied() {
                    self.rounds.saved(round, image, path);
                }
            }
            FileReport::ResultNotKept { reason, .. } => self.status.fail(reason),
            FileReport::DrawingKept { .. } => {}
            FileReport::DrawingNotKept { reason } | FileReport::Failed(reason) => self.status.fail(reason),
            FileReport::Opened { name, picture, parameters } => {
                let size = (picture.width() as usize, picture.height() as usize);
                if let Some(canvas) = Canvas::from_rgb(size.0, size.1, picture.as_raw()) {
                    let seed = parameters.as_ref().and_then(Parameters::seed);
                    self.replace_canvas(canvas, self.painting.paper(), seed.into_iter().collect());
                    self.offered = parameters.filter(Parameters::has_settings);
                    self.status.say(format!("{name} is on the canvas."));
                }
            }
            FileReport::DrawingRestored(picture) => self.restore(&picture),
            FileReport::Saved(path) => self.status.say(format!("Saved as {}.", path.display())),
        }
    }

    /// Puts the kept drawing on a canvas that nobody has touched yet.
    fn restore(&mut self, picture: &RgbImage) {
        let size = (picture.width() as usize, picture.height() as usize);
        let Some(canvas) = Canvas::from_rgb(size.0, size.1, picture.as_raw()) else { return };
        if self.painting.revision() > 0 || canvas.is_blank() {
            return;
        }
        let paper = paper_of(&canvas).unwrap_or(self.painting.paper());
        self.replace_canvas(canvas, paper, Ancestry::new());
        self.keeper.is_kept(&self.painting);
        self.status.say("Your last drawing is on the canvas. New gives an empty sheet.");
    }

    fn progress(&mut self, change: impl FnOnce(&mut Progress)) {
        // After Cancel was pressed its own words stay.
        if let Some(running) = &mut self.running
            && !running.cancel.is_cancelled()
        {
            change(&mut running.progress);
        }
    }

    fn dropped(&self, ctx: &Context) -> Option<Action> {
        let path: Option<PathBuf> =
            ctx.input(|i| i.raw.dropped_files.first().map(|file| Path::to_path_buf(file.path())));
        path.map(|path| {
            let kind = path.extension().map(|e| e.to_ascii_lowercase());
            if kind.is_some_and(|kind| kind == "safetensors" || kind == "ckpt") {
                Action::UseModel(ModelChoice::Path(path))
            } else {
                Action::Open(path, crate::picture::Fit::Fill)
            }
        })
    }

    fn panels(&mut self, ui: &mut egui::Ui) -> Vec<Action> {
        let mut actions = Vec::new();
        let bar = egui::Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(12, 8));
        Panel::top("top").frame(bar).show(ui, |ui| {
            actions.extend(top_bar::ui(ui, self.painting.can_undo(), self.painting.can_redo(), &self.folder));
        });
        Panel::bottom("status").frame(bar).show(ui, |ui| self.status.ui(ui));
        Panel::left("tools").frame(theme::panel()).resizable(false).exact_size(232.0).show(ui, |ui| {
            ScrollArea::vertical().show(ui, |ui| {
                actions.extend(self.tools.ui(ui));
                ui.add_space(8.0);
                self.color.ui(ui);
            });
        });
        Panel::right("settings").frame(theme::panel()).resizable(false).exact_size(252.0).show(ui, |ui| {
            ScrollArea::vertical().show(ui, |ui| {
                let context = settings_panel::Context {
                    model: &self.model,
                    loading: self.loading,
                    recommended: self.recommended,
                    last_seed: self.last_seed,
                    offers: self.offered.is_some(),
                    devices: &self.devices,
                };
                actions.extend(settings_panel::ui(ui, &mut self.settings, &mut self.runtime, &context));
            });
        });
        Panel::bottom("prompt").frame(theme::panel()).show(ui, |ui| {
            let progress = self.running.as_ref().map(|r| &r.progress);
            actions.extend(self.prompts.ui(ui, &mut self.settings, progress, &self.extras));
        });
        CentralPanel::default().frame(theme::panel()).show(ui, |ui| {
            ui.columns_const(|[canvas, results]| {
                // As high as the results' heading, so that both pictures start on one line.
                canvas.horizontal(|ui| theme::section(ui, "Canvas"));
                let mut painted = false;
                let color = self.color.color();
                actions.extend(self.canvas_view.ui(canvas, &mut self.painting, &self.tools, color, &mut painted));
                if painted {
                    self.color.used();
                }
                actions.extend(self.gallery.ui(results, &self.rounds));
            });
        });
        actions
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let now = ctx.input(|i| i.time);
        while let Some(report) = self.jobs.poll() {
            self.apply(report, now);
        }
        let mut actions: Vec<Action> = std::iter::from_fn(|| self.dialogs.poll()).collect();
        actions.extend(shortcuts::actions(&ctx, &self.gallery, &mut self.tools, self.running.is_some()));
        actions.extend(self.dropped(&ctx));
        actions.extend(self.panels(ui));
        for action in actions {
            self.perform(&ctx, action);
            // Panels drawn before the action show its effect in the next frame.
            ctx.request_repaint();
        }
        if let Some(command) = self.keeper.when_due(&self.painting, now, &ctx) {
            self.jobs.files(command);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(running) = &self.running {
            running.cancel.cancel();
        }
        self.painting.end_stroke();
        if let Some(command) = self.keeper.now(&self.painting) {
            self.jobs.files(command);
        }
        if !self.jobs.finish_files(PATIENCE) {
            tracing::error!("not every file was written in time");
        }
    }
}
