//! What is computed once per job and shared by all its pictures.

use candle_core::Tensor;

use super::job::Job;
use super::pixels::encode;
use crate::diffusion::files::embedding;
use crate::diffusion::memory;
use crate::diffusion::sampling::noise::Shape;
use crate::diffusion::sampling::sampler::Trajectory;
use crate::diffusion::text::conditioning::PromptEncoder;
use crate::diffusion::watch::Watch;
use crate::engine::{Error, Event, Stage};

/// What all pictures of a job share.
pub(super) struct Prepared {
    /// The prompt's states `[1, tokens, d]`, or with guidance `[2, tokens, d]`, the negative prompt first.
    pub states: Tensor,
    /// The start image's latent, of the shape below.
    pub start: Option<Tensor>,
    /// The sigmas that each picture passes.
    pub trajectory: Trajectory,
    /// Shape of a latent.
    pub shape: Shape,
}

/// Reads the prompt, encodes the start image and lays out the steps.
///
/// # Errors
/// A request out of range, too little free memory, or [`Error::Cancelled`].
pub(super) fn prepare(job: &Job<'_>, watch: &Watch, on_event: &mut dyn FnMut(Event)) -> Result<Prepared, Error> {
    let Job { model, request, .. } = job;
    let settings = &request.settings;
    request.check()?;
    let vae = &model.vae;
    memory::check_decode(settings.width, settings.height, vae.widest, &model.device)?;
    watch.check()?;

    on_event(Event::Stage(Stage::ReadingPrompt));
    // At scale 1 the prediction for the negative prompt cancels out, so it is not made; neither is it for
    // models that take the scale as an input.
    let guided = settings.cfg_scale != 1.0 && !model.unet.takes_guidance();
    let prompts: &[&str] = if guided { &[&settings.negative, job.prompt] } else { &[job.prompt] };
    let words = embedding::look_up(prompts, job.embeddings, model.text.width()?);
    words.notices.into_iter().for_each(|notice| on_event(Event::Notice(notice)));
    let encoder = PromptEncoder {
        tokens: &model.tokens,
        text: &model.text,
        device: &model.device.candle,
        skip: settings.clip_skip - 1,
        embeddings: &words.embeddings,
    };
    let states = encoder.encode(prompts, watch)?;

    let start = match request.start() {
        Some(picture) => {
            watch.check()?;
            on_event(Event::Stage(Stage::Encoding));
            Some(encode(model, picture, watch)?)
        }
        None => None,
    };
    let (whole, run) = settings.planned_steps(start.is_some());
    let trajectory = settings.sampler.trajectory(settings.schedule, &model.levels, whole, run, start.is_some());
    let shape = (1, vae.latent_channels, settings.height / vae.factor, settings.width / vae.factor);
    Ok(Prepared { states, start, trajectory, shape })
}
