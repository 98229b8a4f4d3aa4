//! How long each part of a model takes on this machine.

use std::time::Instant;

use candle_core::Tensor;

use crate::diffusion::Model;
use crate::diffusion::sampling::noise::Noise;
use crate::engine::{DeviceChoice, Dtype, Error, ModelChoice, Rng};

/// How often the UNet is timed; the median counts.
const RUNS: usize = 3;

/// Seconds for each part.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Reading the model and packing its weights.
    pub load: f64,
    /// A prompt and a negative prompt to conditioning.
    pub text: f64,
    /// One evaluation of the UNet for the guided pictures (a batch of two each), median of three.
    pub unet: f64,
    /// A picture to a latent, the second time.
    pub encode: f64,
    /// A latent to a picture, the second time.
    pub decode: f64,
}

/// Loads a model and times its parts on pictures of `side` by `side` pixels (a multiple of 64), the
/// UNet on `batch` of them at once.
///
/// # Errors
/// As [`Model::load`], or arithmetic that failed.
pub fn measure(
    choice: &ModelChoice,
    device: DeviceChoice,
    dtype: Dtype,
    side: usize,
    batch: usize,
) -> Result<Timing, Error> {
    let (load, model) = timed(|| Model::load_on(choice, device, dtype))?;
    let prompts = ["photo of perfect green apple with stem, water droplets, dramatic lighting", ""];
    let (text, states) = timed(|| model.condition(&prompts, 0, None))?;
    model.check_room(side, side)?;
    let side = side / model.factor;
    let latent =
        Noise::new(Rng::Cuda, 1).draw((1, model.latent_channels, side, side))?.to_device(&model.place.device)?;
    let pair = Tensor::cat(&vec![&latent; 2 * batch], 0)?;
    let states = states.repeat((batch, 1, 1))?;
    // The first run finds memory that later ones use again.
    model.unet.forward(&pair, 500.0, &states, 7.0)?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        times.push(timed(|| finished(model.unet.forward(&pair, 500.0, &states, 7.0)?))?.0);
    }
    times.sort_by(f64::total_cmp);
    let picture = model.vae.decode(&latent)?;
    let (decode, _) = timed(|| finished(model.vae.decode(&latent)?))?;
    model.vae.encode(&picture)?;
    let (encode, _) = timed(|| finished(model.vae.encode(&picture)?))?;
    Ok(Timing { load, text, unet: times[RUNS / 2], encode, decode })
}

/// A tensor once it is really there: cards work on while the program goes on.
fn finished(made: Tensor) -> Result<Tensor, Error> {
    made.device().synchronize()?;
    Ok(made)
}

fn timed<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<(f64, T), Error> {
    let begun = Instant::now();
    let done = work()?;
    Ok((begun.elapsed().as_secs_f64(), done))
}
