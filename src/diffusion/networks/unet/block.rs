//! One level of the UNet: the block that reduces the resolution and the one that restores it.

use std::ops::Range;

use candle_core::{Tensor, bail};

use super::AttendedTexts;
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
        let shrink = (!last)
            .then(|| Conv::halving(width, width, Edges::Even(1), reader.pp("downsamplers.0.conv")))
            .transpose()?;
        Ok(Self { resnets, attentions, shrink })
    }

    /// `added`, if given, is added after the last residual block and its attention.
    pub fn forward(
        &self,
        x: &Tensor,
        time: Option<&Tensor>,
        texts: AttendedTexts<'_>,
        (skips, added): (&mut Vec<Tensor>, Option<&Tensor>),
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let mut x = self.first_layers(self.resnets.len(), x, time, texts, (skips, added), watch)?;
        if let Some(shrink) = &self.shrink {
            x = shrink.forward(&x, watch)?;
            skips.push(x.clone());
        }
        Ok(x)
    }

    /// The first `count` residual blocks with their attention; each adds a skip connection. `added` is added as by
    /// [`DownBlock::forward`] where the last of all is among them.
    pub fn first_layers(
        &self,
        count: usize,
        x: &Tensor,
        time: Option<&Tensor>,
        texts: AttendedTexts<'_>,
        (skips, added): (&mut Vec<Tensor>, Option<&Tensor>),
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let mut x = x.clone();
        for (i, resnet) in self.resnets.iter().take(count).enumerate() {
            x = resnet.forward(&x, time, watch)?;
            if let Some(attention) = self.attentions.get(i) {
                x = attention.forward(&x, texts, watch)?;
            }
            if let Some(added) = added.filter(|_| i + 1 == self.resnets.len()) {
                x = (x + added)?;
            }
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

    /// How many residual blocks it has.
    pub fn layers(&self) -> usize {
        self.resnets.len()
    }

    pub fn forward(
        &self,
        x: &Tensor,
        time: Option<&Tensor>,
        texts: AttendedTexts<'_>,
        skips: &mut Vec<Tensor>,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let x = self.layers_between(0..self.layers(), x, time, texts, skips, watch)?;
        self.end(x, watch)
    }

    /// Some of the residual blocks with their attention; each takes a skip connection.
    pub fn layers_between(
        &self,
        layers: Range<usize>,
        x: &Tensor,
        time: Option<&Tensor>,
        texts: AttendedTexts<'_>,
        skips: &mut Vec<Tensor>,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let mut x = x.clone();
        for (i, resnet) in self.resnets.iter().enumerate().take(layers.end).skip(layers.start) {
            let skip = skips.pop().ok_or_else(|| Error::Tensor(MORE_UP_THAN_DOWN.into()))?;
            x = resnet.forward(&concat_channels(&cut_to(&x, &skip)?, &skip)?, time, watch)?;
            if let Some(attention) = self.attentions.get(i) {
                x = attention.forward(&x, texts, watch)?;
            }
        }
        Ok(x)
    }

    /// What follows the residual blocks: the size doubled, but for the last block.
    pub fn end(&self, x: Tensor, watch: &Watch) -> Result<Tensor, Error> {
        match &self.grow {
            Some(grow) => grow.forward(&x, watch),
            None => Ok(x),
        }
    }
}

/// `x` `[b, h, w, c]` without the last row and column that `skip` does not have. Halving an odd side rounds up,
/// so doubling it again gives one more. AUTOMATIC1111 brings it back to the size of the skip connection by
/// taking nearest neighbours, which are these.
fn cut_to(x: &Tensor, skip: &Tensor) -> candle_core::Result<Tensor> {
    let ((_, height, width, _), (_, skip_height, skip_width, _)) = (x.dims4()?, skip.dims4()?);
    if (height, width) == (skip_height, skip_width) {
        return Ok(x.clone());
    }
    let one_more = |own: usize, skip: usize| own == skip || own == skip + 1;
    if !one_more(height, skip_height) || !one_more(width, skip_width) {
        bail!("{:?} does not meet its skip connection {:?}", x.shape(), skip.shape());
    }
    x.narrow(1, 0, skip_height)?.narrow(2, 0, skip_width)?.contiguous()
}

/// Whether a block of this type has cross-attention; `way` is `Down` or `Up`. Unknown types are refused.
fn attends(kind: &str, way: &str) -> candle_core::Result<bool> {
    match kind.split_once(way) {
        Some(("", "Block2D")) => Ok(false),
        Some(("CrossAttn", "Block2D")) => Ok(true),
        _ => bail!("its UNet has blocks of the unknown type {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn what_was_rounded_up_is_cut_off_as_nearest_neighbours_would() {
        let numbers: Vec<f32> = (0..18 * 6 * 2).map(|i| i as f32).collect();
        let x = Tensor::from_vec(numbers, (1, 18, 6, 2), &Device::Cpu).expect("tensor");
        let skip = |height, width| Tensor::zeros((1, height, width, 3), x.dtype(), &Device::Cpu).expect("tensor");
        let list = |t: &Tensor| t.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("numbers");
        let cut = cut_to(&x, &skip(17, 5)).expect("cuts");
        // PyTorch's rule for nearest neighbours: ⌊i · from / to⌋.
        let nearest = |from: usize, to: usize| (0..to).map(|i| (i * from / to) as u32).collect::<Vec<_>>();
        let rows = Tensor::new(nearest(18, 17), &Device::Cpu).expect("tensor");
        let columns = Tensor::new(nearest(6, 5), &Device::Cpu).expect("tensor");
        let wanted = x.index_select(&rows, 1).and_then(|x| x.index_select(&columns, 2)).expect("selects");
        assert_eq!((cut.dims(), list(&cut)), (&[1, 17, 5, 2][..], list(&wanted)));
        assert_eq!(list(&cut_to(&x, &skip(18, 6)).expect("nothing to cut")), list(&x));
        cut_to(&x, &skip(16, 6)).expect_err("more than rounding");
        cut_to(&x, &skip(19, 6)).expect_err("less");
    }
}
