//! One picture of a job: noise, steps, pixels.

use candle_core::Tensor;

use super::color_match::match_colors;
use super::control::{ActiveControls, are_active_at};
use super::hook::{StepHook, StepInfo};
use super::job::{Job, Previews};
use super::pixels::{all_finite, decode, to_bytes};
use super::prepare::{ImagePlan, Prepared};
use crate::diffusion::networks::unet::UNetInputs;
use crate::diffusion::sampling::deep_features::{DeepFeatures, FeatureBasis};
use crate::diffusion::sampling::denoiser::{Control, Denoiser, NoiseLevel, Prediction};
use crate::diffusion::sampling::noise::{Brownian, Noise};
use crate::diffusion::sampling::sampler::{StepNoise, Stepping, sample};
use crate::diffusion::watch::Watch;
use crate::engine::{Error, Event, FinishedImage, Sampler, Settings, Stage};

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
    let options = &settings.sampling;
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
        None if options.sgm_noise && !settings.sampler.has_fixed_schedule() => (fresh * trajectory.noise.hypot(1.0))?,
        None => (fresh * trajectory.noise)?,
    };
    if options.noise_seed_delta != 0 {
        // The noise of the steps comes from a generator of another seed.
        noise = Noise::new(settings.rng, seed.wrapping_add_signed(options.noise_seed_delta));
    }
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
        prediction: options.prediction.map_or(model.prediction, Prediction::from),
        cfg_scale: settings.cfg_scale,
        extra: &prepared.extra,
        control: None,
    };
    let stepping = Stepping::new(settings.sampler, options);
    let is_edit = model.inputs == UNetInputs::Edit;
    let (mut current, mut evaluations) = (0, 0);
    let mut features = DeepFeatures::new(settings.reuse);
    let denoise = |x: &Tensor, sigma: f64, step: Option<usize>| -> Result<Tensor, Error> {
        watch.check()?;
        // An evaluation between two steps belongs to the step it was begun in.
        current = step.unwrap_or(current);
        let guided = current < settings.guided_steps(steps);
        let timestep = settings.sampler.timestep(&prepared.levels, sigma);
        let active = ActiveControls::at(&prepared.controls, current, steps);
        let loras = job.unets.active_at(current, steps);
        let unet = job.unets.get(&loras)?.unwrap_or(denoiser.unet);
        let denoiser = Denoiser { unet, control: active.as_ref().map(|active| active as &dyn Control), ..denoiser };
        let level = NoiseLevel { sigma, timestep };
        let rows = prompts.rows(evaluations)?;
        let controls = are_active_at(&prepared.controls, current, steps);
        features.begin(evaluations, FeatureBasis { states: rows.states.id(), controls, loras });
        let alone = !is_edit && follows_prompt_alone(&settings, evaluations, steps, level);
        evaluations += 1;
        let rows = if guided && !alone { rows } else { rows.without_negative()? };
        let clean = match &repainted {
            None => denoiser.denoise(x, level, &rows, &mut features, watch)?,
            Some(repainted) => {
                let shown = repainted.shown(x, sigma)?;
                repainted.clean(denoiser.denoise(&shown, level, &rows, &mut features, watch)?, x, &shown)?
            }
        };
        let clean = hook.change_clean(&info(current), settings.sampler.clean_latent(clean, x, timestep)?)?;
        if !all_finite(&clean)? {
            return Err(Error::NonFinite { during: "denoising" });
        }
        let preview = match (step, job.previews) {
            (None, _) | (_, Previews::Off) => None,
            (_, Previews::Linear) => Some(model.preview.draw(&clean)?),
            (_, Previews::Autoencoder(vae)) => Some(to_bytes(&vae.decode(&clean, watch)?)?),
        };
        if let (Some(step), Some(preview)) = (step, preview) {
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
    let latent = sample(stepping, &prepared.levels, noised, &trajectory.sigmas, draw, denoise, after)?;
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
    Ok(FinishedImage { image, seed, variation_seed, picture, made_by: None })
}

/// Whether an evaluation, counted from 0, leaves out the negative prompt: in the first part of the steps ("Skip Early
/// CFG"), or every other time once little noise is left ("NGMS"), as AUTOMATIC1111 counts them.
fn follows_prompt_alone(settings: &Settings, evaluation: usize, steps: usize, level: NoiseLevel) -> bool {
    let options = &settings.sampling;
    let all = (steps * settings.sampler.evaluations()) as f64;
    let early = options.skip_early > 0.0 && evaluation as f64 / all <= options.skip_early;
    // Its samplers on timesteps compare the timestep.
    let left = if settings.sampler.has_fixed_schedule() { level.timestep } else { level.sigma };
    let counts = evaluation % 2 == 1 || options.negative_min_sigma_all;
    early || (counts && left < options.negative_min_sigma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SamplerOptions;

    /// Which of eight evaluations at falling sigmas follow the prompt alone.
    fn alone(sampler: Sampler, sampling: SamplerOptions) -> Vec<usize> {
        let settings = Settings { sampler, sampling, ..Settings::default() };
        let steps = 8 / sampler.evaluations();
        let level = |evaluation: usize| NoiseLevel {
            sigma: 8.0 - evaluation as f64,
            timestep: 800.0 - 100.0 * evaluation as f64,
        };
        (0..8).filter(|evaluation| follows_prompt_alone(&settings, *evaluation, steps, level(*evaluation))).collect()
    }

    #[test]
    fn the_negative_prompt_is_left_out_early_and_late_as_the_web_ui_does() {
        let usual = SamplerOptions::default;
        assert_eq!(alone(Sampler::Euler, usual()), [0; 0]);
        assert_eq!(alone(Sampler::Euler, SamplerOptions { skip_early: 0.25, ..usual() }), [0, 1, 2]);
        assert_eq!(alone(Sampler::Heun, SamplerOptions { skip_early: 0.125, ..usual() }), [0, 1]);
        let late = SamplerOptions { negative_min_sigma: 4.0, ..usual() };
        assert_eq!(alone(Sampler::Euler, late.clone()), [5, 7]);
        assert_eq!(alone(Sampler::Ddim, late.clone()), [0; 0], "its sigmas are timesteps there");
        assert_eq!(alone(Sampler::Euler, SamplerOptions { negative_min_sigma_all: true, ..late }), [5, 6, 7]);
    }
}
