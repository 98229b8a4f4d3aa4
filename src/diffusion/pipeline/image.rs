//! One picture of a job: noise, steps, pixels.

use candle_core::Tensor;

use super::color_match::match_colors;
use super::control::ActiveControls;
use super::hook::{StepHook, StepInfo};
use super::job::Job;
use super::pixels::{all_finite, decode, to_bytes};
use super::prepare::{ImagePlan, Prepared};
use crate::diffusion::sampling::denoiser::{Control, Denoiser, NoiseLevel};
use crate::diffusion::sampling::noise::{Brownian, Noise};
use crate::diffusion::sampling::sampler::{StepNoise, sample};
use crate::diffusion::watch::Watch;
use crate::engine::{Error, Event, FinishedImage, Sampler, Stage};

/// Makes picture number `image` of the batch, counted from 0.
///
/// # Errors
/// [`Error::Cancelled`], or numbers that left their range.
pub(super) fn make_image(
    job: &Job<'_>,
    prepared: &Prepared,
    image: usize,
    watch: &Watch,
    on_event: &mut dyn FnMut(Event),
) -> Result<FinishedImage, Error> {
    let &Job { model, request, hook, .. } = job;
    let ImagePlan { settings, prompts, start, trajectory } = prepared.image(job, image)?;
    let shape = prepared.shape;
    let device = &model.device.candle;
    let (seed, variation_seed) = request.seeds_of(image);
    let mut noise = Noise::new(settings.rng, seed);
    let fresh = if settings.variation_strength > 0.0 {
        let mut other = Noise::new(settings.rng, variation_seed);
        noise.draw_towards(shape, &mut other, settings.variation_strength as f32)?
    } else {
        noise.draw(shape)?
    };
    let fresh = fresh.to_device(device)?;
    let held = prepared.anchor.as_ref().map(|anchor| anchor.hold(fresh.clone()));
    let repaint = prepared.repaint.as_ref().filter(|_| start.is_some());
    let before = matches!(settings.sampler, Sampler::Ddim | Sampler::UniPc);
    let repainted = repaint.map(|(_, latent)| latent.of_picture(fresh.clone(), before));
    let start = match (repaint, start) {
        (Some((_, masked)), _) => Some(masked.start(|shape| Noise::new(settings.rng, seed).draw(shape))?),
        (None, start) => start.cloned(),
    };
    let noised = match &start {
        Some(latent) => {
            let spread = settings.noise_multiplier * trajectory.noise + settings.extra_noise;
            ((latent + (fresh * spread)?)? * trajectory.gain)?
        }
        None => (fresh * trajectory.noise)?,
    };
    let brownian = (settings.sampler.noise() == StepNoise::Brownian)
        .then(|| Brownian::new(settings.rng, seed, shape, trajectory.range));
    let draw = |sigma: f64, next: f64| match &brownian {
        Some(brownian) => brownian.between(sigma, next)?.to_device(device),
        None => noise.draw(shape)?.to_device(device),
    };

    let steps = trajectory.sigmas.len() - 1;
    let info = |step: usize| StepInfo {
        image,
        step,
        steps,
        sigma: trajectory.sigmas[step],
        next: trajectory.sigmas[step + 1],
    };
    let denoiser = Denoiser {
        unet: &model.unet,
        prediction: model.prediction,
        cfg_scale: settings.cfg_scale,
        extra: &prepared.extra,
        control: None,
    };
    let (mut current, mut evaluations) = (0, 0);
    let denoise = |x: &Tensor, sigma: f64, step: Option<usize>| -> Result<Tensor, Error> {
        watch.check()?;
        // An evaluation between two steps belongs to the step it was begun in.
        current = step.unwrap_or(current);
        let guided = current < settings.guided_steps(steps);
        let timestep = settings.sampler.timestep(&model.levels, sigma);
        let active = ActiveControls::at(&prepared.controls, current, steps);
        let denoiser = Denoiser { control: active.as_ref().map(|active| active as &dyn Control), ..denoiser };
        let level = NoiseLevel { sigma, timestep };
        let rows = prompts.rows(evaluations)?;
        evaluations += 1;
        let rows = if guided { rows } else { rows.without_negative()? };
        let clean = match &repainted {
            None => denoiser.denoise(x, level, &rows, watch)?,
            Some(repainted) => {
                let shown = repainted.shown(x, sigma)?;
                repainted.clean(denoiser.denoise(&shown, level, &rows, watch)?, x, &shown)?
            }
        };
        let clean = hook.change_clean(&info(current), settings.sampler.clean_latent(clean, x, timestep)?)?;
        if !all_finite(&clean)? {
            return Err(Error::NonFinite { during: "denoising" });
        }
        if let Some(step) = step {
            let preview = match job.preview {
                Some(vae) => to_bytes(&vae.decode(&clean, watch)?)?,
                None => model.preview.draw(&clean)?,
            };
            let preview = match (repaint, request.start()) {
                (Some((repaint, _)), Some(start)) => repaint.preview(preview, start),
                _ => preview,
            };
            on_event(Event::Step { image, step: step + 1, steps, preview });
        }
        Ok(clean)
    };
    let after = |step: usize, latent: Tensor| {
        let latent = hook.change_latent(&info(step), latent)?;
        let latent = match &repainted {
            Some(repainted) => repainted.stepped(&info(step), latent)?,
            None => latent,
        };
        held.as_ref().map_or(Ok(latent.clone()), |held| held.change_latent(&info(step), latent))
    };
    let latent = sample(settings.sampler, &model.levels, noised, &trajectory.sigmas, draw, denoise, after)?;
    let latent = (latent * trajectory.end_gain)?;
    let latent = match &repainted {
        Some(repainted) => repainted.ended(latent)?,
        None => latent,
    };

    watch.check()?;
    on_event(Event::Stage(Stage::Decoding(image)));
    let mut picture = decode(&model.vae, &latent, prepared.tiles, watch)?;
    let reference = repaint.map(|(repaint, _)| &repaint.source).or_else(|| request.start());
    if let (true, Some(reference)) = (settings.color_correct && start.is_some(), reference) {
        match_colors(&mut picture, reference);
    }
    if let (Some((repaint, _)), Some(start)) = (repaint, request.start()) {
        picture = repaint.pasted(picture, start);
    }
    if let (Some(anchor), Some(start)) = (&prepared.anchor, request.start()) {
        anchor.blend(&mut picture, start);
    }
    Ok(FinishedImage { image, seed, variation_seed, picture })
}
