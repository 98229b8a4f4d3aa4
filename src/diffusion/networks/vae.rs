//! Any autoencoder between pictures and latents: the model's own, a replacement VAE from a file, or a tiny
//! one.

use std::path::Path;
use std::sync::Arc;

use candle_core::Tensor;

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::files::checkpoint::Checkpoint;
use crate::diffusion::files::part::{Findings, PartFiles, PartReader};
use crate::diffusion::files::source::Source;
use crate::diffusion::networks::autoencoder::Autoencoder;
use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::layers::{PartLoader, StripSize};
use crate::diffusion::networks::tiny_autoencoder::TinyAutoencoder;
use crate::diffusion::networks::vae_config::VaeConfig;
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// The name of weight files in diffusers' folders, without their ending.
pub(in crate::diffusion) const DIFFUSERS: &str = "diffusion_pytorch_model";

/// What to say of a folder given as a VAE that is none.
fn no_vae_folder(path: &Path) -> Error {
    Error::File(format!(
        "{} is no VAE folder: it has no config.json, and neither has a folder vae in it; choose a VAE file, or a folder in the diffusers layout.",
        path.display()
    ))
}

/// An autoencoder of either kind.
pub(in crate::diffusion) struct Vae {
    network: VaeNetwork,
    /// Pixels a latent position covers along one side.
    pub factor: usize,
    /// Channels of a latent.
    pub latent_channels: usize,
    /// What latents are multiplied by for the UNet.
    pub scale: f64,
    /// Channels at full resolution, where decoding takes the most memory.
    pub widest: u64,
}

enum VaeNetwork {
    Full(Box<Autoencoder>),
    Tiny(Box<TinyAutoencoder>),
}

impl Vae {
    /// The autoencoder of a model.
    ///
    /// # Errors
    /// A missing, damaged or unsupported file, or [`Error::Cancelled`].
    pub fn of_model(source: &Source, config: &VaeConfig, device: &ComputeDevice, watch: &Watch) -> Result<Self, Error> {
        let files = source.part("vae", DIFFUSERS)?;
        Self::build(config, &files, &source.path("vae"), device, watch)
    }

    /// An autoencoder alone: a folder with config.json and weights (diffusers), or one file with the original
    /// names or diffusers'.
    ///
    /// # Errors
    /// As [`Vae::of_model`].
    pub fn open(path: &Path, device: &ComputeDevice, watch: &Watch) -> Result<Self, Error> {
        if path.is_dir() {
            let inner = path.join("vae");
            let folder = if inner.join("config.json").is_file() { &inner } else { path };
            let source = Source::Folder(folder.to_path_buf());
            let config: VaeConfig = source.json("config.json")?.ok_or_else(|| no_vae_folder(path))?;
            let files = source.part("", DIFFUSERS)?;
            return Self::build(&config, &files, path, device, watch);
        }
        if !path.is_file() {
            return Err(Error::File(format!("There is no VAE at {}: neither a file nor a folder.", path.display())));
        }
        let file = Arc::new(Checkpoint::open_autoencoder(path)?);
        let config = file.config("vae/config.json").unwrap_or_default();
        let config: VaeConfig = serde_json::from_value(config)
            .map_err(|e| Error::Malformed { path: path.to_path_buf(), reason: e.to_string() })?;
        Self::build(&config, &PartFiles::Checkpoint(&file, "vae"), path, device, watch)
    }

    fn build(
        config: &VaeConfig,
        files: &PartFiles<'_>,
        path: &Path,
        device: &ComputeDevice,
        watch: &Watch,
    ) -> Result<Self, Error> {
        config.check()?;
        let findings = Findings::new(0);
        let reader = PartReader { name: "vae", files, loras: &[], findings: &findings };
        // The tiny kind is so little work that multiplying shorter numbers would gain nothing.
        let precision = if config.is_tiny() { device.weight_dtype() } else { device.dtype() };
        let loader = PartLoader::new(reader, precision, &device.candle, watch);
        let failed = |error| loader.explain(&error, path.to_path_buf());
        Ok(if config.is_tiny() {
            let config = &config.tiny;
            Self {
                network: VaeNetwork::Tiny(Box::new(TinyAutoencoder::new(config, loader.root()).map_err(failed)?)),
                factor: config.factor(),
                latent_channels: config.latent_channels,
                // It was trained on the scaled latents of Stable Diffusion's autoencoder.
                scale: AutoencoderConfig::default().scaling_factor,
                widest: config.decoder_block_out_channels.last().map_or(64, |w| *w as u64),
            }
        } else {
            let config = &config.full;
            Self {
                network: VaeNetwork::Full(Box::new(Autoencoder::new(config, loader.root()).map_err(failed)?)),
                factor: config.factor(),
                latent_channels: config.latent_channels,
                scale: config.scaling_factor,
                widest: config.block_out_channels[0] as u64,
            }
        })
    }

    /// A picture `[b, 3, h, w]` in -1..1 to the mean of its latent `[b, c, h/f, w/f]`, scaled as the UNet
    /// expects it.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn encode(&self, image: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        match &self.network {
            VaeNetwork::Full(vae) => vae.encode(image, watch),
            VaeNetwork::Tiny(vae) => vae.encode(image, watch),
        }
    }

    /// A scaled latent `[b, c, h, w]` to a picture `[b, 3, h·f, w·f]`, about -1..1, not clamped.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn decode(&self, latent: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        match &self.network {
            VaeNetwork::Full(vae) => vae.decode(latent, watch),
            VaeNetwork::Tiny(vae) => vae.decode(latent, watch),
        }
    }

    /// As [`Vae::encode`], in tiles of about `size`: the same numbers to the bit in less memory and more time.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two tiles, or shapes that do not fit.
    pub fn encode_tiled(&self, image: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        match &self.network {
            VaeNetwork::Full(vae) => vae.encode_tiled(image, size, watch),
            VaeNetwork::Tiny(vae) => vae.encode_tiled(image, size, watch),
        }
    }

    /// As [`Vae::decode`], in tiles of about `size`: the same numbers to the bit in less memory and more time.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two tiles, or shapes that do not fit.
    pub fn decode_tiled(&self, latent: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        match &self.network {
            VaeNetwork::Full(vae) => vae.decode_tiled(latent, size, watch),
            VaeNetwork::Tiny(vae) => vae.decode_tiled(latent, size, watch),
        }
    }

    /// Refuses an autoencoder for latents of other channels than a UNet takes.
    ///
    /// # Errors
    /// [`Error::Setting`] with both numbers.
    pub fn check_channels(&self, unet: usize) -> Result<(), Error> {
        if self.latent_channels == unet {
            return Ok(());
        }
        Err(Error::Setting(format!(
            "This autoencoder does not fit the model: its latents have {} channels, and the model's {unet}.",
            self.latent_channels
        )))
    }

    /// Refuses an autoencoder whose latents the model, with autoencoder `model`, does not use.
    ///
    /// # Errors
    /// [`Error::Setting`] with both kinds of latents.
    pub fn check_fits(&self, model: &Vae) -> Result<(), Error> {
        if self.latent_channels == model.latent_channels && self.factor == model.factor {
            return Ok(());
        }
        Err(Error::Setting(format!(
            "This autoencoder does not fit the model: its latents have {} channels for {} pixels a side, the model's {} for {}. Choose another VAE.",
            self.latent_channels, self.factor, model.latent_channels, model.factor
        )))
    }
}
