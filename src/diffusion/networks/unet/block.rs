//! One level of the UNet: the block that reduces the resolution and the one that restores it.

use candle_core::{Tensor, bail};

use super::transformer::Transformer;
use crate::diffusion::networks::layers::{Conv, LayerReader, Resnet, ResnetShape, concat_channels};
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::Edges;

const MORE_UP_THAN_DOWN: &str = "the up path has more layers than the down path";

pub(super) struct DownBlock {
    resnets: Vec<Resnet>,
    /// Empty, or one for each residual block.
    attentions: Vec<Transformer>,
    shrink: Option<Conv>,
}

impl DownBlock {
    /// Channels of the skip connections that a level makes, in order.
    pub fn skips(config: &UNetConfig, level: usize) -> impl Iterator<Item = usize> {
        let last = level + 1 == config.block_out_channels.len();
        std::iter::repeat_n(config.block_out_channels[level], config.layers_per_block.at(level) + usize::from(!last))
    }

    pub fn new(
        config: &UNetConfig,
        shape: ResnetShape,
        level: usize,
        from: usize,
        reader: LayerReader,
    ) -> candle_core::Result<Self> {
        let width = config.block_out_channels[level];
        let shape = ResnetShape { lowest: level + 1 == config.block_out_channels.len(), ..shape };
        let attends = attends(&config.down_block_types[level], "Down")?;
        let count = config.layers_per_block.at(level);
        let (mut resnets, mut attentions) = (Vec::new(), Vec::new());
        for i in 0..count {
            let from = if i == 0 { from } else { width };
            resnets.push(Resnet::new(from, width, shape, reader.pp(format!("resnets.{i}")))?);
            if attends {
                attentions.push(Transformer::new(config, level, width, reader.pp(format!("attentions.{i}")))?);
            }
        }
        let last = level + 1 == config.block_out_channels.len();
        let shrink =
            (!last).then(|| Conv::halving(width, Edges::Even(1), reader.pp("downsamplers.0.conv"))).transpose()?;
        Ok(Self { resnets, attentions, shrink })
    }

    pub fn forward(
        &self,
        x: &Tensor,
        time: Option<&Tensor>,
        states: &Tensor,
        skips: &mut Vec<Tensor>,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let mut x = x.clone();
        for (i, resnet) in self.resnets.iter().enumerate() {
            x = resnet.forward(&x, time, watch)?;
            if let Some(attention) = self.attentions.get(i) {
                x = attention.forward(&x, states, watch)?;
            }
            skips.push(x.clone());
        }
        if let Some(shrink) = &self.shrink {
            x = shrink.forward(&x, watch)?;
            skips.push(x.clone());
        }
        Ok(x)
    }
}

pub(super) struct UpBlock {
    resnets: Vec<Resnet>,
    attentions: Vec<Transformer>,
    grow: Option<Conv>,
}

impl UpBlock {
    /// `index` counts from the lowest level; `skips` holds the channels of the skip connections that are left.
    pub fn new(
        config: &UNetConfig,
        shape: ResnetShape,
        index: usize,
        from: usize,
        reader: LayerReader,
        skips: &mut Vec<usize>,
    ) -> candle_core::Result<Self> {
        let levels = config.block_out_channels.len();
        let level = levels - 1 - index;
        let width = config.block_out_channels[level];
        let shape = ResnetShape { lowest: level + 1 == config.block_out_channels.len(), ..shape };
        let attends = attends(&config.up_block_types[index], "Up")?;
        // One more than on the way down, for the skip connection from the level's input.
        let count = config.layers_per_block.at(level) + 1;
        let (mut resnets, mut attentions) = (Vec::new(), Vec::new());
        for i in 0..count {
            let below = if i == 0 { from } else { width };
            let Some(skip) = skips.pop() else { bail!("{MORE_UP_THAN_DOWN}") };
            resnets.push(Resnet::new(below + skip, width, shape, reader.pp(format!("resnets.{i}")))?);
            if attends {
                attentions.push(Transformer::new(config, level, width, reader.pp(format!("attentions.{i}")))?);
            }
        }
        let grow = (level > 0).then(|| Conv::doubling(width, reader.pp("upsamplers.0.conv"))).transpose()?;
        Ok(Self { resnets, attentions, grow })
    }

    pub fn forward(
        &self,
        x: &Tensor,
        time: Option<&Tensor>,
        states: &Tensor,
        skips: &mut Vec<Tensor>,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let mut x = x.clone();
        for (i, resnet) in self.resnets.iter().enumerate() {
            let skip = skips.pop().ok_or_else(|| Error::Tensor(MORE_UP_THAN_DOWN.into()))?;
            x = resnet.forward(&concat_channels(&x, &skip)?, time, watch)?;
            if let Some(attention) = self.attentions.get(i) {
                x = attention.forward(&x, states, watch)?;
            }
        }
        match &self.grow {
            Some(grow) => grow.forward(&x, watch),
            None => Ok(x),
        }
    }
}

/// Whether a block of this type has cross-attention; `way` is `Down` or `Up`. Unknown types are refused.
fn attends(kind: &str, way: &str) -> candle_core::Result<bool> {
    match kind.split_once(way) {
        Some(("", "Block2D")) => Ok(false),
        Some(("CrossAttn", "Block2D")) => Ok(true),
        _ => bail!("its UNet has blocks of the unknown type {kind}"),
    }
}
