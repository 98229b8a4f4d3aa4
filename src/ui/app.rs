//! The application: the window's state, its threads, and the order of one frame.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::{Context, SurrenderFocusOn};

use super::brushes::{self, Brushes};
use super::canvas::CanvasView;
use super::canvas_size;
use super::canvas_work::{self, CanvasWork};
use super::color::{self, ColorPanel};
use super::commands::{self, Services};
use super::compare::Compare;
use super::control::{self, ControlState};
use super::dialogs::Dialogs;
use super::documents::{self, ShownDocument};
use super::engines::{self, Engines, WantedModel};
use super::estimate::RoundEstimate;
use super::export::{self, Export};
use super::history::HistoryPanel;
use super::keyboard::{EscapeOrder, Keyboard};
use super::layers::LayerPanel;
use super::layout::{self, Layout, WindowChoices};
use super::live::{self, Live, LiveFrame};
use super::models::{self, Fetches, ModelPanel};
use super::panels::{NoticeStack, PromptPanel, Status};
use super::prompting::{self, Prompting};
use super::queue::{Notifier, QueueView, desktop_notifier, driver};
use super::refine::{self, RefineState};
use super::reshape;
use super::result_memory::{self, ResultMemory};
use super::results::Gallery;
use super::select::SelectState;
use super::shortcuts::{self, Shortcuts};
use super::state::{ModelState, WindowState};
use super::undo_list::UndoList;
use super::{Tool, UserCommand, about, dropped, events, keymap, theme};
use crate::document::{Autosave, Document, ResultId, RoundId, Rounds, SettingsGuard};
use crate::engine::{Engine, Estimate, ModelChoice, Recommended, Runtime, Settings};
use crate::hub::Environment;
use crate::jobs::{EngineTask, Extras, FileTask, FolderChange, Jobs, ModelSearch, ResultScores};
use crate::models::Catalogue;
use crate::paint::{Brush, Rgb, Size};
use crate::palettes::Palette;
use crate::picture::OutputOptions;
use crate::remote::Server;

/// How long closing the window waits until all files are written.
const CLOSING_PATIENCE: Duration = Duration::from_secs(5);

/// How the window starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The model to load.
    pub model: ModelChoice,
    /// The folder that every finished result is written to.
    pub folder: PathBuf,
    /// The folder of documents without a name, from which the window goes on at the next launch; `None` keeps
    /// nothing unless there is a document.
    pub home: Option<PathBuf>,
    /// The document file to open.
    pub document: Option<PathBuf>,
    /// Where and with what the engine works.
    pub runtime: Runtime,
    /// What finds the models on this machine; `None` searches nothing.
    pub models: Option<ModelSearch>,
    /// The hub that models are fetched from, or why none can be fetched, as one sentence.
    pub hub: Result<Environment, String>,
    /// The servers that make the pictures at this launch; none for those that were switched on last.
    pub servers: Vec<Server>,
    /// Whether this machine makes pictures besides those servers.
    pub with_local: bool,
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
        let (choices, trouble) = WindowChoices::read(options.home.as_deref());
        let trouble = Shortcuts::read(options.home.as_deref(), ctx).or(trouble);
        ctx.add_plugin(EscapeOrder::default());
        // A press and drag, as on the canvas, ends typing as a click does.
        ctx.options_mut(|options| {
            options.input_options.surrender_focus_on = SurrenderFocusOn::Presses;
            // These keys zoom the canvas.
            options.zoom_with_keyboard = false;
        });
        let repaint = ctx.clone();
        let mut jobs = Jobs::start(make_engine, move || repaint.request_repaint());
        let own = options.models.as_ref().and_then(|search| search.around.own.as_deref());
        let fetches = Fetches::new(options.hub, own.map(Path::to_path_buf));
        let searches = options.models.is_some();
        if let Some(search) = options.models {
            jobs = jobs.with_models(search);
        }
        jobs.files(commands::list_extras(&options.runtime));
        jobs.engine(EngineTask::Configure(options.runtime.clone()));
        let autosave = Autosave::new(options.home.is_some() || options.document.is_some());
        let id = jobs.next_document();
        let prompting = Prompting::new(options.home.as_deref());
        let (mut engines, engine_trouble) =
            Engines::read(options.home.as_deref(), &options.servers, options.with_local);
        // A model besides servers is one of theirs.
        let mut first_model = options.model;
        if engines.is_given() && first_model != ModelChoice::Starter {
            engines.given_model = Some(std::mem::take(&mut first_model));
        }
        let (brush, brush_trouble) = Brushes::new(options.home.as_deref());
        match (options.home, options.document) {
            (Some(folder), asked) => jobs.files(FileTask::OpenHome { id, folder, asked }),
            (None, Some(path)) => jobs.files(FileTask::OpenDocument(id, path)),
            (None, None) => {}
        }
        let mut status = Status::default();
        status.say("Paint, or take the example sketch; then press Generate.");
        if let Some(trouble) = trouble.or(brush_trouble).or(engine_trouble) {
            status.fail(trouble);
        }
        let mut state = WindowState {
            document: Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default()),
            shown: ShownDocument::new(id),
            model: ModelState::new(first_model.clone()),
            layers: LayerPanel::default(),
            models: ModelPanel::new(fetches),
            engines,
            queue: QueueView::new(choices.notify),
            layout: Layout::new(choices, ctx),
            live: Live::default(),
            shortcuts: Shortcuts::default(),
            running: None,
            rounds_of_jobs: HashMap::new(),
            last_seed: None,
            offered: None,
            offered_start: None,
            placed: None,
            naming: None,
            replacing: None,
            unsaved: None,
            listed_extras: Extras::default(),
            extras: Extras::default(),
            results_folder: options.folder,
            output: OutputOptions::default(),
            export: Export::default(),
            configured: options.runtime.clone(),
            runtime: options.runtime,
            color: ColorPanel::new(Brush::default().color),
            tool: Tool::default(),
            select: SelectState::default(),
            brush,
            canvas: CanvasView::default(),
            work: CanvasWork::default(),
            gallery: Gallery::default(),
            compare: Compare::default(),
            history: HistoryPanel::default(),
            refine: RefineState::default(),
            control: ControlState::default(),
            reshape: None,
            undo_list: UndoList::default(),
            result_memory: ResultMemory::default(),
            prompts: PromptPanel::default(),
            notices: NoticeStack::default(),
            estimate: RoundEstimate::default(),
            prompting,
            fonts: theme::MoreFonts::new(ctx),
            status,
            keyboard: Keyboard::default(),
            about_open: false,
            takes_drops: true,
        };
        let (dialogs, notifier) = (Dialogs::new(ctx.clone()), desktop_notifier());
        let services = Services { jobs, dialogs, notifier, ctx: ctx.clone() };
        match state.engines.list.choice().is_local() {
            true => commands::load(&mut state, &services, first_model),
            false => {
                let wanted = state.engines.given_model.take().map_or(WantedModel::Any, WantedModel::This);
                engines::apply_choice(&mut state, &services, wanted);
            }
        }
        if searches {
            commands::search_models(&mut state, &services, FolderChange::None);
        }
        Self { state, services, autosave }
    }

    /// Tells whether files can be dropped on this window.
    #[must_use]
    pub fn with_drops(mut self, takes_drops: bool) -> Self {
        self.state.takes_drops = takes_drops;
        self
    }

    /// Listens to the pens of the X server in which the window is.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn with_x11_pens(mut self) -> Self {
        self.state.canvas.use_pens(super::pens::Pens::listen());
        self
    }

    /// Shows desktop notifications with this function instead of the desktop's own ones. It gets the text, and must
    /// not wait.
    #[must_use]
    pub fn with_notifier(mut self, notifier: impl Fn(String) + 'static) -> Self {
        self.services.notifier = Arc::new(notifier) as Notifier;
        self
    }

    /// Offers this catalogue instead of the one inside the program.
    #[must_use]
    pub fn with_catalogue(mut self, catalogue: Catalogue) -> Self {
        self.state.models.offer(catalogue);
        self
    }

    /// Looks for fonts, where a text needs more than the program's own, in these folders and not in those of the system.
    #[must_use]
    pub fn with_font_folders(mut self, folders: Vec<PathBuf>) -> Self {
        self.state.fonts.look_in(folders);
        self
    }

    /// Executes a command, exactly as if a button of the window had sent it.
    pub fn perform(&mut self, command: impl Into<UserCommand>) {
        commands::perform(&mut self.state, &self.services, command.into());
    }

    /// Waits for what another thread does to the canvas.
    fn finish_work(&mut self) {
        let Self { state, services, autosave } = self;
        let now = services.ctx.input(|i| i.time);
        canvas_work::finish(state, services, CLOSING_PATIENCE, |state, report| {
            events::apply(state, services, autosave, report, now);
        });
    }

    /// The canvas, prompt, settings and rounds.
    pub fn document(&self) -> &Document {
        &self.state.document
    }

    /// The document's file; `None` until it is known, and where nothing is kept.
    pub fn document_path(&self) -> Option<&Path> {
        self.state.shown.path.as_deref()
    }

    /// Whether everything in the document is in its file.
    pub fn is_kept(&self) -> bool {
        !self.autosave.is_opening() && self.autosave.is_settled(&self.state.document)
    }

    /// All rounds of the document.
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

    /// The model that the next round uses; it may still be loading.
    pub fn chosen_model(&self) -> &ModelChoice {
        &self.state.model.chosen.choice
    }

    /// How many model files were found on this machine; `None` while they are searched.
    pub fn found_models(&self) -> Option<usize> {
        let models = &self.state.models;
        models.searching.is_none().then(|| models.found().len())
    }

    /// What is recommended for the loaded model.
    pub fn recommended(&self) -> Recommended {
        self.state.model.recommended
    }

    /// What the next round would take; `None` while that is not known.
    pub fn estimate(&self) -> Option<&Estimate> {
        self.state.estimate.shown()
    }

    /// The brush that a tool paints with.
    pub fn brush(&self, tool: Tool) -> &Brush {
        self.state.brush.of(tool)
    }

    /// Whether a round is running.
    pub fn is_running(&self) -> bool {
        self.state.running.is_some()
    }

    /// What the running round is at, in the words of the window.
    pub fn progress(&self) -> Option<&str> {
        self.state.running.as_ref().map(|running| running.progress.text())
    }

    /// Whether live painting is on.
    pub fn is_live(&self) -> bool {
        self.state.live.is_on()
    }

    /// The frame of live painting on show.
    pub fn live_frame(&self) -> Option<&LiveFrame> {
        self.state.live.shown_frame()
    }

    /// Whether live painting has shown a full frame of what is there now, and makes no other.
    pub fn is_live_at_rest(&self) -> bool {
        self.state.live.is_at_rest()
    }

    /// What another thread is doing to the canvas, in the words of the window; `None` if nothing.
    pub fn canvas_work(&self) -> Option<&str> {
        self.state.work.progress()
    }

    /// The text of the status line.
    pub fn status(&self) -> &str {
        self.state.status.text()
    }

    /// The scores of a result, by its round and its place there from 0, once they are computed.
    pub fn scores(&self, round: RoundId, image: usize) -> Option<ResultScores> {
        self.state.refine.scores.of(ResultId { round, image })
    }

    /// The description of the canvas that is suggested for the prompt.
    pub fn suggestion(&self) -> Option<&str> {
        self.state.prompting.suggestion.as_deref()
    }

    /// The names of the styles that the next round is made with.
    pub fn chosen_styles(&self) -> &[String] {
        &self.state.prompting.chosen
    }

    /// The colour that is painted with.
    pub fn color(&self) -> Rgb {
        self.state.color.color()
    }

    /// The background colour.
    pub fn background_color(&self) -> Rgb {
        self.state.color.current.background()
    }

    /// The palette on show.
    pub fn palette(&self) -> Option<&Palette> {
        self.state.color.palettes.shown().map(|kept| &kept.palette)
    }

    /// The smallest upright rectangle around the canvas where it was drawn in the last frame, in points. Parts of it
    /// may be out of view.
    pub fn canvas_rect(&self) -> Option<egui::Rect> {
        self.state.canvas.shown()
    }

    /// Where a place on the canvas, in pixels, was drawn in the last frame, in points.
    pub fn on_screen(&self, x: f32, y: f32) -> Option<egui::Pos2> {
        self.state.canvas.on_screen(x, y)
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
        commands.extend(layout::show(&mut self.state, ui));
        commands.extend(color::show(&ctx, &mut self.state));
        commands.extend(about::show(&ctx, &mut self.state));
        commands.extend(shortcuts::show(&ctx, &mut self.state));
        commands.extend(export::show(&ctx, &mut self.state));
        commands.extend(models::show(&ctx, &mut self.state));
        commands.extend(engines::show(&ctx, &mut self.state));
        commands.extend(refine::show_sheet_dialog(&ctx, &mut self.state));
        commands.extend(refine::show_upscale_dialog(&ctx, &mut self.state));
        commands.extend(reshape::show(&ctx, &mut self.state));
        commands.extend(prompting::show_past(&ctx, &mut self.state));
        for command in commands {
            self.perform(command);
            // Panels drawn before the command was executed show its effect in the next frame.
            ctx.request_repaint();
        }
        // A resized canvas would count as painted on, and the kept drawing would be set aside.
        let settled = !ctx.input(|i| i.pointer.any_down()) && !ctx.text_edit_focused() && !self.autosave.is_opening();
        let settled = settled && !self.state.work.is_busy();
        canvas_size::synchronise(&mut self.state, &self.services, settled);
        canvas_work::update(&mut self.state, &ctx);
        self.state.keyboard = Keyboard::at_end_of_frame(&ctx);
        layout::update(&mut self.state, &self.services);
        driver::advance(&mut self.state, &self.services);
        live::update(&mut self.state, &self.services);
        result_memory::update(&mut self.state, &self.services);
        refine::update(&mut self.state, &self.services);
        control::update(&mut self.state, &self.services);
        models::update(&mut self.state, &self.services);
        engines::update(&mut self.state, &self.services);
        prompting::update(&mut self.state, &self.services);
        brushes::update(&mut self.state, &self.services);
        color::update(&mut self.state, &self.services);
        documents::update(&mut self.state, &self.services, &mut self.autosave, now);
        if let Some(task) = self.state.fonts.task() {
            self.services.jobs.files(task);
        }
        if let Some(task) = self.state.compare.task() {
            self.services.jobs.files(task);
        }
        if let Some(task) = self.state.history.task(self.state.shown.id, &self.state.document) {
            self.services.jobs.files(task);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        driver::interrupt(&mut self.state);
        self.state.live.switch_off();
        // They go on at the next launch.
        self.state.models.fetches.queue.stop();
        self.finish_work();
        self.state.document.end_stroke();
        color::keep_now(&mut self.state, &self.services);
        // A window closed at once may not know its document yet, and what is being committed leaves the rest.
        for _ in 0..4 {
            let is_idle = self.services.jobs.finish_files(CLOSING_PATIENCE);
            let now = self.services.ctx.input(|i| i.time);
            while let Some(report) = self.services.jobs.poll().filter(|_| is_idle) {
                events::apply(&mut self.state, &self.services, &mut self.autosave, report, now);
            }
            if !is_idle || self.is_kept() {
                break;
            }
            documents::update(&mut self.state, &self.services, &mut self.autosave, now);
            documents::commit_now(&mut self.state, &self.services, &mut self.autosave);
        }
        // Another window may open it from now on.
        self.services.jobs.files(FileTask::CloseDocument(self.state.shown.id));
        if !self.services.jobs.finish_files(CLOSING_PATIENCE) {
            tracing::error!("not every file was written in time");
        }
    }
}
