//! `config.json` of the tiny autoencoder, with the defaults that diffusers gives missing entries.

use serde::Deserialize;

use crate::diffusion::networks::widths::check_widths;
use crate::engine::Error;

/// The config of diffusers' AutoencoderTiny.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TinyAutoencoderConfig {
    pub latent_channels: usize,
    pub encoder_block_out_channels: Vec<usize>,
    pub decoder_block_out_channels: Vec<usize>,
    pub num_encoder_blocks: Vec<usize>,
    pub num_decoder_blocks: Vec<usize>,
    pub scaling_factor: f64,
}

impl Default for TinyAutoencoderConfig {
    fn default() -> Self {
        Self {
            latent_channels: 4,
            encoder_block_out_channels: vec![64; 4],
            decoder_block_out_channels: vec![64; 4],
            num_encoder_blocks: vec![1, 3, 3, 3],
            num_decoder_blocks: vec![3, 3, 3, 1],
            scaling_factor: 1.0,
        }
    }
}

impl TinyAutoencoderConfig {
    /// Refuses sizes it cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        check_widths("autoencoder", &self.encoder_block_out_channels, 1)?;
        check_widths("autoencoder", &self.decoder_block_out_channels, 1)?;
        let levels = self.decoder_block_out_channels.len();
        let blocks = |list: &[usize]| list.len() == levels && list.iter().all(|n| *n <= 16);
        let sane = self.encoder_block_out_channels.len() == levels
            && blocks(&self.num_encoder_blocks)
            && blocks(&self.num_decoder_blocks)
            // Each level keeps its width, as every published one does.
            && self.decoder_block_out_channels.windows(2).all(|pair| pair[0] == pair[1])
            && (1..=64).contains(&self.latent_channels)
            && self.scaling_factor.is_finite()
            && self.scaling_factor != 0.0;
        if !sane {
            return Err(Error::Unsupported("its tiny autoencoder's config is out of range".into()));
        }
        Ok(())
    }

    /// Pixels a latent position covers, along one side.
    pub fn factor(&self) -> usize {
        1 << (self.decoder_block_out_channels.len().max(1) - 1)
    }
}
