//! RRDBNet, the network of ESRGAN (Wang et al. 2018) and Real-ESRGAN (Wang et al. 2021).

use std::collections::BTreeMap;

use candle_core::Tensor;

use crate::diffusion::networks::layers::{Conv, LayerReader, concat_channels, pixel_unshuffle};
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// What a block's result is multiplied by before its input is added.
const RESIDUAL_SCALE: f64 = 0.2;
/// The slope of the activation below 0.
const SLOPE: f64 = 0.2;
/// Convolutions of a dense block.
const CONVS: usize = 5;
/// Dense blocks of a block.
const DENSE: usize = 3;
/// From so many channels on Winograd's algorithm is faster.
const WINOGRAD_FROM: usize = 64;

/// The shape of an RRDBNet, as its tensors tell it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct RrdbConfig {
    /// How many pixels a side become one place of the input: 1, or 2 or 4 for the networks that enlarge less than four times.
    pub folded: usize,
    /// Channels between blocks.
    pub width: usize,
    /// Channels that each convolution of a dense block adds.
    pub growth: usize,
    /// How many blocks.
    pub blocks: usize,
    /// How often the sides are doubled behind the blocks.
    pub doublings: usize,
}

impl RrdbConfig {
    /// The config of a network with these tensors under BasicSR's names; `None` if it is none, the end of a sentence if it
    /// cannot be used.
    pub fn of(shapes: &BTreeMap<String, Vec<usize>>) -> Option<Result<Self, String>> {
        let dimension = |name: &str, at: usize| shapes.get(name).and_then(|shape| shape.get(at)).copied();
        let first = "conv_first.weight";
        let (Some(width), Some(inputs), Some(growth)) =
            (dimension(first, 0), dimension(first, 1), dimension("body.0.rdb1.conv1.weight", 0))
        else {
            return None;
        };
        let refused = |reason: String| Some(Err(reason));
        if shapes.keys().any(|name| name.contains(".conv1x1.")) {
            return refused(
                "is an ESRGAN+ network, which does not run here; choose an ESRGAN or Real-ESRGAN file".into(),
            );
        }
        let folded = match inputs {
            3 => 1,
            12 => 2,
            48 => 4,
            other => {
                return refused(format!(
                    "is an ESRGAN network for pictures of {other} channels, and 3 are given; choose another file"
                ));
            }
        };
        let blocks =
            (0..1000).take_while(|block| shapes.contains_key(&format!("body.{block}.rdb1.conv1.weight"))).count();
        let doublings = (1..8).take_while(|up| shapes.contains_key(&format!("conv_up{up}.weight"))).count();
        if !shapes.contains_key("conv_last.weight") || !shapes.contains_key("conv_hr.weight") {
            return refused("is an ESRGAN file that is incomplete; download it again".into());
        }
        if doublings > 3 || !(1usize << doublings).is_multiple_of(folded) {
            return refused("is an ESRGAN network that does not enlarge; choose another file".into());
        }
        Some(Ok(Self { folded, width, growth, blocks, doublings }))
    }

    /// How many times larger either side becomes.
    pub fn scale(&self) -> usize {
        (1 << self.doublings) / self.folded
    }

    /// How many times larger the last convolutions' sides are than the blocks'.
    pub fn doublings_scale(&self) -> usize {
        1 << self.doublings
    }

    /// Products of numbers for one pixel of the picture that is enlarged.
    pub fn products_per_pixel(&self) -> f64 {
        let (width, growth) = (self.width as f64, self.growth as f64);
        let dense: f64 = (0..CONVS - 1).map(|conv| (width + conv as f64 * growth) * growth).sum::<f64>()
            + (width + (CONVS - 1) as f64 * growth) * width;
        let body = (self.blocks * DENSE) as f64 * dense + width * width;
        let up: f64 = (1..=self.doublings).map(|up| 4f64.powi(up as i32) * width * width).sum();
        let last = 4f64.powi(self.doublings as i32) * width * (width + 3.0);
        9.0 * (body + up + last) / (self.folded * self.folded) as f64
    }
}

/// The network.
pub(in crate::diffusion) struct Rrdb {
    config: RrdbConfig,
    first: Conv,
    blocks: Vec<[DenseBlock; DENSE]>,
    body: Conv,
    ups: Vec<Conv>,
    high: Conv,
    last: Conv,
}

struct DenseBlock(Vec<Conv>);

impl Rrdb {
    /// Builds the network.
    ///
    /// # Errors
    /// A weight that is missing or has another shape than the config says.
    pub fn new(config: &RrdbConfig, reader: &LayerReader) -> candle_core::Result<Self> {
        let width = config.width;
        let wide = |from: usize, to: usize, reader: LayerReader| match from {
            from if from < WINOGRAD_FROM => Conv::small(from, to, 3, reader),
            from => Conv::new(from, to, 3, reader),
        };
        let dense = |reader: LayerReader| -> candle_core::Result<DenseBlock> {
            let conv = |index: usize| {
                let to = if index + 1 == CONVS { width } else { config.growth };
                wide(width + index * config.growth, to, reader.pp(format!("conv{}", index + 1)))
            };
            Ok(DenseBlock((0..CONVS).map(conv).collect::<candle_core::Result<_>>()?))
        };
        let block = |index: usize| -> candle_core::Result<[DenseBlock; DENSE]> {
            let reader = reader.pp(format!("body.{index}"));
            Ok([dense(reader.pp("rdb1"))?, dense(reader.pp("rdb2"))?, dense(reader.pp("rdb3"))?])
        };
        let up = |index: usize| Conv::doubling(width, reader.pp(format!("conv_up{}", index + 1)));
        Ok(Self {
            first: Conv::small(3 * config.folded * config.folded, width, 3, reader.pp("conv_first").in_f32())?,
            blocks: (0..config.blocks).map(block).collect::<candle_core::Result<_>>()?,
            body: wide(width, width, reader.pp("conv_body"))?,
            ups: (0..config.doublings).map(up).collect::<candle_core::Result<_>>()?,
            high: wide(width, width, reader.pp("conv_hr"))?,
            last: Conv::small(width, 3, 3, reader.pp("conv_last").in_f32())?,
            config: config.clone(),
        })
    }

    /// How many times larger either side becomes.
    pub fn scale(&self) -> usize {
        self.config.scale()
    }

    /// `[1, h, w, 3]` to `[1, h·scale, w·scale, 3]`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn forward(&self, picture: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let (_, height, width, _) = picture.dims4()?;
        let folded = self.config.folded;
        let even = padded(picture, height.next_multiple_of(folded), width.next_multiple_of(folded))?;
        let input = if folded == 1 { even } else { pixel_unshuffle(&even, folded)? };
        let first = self.first.forward(&input, watch)?;
        let mut x = first.clone();
        for block in &self.blocks {
            watch.check()?;
            let mut inner = x.clone();
            for dense in block {
                inner = dense.forward(&inner, watch)?;
            }
            x = ((inner * RESIDUAL_SCALE)? + x)?;
        }
        x = self.body.forward_onto(&x, &first, watch)?;
        for up in &self.ups {
            x = leaky_relu(&up.forward(&x, watch)?)?;
        }
        let x = leaky_relu(&self.high.forward(&x, watch)?)?;
        let large = self.last.forward(&x, watch)?;
        let scale = self.scale();
        Ok(large.narrow(1, 0, height * scale)?.narrow(2, 0, width * scale)?.contiguous()?)
    }
}

impl DenseBlock {
    /// `[b, h, w, width]` to the same: each convolution sees the input and what all earlier ones made.
    fn forward(&self, x: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let mut seen = x.clone();
        let Some((last, convs)) = self.0.split_last() else { return Ok(seen) };
        for conv in convs {
            let made = leaky_relu(&conv.forward(&seen, watch)?)?;
            seen = concat_channels(&seen, &made)?;
        }
        Ok(((last.forward(&seen, watch)? * RESIDUAL_SCALE)? + x)?)
    }
}

fn leaky_relu(x: &Tensor) -> candle_core::Result<Tensor> {
    x.maximum(&(x * SLOPE)?)
}

/// `[b, h, w, c]` with its last row and column repeated up to this size.
fn padded(x: &Tensor, height: usize, width: usize) -> candle_core::Result<Tensor> {
    let (_, h, w, _) = x.dims4()?;
    let x = if height > h { x.pad_with_same(1, 0, height - h)? } else { x.clone() };
    if width > w { x.pad_with_same(2, 0, width - w)?.contiguous() } else { x.contiguous() }
}
