//! `vae/config.json` of either kind of autoencoder.

use serde::Deserialize;

use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::tiny_autoencoder::config::TinyAutoencoderConfig;
use crate::engine::Error;

/// The config of a full or a tiny autoencoder; which one it is, the class name says.
#[derive(Clone, Debug, Deserialize)]
pub struct VaeConfig {
    #[serde(default, rename = "_class_name")]
    class: String,
    #[serde(flatten)]
    pub full: AutoencoderConfig,
    #[serde(flatten)]
    pub tiny: TinyAutoencoderConfig,
}

impl VaeConfig {
    /// The config of a full autoencoder.
    pub fn of_full(full: AutoencoderConfig) -> Self {
        Self { class: String::new(), full, tiny: TinyAutoencoderConfig::default() }
    }

    /// Whether it is the tiny kind.
    pub fn is_tiny(&self) -> bool {
        self.class == "AutoencoderTiny"
    }

    /// Refuses sizes it cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_tiny() { self.tiny.check() } else { self.full.check() }
    }

    /// Channels of its latents.
    pub fn latent_channels(&self) -> usize {
        if self.is_tiny() { self.tiny.latent_channels } else { self.full.latent_channels }
    }
}
