//! A loaded model: its parts, built from its own config files.

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Tensor};

use crate::diffusion::device::Place;
use crate::diffusion::error::first_line;
use crate::diffusion::files::embedding;
use crate::diffusion::files::lora::Lora;
use crate::diffusion::files::part::{Findings, PartReader};
use crate::diffusion::files::source::Source;
use crate::diffusion::memory;
use crate::diffusion::networks::config::{AnyAutoencoder, ScheduleConfig, TextConfig, UNetConfig};
use crate::diffusion::networks::unet::UNet;
use crate::diffusion::networks::vae::{DIFFUSERS, Vae};
use crate::diffusion::pipeline::preview::Preview;
use crate::diffusion::sampling::denoiser::Prediction;
use crate::diffusion::sampling::noising::Noising;
use crate::diffusion::text::encoder::TextEncoder;
use crate::diffusion::text::tokens::{Chunk, ModelTokenCounter, Tokens};
use crate::engine::{DeviceChoice, Dtype, Error, ModelChoice, Recommended, TokenCounter};
use crate::kernels::memory::release;

/// All weights of one Stable Diffusion model, ready to run. Cloning shares them.
#[derive(Clone)]
pub struct Model {
    name: String,
    recommended: Recommended,
    pub(super) place: Place,
    pub(super) tokens: Arc<Tokens>,
    pub(super) text: Arc<TextEncoder>,
    pub(super) unet: Arc<UNet>,
    own_vae: Arc<Vae>,
    pub(super) vae: Arc<Vae>,
    pub(super) noising: Noising,
    pub(super) prediction: Prediction,
    pub(super) preview: Preview,
    /// Pixels a latent position covers along one side.
    pub(super) factor: usize,
    pub(super) latent_channels: usize,
}

impl Model {
    /// Reads every part.
    ///
    /// # Errors
    /// A missing, damaged or unsupported file, named in the sentence; too little free memory.
    pub fn load(choice: &ModelChoice, dtype: Dtype) -> Result<Self, Error> {
        Self::load_on(choice, DeviceChoice::Cpu, dtype)
    }

    /// The same on another device.
    ///
    /// # Errors
    /// As [`Model::load`], or a device that is not there.
    pub fn load_on(choice: &ModelChoice, device: DeviceChoice, dtype: Dtype) -> Result<Self, Error> {
        Self::load_with(choice, Place::new(device, dtype)?, &[])
    }

    /// The same with the changes of LoRA files.
    pub(super) fn load_with(choice: &ModelChoice, place: Place, loras: &[Lora]) -> Result<Self, Error> {
        let source = Source::open(choice)?;
        let device = place.device.clone();
        let unet_config: UNetConfig = source.required_json("unet/config.json", "UNet")?;
        let vae_config: AnyAutoencoder = source.required_json("vae/config.json", "autoencoder")?;
        let text_config: TextConfig = source.required_json("text_encoder/config.json", "text encoder")?;
        let schedule: ScheduleConfig = source.json("scheduler/scheduler_config.json")?.unwrap_or_default();
        // Before gigabytes are read: what no weights could mend.
        unet_config.check()?;
        text_config.check()?;
        vae_config.check()?;
        if vae_config.latent_channels() != unet_config.in_channels {
            return Err(Error::Unsupported(format!(
                "its autoencoder makes latents of {} channels and its UNet takes {}",
                vae_config.latent_channels(),
                unet_config.in_channels
            )));
        }
        if text_config.hidden_size != unet_config.cross_attention_dim {
            return Err(Error::Unsupported(format!(
                "its text encoder is {} wide and its UNet listens to {}",
                text_config.hidden_size, unet_config.cross_attention_dim
            )));
        }
        let text_files = source.part("text_encoder", "model")?;
        let unet_files = source.part("unet", DIFFUSERS)?;
        let vae_files = source.part("vae", DIFFUSERS)?;
        // Turned kernels take 16 numbers for nine: nearly all of the autoencoder's, some of the UNet's.
        let packed = unet_files.numbers() * 5 / 4 + vae_files.numbers() * 16 / 9;
        let need = place.bytes() * packed + 4 * text_files.numbers();
        memory::check("Loading this model", need, "close other programs or choose a smaller model")?;

        let findings = Findings::new(loras.len());
        let part = |name: &'static str, error: candle_core::Error| {
            findings.error().unwrap_or_else(|| Error::Malformed {
                path: source.path(name),
                reason: format!("its weights do not match its config ({})", first_line(&error)),
            })
        };
        let reader = |name, files| PartReader { name, files, loras, findings: &findings };
        // The words cost little, and all that follows hangs on them: they stay f32.
        let text = || TextEncoder::new(&text_config, reader("text_encoder", &text_files).builder(DType::F32, &device));
        let unet = || UNet::new(&unet_config, reader("unet", &unet_files).builder(place.dtype(), &device));
        let vae = || Vae::of_model(&source, &vae_config, &place, &findings);
        let (unet, (text, vae)) = rayon::join(unet, || rayon::join(text, vae));
        let text = text.map_err(|e| part("text_encoder", e))?;
        let unet = unet.map_err(|e| part("unet", e))?;
        let vae = Arc::new(vae?);
        if let Some(lora) = findings.idle(loras) {
            return Err(lora.fits_nothing());
        }
        let prediction = match &source {
            Source::Checkpoint(file, _) if file.prediction_is_unknown() => {
                Prediction::by_trial(&unet, unet_config.in_channels, unet_config.cross_attention_dim, &device)?
            }
            _ => Prediction::from_name(&schedule.prediction_type)?,
        };
        // What was read and packed is done with.
        release();
        Ok(Self {
            name: choice.name(),
            recommended: source.json::<Recommended>("underpaint.json")?.unwrap_or_default().sane(),
            tokens: Arc::new(Tokens::load(&source, text_config.vocab_size, text.length())?),
            preview: Preview::fit(&vae, vae.factor, &device)?,
            noising: Noising::new(&schedule)?,
            prediction,
            latent_channels: vae.latent_channels,
            factor: vae.factor,
            text: Arc::new(text),
            unet: Arc::new(unet),
            own_vae: Arc::clone(&vae),
            vae,
            place,
        })
    }

    /// The same model with another autoencoder, or with its own again.
    ///
    /// # Errors
    /// An autoencoder that cannot be read or speaks of other latents.
    pub(super) fn with_vae(&self, path: Option<&Path>) -> Result<Self, Error> {
        let vae = match path {
            None => Arc::clone(&self.own_vae),
            Some(path) => {
                let other = Vae::open(path, &self.place)?;
                other.check_fits(&self.own_vae)?;
                Arc::new(other)
            }
        };
        release();
        Ok(Self { preview: Preview::fit(&vae, vae.factor, &self.place.device)?, vae, ..self.clone() })
    }

    /// What to call it in the window and in files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its maker suggests.
    pub fn recommended(&self) -> Recommended {
        self.recommended
    }

    /// Counts tokens as this model does.
    pub fn counter(&self) -> Arc<dyn TokenCounter> {
        Arc::new(ModelTokenCounter(Arc::clone(&self.tokens)))
    }

    /// Refuses a size whose decoding would not fit in memory.
    pub(super) fn check_room(&self, width: usize, height: usize) -> Result<(), Error> {
        // The decoder's last level holds about eight planes of its width at full size, as f32;
        // an unfolded convolution nine more.
        let need = (width * height) as u64 * 4 * self.vae.widest * 17;
        memory::check("A picture of this size", need, "choose a smaller width and height")
    }

    /// Conditioning `[prompts, 77·chunks, d]`; shorter prompts are filled up with empty chunks.
    /// `skip` leaves out that many of the text encoder's last layers; words that name a file in
    /// `embeddings` become its vectors.
    pub(super) fn condition(&self, prompts: &[&str], skip: usize, embeddings: Option<&Path>) -> Result<Tensor, Error> {
        let files = embedding::named(prompts, embeddings, self.text.width()?)?;
        let mut chunks = prompts.iter().map(|p| self.tokens.encode(p, &files)).collect::<Result<Vec<_>, _>>()?;
        let longest = chunks.iter().map(Vec::len).max().unwrap_or(1);
        let mut rows = Vec::new();
        for chunks in &mut chunks {
            chunks.resize(longest, self.tokens.empty());
            let states = chunks.iter().map(|chunk| self.states(chunk, skip)).collect::<Result<Vec<_>, _>>()?;
            rows.push(Tensor::cat(&states, 1)?);
        }
        Ok(Tensor::cat(&rows, 0)?)
    }

    /// Hidden states `[1, 77, d]` of a chunk. Emphasis scales a token's state; the whole is then
    /// scaled back to its mean before, as AUTOMATIC1111 does.
    fn states(&self, chunk: &Chunk, skip: usize) -> Result<Tensor, Error> {
        let states = self.text.forward(&chunk.ids, &chunk.inserted, skip, &self.place.device)?;
        if chunk.is_even() {
            return Ok(states);
        }
        let mean = |t: &Tensor| t.mean_all()?.to_scalar::<f32>();
        let weights = Tensor::from_slice(&chunk.weights, (1, chunk.weights.len(), 1), &self.place.device)?;
        let scaled = states.broadcast_mul(&weights)?;
        let (before, after) = (mean(&states)?, mean(&scaled)?);
        let back = f64::from(before) / f64::from(after);
        Ok(if back.is_finite() { (scaled * back)? } else { scaled })
    }
}
