//! The way between pictures and latents: the model's own autoencoder, one from a file of its own, or a
//! tiny one.

use std::path::Path;
use std::sync::Arc;

use candle_core::{Result as Candle, Tensor};

use crate::diffusion::device::Place;
use crate::diffusion::files::checkpoint::Checkpoint;
use crate::diffusion::files::part::{Findings, PartFiles, PartReader};
use crate::diffusion::files::source::Source;
use crate::diffusion::networks::autoencoder::Autoencoder;
use crate::diffusion::networks::config::{AnyAutoencoder, AutoencoderConfig, TinyConfig};
use crate::diffusion::networks::tiny_autoencoder::TinyAutoencoder;
use crate::engine::Error;

/// The name of weight files in diffusers' folders.
pub(in crate::diffusion) const DIFFUSERS: &str = "diffusion_pytorch_model";

/// An autoencoder of either kind.
pub(in crate::diffusion) struct Vae {
    kind: Kind,
    /// Pixels a latent position covers along one side.
    pub factor: usize,
    pub latent_channels: usize,
    /// Width of its last level, which takes the most memory.
    pub widest: u64,
}

enum Kind {
    Full(Box<Autoencoder>),
    Tiny(Box<TinyAutoencoder>),
}

impl Vae {
    /// The autoencoder of a model.
    ///
    /// # Errors
    /// A missing, damaged or unsupported file.
    pub fn of_model(
        source: &Source,
        config: &AnyAutoencoder,
        place: &Place,
        findings: &Findings,
    ) -> Result<Self, Error> {
        let files = source.part("vae", DIFFUSERS)?;
        Self::build(config, &files, &source.path("vae"), place, findings)
    }

    /// One of its own: a folder with config.json and weights (diffusers), or one file with the original
    /// names or diffusers'.
    ///
    /// # Errors
    /// As [`Vae::of_model`].
    pub fn open(path: &Path, place: &Place) -> Result<Self, Error> {
        let findings = Findings::new(0);
        if path.is_dir() {
            let inner = path.join("vae");
            let folder = if inner.join("config.json").is_file() { &inner } else { path };
            let source = Source::Folder(folder.to_path_buf());
            let config: AnyAutoencoder = source.required_json("config.json", "autoencoder")?;
            let files = source.part("", DIFFUSERS)?;
            return Self::build(&config, &files, path, place, &findings);
        }
        if !path.is_file() {
            return Err(Error::Missing { what: "autoencoder", path: path.to_path_buf() });
        }
        let file = Arc::new(Checkpoint::open_autoencoder(path)?);
        let config = file.config("vae/config.json").unwrap_or_default();
        let config: AnyAutoencoder = serde_json::from_value(config)
            .map_err(|e| Error::Malformed { path: path.to_path_buf(), reason: e.to_string() })?;
        Self::build(&config, &PartFiles::Checkpoint(&file, "vae"), path, place, &findings)
    }

    fn build(
        config: &AnyAutoencoder,
        files: &PartFiles<'_>,
        path: &Path,
        place: &Place,
        findings: &Findings,
    ) -> Result<Self, Error> {
        let reader = PartReader { name: "vae", files, loras: &[], findings };
        let failed = |error: candle_core::Error| {
            findings.error().unwrap_or_else(|| Error::Malformed {
                path: path.to_path_buf(),
                reason: format!(
                    "its weights do not match its config ({})",
                    crate::diffusion::error::first_line(&error)
                ),
            })
        };
        Ok(if config.is_tiny() {
            let config: &TinyConfig = &config.tiny;
            config.check()?;
            // So little work that its rounding need not be saved on.
            let vb = reader.builder(candle_core::DType::F32, &place.device);
            Self {
                kind: Kind::Tiny(Box::new(TinyAutoencoder::new(config, vb).map_err(failed)?)),
                factor: config.factor(),
                latent_channels: config.latent_channels,
                widest: config.decoder_block_out_channels.last().map_or(64, |w| *w as u64),
            }
        } else {
            let config: &AutoencoderConfig = &config.full;
            config.check()?;
            let vb = reader.builder(place.dtype(), &place.device);
            Self {
                kind: Kind::Full(Box::new(Autoencoder::new(config, vb).map_err(failed)?)),
                factor: config.factor(),
                latent_channels: config.latent_channels,
                widest: config.block_out_channels[0] as u64,
            }
        })
    }

    /// A picture `[b, 3, h, w]` in -1..1 to the mean of its latent `[b, c, h/f, w/f]`, scaled as the UNet
    /// expects it.
    pub fn encode(&self, image: &Tensor) -> Candle<Tensor> {
        match &self.kind {
            Kind::Full(vae) => vae.encode(image),
            Kind::Tiny(vae) => vae.encode(image),
        }
    }

    /// A scaled latent `[b, c, h, w]` to a picture `[b, 3, h·f, w·f]`, about -1..1, not clamped.
    pub fn decode(&self, latent: &Tensor) -> Candle<Tensor> {
        match &self.kind {
            Kind::Full(vae) => vae.decode(latent),
            Kind::Tiny(vae) => vae.decode(latent),
        }
    }

    /// Refuses one that speaks of other latents than `model`'s.
    pub fn check_fits(&self, model: &Vae) -> Result<(), Error> {
        if self.latent_channels == model.latent_channels && self.factor == model.factor {
            return Ok(());
        }
        Err(Error::Setting(format!(
            "This autoencoder does not fit the model: its latents have {} channels for {} pixels a side, the model's {} for {}.",
            self.latent_channels, self.factor, model.latent_channels, model.factor
        )))
    }
}
