//! The conditional UNet of Stable Diffusion (Rombach et al. 2022), built from its config.

mod block;
mod transformer;

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

use crate::diffusion::networks::config::UNetConfig;
use crate::diffusion::networks::layers::{
    Conv, GroupNorm, Linear, Resnet, ResnetShape, exact, silu, to_channels_first, to_channels_last,
};
use block::{DownBlock, UpBlock};
use transformer::Transformer;

pub(in crate::diffusion) struct UNet {
    first_width: usize,
    flip_sin_to_cos: bool,
    freq_shift: f64,
    /// Takes the guidance scale's embedding, where the model was distilled with its guidance.
    guidance: Option<Linear>,
    time1: Linear,
    time2: Linear,
    conv_in: Conv,
    down: Vec<DownBlock>,
    mid: Option<Mid>,
    up: Vec<UpBlock>,
    norm_out: GroupNorm,
    conv_out: Conv,
}

/// The lowest level: residual, attention, residual. Distilled models leave it out.
struct Mid {
    first: Resnet,
    attention: Transformer,
    last: Resnet,
}

impl Mid {
    fn new(config: &UNetConfig, shape: ResnetShape, width: usize, vb: VarBuilder) -> Result<Self> {
        let level = config.block_out_channels.len() - 1;
        Ok(Self {
            first: Resnet::new(width, width, shape, vb.pp("resnets.0"))?,
            attention: Transformer::new(config, level, width, vb.pp("attentions.0"))?,
            last: Resnet::new(width, width, shape, vb.pp("resnets.1"))?,
        })
    }
}

impl UNet {
    pub fn new(config: &UNetConfig, vb: VarBuilder) -> Result<Self> {
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
                let vb = vb.pp(format!("down_blocks.{level}"));
                DownBlock::new(config, resnet, level, std::mem::replace(&mut from, width), vb)
            };
            widths.iter().enumerate().map(level).collect::<Result<Vec<_>>>()
        };
        let way_up = || {
            // Widths of what it takes from the way down, last first.
            let mut skips: Vec<usize> =
                std::iter::once(first).chain((0..levels).flat_map(|level| DownBlock::skips(config, level))).collect();
            let mut from = lowest;
            let level = |index: usize| {
                let vb = vb.pp(format!("up_blocks.{index}"));
                let below = std::mem::replace(&mut from, widths[levels - 1 - index]);
                UpBlock::new(config, resnet, index, below, vb, &mut skips)
            };
            (0..levels).map(level).collect::<Result<Vec<_>>>()
        };
        let middle = || {
            let middle = config.mid_block_type.as_ref();
            middle.map(|_| Mid::new(config, resnet, lowest, vb.pp("mid_block"))).transpose()
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
                .map(|width| Linear::without_bias(width, first, exact(vb.pp("time_embedding.cond_proj"))))
                .transpose()?,
            time1: Linear::new(first, time_width, exact(vb.pp("time_embedding.linear_1")))?,
            time2: Linear::new(time_width, time_width, exact(vb.pp("time_embedding.linear_2")))?,
            conv_in: Conv::new(config.in_channels, first, 3, exact(vb.pp("conv_in")))?,
            down,
            mid,
            up,
            norm_out: GroupNorm::new(config.norm_num_groups, first, config.norm_eps, exact(vb.pp("conv_norm_out")))?,
            conv_out: Conv::new(first, config.out_channels, 3, exact(vb.pp("conv_out")))?,
        })
    }

    /// Whether the guidance scale goes in as a number, so that one evaluation a step is enough.
    pub fn takes_guidance(&self) -> bool {
        self.guidance.is_some()
    }

    /// `x` `[b, c, h, w]`, a timestep (fractions allowed) and conditioning `[b, tokens, d]` to the
    /// model's prediction, `[b, c, h, w]`. The guidance scale matters to models that take it alone.
    pub fn forward(&self, x: &Tensor, timestep: f64, states: &Tensor, cfg_scale: f64) -> Result<Tensor> {
        let time = self.time_embedding(timestep, cfg_scale, x)?;
        let time = Some(&time);
        let mut x = self.conv_in.forward(&to_channels_last(x)?)?;
        let mut skips = vec![x.clone()];
        for block in &self.down {
            x = block.forward(&x, time, states, &mut skips)?;
        }
        if let Some(mid) = &self.mid {
            x = mid.first.forward(&x, time)?;
            x = mid.attention.forward(&x, states)?;
            x = mid.last.forward(&x, time)?;
        }
        for block in &self.up {
            x = block.forward(&x, time, states, &mut skips)?;
        }
        to_channels_first(&self.conv_out.forward(&self.norm_out.forward_activated(&x)?)?)
    }

    /// Sinusoids of the timestep through two layers, already activated for the residual blocks.
    fn time_embedding(&self, timestep: f64, cfg_scale: f64, x: &Tensor) -> Result<Tensor> {
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
            // How latent consistency models are told (Luo et al. 2023): sinusoids of 1000·(scale − 1).
            let told = waves(1000.0 * (cfg_scale - 1.0), layer.inputs()?, 1.0, false)?;
            wave = (wave + layer.forward(&told)?)?;
        }
        silu(&self.time2.forward(&silu(&self.time1.forward(&wave)?)?)?)
    }
}
