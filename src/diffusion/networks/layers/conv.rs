//! Convolutions.

use std::sync::Arc;

use candle_core::{Result, Tensor, bail};

use super::LayerReader;
use super::candle_ops::{self, CandleConv};
use super::reader::Pack;
use crate::diffusion::networks::ops::{map1, map2};
use crate::kernels::{self, ConvShape, Edges, Packed};

/// A convolution of `[b, h, w, from]`.
pub(in crate::diffusion) enum Conv {
    /// On the kernels.
    Packed(Box<PackedConv>),
    /// In candle's operations, with the bias to add.
    Candle(CandleConv, Tensor),
}

/// A convolution on the kernels.
pub(in crate::diffusion) struct PackedConv {
    weights: Arc<Packed>,
    bias: Vec<f32>,
    kernel: usize,
    stride: usize,
    edges: Edges,
}

/// Weights packed for Winograd's algorithm, which needs four ninths of the products.
const WINOGRAD: Pack = |w, to, from, _, precision| Packed::winograd(w, to, from, precision);
/// Weights packed for a convolution that doubles the pixels of its input.
const DOUBLING: Pack = |w, to, from, _, precision| Packed::upsampling(w, to, from, precision);

impl Conv {
    /// A convolution that keeps the size: 3×3 with zeros around, or 1×1.
    pub fn new(from: usize, to: usize, kernel: usize, reader: LayerReader) -> Result<Self> {
        let bias = reader.vector(to, "bias")?;
        Self::build(from, to, kernel, &reader, if kernel == 3 { WINOGRAD } else { Packed::new }, bias)
    }

    /// Like [`Conv::new`] but without Winograd's algorithm, for images of so few pixels that reading its
    /// larger kernels would cost more than it saves.
    pub fn small(from: usize, to: usize, kernel: usize, reader: LayerReader) -> Result<Self> {
        let bias = reader.vector(to, "bias")?;
        Self::build(from, to, kernel, &reader, Packed::new, bias)
    }

    /// Like [`Conv::small`], for a layer that has no bias.
    pub fn without_bias(from: usize, to: usize, kernel: usize, reader: LayerReader) -> Result<Self> {
        Self::build(from, to, kernel, &reader, Packed::new, vec![0.0; to])
    }

    fn build(from: usize, to: usize, kernel: usize, reader: &LayerReader, pack: Pack, bias: Vec<f32>) -> Result<Self> {
        let shape = (to, from, kernel, kernel);
        if candle_ops::used_by(reader) {
            return Ok(Self::Candle(CandleConv::new(shape, reader, false)?, candle_ops::vector(&bias, reader)?));
        }
        let weights = reader.packed(shape, pack)?;
        Ok(Self::Packed(Box::new(PackedConv { weights, bias, kernel, stride: 1, edges: Edges::Even(kernel / 2) })))
    }

    fn with_geometry(self, stride: usize, edges: Edges) -> Self {
        match self {
            Self::Packed(conv) => Self::Packed(Box::new(PackedConv { stride, edges, ..*conv })),
            Self::Candle(conv, bias) => Self::Candle(conv.with_geometry(stride, edges), bias),
        }
    }

    /// A 3×3 convolution that halves both sides.
    pub fn halving(width: usize, edges: Edges, reader: LayerReader) -> Result<Self> {
        Ok(Self::small(width, width, 3, reader)?.with_geometry(2, edges))
    }

    /// A 3×3 convolution without a bias that halves both sides.
    pub fn halving_without_bias(from: usize, to: usize, edges: Edges, reader: LayerReader) -> Result<Self> {
        Ok(Self::without_bias(from, to, 3, reader)?.with_geometry(2, edges))
    }

    /// A 3×3 convolution over its input with every pixel doubled in both directions.
    pub fn doubling(width: usize, reader: LayerReader) -> Result<Self> {
        let bias = reader.vector(width, "bias")?;
        Self::build_doubling(width, &reader, bias)
    }

    /// Like [`Conv::doubling`], for a layer that has no bias.
    pub fn doubling_without_bias(width: usize, reader: LayerReader) -> Result<Self> {
        Self::build_doubling(width, &reader, vec![0.0; width])
    }

    fn build_doubling(width: usize, reader: &LayerReader, bias: Vec<f32>) -> Result<Self> {
        if candle_ops::used_by(reader) {
            let conv = CandleConv::new((width, width, 3, 3), reader, true)?;
            return Ok(Self::Candle(conv, candle_ops::vector(&bias, reader)?));
        }
        Self::build(width, width, 3, reader, DOUBLING, bias)
    }

    /// `[b, h, w, from]` to `[b, h', w', to]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(conv) => conv.run(x, &conv.bias, None),
            Self::Candle(conv, bias) => conv.forward(x)?.broadcast_add(bias),
        }
    }

    /// Like [`Conv::forward`], with `residual`, of the output's shape, added to the result.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(conv) => conv.run(x, &conv.bias, Some(residual)),
            Self::Candle(..) => self.forward(x)? + residual,
        }
    }

    /// Like [`Conv::forward`], with `shift` `[1, to]` added to every pixel of the result.
    pub fn forward_shifted(&self, x: &Tensor, shift: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(conv) => {
                let shift: Vec<f32> = shift.flatten_all()?.to_vec1()?;
                let bias: Vec<f32> = conv.bias.iter().zip(shift).map(|(a, b)| a + b).collect();
                conv.run(x, &bias, None)
            }
            Self::Candle(conv, bias) => conv.forward(x)?.broadcast_add(&shift.flatten_all()?.add(bias)?),
        }
    }
}

impl PackedConv {
    fn run(&self, x: &Tensor, bias: &[f32], residual: Option<&Tensor>) -> Result<Tensor> {
        let (images, height, width, channels) = x.dims4()?;
        if channels != self.weights.inputs() {
            bail!("a convolution of {} channels was given {channels}", self.weights.inputs());
        }
        let &Self { kernel, stride, edges, .. } = self;
        let shape = ConvShape { images, height, width, kernel, stride, edges };
        let (h, w) = self.weights.output(&shape);
        let out = (images, h, w, self.weights.outputs());
        match residual {
            None => map1("conv", x, out, |x| kernels::conv2d(x, &self.weights, Some(bias), None, &shape)),
            Some(residual) if residual.dims4()? == out => {
                map2("conv", (x, residual), out, |x, r| kernels::conv2d(x, &self.weights, Some(bias), Some(r), &shape))
            }
            Some(residual) => bail!("a convolution that makes {out:?} cannot be added to {:?}", residual.shape()),
        }
    }
}
