//! A start image under the noise of any denoising strength, drawn with the linear preview.

use candle_core::{Device, Tensor};
use image::RgbImage;

use super::pixels::encode;
use super::preview::Preview;
use crate::diffusion::memory;
use crate::diffusion::model::Model;
use crate::diffusion::sampling::noise::Noise;
use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::diffusion::watch::Watch;
use crate::engine::{Error, NoisedStart, Request, Settings, TiledVae};

/// The latent of a start image and the noise of a round's first picture, both `[1, c, h, w]` and on the processor.
#[derive(Debug)]
pub(in crate::diffusion) struct Noised {
    latent: Tensor,
    noise: Tensor,
    levels: NoiseLevels,
    preview: Preview,
}

impl Noised {
    /// Encodes the start image of a request; `None` if it has none.
    ///
    /// # Errors
    /// Too little free memory, a broken autoencoder, or [`Error::Cancelled`].
    pub fn encode(model: &Model, request: &Request, tiled: TiledVae, watch: &Watch) -> Result<Option<Self>, Error> {
        let Some(start) = request.start() else { return Ok(None) };
        let settings = &request.settings;
        let size = (settings.width, settings.height);
        let tiles = memory::tiles(tiled, size, model.vae.widest, &model.device, memory::free())?;
        let latent = encode(model, start, tiles, watch)?.to_device(&Device::Cpu)?;
        let (seed, variation_seed) = request.seeds_of(0);
        let mut noise = Noise::new(settings.rng, seed);
        let shape = latent.dims4()?;
        let noise = if settings.variation_strength > 0.0 {
            let mut other = Noise::new(settings.rng, variation_seed);
            noise.draw_towards(shape, &mut other, settings.variation_strength as f32)?
        } else {
            noise.draw(shape)?
        };
        let (levels, preview) = (model.levels.with(&settings.sampling), model.preview.clone());
        Ok(Some(Self { latent, noise: noise.to_device(&Device::Cpu)?, levels, preview }))
    }

    fn draw(&self, settings: &Settings) -> Result<RgbImage, Error> {
        let has_start = settings.strength < 1.0;
        let (whole, run) = settings.planned_steps(has_start);
        let options = &settings.sampling;
        let trajectory = settings.sampler.trajectory(settings.schedule, &self.levels, whole, run, has_start, options);
        let noised = if has_start {
            let spread = settings.noise_multiplier * trajectory.noise + settings.extra_noise;
            // Noise adds to the variance, which is about 1 for a latent; this takes it back, as DDPM's latents have it.
            ((&self.latent + (&self.noise * spread)?)? / (1.0 + spread * spread).sqrt())?
        } else {
            self.noise.clone()
        };
        self.preview.draw(&noised)
    }
}

impl NoisedStart for Noised {
    fn picture(&self, settings: &Settings) -> RgbImage {
        // Sums of tensors of one shape on the processor do not fail.
        self.draw(settings).unwrap_or_else(|error| {
            tracing::error!("a noised start image cannot be drawn: {error}");
            RgbImage::new(1, 1)
        })
    }
}
