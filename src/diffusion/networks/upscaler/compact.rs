//! SRVGGNetCompact, Real-ESRGAN's small network (Wang et al. 2021): convolutions in a row, whose result is added to the
//! picture with its pixels repeated.

use std::collections::BTreeMap;

use candle_core::Tensor;

use crate::diffusion::networks::layers::{Conv, LayerReader, pixel_shuffle};
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// The shape of a compact network, as its tensors tell it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct CompactConfig {
    /// How many times larger either side becomes.
    pub scale: usize,
    /// Channels between convolutions.
    pub width: usize,
    /// How many convolutions, the first and the last among them.
    pub convs: usize,
}

impl CompactConfig {
    /// The config of a network with these tensors; `None` if it is none, the end of a sentence if it cannot be used.
    pub fn of(shapes: &BTreeMap<String, Vec<usize>>) -> Option<Result<Self, String>> {
        let shape = |layer: usize| shapes.get(&format!("body.{layer}.weight")).map(Vec::as_slice);
        let (Some([width, 3, 3, 3]), Some([_])) = (shape(0), shape(1)) else { return None };
        let layers = (0..1000).take_while(|layer| shape(*layer).is_some()).count();
        let last = layers.checked_sub(1).and_then(|last| shape(last)?.first().copied()).unwrap_or_default();
        let scale = (1..=8).find(|scale| 3 * scale * scale == last);
        Some(match scale {
            Some(scale) if layers % 2 == 1 => Ok(Self { scale, width: *width, convs: layers.div_ceil(2) }),
            _ => Err("is a compact upscaler whose last layer is missing; download it again".into()),
        })
    }

    /// Products of numbers for one pixel of the picture that is enlarged.
    pub fn products_per_pixel(&self) -> f64 {
        let width = self.width as f64;
        let ends = 3.0 * width + 3.0 * (self.scale * self.scale) as f64 * width;
        9.0 * (self.convs.saturating_sub(2) as f64 * width * width + ends)
    }
}

/// The network.
pub(in crate::diffusion) struct Compact {
    scale: usize,
    /// Every convolution but the last, with the slopes of its activation below 0, `[width]`.
    convs: Vec<(Conv, Tensor)>,
    last: Conv,
}

impl Compact {
    /// Builds the network.
    ///
    /// # Errors
    /// A weight that is missing or has another shape than the config says.
    pub fn new(config: &CompactConfig, reader: &LayerReader) -> candle_core::Result<Self> {
        let CompactConfig { scale, width, convs } = *config;
        let layer = |index: usize| reader.pp(format!("body.{index}"));
        let conv = |index: usize| -> candle_core::Result<(Conv, Tensor)> {
            let conv = match index {
                0 => Conv::small(3, width, 3, layer(0).in_f32())?,
                index => Conv::new(width, width, 3, layer(2 * index))?,
            };
            let slopes = layer(2 * index + 1).vector(width, "weight")?;
            Ok((conv, Tensor::from_vec(slopes, width, reader.device())?))
        };
        Ok(Self {
            scale,
            convs: (0..convs - 1).map(conv).collect::<candle_core::Result<_>>()?,
            last: Conv::small(width, 3 * scale * scale, 3, layer(2 * (convs - 1)).in_f32())?,
        })
    }

    /// How many times larger either side becomes.
    pub fn scale(&self) -> usize {
        self.scale
    }

    /// `[1, h, w, 3]` to `[1, h·scale, w·scale, 3]`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two convolutions, or shapes that do not fit.
    pub fn forward(&self, picture: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let mut x = picture.clone();
        for (conv, slopes) in &self.convs {
            watch.check()?;
            x = conv.forward(&x, watch)?;
            // PReLU (He et al. 2015).
            let below = x.minimum(&x.zeros_like()?)?.broadcast_mul(slopes)?;
            x = (x.relu()? + below)?;
        }
        let added = pixel_shuffle(&self.last.forward(&x, watch)?, self.scale)?;
        let (s, (b, h, w, c)) = (self.scale, picture.dims4()?);
        let repeated = picture.reshape(&[b, h, 1, w, 1, c][..])?.broadcast_as(&[b, h, s, w, s, c][..])?;
        Ok((added + repeated.contiguous()?.reshape((b, h * s, w * s, c))?)?)
    }
}
