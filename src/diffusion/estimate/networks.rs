//! The work of each network, by its config.

use super::work::Work;
use crate::diffusion::networks::adapter::AdapterConfig;
use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::tiny_autoencoder::config::TinyAutoencoderConfig;
use crate::diffusion::networks::unet::SHALLOW_LAYERS;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::vae_config::VaeConfig;
use crate::diffusion::text::encoder::config::TextEncoderConfig;

/// How large the inputs of a UNet are.
#[derive(Clone, Copy)]
struct Extent {
    height: usize,
    width: usize,
    batch: f64,
    tokens: f64,
}

impl Extent {
    /// Positions of one latent at a level.
    fn positions(self, level: usize) -> f64 {
        let side = |length: usize| length.div_ceil(1 << level.min(16)) as f64;
        side(self.height) * side(self.width)
    }

    /// Positions of all latents at a level.
    fn pixels(self, level: usize) -> f64 {
        self.batch * self.positions(level)
    }

    /// The attention of a level, where there is any.
    fn attention(self, config: &UNetConfig, level: usize, on: bool) -> Work {
        let width = config.block_out_channels.get(level).copied().unwrap_or_default();
        if on {
            transformer(config, level, width, self.positions(level), self.batch, self.tokens)
        } else {
            Work::default()
        }
    }
}

fn attends(kinds: &[String], index: usize) -> bool {
    kinds.get(index).is_some_and(|kind| kind.starts_with("CrossAttn"))
}

/// The way down and the middle block, and the channels and levels of the skip connections.
fn way_down(config: &UNetConfig, inputs: usize, extent: Extent) -> (Work, Vec<(usize, usize)>) {
    let widths = &config.block_out_channels;
    let (levels, Some(&first)) = (widths.len(), widths.first()) else { return (Work::default(), Vec::new()) };
    let time = Some(4 * first);
    let mut work = Work::direct(inputs, first, 9, extent.pixels(0));
    let mut skips = vec![(first, 0)];
    let mut from = first;
    for (level, &to) in widths.iter().enumerate() {
        let last = level + 1 == levels;
        for _ in 0..config.layers_per_block.at(level) {
            work = work
                + Work::residual(from, to, extent.pixels(level), time, last)
                + extent.attention(config, level, attends(&config.down_block_types, level));
            skips.push((to, level));
            from = to;
        }
        if !last {
            work = work + Work::direct(to, to, 9, extent.pixels(level + 1));
            skips.push((to, level + 1));
        }
    }
    if config.mid_block_type.is_some() {
        let lowest = levels - 1;
        work = work
            + Work::residual(from, from, extent.pixels(lowest), time, true) * 2.0
            + extent.attention(config, lowest, true);
    }
    (work, skips)
}

/// One evaluation of the UNet for `batch` latents of `height` by `width` positions, with `tokens` tokens
/// of prompt.
pub(super) fn unet(config: &UNetConfig, (height, width): (usize, usize), batch: usize, tokens: usize) -> Work {
    let widths = &config.block_out_channels;
    let (levels, Some(&first)) = (widths.len(), widths.first()) else { return Work::default() };
    let time = Some(4 * first);
    let extent = Extent { height, width, batch: batch as f64, tokens: tokens as f64 };
    let (mut work, mut skips) = way_down(config, config.in_channels, extent);
    let mut from = widths.last().copied().unwrap_or(first);
    for (index, level) in (0..levels).rev().enumerate() {
        let to = widths[level];
        for _ in 0..=config.layers_per_block.at(level) {
            let joined = from + skips.pop().map_or(to, |(width, _)| width);
            work = work
                + Work::moved(2, joined, extent.pixels(level))
                + Work::residual(joined, to, extent.pixels(level), time, level + 1 == levels)
                + extent.attention(config, level, attends(&config.up_block_types, index));
            from = to;
        }
        if level > 0 {
            work = work + Work::doubling(to, extent.pixels(level - 1));
        }
    }
    work + Work::norm(first, extent.pixels(0)) + Work::direct(first, config.out_channels, 9, extent.pixels(0))
}

/// One evaluation of such a UNet that reuses the features of its deep blocks: the layers that
/// [`UNet::forward_reusing`](crate::diffusion::networks::unet::UNet::forward_reusing) runs.
pub(super) fn unet_reusing(config: &UNetConfig, (height, width): (usize, usize), batch: usize, tokens: usize) -> Work {
    let widths = &config.block_out_channels;
    let (levels, Some(&first)) = (widths.len(), widths.first()) else { return Work::default() };
    let time = Some(4 * first);
    let extent = Extent { height, width, batch: batch as f64, tokens: tokens as f64 };
    let (begun, mut skips) = beginning(config, config.in_channels, extent);
    let count = config.layers_per_block.at(0) + 1;
    let layers = (count - skips.len().min(count)..count).map(|layer| {
        let below = if layer == 0 { widths.get(1).copied().unwrap_or(first) } else { first };
        let joined = below + skips.pop().map_or(first, |(width, _)| width);
        Work::moved(2, joined, extent.pixels(0))
            + Work::residual(joined, first, extent.pixels(0), time, levels == 1)
            + extent.attention(config, 0, attends(&config.up_block_types, levels - 1))
    });
    let layers: Work = layers.sum();
    begun + layers + Work::norm(first, extent.pixels(0)) + Work::direct(first, config.out_channels, 9, extent.pixels(0))
}

/// The first convolution and the layers of the first level that run where deep features are reused, and the channels and
/// levels of the skip connections.
fn beginning(config: &UNetConfig, inputs: usize, extent: Extent) -> (Work, Vec<(usize, usize)>) {
    let first = config.block_out_channels.first().copied().unwrap_or_default();
    let layers = SHALLOW_LAYERS.min(config.layers_per_block.at(0) + 1) - 1;
    let layer = Work::residual(first, first, extent.pixels(0), Some(4 * first), config.block_out_channels.len() == 1)
        + extent.attention(config, 0, attends(&config.down_block_types, 0));
    (Work::direct(inputs, first, 9, extent.pixels(0)) + layer * layers as f64, vec![(first, 0); layers + 1])
}

/// One evaluation of a control network for such a UNet: its way down, and a 1×1 convolution for each residual.
pub(super) fn control(config: &UNetConfig, (height, width): (usize, usize), batch: usize, tokens: usize) -> Work {
    let extent = Extent { height, width, batch: batch as f64, tokens: tokens as f64 };
    let (work, mut residuals) = way_down(config, config.out_channels, extent);
    let lowest = config.block_out_channels.len().saturating_sub(1);
    residuals.extend(config.block_out_channels.last().map(|width| (*width, lowest)));
    work + residuals_of(&residuals, extent)
}

/// One evaluation of a control network whose deep residuals are not needed, because the UNet reuses its deep features.
pub(super) fn control_reusing(
    config: &UNetConfig,
    (height, width): (usize, usize),
    batch: usize,
    tokens: usize,
) -> Work {
    let extent = Extent { height, width, batch: batch as f64, tokens: tokens as f64 };
    let (work, residuals) = beginning(config, config.out_channels, extent);
    work + residuals_of(&residuals, extent)
}

/// Residuals of these channels and levels, each a 1×1 convolution.
fn residuals_of(residuals: &[(usize, usize)], extent: Extent) -> Work {
    let residual = |&(width, level): &(usize, usize)| {
        Work::linear(width, width, extent.pixels(level)) + Work::moved(4, width, extent.pixels(level))
    };
    residuals.iter().map(residual).sum()
}

/// A picture of `height` by `width` pixels through a T2I-Adapter, once a job.
pub(super) fn adapter(config: &AdapterConfig, (height, width): (usize, usize)) -> Work {
    let AdapterConfig { factor, channels, widths, blocks } = config;
    let factor = (*factor).max(1);
    let pixels = |level| at_level((height / factor, width / factor), level);
    let first = widths.first().copied().unwrap_or_default();
    let level = |(level, &width): (usize, &usize)| {
        let from = widths[level.saturating_sub(1)];
        let widened = if from == width { Work::default() } else { Work::linear(from, width, pixels(level)) };
        let block = Work::conv3(width, width, pixels(level), false)
            + Work::linear(width, width, pixels(level))
            + Work::moved(4, width, pixels(level));
        widened + block * *blocks as f64
    };
    let levels: Work = widths.iter().enumerate().map(level).sum();
    Work::direct(channels * factor * factor, first, 9, pixels(0)) + levels
}

/// A hint of `height` by `width` pixels through a control network's encoder of the published widths, once a job.
pub(super) fn hint(config: &UNetConfig, size: (usize, usize)) -> Work {
    const WIDTHS: [usize; 4] = [16, 32, 96, 256];
    let first = config.block_out_channels.first().copied().unwrap_or_default();
    let mut work = Work::direct(3, WIDTHS[0], 9, at_level(size, 0));
    for (level, pair) in WIDTHS.windows(2).enumerate() {
        work = work
            + Work::direct(pair[0], pair[0], 9, at_level(size, level))
            + Work::direct(pair[0], pair[1], 9, at_level(size, level + 1));
    }
    work + Work::direct(WIDTHS[3], first, 9, at_level(size, 3))
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
