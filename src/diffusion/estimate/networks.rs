//! The work of each network, by its config.

use super::work::Work;
use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::tiny_autoencoder::config::TinyAutoencoderConfig;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::vae_config::VaeConfig;
use crate::diffusion::text::encoder::config::TextEncoderConfig;

/// One evaluation of the UNet for `batch` latents of `height` by `width` positions, with `tokens` tokens
/// of prompt.
pub(super) fn unet(config: &UNetConfig, (height, width): (usize, usize), batch: usize, tokens: usize) -> Work {
    let widths = &config.block_out_channels;
    let (levels, Some(&first)) = (widths.len(), widths.first()) else { return Work::default() };
    let time = Some(4 * first);
    let batch = batch as f64;
    let positions = |level: usize| {
        let side = |length: usize| length.div_ceil(1 << level.min(16)) as f64;
        side(height) * side(width)
    };
    let pixels = |level: usize| batch * positions(level);
    let attends = |kinds: &[String], index: usize| kinds.get(index).is_some_and(|kind| kind.starts_with("CrossAttn"));
    let attention = |level: usize, on: bool| {
        if on {
            transformer(config, level, widths[level], positions(level), batch, tokens as f64)
        } else {
            Work::default()
        }
    };
    let mut work = Work::direct(config.in_channels, first, 9, pixels(0));
    let mut skips = vec![first];
    let mut from = first;
    for (level, &to) in widths.iter().enumerate() {
        let last = level + 1 == levels;
        for _ in 0..config.layers_per_block.at(level) {
            work = work
                + Work::residual(from, to, pixels(level), time, last)
                + attention(level, attends(&config.down_block_types, level));
            skips.push(to);
            from = to;
        }
        if !last {
            work = work + Work::direct(to, to, 9, pixels(level + 1));
            skips.push(to);
        }
    }
    if config.mid_block_type.is_some() {
        let lowest = levels - 1;
        work = work + Work::residual(from, from, pixels(lowest), time, true) * 2.0 + attention(lowest, true);
    }
    for (index, level) in (0..levels).rev().enumerate() {
        let to = widths[level];
        for _ in 0..=config.layers_per_block.at(level) {
            let joined = from + skips.pop().unwrap_or(to);
            work = work
                + Work::moved(2, joined, pixels(level))
                + Work::residual(joined, to, pixels(level), time, level + 1 == levels)
                + attention(level, attends(&config.up_block_types, index));
            from = to;
        }
        if level > 0 {
            work = work + Work::doubling(to, pixels(level - 1));
        }
    }
    work + Work::norm(first, pixels(0)) + Work::direct(first, config.out_channels, 9, pixels(0))
}

/// A spatial transformer of a level.
fn transformer(config: &UNetConfig, level: usize, width: usize, positions: f64, batch: f64, tokens: f64) -> Work {
    let rows = batch * positions;
    let text = config.cross_attention_dim;
    let block = Work::linear(width, width, 6.0 * rows)
        + Work::linear(text, width, 2.0 * batch * tokens)
        + Work::attention(rows, positions, width)
        + Work::attention(rows, tokens, width)
        + Work::linear(width, 8 * width, rows)
        + Work::linear(4 * width, width, rows)
        + Work::norm(width, 3.0 * rows)
        + Work::moved(8, width, rows);
    Work::norm(width, rows)
        + Work::linear(width, width, 2.0 * rows)
        + block * config.transformer_layers_per_block.at(level) as f64
}

/// The text encoder on one chunk of 77 tokens.
pub(super) fn text(config: &TextEncoderConfig) -> Work {
    let (width, inner, tokens) = (config.hidden_size, config.intermediate_size, 77.0);
    let layer = Work::linear(width, width, 4.0 * tokens)
        + Work::linear(width, 2 * inner, tokens)
        + Work::attention(tokens, tokens, width)
        + Work::norm(width, 2.0 * tokens);
    layer * config.num_hidden_layers as f64
}

/// A latent to a picture of `height` by `width` pixels.
pub(super) fn decode(config: &VaeConfig, size: (usize, usize)) -> Work {
    if config.is_tiny() { tiny_decode(&config.tiny, size) } else { full_decode(&config.full, size) }
}

/// A picture of `height` by `width` pixels to its latent.
pub(super) fn encode(config: &VaeConfig, size: (usize, usize)) -> Work {
    if config.is_tiny() { tiny_encode(&config.tiny, size) } else { full_encode(&config.full, size) }
}

/// Pixels at a level, the full size being level 0.
fn at_level((height, width): (usize, usize), level: usize) -> f64 {
    let factor = 2f64.powi(level.min(16) as i32);
    height as f64 * width as f64 / (factor * factor)
}

fn middle(config: &AutoencoderConfig, width: usize, pixels: f64) -> Work {
    let attention = Work::linear(width, width, 4.0 * pixels) + Work::attention(pixels, pixels, width);
    Work::residual(width, width, pixels, None, false) * 2.0
        + if config.mid_block_add_attention { attention } else { Work::default() }
}

fn full_decode(config: &AutoencoderConfig, size: (usize, usize)) -> Work {
    let widths = &config.block_out_channels;
    let Some((&first, &lowest)) = widths.first().zip(widths.last()) else { return Work::default() };
    let pixels = |level| at_level(size, level);
    let bottom = widths.len() - 1;
    let mut work =
        Work::direct(config.latent_channels, lowest, 9, pixels(bottom)) + middle(config, lowest, pixels(bottom));
    let mut from = lowest;
    for (level, &to) in widths.iter().enumerate().rev() {
        for _ in 0..=config.layers_per_block {
            work = work + Work::residual(from, to, pixels(level), None, false);
            from = to;
        }
        if level > 0 {
            work = work + Work::doubling(to, pixels(level - 1));
        }
    }
    work + Work::norm(first, pixels(0)) + Work::direct(first, 3, 9, pixels(0))
}

fn full_encode(config: &AutoencoderConfig, size: (usize, usize)) -> Work {
    let widths = &config.block_out_channels;
    let Some((&first, &lowest)) = widths.first().zip(widths.last()) else { return Work::default() };
    let pixels = |level| at_level(size, level);
    let bottom = widths.len() - 1;
    let mut work = Work::direct(3, first, 9, pixels(0));
    let mut from = first;
    for (level, &to) in widths.iter().enumerate() {
        for _ in 0..config.layers_per_block {
            work = work + Work::residual(from, to, pixels(level), None, false);
            from = to;
        }
        if level < bottom {
            work = work + Work::direct(to, to, 9, pixels(level + 1));
        }
    }
    work + middle(config, lowest, pixels(bottom))
        + Work::norm(lowest, pixels(bottom))
        + Work::direct(lowest, 2 * config.latent_channels, 9, pixels(bottom))
}

/// Three convolutions with an activation each.
fn tiny_block(width: usize, pixels: f64) -> Work {
    (Work::conv3(width, width, pixels, false) + Work::moved(2, width, pixels)) * 3.0
}

fn tiny_decode(config: &TinyAutoencoderConfig, size: (usize, usize)) -> Work {
    let widths = &config.decoder_block_out_channels;
    let levels = widths.len();
    let blocks = widths.iter().zip(&config.num_decoder_blocks).enumerate().map(|(index, (&width, &blocks))| {
        let level = levels - 1 - index;
        let out = match level {
            0 => Work::direct(width, 3, 9, at_level(size, 0)),
            _ => Work::doubling(width, at_level(size, level - 1)),
        };
        tiny_block(width, at_level(size, level)) * blocks as f64 + out
    });
    blocks.sum()
}

fn tiny_encode(config: &TinyAutoencoderConfig, size: (usize, usize)) -> Work {
    let widths = &config.encoder_block_out_channels;
    let blocks = widths.iter().zip(&config.num_encoder_blocks).enumerate().map(|(level, (&width, &blocks))| {
        let from = if level == 0 { 3 } else { width };
        Work::direct(from, width, 9, at_level(size, level)) + tiny_block(width, at_level(size, level)) * blocks as f64
    });
    blocks.sum()
}
