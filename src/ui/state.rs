//! Everything the window shows.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::brushes::Brushes;
use super::canvas::CanvasView;
use super::canvas_work::CanvasWork;
use super::color::ColorPanel;
use super::compare::Compare;
use super::control::ControlState;
use super::documents::ShownDocument;
use super::engines::Engines;
use super::estimate::RoundEstimate;
use super::export::Export;
use super::history::HistoryPanel;
use super::keyboard::Keyboard;
use super::layers::LayerPanel;
use super::layout::Layout;
use super::live::Live;
use super::models::ModelPanel;
use super::naming::DocumentName;
use super::panels::{NoticeStack, PromptPanel, Status};
use super::placement::PlacedPicture;
use super::progress::Progress;
use super::prompting::Prompting;
use super::queue::QueueView;
use super::refine::RefineState;
use super::reshape::ReshapeDialog;
use super::result_memory::ResultMemory;
use super::results::Gallery;
use super::select::SelectState;
use super::shortcuts::Shortcuts;
use super::theme::MoreFonts;
use super::undo_list::UndoList;
use super::{Tool, UserCommand};
use crate::document::{Document, ResultId, RoundId};
use crate::engine::{Cancel, DeviceChoice, EngineLimits, ModelChoice, Recommended, Runtime};
use crate::jobs::{Extras, JobId};
use crate::paint::Rgb;
use crate::picture::{OutputOptions, Parameters};

/// The state of the window. Commands and events change it; panels show it.
pub(super) struct WindowState {
    /// The canvas, prompt, settings and rounds.
    pub document: Document,
    /// The document's file.
    pub shown: ShownDocument,
    pub model: ModelState,
    /// The list of layers.
    pub layers: LayerPanel,
    /// The window of models, and the models on this machine.
    pub models: ModelPanel,
    /// Which machines make the pictures.
    pub engines: Engines,
    /// What the window remembers about the queue besides its jobs.
    pub queue: QueueView,
    /// Live painting.
    pub live: Live,
    /// The round being made, if any.
    pub running: Option<RunningRound>,
    /// The round that each job makes.
    pub rounds_of_jobs: HashMap<JobId, RoundId>,
    /// The first seed of the latest round.
    pub last_seed: Option<u64>,
    /// The settings stored in the picture that was opened last, until they are used or dismissed.
    pub offered: Option<Parameters>,
    /// The start image inside the picture that was opened last, as long as its settings are offered.
    pub offered_start: Option<Arc<RgbImage>>,
    /// The picture that was opened or pasted last, while it lies untouched on the canvas.
    pub placed: Option<PlacedPicture>,
    /// The name being typed for the document, while one is asked for.
    pub naming: Option<DocumentName>,
    /// The question whether an existing file may be replaced.
    pub replacing: Option<ReplaceQuestion>,
    /// Results that could not be written to the results folder.
    pub unsaved: Option<UnsavedResults>,
    /// The LoRAs and textual inversions in their folders.
    pub listed_extras: Extras,
    /// Those, and what the search found elsewhere on this machine.
    pub extras: Extras,
    /// Every finished result is written to this folder.
    pub results_folder: PathBuf,
    /// As what results are written.
    pub output: OutputOptions,
    /// The dialogs about files that leave the window.
    pub export: Export,
    /// Where and with what the next round is made.
    pub runtime: Runtime,
    /// The runtime that the engine's thread was told last.
    pub configured: Runtime,
    pub tool: Tool,
    /// Selections, and how the tools work.
    pub select: SelectState,
    /// Brushes, presets, and how strokes follow the pen.
    pub brush: Brushes,
    pub color: ColorPanel,
    pub canvas: CanvasView,
    /// What another thread does to the canvas.
    pub work: CanvasWork,
    pub gallery: Gallery,
    pub compare: Compare,
    pub history: HistoryPanel,
    pub refine: RefineState,
    /// What the next round follows besides the prompt.
    pub control: ControlState,
    /// The list of the steps of undo.
    pub undo_list: UndoList,
    /// The question about the size of the canvas, while one is asked.
    pub reshape: Option<ReshapeDialog>,
    pub result_memory: ResultMemory,
    pub prompts: PromptPanel,
    /// What the notices over the canvas were.
    pub notices: NoticeStack,
    /// What the next round would take.
    pub estimate: RoundEstimate,
    /// Styles, wildcards and earlier prompts.
    pub prompting: Prompting,
    /// Fonts for what the program's own lack.
    pub fonts: MoreFonts,
    pub status: Status,
    pub keyboard: Keyboard,
    /// The window around the canvas.
    pub layout: Layout,
    /// The overview of shortcuts.
    pub shortcuts: Shortcuts,
    pub about_open: bool,
    /// Whether files can be dropped on the window; the window library cannot take them on Wayland.
    pub takes_drops: bool,
}

impl WindowState {
    /// The background colour.
    pub fn background(&self) -> Rgb {
        self.color.current.background()
    }

    /// Whether a dialog of the window itself is open, which has the keyboard.
    pub fn has_dialog(&self) -> bool {
        self.about_open
            || self.shortcuts.is_open
            || self.models.is_open
            || self.engines.is_open
            || self.engines.question.is_some()
            || self.export.dialog.is_some()
            || self.refine.sheet.is_open
            || self.reshape.is_some()
            || self.prompting.dialog.is_some()
    }
}

/// A file that exists and would be replaced by a command.
pub(super) struct ReplaceQuestion {
    pub path: PathBuf,
    pub command: UserCommand,
}

/// Results that could not be written to the results folder.
#[derive(Default)]
pub(super) struct UnsavedResults {
    /// Why, as one sentence.
    pub reason: String,
    pub results: Vec<ResultId>,
}

/// The models and what is known about them.
pub(super) struct ModelState {
    /// The model that the next round uses. It may still be loading.
    pub chosen: KnownModel,
    /// The model that was loaded last; `None` before the first.
    pub loaded: Option<ModelChoice>,
    /// The models that were chosen since the window opened, for the list.
    pub known: Vec<KnownModel>,
    pub loading: bool,
    /// Which share of the model that is being loaded is there, in `0.0..=1.0`.
    pub share_loaded: f64,
    /// The load that was begun last without a round.
    pub load: Option<(JobId, Cancel)>,
    /// Loads that were stopped and have not ended yet.
    stopped: Vec<JobId>,
    /// Whether the chosen model is being loaded, or is loaded next.
    pub loading_chosen: bool,
    /// What is recommended for the loaded model.
    pub recommended: Recommended,
    /// The devices a model can run on here.
    pub devices: Vec<DeviceChoice>,
    /// The server that makes the pictures; `None` where this machine does.
    pub server: Option<String>,
    /// What the engine lacks.
    pub limits: EngineLimits,
    /// The models of the servers; `None` where models are files of this machine.
    pub offered: Option<Vec<String>>,
}

/// A model and its name, which is found once and not in every frame.
#[derive(Clone, PartialEq)]
pub(super) struct KnownModel {
    pub choice: ModelChoice,
    pub name: String,
}

impl KnownModel {
    pub fn new(choice: ModelChoice) -> Self {
        let name = choice.name();
        Self { choice, name }
    }
}

impl ModelState {
    /// Starts with this model, which is about to be loaded.
    pub fn new(choice: ModelChoice) -> Self {
        let chosen = KnownModel::new(choice);
        let mut known = vec![KnownModel::new(ModelChoice::Starter)];
        if !known.contains(&chosen) {
            known.push(chosen.clone());
        }
        Self {
            chosen,
            loaded: None,
            known,
            loading: true,
            share_loaded: 0.0,
            load: None,
            stopped: Vec::new(),
            loading_chosen: true,
            recommended: Recommended::default(),
            devices: Vec::new(),
            server: None,
            limits: EngineLimits::default(),
            offered: None,
        }
    }

    /// Other engines make the pictures from now on: nothing is loaded there, and what they lack is not known yet.
    pub fn engines_changed(&mut self) {
        (self.loaded, self.server, self.offered) = (None, None, None);
        self.limits = EngineLimits::default();
    }

    /// Lists these models of servers.
    pub fn offers(&mut self, mut models: Vec<String>) {
        models.sort();
        models.dedup();
        self.offered = Some(models);
    }

    /// Stops the load that was begun without a round, if one is under way.
    pub fn stop_loading(&mut self) {
        if let Some((job, cancel)) = self.load.take() {
            cancel.cancel();
            self.stopped.push(job);
        }
    }

    /// Whether this load, which has ended, was stopped.
    pub fn was_stopped(&mut self, job: JobId) -> bool {
        let before = self.stopped.len();
        self.stopped.retain(|stopped| *stopped != job);
        self.stopped.len() < before
    }

    /// This load has ended by itself.
    pub fn load_ended(&mut self, job: JobId) {
        self.load.take_if(|(loading, _)| *loading == job);
        self.stopped.retain(|stopped| *stopped != job);
    }

    /// Makes this the model of the next round.
    pub fn choose(&mut self, choice: ModelChoice) {
        self.chosen = match self.known.iter().find(|known| known.choice == choice) {
            Some(known) => known.clone(),
            None => {
                let known = KnownModel::new(choice);
                // A server's model is no model of this machine.
                if self.offered.is_none() {
                    self.known.push(known.clone());
                }
                known
            }
        };
    }

    /// This model cannot be loaded. If it was the chosen one, the choice returns to a model that
    /// works; `true` if that must be loaded first.
    pub fn cannot_load(&mut self, choice: &ModelChoice) -> bool {
        if *choice != ModelChoice::Starter {
            self.known.retain(|known| known.choice != *choice);
        }
        if self.chosen.choice != *choice {
            return false;
        }
        let works = self.loaded.clone().unwrap_or(ModelChoice::Starter);
        let must_load = self.loaded.is_none() && *choice != ModelChoice::Starter;
        self.choose(works);
        must_load
    }
}

/// The round being made, or a result of it that is made again to be compared.
pub(super) struct RunningRound {
    pub job: JobId,
    pub round: RoundId,
    pub cancel: Cancel,
    pub progress: Progress,
    /// Whether it stops, or stopped, after an image because the queue was paused.
    pub is_held: bool,
}

impl RunningRound {
    /// Changes the progress text, unless the round was cancelled: then "Cancelling" stays.
    pub fn update(&mut self, change: impl FnOnce(&mut Progress)) {
        if !self.cancel.is_cancelled() {
            change(&mut self.progress);
        }
    }
}
