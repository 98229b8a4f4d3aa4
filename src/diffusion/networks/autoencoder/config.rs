//! `vae/config.json` of the full autoencoder, with the defaults that diffusers gives missing entries.

use serde::Deserialize;

use crate::diffusion::networks::widths::check_widths;
use crate::engine::Error;

/// `vae/config.json` of an AutoencoderKL.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct AutoencoderConfig {
    pub in_channels: usize,
    pub out_channels: usize,
    pub latent_channels: usize,
    pub block_out_channels: Vec<usize>,
    pub layers_per_block: usize,
    pub norm_num_groups: usize,
    pub scaling_factor: f64,
    pub mid_block_add_attention: bool,
    pub use_quant_conv: bool,
    pub use_post_quant_conv: bool,
}

impl Default for AutoencoderConfig {
    fn default() -> Self {
        Self {
            in_channels: 3,
            out_channels: 3,
            latent_channels: 4,
            block_out_channels: vec![64],
            layers_per_block: 1,
            norm_num_groups: 32,
            scaling_factor: 0.18215,
            mid_block_add_attention: true,
            use_quant_conv: true,
            use_post_quant_conv: true,
        }
    }
}

impl AutoencoderConfig {
    /// Refuses sizes the autoencoder cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        check_widths("autoencoder", &self.block_out_channels, self.norm_num_groups)?;
        if self.in_channels != 3 || self.out_channels != 3 || !(1..=64).contains(&self.latent_channels) {
            return Err(Error::Unsupported("its autoencoder does not turn RGB pictures into latents".into()));
        }
        if !(1..=8).contains(&self.layers_per_block) || !self.scaling_factor.is_finite() || self.scaling_factor == 0.0 {
            return Err(Error::Unsupported("its autoencoder's config is out of range".into()));
        }
        Ok(())
    }

    /// Pixels a latent position covers, along one side.
    pub fn factor(&self) -> usize {
        1 << (self.block_out_channels.len().max(1) - 1)
    }
}
