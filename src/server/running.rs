//! What is known of the job that the engine works on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::job::{Job, Work};
use crate::engine::{Cancel, Event};

/// The job that the engine works on.
pub(super) struct Running {
    id: u64,
    cancel: Cancel,
    view: RunningView,
    began: Instant,
}

/// How far a job is.
#[derive(Clone, Debug)]
pub(super) struct RunningView {
    /// `txt2img`, `img2img` or `load`.
    pub name: &'static str,
    /// When it began, as the web UI writes it: `20240131235959`.
    pub stamp: String,
    /// How long it has run.
    pub elapsed: Duration,
    /// Pictures that it makes; 0 for a model that is loaded.
    pub images: usize,
    /// The picture that is being made, from 0.
    pub image: usize,
    /// Steps of it that are done.
    pub step: usize,
    /// Steps that it takes; 0 until the first one is done.
    pub steps: usize,
    /// What it looks like.
    pub preview: Option<Arc<RgbImage>>,
    /// Whether the job was interrupted.
    pub is_interrupted: bool,
    /// Whether a picture of it was skipped.
    pub is_skipped: bool,
}

impl Running {
    pub fn new(job: &Job) -> Self {
        let (name, images) = match &job.work {
            Work::Pictures(work) => (work.name, work.request.images()),
            Work::Load(_) => ("load", 0),
        };
        let view = RunningView {
            name,
            stamp: chrono::Local::now().format("%Y%m%d%H%M%S").to_string(),
            elapsed: Duration::ZERO,
            images,
            image: 0,
            step: 0,
            steps: 0,
            preview: None,
            is_interrupted: false,
            is_skipped: false,
        };
        Self { id: job.id, cancel: job.cancel.clone(), view, began: Instant::now() }
    }

    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn view(&self) -> RunningView {
        RunningView { elapsed: self.began.elapsed(), ..self.view.clone() }
    }

    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Stops the job; what is finished of it is answered.
    pub fn interrupt(&mut self) {
        self.view.is_interrupted = true;
        self.cancel.cancel();
    }

    /// Leaves the picture out that is being made, and goes on with the next one.
    pub fn skip(&mut self) {
        self.view.is_skipped = true;
        self.cancel.leave_out(self.view.image);
    }

    /// Takes note of something that the engine reports.
    pub fn note(&mut self, event: Event) {
        match event {
            Event::Step { image, step, steps, preview } => {
                let view = &mut self.view;
                (view.image, view.step, view.steps, view.preview) = (image, step, steps, Some(Arc::new(preview)));
            }
            Event::Finished(made) => {
                (self.view.image, self.view.step) = (made.image + 1, 0);
                self.view.preview = Some(Arc::new(made.picture));
            }
            Event::Notice(_) | Event::Stage(_) => {}
        }
    }
}

impl RunningView {
    /// Share of the job that is done, `0.0..1.0`.
    pub fn share(&self) -> f64 {
        if self.images == 0 {
            return 0.0;
        }
        let step = if self.steps > 0 { self.step as f64 / self.steps as f64 } else { 0.0 };
        ((self.image as f64 + step) / self.images as f64).clamp(0.0, 0.99)
    }
}
