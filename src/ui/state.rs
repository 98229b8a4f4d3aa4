//! Everything the window shows.

use std::collections::HashMap;
use std::path::PathBuf;

use super::canvas::CanvasView;
use super::panels::{ColorPanel, Gallery, PromptPanel, Status, Tools};
use super::progress::Progress;
use super::result_memory::ResultMemory;
use crate::document::{Document, RoundId};
use crate::engine::{Cancel, DeviceChoice, ModelChoice, Recommended, Runtime};
use crate::jobs::{Extras, JobId};
use crate::picture::Parameters;

/// The state of the window. Commands and events change it; panels show it.
pub(super) struct WindowState {
    /// The canvas, prompt, settings and rounds.
    pub document: Document,
    pub model: ModelState,
    /// The round being made, if any.
    pub running: Option<RunningRound>,
    /// The round that each job makes.
    pub rounds_of_jobs: HashMap<JobId, RoundId>,
    /// The first seed of the latest round.
    pub last_seed: Option<u64>,
    /// The settings stored in the picture that was opened last, until they are used or dismissed.
    pub offered: Option<Parameters>,
    /// The LoRAs and textual inversions found in their folders.
    pub extras: Extras,
    /// Every finished result is written to this folder.
    pub results_folder: PathBuf,
    /// Where and with what the next round is made.
    pub runtime: Runtime,
    /// The runtime that the engine's thread was told last.
    pub configured: Runtime,
    pub tools: Tools,
    pub color: ColorPanel,
    pub canvas: CanvasView,
    pub gallery: Gallery,
    pub result_memory: ResultMemory,
    pub prompts: PromptPanel,
    pub status: Status,
}

/// The model and what is known about it.
pub(super) struct ModelState {
    pub model: ModelChoice,
    pub loading: bool,
    /// What is recommended for the loaded model.
    pub recommended: Recommended,
    /// Whether a model was loaded since the window opened.
    pub was_loaded: bool,
    /// The devices a model can run on here.
    pub devices: Vec<DeviceChoice>,
}

/// The round being made.
pub(super) struct RunningRound {
    pub job: JobId,
    pub cancel: Cancel,
    pub progress: Progress,
}

impl RunningRound {
    /// Changes the progress text, unless the round was cancelled: then "Cancelling" stays.
    pub fn update(&mut self, change: impl FnOnce(&mut Progress)) {
        if !self.cancel.is_cancelled() {
            change(&mut self.progress);
        }
    }
}
