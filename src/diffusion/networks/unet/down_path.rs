//! The half of the UNet that a ControlNet copies: time embedding, first convolution, way down and middle block.

use candle_core::{Device, Tensor};

use super::Conditions;
use super::block::DownBlock;
use super::transformer::Transformer;
use crate::diffusion::networks::layers::{Conv, LayerReader, Linear, Resnet, ResnetShape, silu, to_channels_last};
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// A UNet down to its middle block.
pub(in crate::diffusion::networks) struct DownPath {
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
}

/// What the way down made of a latent.
pub(in crate::diffusion::networks) struct Reached {
    /// The output of the middle block, or of the last layer that was run, `[batch, h, w, c]`.
    pub x: Tensor,
    /// The skip connections, from the first convolution's output on.
    pub skips: Vec<Tensor>,
    /// The time embedding, activated.
    pub time: Tensor,
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

/// How the residual blocks of a UNet of this config are built.
pub(super) fn resnet_shape(config: &UNetConfig) -> ResnetShape {
    ResnetShape {
        groups: config.norm_num_groups,
        eps: config.norm_eps,
        time_width: Some(4 * config.block_out_channels[0]),
        lowest: true,
    }
}

impl DownPath {
    /// Builds it from a UNet's config, which must have been checked, at the UNet's root.
    ///
    /// # Errors
    /// A weight that is missing or has another shape than the config says.
    pub fn new(config: &UNetConfig, reader: &LayerReader) -> candle_core::Result<Self> {
        let widths = &config.block_out_channels;
        let (first, lowest) = (widths[0], widths[widths.len() - 1]);
        let time_width = 4 * first;
        let resnet = resnet_shape(config);
        let way_down = || {
            let mut from = first;
            let level = |(level, &width): (usize, &usize)| {
                let reader = reader.pp(format!("down_blocks.{level}"));
                DownBlock::new(config, resnet, level, std::mem::replace(&mut from, width), reader)
            };
            widths.iter().enumerate().map(level).collect::<candle_core::Result<Vec<_>>>()
        };
        let middle = || {
            let middle = config.mid_block_type.as_ref();
            middle.map(|_| UNetMiddle::new(config, resnet, lowest, reader.pp("mid_block"))).transpose()
        };
        // While one reads from the file, another packs what it has read.
        let (down, mid) = rayon::join(way_down, middle);
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
            down: down?,
            mid: mid?,
        })
    }

    /// Whether the guidance scale is an input of the model.
    pub fn takes_guidance(&self) -> bool {
        self.guidance.is_some()
    }

    /// Channels of the skip connections, in order.
    pub fn skips(config: &UNetConfig) -> Vec<usize> {
        let levels = config.block_out_channels.len();
        let below = (0..levels).flat_map(|level| DownBlock::skips(config, level));
        std::iter::once(config.block_out_channels[0]).chain(below).collect()
    }

    /// A scaled latent `x` `[batch, c, h, w]` on its way down. `hint` `[1, h, w, c]`, if given, is added to every row of
    /// the first convolution's output. Of the residuals of `conditions` only those of the levels are looked at.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn forward(
        &self,
        x: &Tensor,
        hint: Option<&Tensor>,
        conditions: &Conditions<'_>,
        watch: &Watch,
    ) -> Result<Reached, Error> {
        let Reached { mut x, mut skips, time: embedding } = self.enter(x, hint, conditions, watch)?;
        let (texts, time) = (conditions.texts(), Some(&embedding));
        let added = conditions.residuals.map_or(&[][..], |residuals| residuals.levels.as_slice());
        for (level, block) in self.down.iter().enumerate() {
            x = block.forward(&x, time, texts, (&mut skips, added.get(level)), watch)?;
        }
        if let Some(mid) = &self.mid {
            x = mid.first.forward(&x, time, watch)?;
            x = mid.attention.forward(&x, texts, watch)?;
            x = mid.last.forward(&x, time, watch)?;
        }
        Ok(Reached { x, skips, time: embedding })
    }

    /// The beginning of [`DownPath::forward`]: the first convolution and the first `layers` residual blocks, with their
    /// attention, of the first level. `x` is then the last skip connection.
    ///
    /// # Errors
    /// As of [`DownPath::forward`].
    pub fn begin(
        &self,
        x: &Tensor,
        hint: Option<&Tensor>,
        layers: usize,
        conditions: &Conditions<'_>,
        watch: &Watch,
    ) -> Result<Reached, Error> {
        let Reached { mut x, mut skips, time } = self.enter(x, hint, conditions, watch)?;
        if let Some(block) = self.down.first() {
            let added = conditions.residuals.and_then(|residuals| residuals.levels.first());
            x = block.first_layers(layers, &x, Some(&time), conditions.texts(), (&mut skips, added), watch)?;
        }
        Ok(Reached { x, skips, time })
    }

    /// The time embedding and the first convolution.
    fn enter(
        &self,
        x: &Tensor,
        hint: Option<&Tensor>,
        conditions: &Conditions<'_>,
        watch: &Watch,
    ) -> Result<Reached, Error> {
        let time = self.time_embedding(conditions.timestep, conditions.cfg_scale, x)?;
        let mut x = self.conv_in.forward(&to_channels_last(x)?, watch)?;
        if let Some(hint) = hint {
            x = x.broadcast_add(hint)?;
        }
        Ok(Reached { skips: vec![x.clone()], x, time })
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
