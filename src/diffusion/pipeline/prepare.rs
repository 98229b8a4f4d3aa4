//! What is computed once per job and shared by all its pictures.

use std::sync::Arc;

use candle_core::Tensor;

use super::anchor::Anchor;
use super::control::{PreparedControl, prepare_controls};
use super::extra_input::extra_input;
use super::inpaint::{MaskedLatent, Repaint};
use super::job::Job;
use super::kept_inputs::ConditioningKey;
use super::pixels::encode;
use super::prompts::{Guidance, ImagePrompts, distinct_texts};
use super::regions::Regions;
use crate::diffusion::files::embedding;
use crate::diffusion::memory;
use crate::diffusion::networks::layers::StripSize;
use crate::diffusion::networks::unet::UNetInputs;
use crate::diffusion::sampling::extra_input::ExtraInput;
use crate::diffusion::sampling::noise::Shape;
use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::diffusion::sampling::sampler::Trajectory;
use crate::diffusion::text::conditioning::{EncodedTexts, PromptEncoder};
use crate::diffusion::text::prompt_plan::PromptPlan;
use crate::diffusion::watch::Watch;
use crate::engine::{Error, Event, RequestKind, Settings, Stage, TiledVae};

/// What is said where tiles are used because memory is short.
const IN_TILES: &str = "Too little memory is free to decode the whole picture at once, so it is decoded in tiles: the same picture, a little later.";

/// What all pictures of a job share.
pub(super) struct Prepared {
    /// The states of every text of the prompts.
    texts: Arc<EncodedTexts>,
    /// The model's noise levels, or those that are asked for in their place.
    pub levels: NoiseLevels,
    /// The start image's latent, of the shape below.
    start: Option<Tensor>,
    /// What keeps the pixels outside the mask, where there is one.
    pub anchor: Option<Anchor>,
    /// What repaints the masked part instead, where that was asked for.
    pub repaint: Option<(Repaint, MaskedLatent)>,
    /// What the model is given besides the noisy latent.
    pub extra: ExtraInput,
    /// The regions with prompts of their own.
    regions: Regions,
    /// The control networks that are run, with their hints.
    pub controls: Vec<PreparedControl>,
    /// The size of the tiles in which pictures are decoded; `None` decodes them whole.
    pub tiles: Option<StripSize>,
    /// Shape of a latent.
    pub shape: Shape,
}

/// What one picture of a job is made from.
pub(super) struct ImagePlan<'a> {
    /// Its settings.
    pub settings: Settings,
    /// What it follows at each evaluation of the model.
    pub prompts: ImagePrompts<'a>,
    /// The latent that is noised; `None` starts from noise alone.
    pub start: Option<&'a Tensor>,
    /// The sigmas that it passes.
    pub trajectory: Trajectory,
}

impl Prepared {
    /// Lays out the steps of one picture, counted from 0.
    ///
    /// # Errors
    /// None for a picture of the job that was prepared.
    pub fn image(&self, job: &Job<'_>, image: usize) -> Result<ImagePlan<'_>, Error> {
        let settings = job.request.settings_of(image);
        let plan = PromptPlan::new(job.prompt, &settings.negative, &settings)?;
        let regions = self.regions.of_picture(job.prompt, &settings)?;
        let prompts = ImagePrompts::new(plan, regions, &self.texts, guidance(job, &settings));
        let start = self.start.as_ref().filter(|_| settings.noises_picture());
        let (whole, run) = settings.planned_steps(start.is_some());
        let (levels, options) = (&self.levels, &settings.sampling);
        let trajectory = settings.sampler.trajectory(settings.schedule, levels, whole, run, start.is_some(), options);
        Ok(ImagePlan { settings, prompts, start, trajectory })
    }
}

/// Which guidance a picture is made with.
fn guidance(job: &Job<'_>, settings: &Settings) -> Guidance {
    if job.model.unet.takes_guidance() {
        return Guidance::None;
    }
    // Models that edit pictures are guided by the picture too.
    let by_picture = job.model.inputs == UNetInputs::Edit;
    if by_picture { Guidance::Full } else { Guidance::Scale(settings.cfg_scale) }
}

/// Reads the prompt and encodes the start image.
///
/// # Errors
/// A request out of range, too little free memory, or [`Error::Cancelled`].
pub(super) fn prepare(job: &Job<'_>, watch: &Watch, on_event: &mut dyn FnMut(Event)) -> Result<Prepared, Error> {
    let Job { model, request, .. } = job;
    let settings = &request.settings;
    request.check()?;
    let vae = &model.vae;
    let size = (settings.width, settings.height);
    let free = memory::free_for(memory::decoding(size.0, size.1, vae.widest));
    let tiles = memory::tiles(job.tiled_vae, size, vae.widest, &model.device, free)?;
    if tiles.is_some() && job.tiled_vae == TiledVae::Auto {
        on_event(Event::Notice(IN_TILES.into()));
    }
    watch.check()?;

    on_event(Event::Stage(Stage::ReadingPrompt));
    let mut regions = Regions::new(job, on_event);
    let mut plans = (0..request.images())
        .map(|image| {
            let settings = request.settings_of(image);
            let plan = PromptPlan::new(job.prompt, &settings.negative, &settings)?;
            Ok((plan, guidance(job, &settings)))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    for image in 0..request.images() {
        let settings = request.settings_of(image);
        let guidance = guidance(job, &settings);
        plans.extend(regions.plans(job.prompt, &settings)?.into_iter().map(|plan| (plan, guidance)));
    }
    let texts = distinct_texts(&plans);
    let words = embedding::look_up(&texts, job.embeddings, model.text.width()?);
    words.notices.into_iter().for_each(|notice| on_event(Event::Notice(notice)));
    let encoder = PromptEncoder {
        tokens: &model.tokens,
        text: &model.text,
        device: &model.device.candle,
        skip: settings.clip_skip - 1,
        embeddings: &words.embeddings,
        emphasis: settings.sampling.emphasis,
    };
    let texts = match words.embeddings.is_empty() {
        true => {
            let key = ConditioningKey::new(&texts, encoder.skip, encoder.emphasis);
            model.kept.conditioning(key, || encoder.encode_each(texts.iter().copied(), watch))?
        }
        // Their files may have changed.
        false => Arc::new(encoder.encode_each(texts.iter().copied(), watch)?),
    };

    let repaint = Repaint::new(request)?;
    let start = match (&repaint, &request.kind) {
        (Some(repaint), _) => {
            watch.check()?;
            on_event(Event::Stage(Stage::Encoding));
            Some(encode(model, &repaint.source, tiles, watch)?)
        }
        (None, RequestKind::ImageToImage { start }) => {
            watch.check()?;
            on_event(Event::Stage(Stage::Encoding));
            Some(model.kept.latent(start, || encode(model, start, tiles, watch))?)
        }
        (None, RequestKind::TextToImage) => None,
    };
    let shape = (1, vae.latent_channels, settings.height / vae.factor, settings.width / vae.factor);
    let repaint = match (repaint, &start) {
        (Some(repaint), Some(kept)) => {
            let latent = MaskedLatent::new(&repaint, kept.clone(), &model.device.candle)?;
            Some((repaint, latent))
        }
        _ => None,
    };
    let extra = extra_input(job, repaint.as_ref().map(|(repaint, _)| repaint), tiles, watch)?;
    regions.cut(repaint.as_ref().map(|(repaint, _)| repaint), &model.device.candle);
    let controls = prepare_controls(job, repaint.as_ref().map(|(repaint, _)| repaint), watch)?;
    let anchor = match (&request.plan.mask, &start) {
        (Some(mask), Some(kept)) if repaint.is_none() => {
            Some(Anchor::new(mask, settings.feather, kept.clone(), vae.factor, &model.device.candle)?)
        }
        _ => None,
    };
    let levels = model.levels.with(&settings.sampling);
    Ok(Prepared { texts, levels, start, anchor, repaint, extra, regions, controls, tiles, shape })
}
