//! The head of DPT (Ranftl et al. 2021): features of four layers as pictures of four sizes, fused from the smallest to the largest.

use candle_core::Tensor;
use candle_nn::{
    Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig, Module, VarBuilder, conv_transpose2d, conv2d,
    conv2d_no_bias,
};

use super::config::DepthConfig;
use crate::engine::{Cancel, Error};

/// A convolution that keeps the size of its picture.
const SAME: Conv2dConfig = Conv2dConfig { padding: 1, stride: 1, dilation: 1, groups: 1, cudnn_fwd_algo: None };

pub(super) struct Head {
    levels: [Level; 4],
    /// From the smallest features to the largest.
    fusions: [Fusion; 4],
    conv1: Conv2d,
    conv2: Conv2d,
    conv3: Conv2d,
    patch: usize,
}

impl Head {
    pub fn new(config: &DepthConfig, vb: &VarBuilder<'_>) -> candle_core::Result<Self> {
        let (fused, half) = (config.fused, config.fused / 2);
        let level = |number| Level::new(config, number, &vb.pp("neck"));
        let fusion = |number: usize| Fusion::new(fused, &vb.pp(format!("neck.fusion_stage.layers.{number}")));
        let head = vb.pp("head");
        Ok(Self {
            levels: [level(0)?, level(1)?, level(2)?, level(3)?],
            fusions: [fusion(0)?, fusion(1)?, fusion(2)?, fusion(3)?],
            conv1: conv2d(fused, half, 3, SAME, head.pp("conv1"))?,
            conv2: conv2d(half, config.last, 3, SAME, head.pp("conv2"))?,
            conv3: conv2d(config.last, 1, 1, Conv2dConfig::default(), head.pp("conv3"))?,
            patch: config.patch,
        })
    }

    /// How near each pixel is, `[1, h, w]`, from the features `[1, patches, width]` of each level for a grid of patches.
    pub fn forward(&self, features: &[Tensor], grid: (usize, usize), cancel: &Cancel) -> Result<Tensor, Error> {
        let mut pictures = Vec::with_capacity(self.levels.len());
        for (level, features) in self.levels.iter().zip(features) {
            cancel.check()?;
            pictures.push(level.forward(features, grid)?);
        }
        let mut fused: Option<Tensor> = None;
        for (at, fusion) in self.fusions.iter().enumerate() {
            cancel.check()?;
            let level = self.levels.len() - 1 - at;
            let picture = pictures.get(level).ok_or_else(|| Error::Internal("a level has no features".into()))?;
            let size = match level.checked_sub(1).and_then(|next| pictures.get(next)) {
                Some(next) => (next.dim(2)?, next.dim(3)?),
                None => (2 * picture.dim(2)?, 2 * picture.dim(3)?),
            };
            fused = Some(fusion.forward(fused.as_ref(), picture, size)?);
        }
        let fused = fused.ok_or_else(|| Error::Internal("no features were fused".into()))?;
        cancel.check()?;
        let (height, width) = (grid.0 * self.patch, grid.1 * self.patch);
        let x = self.conv1.forward(&fused)?.upsample_bilinear2d(height, width, true)?;
        cancel.check()?;
        let x = self.conv2.forward(&x)?.relu()?;
        Ok(self.conv3.forward(&x)?.relu()?.squeeze(1)?)
    }
}

/// One level: its features as a picture of its size.
struct Level {
    project: Conv2d,
    resize: Resize,
    /// To the channels that are fused.
    convolve: Conv2d,
}

/// How the grid of patches becomes the size of a level.
enum Resize {
    Larger(ConvTranspose2d),
    Same,
    Half(Conv2d),
}

impl Level {
    fn new(config: &DepthConfig, number: usize, vb: &VarBuilder<'_>) -> candle_core::Result<Self> {
        let channels = config.channels[number];
        let layer = vb.pp(format!("reassemble_stage.layers.{number}"));
        let larger = |factor: usize| {
            let stride = ConvTranspose2dConfig { stride: factor, ..ConvTranspose2dConfig::default() };
            conv_transpose2d(channels, channels, factor, stride, layer.pp("resize")).map(Resize::Larger)
        };
        let resize = match number {
            0 => larger(4)?,
            1 => larger(2)?,
            2 => Resize::Same,
            _ => Resize::Half(conv2d(channels, channels, 3, Conv2dConfig { stride: 2, ..SAME }, layer.pp("resize"))?),
        };
        Ok(Self {
            project: conv2d(config.width, channels, 1, Conv2dConfig::default(), layer.pp("projection"))?,
            resize,
            convolve: conv2d_no_bias(channels, config.fused, 3, SAME, vb.pp(format!("convs.{number}")))?,
        })
    }

    fn forward(&self, features: &Tensor, (height, width): (usize, usize)) -> candle_core::Result<Tensor> {
        let (batch, _, channels) = features.dims3()?;
        let x = features.transpose(1, 2)?.contiguous()?.reshape((batch, channels, height, width))?;
        let x = self.project.forward(&x)?;
        let x = match &self.resize {
            Resize::Larger(convolve) => convolve.forward(&x)?,
            Resize::Same => x,
            Resize::Half(convolve) => convolve.forward(&x)?,
        };
        self.convolve.forward(&x)
    }
}

/// Adds a level to those before it and enlarges the sum to the size of the next one.
struct Fusion {
    of_level: Residual,
    of_sum: Residual,
    project: Conv2d,
}

impl Fusion {
    fn new(channels: usize, vb: &VarBuilder<'_>) -> candle_core::Result<Self> {
        Ok(Self {
            of_level: Residual::new(channels, &vb.pp("residual_layer1"))?,
            of_sum: Residual::new(channels, &vb.pp("residual_layer2"))?,
            project: conv2d(channels, channels, 1, Conv2dConfig::default(), vb.pp("projection"))?,
        })
    }

    fn forward(&self, before: Option<&Tensor>, level: &Tensor, size: (usize, usize)) -> candle_core::Result<Tensor> {
        let sum = match before {
            None => level.clone(),
            Some(before) => (before + self.of_level.forward(level)?)?,
        };
        let x = self.of_sum.forward(&sum)?.upsample_bilinear2d(size.0, size.1, true)?;
        self.project.forward(&x)
    }
}

/// Two convolutions, added to what they take.
struct Residual {
    conv1: Conv2d,
    conv2: Conv2d,
}

impl Residual {
    fn new(channels: usize, vb: &VarBuilder<'_>) -> candle_core::Result<Self> {
        Ok(Self {
            conv1: conv2d(channels, channels, 3, SAME, vb.pp("convolution1"))?,
            conv2: conv2d(channels, channels, 3, SAME, vb.pp("convolution2"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let made = self.conv2.forward(&self.conv1.forward(&x.relu()?)?.relu()?)?;
        made + x
    }
}
