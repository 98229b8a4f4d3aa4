//! How long each part of a model takes on this machine.

use std::path::Path;
use std::time::Instant;

use candle_core::Tensor;

use super::{LocalEngine, WantedModel};
use crate::diffusion::memory;
use crate::diffusion::networks::control_network::ControlNetwork;
use crate::diffusion::networks::unet::{Conditions, ResidualsNeeded};
use crate::diffusion::sampling::noise::Noise;
use crate::diffusion::text::conditioning::PromptEncoder;
use crate::diffusion::watch::Watch;
use crate::engine::{Cancel, ControlSettings, Emphasis, Error, ModelChoice, Rng};

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
    /// The same where the deep features of another evaluation are reused.
    pub reused: f64,
    /// One evaluation of a control network beside it, median of three.
    pub control: Option<f64>,
    /// A hint to what the control network sees of it, the second time.
    pub hint: Option<f64>,
    /// A picture to a latent, the second time.
    pub encode: f64,
    /// A latent to a picture, the second time.
    pub decode: f64,
}

impl LocalEngine {
    /// Loads a model and times its parts on pictures of `side` by `side` pixels (a multiple of 8), the UNet
    /// on `batch` of them at once, and beside it the ControlNet in `control` if one is given.
    ///
    /// # Errors
    /// Why the model cannot be loaded, too little memory, or [`Error::Cancelled`].
    pub fn measure(
        &mut self,
        choice: &ModelChoice,
        control: Option<&Path>,
        (side, batch): (usize, usize),
        cancel: &Cancel,
    ) -> Result<Timing, Error> {
        let watch = &Watch::new(cancel);
        let wanted = WantedModel::plain(choice);
        let (load, model) = timed(|| self.model(wanted.clone(), watch, &mut |_| {}))?;
        let control = control.map(|path| ControlSettings { model: path.into(), ..ControlSettings::default() });
        let control = self.controls.get(control.as_slice(), (&model, &wanted), &self.runtime, watch)?.pop().flatten();
        let device = &model.device.candle;
        let encoder = PromptEncoder {
            tokens: &model.tokens,
            text: &model.text,
            device,
            skip: 0,
            embeddings: &[],
            emphasis: Emphasis::Original,
        };
        let prompts = ["photo of perfect green apple with stem, water droplets, dramatic lighting", ""];
        let (text, states) = timed(|| encoder.encode(&prompts, watch))?;
        let tiles =
            memory::tiles(self.runtime.tiled_vae, (side, side), model.vae.widest, &model.device, memory::free())?;
        let pixels = side;
        let side = side / model.vae.factor;
        let shape = (1, model.vae.latent_channels, side, side);
        let latent = Noise::new(Rng::Cuda, 1).draw(shape)?.to_device(device)?;
        let pair = Tensor::cat(&vec![&latent; 2 * batch], 0)?;
        let states = states.repeat((batch, 1, 1))?;
        let conditions =
            Conditions { timestep: 500.0, states: &states, cfg_scale: 7.0, residuals: None, regions: None };
        // The first run finds memory that later ones use again.
        model.unet.forward(&pair, &conditions, watch)?;
        let mut times = Vec::with_capacity(RUNS);
        for _ in 0..RUNS {
            times.push(timed(|| finished(model.unet.forward(&pair, &conditions, watch)?))?.0);
        }
        times.sort_by(f64::total_cmp);
        let (_, deep) = model.unet.forward_keeping(&pair, &conditions, watch)?;
        let reusing = || finished(model.unet.forward_reusing(&pair, &deep, &conditions, watch)?);
        let mut reused = (0..RUNS).map(|_| Ok(timed(reusing)?.0)).collect::<Result<Vec<f64>, Error>>()?;
        reused.sort_by(f64::total_cmp);
        let control = control.map(|network| {
            let picture = Tensor::full(0.5f32, (1, 3, pixels, pixels), device)?;
            let network = match &*network {
                ControlNetwork::Net(network) => network,
                // It is run once for a job and not at any step.
                ControlNetwork::Adapter(adapter) => {
                    adapter.features(&picture, watch)?;
                    let (once, _) = timed(|| {
                        let features = adapter.features(&picture, watch)?;
                        features.into_iter().next_back().map(finished).transpose()
                    })?;
                    return Ok((0.0, once));
                }
            };
            let hint = network.encode_hint(&picture, watch)?;
            let (hint_time, _) = timed(|| finished(network.encode_hint(&picture, watch)?))?;
            let once = || {
                let needed = ResidualsNeeded::All;
                network.forward(&pair, &hint, &conditions, needed, watch)?.middle.map(finished).transpose()
            };
            once()?;
            let mut times = (0..RUNS).map(|_| Ok(timed(once)?.0)).collect::<Result<Vec<f64>, Error>>()?;
            times.sort_by(f64::total_cmp);
            Ok::<_, Error>((times[RUNS / 2], hint_time))
        });
        let control = control.transpose()?;
        let decode = || match tiles {
            None => model.vae.decode(&latent, watch),
            Some(size) => model.vae.decode_tiled(&latent, size, watch),
        };
        let picture = decode()?;
        let (decode, _) = timed(|| finished(decode()?))?;
        let encode = || match tiles {
            None => model.vae.encode(&picture, watch),
            Some(size) => model.vae.encode_tiled(&picture, size, watch),
        };
        encode()?;
        let (encode, _) = timed(|| finished(encode()?))?;
        Ok(Timing {
            load,
            text,
            unet: times[RUNS / 2],
            reused: reused[RUNS / 2],
            control: control.map(|(time, _)| time),
            hint: control.map(|(_, hint)| hint),
            encode,
            decode,
        })
    }
}

/// Waits until a tensor has been computed: graphics cards work on while the program goes on.
fn finished(tensor: Tensor) -> Result<Tensor, Error> {
    tensor.device().synchronize()?;
    Ok(tensor)
}

fn timed<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<(f64, T), Error> {
    let begun = Instant::now();
    let done = work()?;
    Ok((begun.elapsed().as_secs_f64(), done))
}
