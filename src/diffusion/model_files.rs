//! A model's files, opened and checked as far as that goes without reading weights.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::files::lora::Lora;
use crate::diffusion::files::part::PartFiles;
use crate::diffusion::files::source::Source;
use crate::diffusion::memory;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::vae::DIFFUSERS;
use crate::diffusion::networks::vae_config::VaeConfig;
use crate::diffusion::sampling::denoiser::Prediction;
use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::diffusion::sampling::scheduler_config::SchedulerConfig;
use crate::diffusion::text::encoder::config::TextEncoderConfig;
use crate::diffusion::text::tokens::Tokens;
use crate::engine::{Error, ModelChoice, Recommended};

/// What is known of a model before its weights are read. Whatever makes it unusable and can be found without
/// them has been refused, so that a loaded model is not freed for one that cannot work.
pub(in crate::diffusion) struct ModelFiles {
    pub source: Source,
    pub unet: UNetConfig,
    /// `None` where the model has no VAE and needs one from another file.
    pub vae: Option<VaeConfig>,
    pub text: TextEncoderConfig,
    pub levels: NoiseLevels,
    /// What the UNet predicts; `None` where only a trial can tell.
    pub prediction: Option<Prediction>,
    pub tokens: Arc<Tokens>,
    pub recommended: Recommended,
    numbers: Numbers,
}

/// How many numbers the tensors of each part hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::diffusion) struct Numbers {
    pub unet: u64,
    pub vae: u64,
    pub text: u64,
}

impl ModelFiles {
    /// Reads the configs, the tokenizer and the headers of the weight files, and checks them.
    ///
    /// # Errors
    /// A missing, damaged or unsupported file, named in the sentence.
    pub fn open(choice: &ModelChoice) -> Result<Self, Error> {
        let source = Source::open(choice)?;
        let unet: UNetConfig = source.required_json("unet/config.json", "UNet")?;
        let vae: Option<VaeConfig> = source.json("vae/config.json")?;
        let text: TextEncoderConfig = source.required_json("text_encoder/config.json", "text encoder")?;
        let scheduler: SchedulerConfig = source.json("scheduler/scheduler_config.json")?.unwrap_or_default();
        unet.check()?;
        text.check()?;
        if let Some(vae) = &vae {
            vae.check()?;
        }
        if let Some(vae) = &vae
            && vae.latent_channels() != unet.out_channels
        {
            return Err(Error::Unsupported(format!(
                "its autoencoder makes latents of {} channels and its UNet takes {}",
                vae.latent_channels(),
                unet.out_channels
            )));
        }
        if text.hidden_size != unet.cross_attention_dim {
            return Err(Error::Unsupported(format!(
                "its text encoder's states have {} numbers and its UNet takes {}",
                text.hidden_size, unet.cross_attention_dim
            )));
        }
        let prediction = match &source {
            Source::Checkpoint(file, _) if file.prediction_is_unknown() => None,
            _ => Some(Prediction::from_name(&scheduler.prediction_type)?),
        };
        // Opening a part also checks that its files are complete.
        let numbers = Numbers {
            unet: source.part("unet", DIFFUSERS)?.numbers(),
            vae: vae.as_ref().map_or(Ok(0), |_| Ok::<_, Error>(source.part("vae", DIFFUSERS)?.numbers()))?,
            text: source.part("text_encoder", "model")?.numbers(),
        };
        Ok(Self {
            levels: NoiseLevels::new(&scheduler)?,
            prediction,
            tokens: Arc::new(Tokens::load(&source, text.vocab_size, text.max_position_embeddings)?),
            recommended: source.json::<Recommended>("underpaint.json")?.unwrap_or_default().sane(),
            numbers,
            unet,
            vae,
            text,
            source,
        })
    }

    /// Bytes of this machine's memory that the loaded model takes; 0 on a graphics card, whose memory is its
    /// own.
    pub fn memory(&self, device: &ComputeDevice) -> u64 {
        if device.is_processor() { memory::packed_model(self.numbers, device.precision()) } else { 0 }
    }

    /// Bytes of this machine's memory for the weights that these LoRAs change; 0 on a graphics card.
    ///
    /// # Errors
    /// Files that can no longer be read.
    pub fn memory_of_changes(&self, loras: &[Lora], device: &ComputeDevice) -> Result<u64, Error> {
        if !device.is_processor() {
            return Ok(0);
        }
        let changed = |part: &str, files: PartFiles<'_>| -> u64 {
            files.tensors().filter(|(name, _)| loras.iter().any(|l| l.changes(part, name))).map(|(_, n)| n).sum()
        };
        let numbers = Numbers {
            unet: changed("unet", self.source.part("unet", DIFFUSERS)?),
            vae: 0,
            text: changed("text_encoder", self.source.part("text_encoder", "model")?),
        };
        Ok(memory::packed_model(numbers, device.precision()))
    }

    /// How many numbers the tensors of each part hold.
    pub fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// What to say where neither the model nor the request brings a VAE.
    pub fn lacks_vae(&self) -> Error {
        lacks_vae(&self.source.path("").display().to_string())
    }

    /// How many tensors there are.
    ///
    /// # Errors
    /// Files that can no longer be read.
    pub fn tensors(&self) -> Result<usize, Error> {
        let vae = self.vae.as_ref().map(|_| ("vae", DIFFUSERS));
        let parts = [("unet", DIFFUSERS), ("text_encoder", "model")].into_iter().chain(vae);
        parts.map(|(part, stem)| Ok(self.source.part(part, stem)?.tensors().count())).sum()
    }

    /// How many tensors there are, and how many of them have their numbers in each format.
    ///
    /// # Errors
    /// Files that can no longer be read.
    pub fn precision(&self) -> Result<(usize, BTreeMap<String, usize>), Error> {
        let mut formats: BTreeMap<String, usize> = BTreeMap::new();
        let vae = self.vae.as_ref().map(|_| ("vae", DIFFUSERS));
        for (part, stem) in [("unet", DIFFUSERS), ("text_encoder", "model")].into_iter().chain(vae) {
            for (name, count) in self.source.part(part, stem)?.formats() {
                *formats.entry(name).or_default() += count;
            }
        }
        Ok((formats.values().sum(), formats))
    }

    /// What to call a part's file in messages.
    pub fn path(&self, part: &str) -> std::path::PathBuf {
        self.source.path(part)
    }
}

/// What to say where neither a model nor a request brings a VAE.
pub(in crate::diffusion) fn lacks_vae(name: &str) -> Error {
    Error::File(format!(
        "{} holds no autoencoder (VAE); choose one with --vae, or under Autoencoder in the window.",
        name.trim_end_matches(['/', '\\'])
    ))
}
