//! The conditional UNet of Stable Diffusion (Rombach et al. 2022), built from its config.

mod block;
pub(in crate::diffusion) mod config;
mod inputs;
mod residuals;
#[cfg(test)]
mod tests;
mod transformer;

use candle_core::{Device, Tensor};

use crate::diffusion::networks::layers::{
    Conv, GroupNorm, LayerReader, Linear, Resnet, ResnetShape, silu, to_channels_first, to_channels_last,
};
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use block::{DownBlock, UpBlock};
pub(in crate::diffusion) use inputs::UNetInputs;
pub(in crate::diffusion) use residuals::Residuals;
use transformer::Transformer;

pub(in crate::diffusion) struct UNet {
    first_width: usize,
    flip_sin_to_cos: bool,
    freq_shift: f64,
    /// Projects the guidance scale's embedding, in models that were distilled with guidance.
    guidance: Option<Linear>,
    time1: Linear,
    time2: Linear,
    conv_in: Conv,
    down: Vec<DownBlock>,
    mid: Option<UNetMiddle>,
    up: Vec<UpBlock>,
    norm_out: GroupNorm,
    conv_out: Conv,
}

/// The block at the lowest level: residual, attention, residual. Some distilled models leave it out.
struct UNetMiddle {
    first: Resnet,
    attention: Transformer,
    last: Resnet,
}

impl UNetMiddle {
    fn new(config: &UNetConfig, shape: ResnetShape, width: usize, reader: LayerReader) -> candle_core::Result<Self> {
        let level = config.block_out_channels.len() - 1;
        Ok(Self {
            first: Resnet::new(width, width, shape, reader.pp("resnets.0"))?,
            attention: Transformer::new(config, level, width, reader.pp("attentions.0"))?,
            last: Resnet::new(width, width, shape, reader.pp("resnets.1"))?,
        })
    }
}

/// What one evaluation of the UNet depends on besides the latent.
pub(in crate::diffusion) struct Conditions<'a> {
    /// `0.0..=999.0`; fractions are allowed.
    pub timestep: f64,
    /// The prompt's hidden states, `[batch, tokens, width]`.
    pub states: &'a Tensor,
    /// The guidance scale, which only models that were distilled with guidance take.
    pub cfg_scale: f64,
    /// What a control network adds.
    pub residuals: Option<&'a Residuals>,
}

impl UNet {
    /// Builds the network.
    ///
    /// # Errors
    /// A weight that is missing or has another shape than the config says.
    pub fn new(config: &UNetConfig, reader: LayerReader) -> candle_core::Result<Self> {
        let widths = &config.block_out_channels;
        let levels = widths.len();
        let (first, lowest) = (widths[0], widths[levels - 1]);
        let time_width = 4 * first;
        let resnet = ResnetShape {
            groups: config.norm_num_groups,
            eps: config.norm_eps,
            time_width: Some(time_width),
            lowest: true,
        };

        let way_down = || {
            let mut from = first;
            let level = |(level, &width): (usize, &usize)| {
                let reader = reader.pp(format!("down_blocks.{level}"));
                DownBlock::new(config, resnet, level, std::mem::replace(&mut from, width), reader)
            };
            widths.iter().enumerate().map(level).collect::<candle_core::Result<Vec<_>>>()
        };
        let way_up = || {
            // Channels of the skip connections; the way up takes the last first.
            let mut skips: Vec<usize> =
                std::iter::once(first).chain((0..levels).flat_map(|level| DownBlock::skips(config, level))).collect();
            let mut from = lowest;
            let level = |index: usize| {
                let reader = reader.pp(format!("up_blocks.{index}"));
                let below = std::mem::replace(&mut from, widths[levels - 1 - index]);
                UpBlock::new(config, resnet, index, below, reader, &mut skips)
            };
            (0..levels).map(level).collect::<candle_core::Result<Vec<_>>>()
        };
        let middle = || {
            let middle = config.mid_block_type.as_ref();
            middle.map(|_| UNetMiddle::new(config, resnet, lowest, reader.pp("mid_block"))).transpose()
        };
        // While one reads from the file, another packs what it has read.
        let ((down, mid), up) = rayon::join(|| rayon::join(way_down, middle), way_up);
        let (down, mid, up) = (down?, mid?, up?);

        Ok(Self {
            first_width: first,
            flip_sin_to_cos: config.flip_sin_to_cos,
            freq_shift: config.freq_shift,
            guidance: config
                .time_cond_proj_dim
                .map(|width| Linear::without_bias(width, first, reader.pp("time_embedding.cond_proj").in_f32()))
                .transpose()?,
            time1: Linear::new(first, time_width, reader.pp("time_embedding.linear_1").in_f32())?,
            time2: Linear::new(time_width, time_width, reader.pp("time_embedding.linear_2").in_f32())?,
            conv_in: Conv::new(config.in_channels, first, 3, reader.pp("conv_in").in_f32())?,
            down,
            mid,
            up,
            norm_out: GroupNorm::new(
                config.norm_num_groups,
                first,
                config.norm_eps,
                reader.pp("conv_norm_out").in_f32(),
            )?,
            conv_out: Conv::new(first, config.out_channels, 3, reader.pp("conv_out").in_f32())?,
        })
    }

    /// Whether the guidance scale is an input of the model, so that one evaluation a step is enough.
    pub fn takes_guidance(&self) -> bool {
        self.guidance.is_some()
    }

    /// A scaled latent `x` `[batch, c, h, w]`, with what the model takes besides as more channels, to the model's
    /// prediction, `[batch, c, h, w]` of the latent's channels.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn forward(&self, x: &Tensor, conditions: &Conditions<'_>, watch: &Watch) -> Result<Tensor, Error> {
        let &Conditions { timestep, states, cfg_scale, residuals } = conditions;
        let time = self.time_embedding(timestep, cfg_scale, x)?;
        let time = Some(&time);
        let mut x = self.conv_in.forward(&to_channels_last(x)?, watch)?;
        let mut skips = vec![x.clone()];
        for block in &self.down {
            x = block.forward(&x, time, states, &mut skips, watch)?;
        }
        if let Some(mid) = &self.mid {
            x = mid.first.forward(&x, time, watch)?;
            x = mid.attention.forward(&x, states, watch)?;
            x = mid.last.forward(&x, time, watch)?;
        }
        if let Some(residuals) = residuals {
            residuals.add_to_skips(&mut skips)?;
            x = (x + &residuals.middle)?;
        }
        for block in &self.up {
            x = block.forward(&x, time, states, &mut skips, watch)?;
        }
        Ok(to_channels_first(&self.conv_out.forward(&self.norm_out.forward_activated(&x)?, watch)?)?)
    }

    /// Sinusoids of the timestep through two layers, already activated for the residual blocks.
    fn time_embedding(&self, timestep: f64, cfg_scale: f64, x: &Tensor) -> candle_core::Result<Tensor> {
        let waves = |at: f64, width: usize, shift: f64, cosine_first: bool| {
            let half = width / 2;
            let angle = |i: usize| at * (-(10_000f64.ln()) * i as f64 / (half as f64 - shift)).exp();
            let sin = (0..half).map(|i| angle(i).sin() as f32);
            let cos = (0..half).map(|i| angle(i).cos() as f32);
            let values: Vec<f32> = if cosine_first { cos.chain(sin).collect() } else { sin.chain(cos).collect() };
            Tensor::from_vec(values, (1, 2 * half), &Device::Cpu)?.to_device(x.device())?.to_dtype(x.dtype())
        };
        let mut wave = waves(timestep, self.first_width, self.freq_shift, self.flip_sin_to_cos)?;
        if let Some(layer) = &self.guidance {
            // The input of latent consistency models (Luo et al. 2023): sinusoids of 1000·(scale − 1).
            let scale = waves(1000.0 * (cfg_scale - 1.0), layer.inputs()?, 1.0, false)?;
            wave = (wave + layer.forward(&scale)?)?;
        }
        silu(&self.time2.forward(&silu(&self.time1.forward(&wave)?)?)?)
    }
}
