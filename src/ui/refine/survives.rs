//! What survives: the canvas under the noise of a denoising strength, while that is being chosen.
//!
//! The engine encodes the canvas once; after that each strength is drawn at once, see [`NoisedStart`].

use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};
use image::{DynamicImage, RgbImage, RgbaImage, imageops};

use crate::document::Document;
use crate::engine::{Cancel, ModelChoice, NoisedStart, Rng, Settings};
use crate::jobs::{EngineTask, JobId, NoiseJob};
use crate::paint::PixelRect;
use crate::picture::{Fit, Placement};
use crate::ui::canvas::InPlace;
use crate::ui::commands::Services;
use crate::ui::state::WindowState;

/// The canvas under noise, as far as the window has asked for it.
#[derive(Default)]
pub(in crate::ui) struct Survives {
    /// The last frame in which the strength was being chosen.
    held_in: Option<u64>,
    /// What was encoded, or is being encoded.
    of: Option<Encoded>,
    job: Option<(JobId, Cancel)>,
    start: Option<Arc<dyn NoisedStart>>,
    shown: Option<(Settings, TextureHandle)>,
}

/// All that an encoded start image and its noise depend on.
#[derive(Clone, PartialEq)]
struct Encoded {
    revision: u64,
    model: ModelChoice,
    loaded: Option<ModelChoice>,
    /// Width and height of the results.
    size: (u32, u32),
    /// Width and height of the canvas.
    canvas: (u32, u32),
    /// The part of the canvas that the start image is.
    part: PixelRect,
    fit: Fit,
    seeds: (i64, i64, f64),
    rng: Rng,
}

impl Survives {
    /// Notes whether the strength is being chosen in this frame.
    pub fn hold(&mut self, ctx: &Context, is_held: bool) {
        self.held_in = is_held.then(|| ctx.cumulative_frame_nr());
    }

    /// Whether the strength is being chosen. In the panel that says so it may be drawn later in a frame than the canvas.
    fn is_held(&self, ctx: &Context) -> bool {
        self.held_in.is_some_and(|frame| ctx.cumulative_frame_nr().saturating_sub(frame) <= 1)
    }

    /// The engine has encoded a start image, or cannot.
    pub fn arrived(&mut self, job: JobId, start: Option<Arc<dyn NoisedStart>>) {
        if self.job.take_if(|(id, _)| *id == job).is_some() {
            self.start = start;
        }
    }

    /// The picture to show in place of the canvas, while the strength is being chosen.
    pub fn in_place(&mut self, ctx: &Context, document: &Document) -> Option<InPlace> {
        let start = self.start.as_ref().filter(|_| self.is_held(ctx))?;
        let settings: &Settings = document.settings();
        let texture = match &self.shown {
            Some((shown, texture)) if shown == settings => texture.id(),
            _ => {
                let of = self.of.as_ref()?;
                let picture = of.on_canvas(&start.picture(settings));
                let size = [picture.width() as usize, picture.height() as usize];
                let image = ColorImage::from_rgba_unmultiplied(size, picture.as_raw());
                let texture = ctx.load_texture("what survives", image, TextureOptions::LINEAR);
                self.shown.insert((settings.clone(), texture)).1.id()
            }
        };
        let caption = match settings.strength {
            strength if strength >= 1.0 => "Strength 1: nothing of the canvas is left.".to_owned(),
            strength => format!("Strength {strength:.2}: what the model is shown of the canvas at first."),
        };
        Some(InPlace { texture, place: document.frame(), caption })
    }
}

impl Encoded {
    fn from(state: &WindowState) -> Self {
        let settings = state.document.settings();
        let canvas = state.document.canvas().size();
        let whole = PixelRect::whole(canvas.width(), canvas.height());
        Self {
            revision: state.document.canvas_revision(),
            model: state.model.chosen.choice.clone(),
            loaded: state.model.loaded.clone(),
            size: (settings.width as u32, settings.height as u32),
            canvas: (canvas.width() as u32, canvas.height() as u32),
            part: state.document.frame().map_or(whole, |frame| frame.on(canvas)),
            fit: state.document.start_fit(),
            // Which seed is drawn is not known yet, and all noise looks alike.
            seeds: (settings.seed.max(0), settings.variation_seed.max(0), settings.variation_strength),
            rng: settings.rng,
        }
    }

    /// The picture of the start image as one of the canvas: transparent around the frame, and without what lies beside the
    /// canvas where all of that shows in the start image.
    fn on_canvas(&self, picture: &RgbImage) -> RgbaImage {
        let part = (self.part.width() as u32, self.part.height() as u32);
        let [left, top, right, bottom] = Placement::new(part, self.size, self.fit).empty;
        let across = |pixels: u32| pixels * picture.width() / self.size.0.max(1);
        let down = |pixels: u32| pixels * picture.height() / self.size.1.max(1);
        let width = picture.width().saturating_sub(across(left) + across(right)).max(1);
        let height = picture.height().saturating_sub(down(top) + down(bottom)).max(1);
        let picture = imageops::crop_imm(picture, across(left), down(top), width, height).to_image();
        let picture = DynamicImage::from(picture).into_rgba8();
        if part == self.canvas {
            return picture;
        }
        let along = |at: usize, side: u32, of: u32| (at as u64 * u64::from(side) / u64::from(of.max(1))) as u32;
        let canvas = (self.canvas.0 as usize, self.canvas.1 as usize);
        let (around_x, around_y) = (along(canvas.0, width, part.0), along(canvas.1, height, part.1));
        let mut whole = RgbaImage::new(around_x.max(1), around_y.max(1));
        let (x, y) = (along(self.part.x0, width, part.0), along(self.part.y0, height, part.1));
        imageops::replace(&mut whole, &picture, x.into(), y.into());
        whole
    }
}

/// Asks the engine for what the strength is being chosen for, if it has nothing else to do. Runs once a frame.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    let is_busy = state.running.is_some() || state.model.loading || state.live.is_on();
    if is_busy && let Some((_, cancel)) = state.refine.survives.job.take() {
        // Rounds come first.
        cancel.cancel();
        state.refine.survives.of = None;
    }
    if !state.refine.survives.is_held(&services.ctx) {
        state.refine.survives.shown = None;
        return;
    }
    if is_busy {
        return;
    }
    let wanted = Encoded::from(state);
    if state.refine.survives.of.as_ref() == Some(&wanted) {
        return;
    }
    if let Some((_, cancel)) = state.refine.survives.job.take() {
        cancel.cancel();
    }
    let settings = state.document.settings();
    let (seed, variation_seed, _) = wanted.seeds;
    let settings = Settings { seed, variation_seed, ..settings.clone() };
    let (job, cancel) = (services.jobs.next_id(), Cancel::default());
    let model = wanted.model.clone();
    let survives = &mut state.refine.survives;
    (survives.of, survives.job) = (Some(wanted), Some((job, cancel.clone())));
    (survives.start, survives.shown) = (None, None);
    let noise = NoiseJob { job, model, settings, start: state.document.canvas_part(), cancel };
    services.jobs.engine(EngineTask::Noise(Box::new(noise)));
}
