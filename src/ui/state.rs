//! Everything the window shows.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::canvas::CanvasView;
use super::panels::{ColorPanel, Gallery, PromptPanel, Status, Tools};
use super::progress::Progress;
use crate::engine::{Cancel, DeviceChoice, ModelChoice, Recipe, Recommended, Runtime, Settings};
use crate::jobs::{Extras, JobId};
use crate::paint::{Canvas, Painting, Rgb};
use crate::picture::Parameters;
use crate::rounds::{Ancestry, RoundId, Rounds, State};

/// The state of the window. Commands and events change it; panels show it.
pub(super) struct WindowState {
    pub work: Work,
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
    pub prompts: PromptPanel,
    pub status: Status,
}

/// What the user makes: the painting, the settings and the rounds.
pub(super) struct Work {
    pub painting: Painting,
    /// The seeds whose noise is already in the canvas.
    pub ancestry: Ancestry,
    pub settings: Settings,
    pub rounds: Rounds,
}

impl Work {
    /// An empty white canvas of 512 × 512 pixels and the default settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            painting: Painting::new(512, 512, Rgb::WHITE),
            ancestry: Ancestry::new(),
            settings,
            rounds: Rounds::default(),
        }
    }

    /// Replaces the canvas; `ancestry` lists the seeds whose noise is in the new one.
    pub fn replace_canvas(&mut self, canvas: Canvas, paper: Rgb, ancestry: Ancestry) {
        self.painting.replace(canvas, paper);
        self.ancestry = ancestry;
    }

    /// A finished result and how it was made; `None` if it is not finished.
    pub fn result(&self, round: RoundId, image: usize) -> Option<(Arc<RgbImage>, Arc<Recipe>)> {
        match &self.rounds.slot(round, image)?.state {
            State::Done { picture, recipe, .. } => Some((Arc::clone(picture), Arc::clone(recipe))),
            _ => None,
        }
    }
}

/// The model and what is known about it.
pub(super) struct ModelState {
    pub model: ModelChoice,
    pub loading: bool,
    /// What is recommended for the loaded model.
    pub recommended: Recommended,
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
