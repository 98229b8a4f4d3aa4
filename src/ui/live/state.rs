//! Whether live painting is on, and the frame on show.

use std::sync::Arc;

use egui::TextureHandle;
use image::RgbImage;

use super::input::LiveInput;
use crate::document::{CanvasSnapshot, RoundId};
use crate::engine::{Cancel, LiveQuality, LiveRecipe, ModelChoice, Plan, Runtime, Settings, random_seed};
use crate::jobs::{JobId, LiveScheduler, PendingHint};

/// Live painting.
#[derive(Default)]
pub(in crate::ui) struct Live {
    is_on: bool,
    pub(super) scheduler: LiveScheduler<LiveInput>,
    /// The frame that is being made, or that was given up and has not ended yet.
    pub(super) running: Option<RunningFrame>,
    pub(super) shown: Option<ShownFrame>,
    /// Why no frame is made although it is on.
    pub(super) obstacle: Option<LiveObstacle>,
    /// How frames are made; `None` before the first.
    pub(super) recipe: Option<LiveRecipe>,
    /// The round that is put on the canvas once it is made.
    pub(super) paints_over: Option<RoundId>,
    /// How many frames were shown.
    pub(super) count: u64,
    seed: i64,
    /// The seed that the settings had when it was last looked at.
    seen_seed: i64,
    runtime: Arc<Runtime>,
    texture: Option<TextureHandle>,
}

/// Why no frame is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LiveObstacle {
    /// Rounds come first.
    Queue,
    /// The model is not loaded yet.
    Model,
    /// Two pictures are compared.
    Comparing,
    /// Another document is about to be shown.
    Document,
    /// A setting is out of range, as one sentence.
    Settings(String),
    /// The mask lets nothing change, or nothing was painted that may change.
    NothingChanges,
}

/// From what a frame was made, so that it can become a round.
#[derive(Clone, Debug)]
pub(in crate::ui) struct LiveSource {
    /// The canvas as it was then.
    pub snapshot: CanvasSnapshot,
    /// The settings of the result that the frame becomes when it is kept.
    pub kept: Settings,
    /// The settings as they were typed.
    pub asked: Settings,
    /// Without the pictures that controls follow.
    pub plan: Plan,
    pub hints: Vec<PendingHint>,
    pub model: ModelChoice,
}

/// A frame that is being made.
pub(super) struct RunningFrame {
    pub job: JobId,
    pub cancel: Cancel,
    pub quality: LiveQuality,
    pub source: LiveSource,
    /// Width and height of the canvas in pixels.
    pub canvas: (usize, usize),
}

/// A frame of live painting.
#[derive(Clone, Debug)]
pub struct LiveFrame {
    /// Counts the frames that were shown, from 1.
    pub number: u64,
    /// How much work went into it.
    pub quality: LiveQuality,
    /// The pixels.
    pub picture: Arc<RgbImage>,
}

/// The frame on show.
pub(super) struct ShownFrame {
    pub frame: LiveFrame,
    pub source: LiveSource,
    pub texture: TextureHandle,
    /// Width and height of the canvas that it was made from, in pixels.
    pub canvas: (usize, usize),
}

impl Live {
    /// Whether it is on. It may wait for something all the same.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Switches it on. `seed` is the one in the settings; a random one is drawn for -1.
    pub fn switch_on(&mut self, seed: i64) {
        self.is_on = true;
        self.seen_seed = seed;
        self.use_seed(if seed < 0 { random_seed() } else { seed });
        self.scheduler.forget();
    }

    /// Switches it off. No frame is shown any more.
    pub fn switch_off(&mut self) {
        self.is_on = false;
        self.leave_canvas();
        self.obstacle = None;
    }

    /// Another document is shown, or the canvas is not worked on any more.
    pub fn leave_canvas(&mut self) {
        self.interrupt();
        self.scheduler.forget();
        self.shown = None;
        self.texture = None;
        self.paints_over = None;
    }

    /// Gives up the frame that is being made.
    pub(super) fn interrupt(&mut self) {
        self.scheduler.interrupt();
        if let Some(running) = &self.running {
            running.cancel.cancel();
        }
    }

    /// Makes the following frames with this seed.
    pub fn use_seed(&mut self, seed: i64) {
        self.seed = seed;
    }

    /// The seed of the following frames, where it is not in the canvas already. A seed that was typed into the settings
    /// since the last look is used from now on.
    pub(super) fn follow_seed(&mut self, in_settings: i64) -> i64 {
        if std::mem::replace(&mut self.seen_seed, in_settings) != in_settings && in_settings >= 0 {
            self.seed = in_settings;
        }
        self.seed
    }

    /// The runtime, shared by all inputs that were made with it.
    pub(super) fn follow_runtime(&mut self, runtime: &Runtime) -> Arc<Runtime> {
        if *self.runtime != *runtime {
            self.runtime = Arc::new(runtime.clone());
        }
        Arc::clone(&self.runtime)
    }

    /// The frame on show.
    pub fn shown_frame(&self) -> Option<&LiveFrame> {
        self.shown.as_ref().map(|shown| &shown.frame)
    }

    /// Whether nothing is left to be done: the frame on show is a full one of what is there now.
    pub fn is_at_rest(&self) -> bool {
        let is_full = self.shown_frame().is_some_and(|frame| frame.quality == LiveQuality::Full);
        is_full && self.scheduler.is_current() && !self.scheduler.is_making()
    }

    /// From what the frame on show was made.
    pub fn shown_source(&self) -> Option<&LiveSource> {
        self.shown.as_ref().map(|shown| &shown.source)
    }

    /// Puts this round on the canvas once it is made.
    pub fn paint_over(&mut self, round: RoundId) {
        self.paints_over = Some(round);
    }

    /// The texture for frames, which takes this picture.
    pub(super) fn upload(&mut self, ctx: &egui::Context, picture: egui::ColorImage) -> TextureHandle {
        let options = egui::TextureOptions::LINEAR.with_mipmap_mode(Some(egui::TextureFilter::Linear));
        match &mut self.texture {
            Some(texture) => {
                texture.set(picture, options);
                texture.clone()
            }
            None => self.texture.insert(ctx.load_texture("live frame", picture, options)).clone(),
        }
    }
}
