//! One job: a sketch and words to a batch of pictures (SDEdit, Meng et al. 2022), step by step.

use std::path::Path;

use candle_core::{DType, Tensor};
use image::{Rgb, RgbImage};

use crate::diffusion::Model;
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::pipeline::color_match;
use crate::diffusion::sampling::denoiser::Denoiser;
use crate::diffusion::sampling::noise::{Brownian, Noise};
use crate::diffusion::sampling::sampler::{StepNoise, sample};
use crate::engine::{Cancel, Error, Event, FinishedImage, Request, Settings, Stage};

/// What a job uses besides the model.
pub(in crate::diffusion) struct Aids<'a> {
    /// The job's prompt without its LoRA tags.
    pub prompt: &'a str,
    /// Where the words lie that files give a meaning.
    pub embeddings: Option<&'a Path>,
    /// What makes the previews.
    pub preview: Option<&'a Vae>,
}

/// Makes every picture of a job on a loaded model.
pub(in crate::diffusion) fn run(
    model: &Model,
    request: &Request,
    aids: &Aids<'_>,
    cancel: &Cancel,
    on_event: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    let settings = &request.settings;
    request.check()?;
    model.check_room(settings.width, settings.height)?;
    cancel.check()?;

    on_event(Event::Stage(Stage::ReadingPrompt));
    // At scale 1 the prediction without the prompt cancels out, so it is not made at all; nor is it
    // where the model takes the scale itself.
    let guided = settings.cfg_scale != 1.0 && !model.unet.takes_guidance();
    let prompts: &[&str] = if guided { &[&settings.negative, aids.prompt] } else { &[aids.prompt] };
    let states = model.condition(prompts, settings.clip_skip - 1, aids.embeddings)?;

    let init = request.start();
    let latent = match init {
        Some(picture) => {
            cancel.check()?;
            on_event(Event::Stage(Stage::Encoding));
            Some(encode(model, settings, picture)?)
        }
        None => None,
    };
    let (schedule, steps) = settings.planned_steps(init.is_some());
    let path = settings.sampler.path(settings.schedule, &model.noising, schedule, steps, init.is_some());
    let steps = path.sigmas.len() - 1;
    let denoiser = Denoiser { unet: &model.unet, prediction: model.prediction, states, cfg_scale: settings.cfg_scale };
    let shape = (1, model.latent_channels, settings.height / model.factor, settings.width / model.factor);

    for image in 0..settings.batch {
        cancel.check()?;
        let (seed, variation) = settings.seeds_of(image);
        let mut noise = Noise::new(settings.rng, seed);
        let fresh = if settings.variation_strength > 0.0 {
            let mut other = Noise::new(settings.rng, variation);
            noise.draw_towards(shape, &mut other, settings.variation_strength as f32)?
        } else {
            noise.draw(shape)?
        };
        let fresh = fresh.to_device(&model.place.device)?;
        let start = match &latent {
            Some(latent) => {
                let spread = settings.noise_multiplier * path.noise + settings.extra_noise;
                ((latent + (fresh * spread)?)? * path.gain)?
            }
            None => (fresh * path.noise)?,
        };
        let brownian = (settings.sampler.noise() == StepNoise::Brownian)
            .then(|| Brownian::new(settings.rng, seed, shape, path.range));
        let draw = |sigma: f64, next: f64| match &brownian {
            Some(brownian) => brownian.between(sigma, next)?.to_device(&model.place.device),
            None => noise.draw(shape)?.to_device(&model.place.device),
        };
        let mut reached = 0;
        let mut step = |x: &Tensor, sigma: f64, index: Option<usize>| -> Result<Tensor, Error> {
            cancel.check()?;
            // Evaluations between belong to the step they were begun in.
            reached = index.unwrap_or(reached);
            let guided = reached < settings.guided_steps(steps);
            let timestep = settings.sampler.timestep(&model.noising, sigma);
            let clean = settings.sampler.bounded(denoiser.denoise(x, sigma, timestep, guided)?, x, timestep)?;
            if !all_finite(&clean)? {
                return Err(Error::NonFinite { during: "denoising" });
            }
            if let Some(index) = index {
                let preview = match aids.preview {
                    Some(vae) => pixels(&vae.decode(&clean)?)?,
                    None => model.preview.draw(&clean)?,
                };
                on_event(Event::Step { image, step: index + 1, steps, preview });
            }
            Ok(clean)
        };
        let x = sample(settings.sampler, &model.noising, start, &path.sigmas, draw, &mut step)?;
        let x = (x * path.end_gain)?;
        cancel.check()?;
        on_event(Event::Stage(Stage::Decoding(image)));
        let mut picture = decode(model, &x)?;
        if let (true, Some(init)) = (settings.color_correct, init) {
            color_match::match_colors(&mut picture, init);
        }
        on_event(Event::Finished(FinishedImage { image, seed, variation_seed: variation, picture }));
    }
    Ok(())
}

pub(in crate::diffusion) fn encode(model: &Model, settings: &Settings, picture: &RgbImage) -> Result<Tensor, Error> {
    let (w, h) = (settings.width, settings.height);
    if picture.dimensions() != (w as u32, h as u32) {
        return Err(Error::Setting(format!(
            "The start image is {} by {} pixels and the settings say {w} by {h}.",
            picture.width(),
            picture.height()
        )));
    }
    let values: Vec<f32> = picture.as_raw().iter().map(|v| f32::from(*v) / 127.5 - 1.0).collect();
    let image = Tensor::from_vec(values, (1, h, w, 3), &model.place.device)?.permute((0, 3, 1, 2))?.contiguous()?;
    let latent = model.vae.encode(&image)?;
    if !all_finite(&latent)? {
        return Err(Error::NonFinite { during: "reading the sketch" });
    }
    Ok(latent)
}

/// Sums are f32 and bfloat16 has the range of f32, so a decode that fails here has no wider type to be
/// retried in.
fn decode(model: &Model, latent: &Tensor) -> Result<RgbImage, Error> {
    let image = model.vae.decode(latent)?;
    if !all_finite(&image)? {
        return Err(Error::NonFinite { during: "decoding" });
    }
    pixels(&image)
}

/// A picture `[1, 3, h, w]`, -1..1, in bytes.
fn pixels(image: &Tensor) -> Result<RgbImage, Error> {
    let (_, _, h, w) = image.dims4()?;
    let values: Vec<f32> = image.squeeze(0)?.permute((1, 2, 0))?.flatten_all()?.to_vec1()?;
    let mut picture = RgbImage::new(w as u32, h as u32);
    for (pixel, v) in picture.pixels_mut().zip(values.chunks_exact(3)) {
        *pixel = Rgb([0, 1, 2].map(|c| ((v[c] + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8));
    }
    Ok(picture)
}

fn all_finite(x: &Tensor) -> Result<bool, Error> {
    // A sum is finite only if every part of it is.
    Ok(x.to_dtype(DType::F32)?.sum_all()?.to_scalar::<f32>()?.is_finite())
}
