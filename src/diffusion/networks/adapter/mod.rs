//! T2I-Adapter (Mou et al. 2023): a small network that sees a picture once and adds what it makes of it to the UNet's way
//! down, after the last block of each level.

mod config;

use candle_core::Tensor;

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::files::adapter::AdapterFile;
use crate::diffusion::files::part::{Findings, PartReader};
use crate::diffusion::networks::layers::{Conv, LayerReader, Linear, PartLoader, pixel_unshuffle, to_channels_last};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
pub(in crate::diffusion) use config::AdapterConfig;

/// A T2I-Adapter, ready to run.
pub(in crate::diffusion) struct T2iAdapter {
    /// Pixels a side that become one place.
    factor: usize,
    /// Channels of the picture that it takes: 3, or 1 for grey.
    channels: usize,
    conv_in: Conv,
    levels: Vec<Level>,
}

/// What makes the features of one level of the UNet of those above.
struct Level {
    halves: bool,
    conv_in: Option<Linear>,
    blocks: Vec<(Conv, Linear)>,
}

impl T2iAdapter {
    /// Builds the network.
    ///
    /// # Errors
    /// A weight that is missing or has another shape than the config says.
    pub fn new(config: &AdapterConfig, reader: &LayerReader) -> candle_core::Result<Self> {
        let AdapterConfig { factor, channels, widths, blocks } = config;
        let level = |level: usize| -> candle_core::Result<Level> {
            let reader = reader.pp(format!("body.{level}"));
            let (from, width) = (widths[level.saturating_sub(1)], widths[level]);
            let block = |block: usize| -> candle_core::Result<(Conv, Linear)> {
                let reader = reader.pp(format!("resnets.{block}"));
                let second = Linear::from_conv(width, width, reader.pp("block2"))?;
                Ok((Conv::new(width, width, 3, reader.pp("block1"))?, second))
            };
            Ok(Level {
                halves: level > 0,
                conv_in: (from != width).then(|| Linear::from_conv(from, width, reader.pp("in_conv"))).transpose()?,
                blocks: (0..*blocks).map(block).collect::<candle_core::Result<_>>()?,
            })
        };
        Ok(Self {
            factor: *factor,
            channels: *channels,
            conv_in: Conv::new(channels * factor * factor, widths[0], 3, reader.pp("conv_in").in_f32())?,
            levels: (0..widths.len()).map(level).collect::<candle_core::Result<_>>()?,
        })
    }

    /// Reads a network from its file.
    ///
    /// # Errors
    /// A damaged file, one for another model, or [`Error::Cancelled`] between two tensors.
    pub fn load(
        file: &AdapterFile,
        config: &AdapterConfig,
        device: &ComputeDevice,
        watch: &Watch,
    ) -> Result<Self, Error> {
        let (part, findings) = (file.part(), Findings::new(0));
        let reader = PartReader { name: "adapter", files: &part, loras: &[], findings: &findings };
        let loader = PartLoader::new(reader, device.dtype(), &device.candle, watch);
        Self::new(config, &loader.root()).map_err(|error| loader.explain(&error, file.path().to_path_buf()))
    }

    /// What it makes of a picture `[1, 3, height, width]` in 0..1: `[1, h, w, c]` for each level of the UNet from the top. It
    /// depends on neither latent, timestep nor prompt.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn features(&self, picture: &Tensor, watch: &Watch) -> Result<Vec<Tensor>, Error> {
        let picture = to_channels_last(picture)?;
        let picture = if self.channels == 1 { grey(&picture)? } else { picture };
        let mut x = self.conv_in.forward(&pixel_unshuffle(&picture, self.factor)?, watch)?;
        let mut features = Vec::with_capacity(self.levels.len());
        for level in &self.levels {
            if level.halves {
                x = halved(&x)?;
            }
            if let Some(conv) = &level.conv_in {
                x = per_pixel(conv, &x)?;
            }
            for (first, second) in &level.blocks {
                let inner = first.forward(&x, watch)?.relu()?;
                x = (per_pixel(second, &inner)? + x)?;
            }
            features.push(x.clone());
        }
        Ok(features)
    }
}

/// A picture `[1, h, w, 3]` as its luma (ITU-R 601), `[1, h, w, 1]`.
fn grey(picture: &Tensor) -> candle_core::Result<Tensor> {
    let weights = Tensor::new(&[[0.299f32], [0.587], [0.114]], picture.device())?;
    let (b, h, w, c) = picture.dims4()?;
    picture.reshape((b * h * w, c))?.matmul(&weights)?.reshape((b, h, w, 1))
}

/// `[b, h, w, c]` as the means of squares of four pixels; a last row or column without a partner stands for both.
fn halved(x: &Tensor) -> candle_core::Result<Tensor> {
    let (_, h, w, _) = x.dims4()?;
    let x = if h % 2 == 1 { x.pad_with_same(1, 0, 1)? } else { x.clone() };
    let x = if w % 2 == 1 { x.pad_with_same(2, 0, 1)? } else { x };
    let (b, h, w, c) = x.dims4()?;
    let x = x.contiguous()?.reshape(&[b, h / 2, 2, w / 2, 2, c][..])?;
    (x.sum(4)?.sum(2)? * 0.25)?.contiguous()
}

/// A linear layer on every pixel of `[b, h, w, c]`.
fn per_pixel(layer: &Linear, x: &Tensor) -> candle_core::Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    layer.forward(&x.reshape((b, h * w, c))?)?.reshape((b, h, w, ()))
}
