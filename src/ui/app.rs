//! The application: the window's state, its threads, and the order of one frame.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use egui::Context;

use super::canvas::CanvasView;
use super::commands::{self, Services};
use super::dialogs::Dialogs;
use super::panels::{ColorPanel, Gallery, PromptPanel, Status, Tools};
use super::result_memory::{self, ResultMemory};
use super::state::{ModelState, WindowState};
use super::{UserCommand, dropped, events, keymap, shell, theme};
use crate::document::autosave::{Autosave, Due};
use crate::document::{Document, Rounds, SettingsGuard};
use crate::engine::{Engine, ModelChoice, Recommended, Runtime, Settings};
use crate::jobs::{EngineTask, Extras, FileTask, Jobs};
use crate::paint::{Brush, Rgb, Size};

/// How long closing the window waits until all files are written.
const CLOSING_PATIENCE: Duration = Duration::from_secs(5);

/// How the window starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The model to load.
    pub model: ModelChoice,
    /// The folder that every finished result is written to.
    pub folder: PathBuf,
    /// The file that keeps the canvas between launches, with one beside it for prompt and settings;
    /// `None` keeps nothing.
    pub drawing: Option<PathBuf>,
    /// Where and with what the engine works.
    pub runtime: Runtime,
}

/// The window's state and the threads that work for it.
pub struct App {
    state: WindowState,
    services: Services,
    autosave: Autosave,
}

impl App {
    /// Creates the window's state, starts its threads and begins to load the model.
    pub fn new(ctx: &Context, options: Options, make_engine: impl Fn() -> Box<dyn Engine> + Send + 'static) -> Self {
        theme::apply(ctx);
        let repaint = ctx.clone();
        let jobs = Jobs::start(make_engine, move || repaint.request_repaint());
        jobs.files(commands::list_extras(&options.runtime));
        jobs.engine(EngineTask::Configure(options.runtime.clone()));
        let autosave = Autosave::new(options.drawing.is_some());
        if let Some(drawing) = options.drawing {
            jobs.files(FileTask::OpenDocument(drawing));
        }
        let brush = Brush::default();
        let mut status = Status::default();
        status.say("Paint, or take the example sketch; then press Generate.");
        let mut state = WindowState {
            document: Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default()),
            model: ModelState {
                model: options.model.clone(),
                loading: true,
                recommended: Recommended::default(),
                was_loaded: false,
                devices: Vec::new(),
            },
            running: None,
            rounds_of_jobs: HashMap::new(),
            last_seed: None,
            offered: None,
            extras: Extras::default(),
            results_folder: options.folder,
            configured: options.runtime.clone(),
            runtime: options.runtime,
            color: ColorPanel::new(brush.color),
            tools: Tools { brush, ..Tools::default() },
            canvas: CanvasView::default(),
            gallery: Gallery::default(),
            result_memory: ResultMemory::default(),
            prompts: PromptPanel::default(),
            status,
        };
        let services = Services { jobs, dialogs: Dialogs::new(ctx.clone()), ctx: ctx.clone() };
        commands::load(&mut state, &services, options.model);
        Self { state, services, autosave }
    }

    /// Executes a command, exactly as if a button of the window had sent it.
    pub fn perform(&mut self, command: impl Into<UserCommand>) {
        commands::perform(&mut self.state, &self.services, command.into());
    }

    /// The canvas, prompt, settings and rounds.
    pub fn document(&self) -> &Document {
        &self.state.document
    }

    /// All rounds since the window opened.
    pub fn rounds(&self) -> &Rounds {
        self.state.document.rounds()
    }

    /// The settings of the next round.
    pub fn settings(&self) -> &Settings {
        self.state.document.settings()
    }

    /// The settings of the next round, to be changed as the settings panel changes them.
    pub fn settings_mut(&mut self) -> SettingsGuard<'_> {
        self.state.document.settings_mut()
    }

    /// Whether a model is being loaded.
    pub fn is_loading(&self) -> bool {
        self.state.model.loading
    }

    /// What is recommended for the loaded model.
    pub fn recommended(&self) -> Recommended {
        self.state.model.recommended
    }

    /// Whether a round is running.
    pub fn is_running(&self) -> bool {
        self.state.running.is_some()
    }

    /// The text of the status line.
    pub fn status(&self) -> &str {
        self.state.status.text()
    }

    /// Where the canvas was drawn in the last frame, in points.
    pub fn canvas_rect(&self) -> Option<egui::Rect> {
        self.state.canvas.shown()
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let now = ctx.input(|i| i.time);
        while let Some(report) = self.services.jobs.poll() {
            events::apply(&mut self.state, &self.services, &mut self.autosave, report, now);
        }
        let mut commands: Vec<UserCommand> = std::iter::from_fn(|| self.services.dialogs.poll()).collect();
        commands.extend(keymap::commands(&ctx, &self.state));
        commands.extend(dropped::command(&ctx));
        commands.extend(shell::show(&mut self.state, ui));
        for command in commands {
            self.perform(command);
            // Panels drawn before the command was executed show its effect in the next frame.
            ctx.request_repaint();
        }
        result_memory::update(&mut self.state, &self.services);
        match self.autosave.when_due(&self.state.document, now) {
            Due::No => {}
            Due::In(seconds) => ctx.request_repaint_after_secs(seconds as f32),
            Due::Now(snapshot) => self.services.jobs.files(FileTask::KeepDocument(snapshot)),
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(running) = &self.state.running {
            running.cancel.cancel();
        }
        self.state.document.end_stroke();
        // A window closed at once may not know yet what the last launch kept.
        let is_idle = self.services.jobs.finish_files(CLOSING_PATIENCE);
        let now = self.services.ctx.input(|i| i.time);
        while let Some(report) = self.services.jobs.poll().filter(|_| is_idle) {
            events::apply(&mut self.state, &self.services, &mut self.autosave, report, now);
        }
        if let Some(snapshot) = self.autosave.now(&self.state.document) {
            self.services.jobs.files(FileTask::KeepDocument(Box::new(snapshot)));
        }
        if !self.services.jobs.finish_files(CLOSING_PATIENCE) {
            tracing::error!("not every file was written in time");
        }
    }
}
