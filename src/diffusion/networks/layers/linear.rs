//! Linear layers.

use std::sync::Arc;

use candle_core::{Result, Shape, Tensor, bail};
use half::bf16;

use super::LayerReader;
use super::candle_ops::{self, CandleLinear};
use crate::diffusion::networks::ops::{KernelOutput, map1, map2};
use crate::kernels::{self, Packed, Precision};

/// A linear layer on the last dimension.
pub(in crate::diffusion) enum Linear {
    /// On the kernels.
    Packed(Arc<Packed>, Option<Vec<f32>>),
    /// In candle's operations.
    Candle(CandleLinear, Option<Tensor>),
}

impl Linear {
    /// From weights `[to, from]` and a bias.
    pub fn new(from: usize, to: usize, reader: LayerReader) -> Result<Self> {
        let bias = reader.vector(to, "bias")?;
        Self::build((to, from), Some(bias), &reader)
    }

    /// From weights `[to, from]`, without a bias.
    pub fn without_bias(from: usize, to: usize, reader: LayerReader) -> Result<Self> {
        Self::build((to, from), None, &reader)
    }

    /// From the weights `[to, from, 1, 1]` and the bias of a 1×1 convolution.
    pub fn from_conv(from: usize, to: usize, reader: LayerReader) -> Result<Self> {
        let bias = reader.vector(to, "bias")?;
        Self::build((to, from, 1, 1), Some(bias), &reader)
    }

    fn build(shape: impl Into<Shape>, bias: Option<Vec<f32>>, reader: &LayerReader) -> Result<Self> {
        if candle_ops::used_by(reader) {
            let bias = bias.map(|bias| candle_ops::vector(&bias, reader)).transpose()?;
            return Ok(Self::Candle(CandleLinear::new(shape.into(), reader)?, bias));
        }
        Ok(Self::Packed(reader.packed(shape, Packed::new)?, bias))
    }

    /// How many numbers go in.
    pub fn inputs(&self) -> Result<usize> {
        match self {
            Self::Packed(weights, _) => Ok(weights.inputs()),
            Self::Candle(linear, _) => linear.inputs(),
        }
    }

    /// `[.., from]` to `[.., to]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(weights, bias) => {
                map1("linear", x, output_shape(weights, x)?, |x| kernels::linear(x, weights, bias.as_deref(), None))
            }
            Self::Candle(linear, Some(bias)) => linear.forward(x)?.broadcast_add(bias),
            Self::Candle(linear, None) => linear.forward(x),
        }
    }

    /// Like [`Linear::forward`], with `residual`, of the output's shape, added to the result.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        let Self::Packed(weights, bias) = self else { return self.forward(x)? + residual };
        let shape = output_shape(weights, x)?;
        if residual.dims() != shape {
            bail!("a linear layer that makes {shape:?} cannot be added to {:?}", residual.shape());
        }
        map2("linear", (x, residual), shape, |x, r| kernels::linear(x, weights, bias.as_deref(), Some(r)))
    }

    /// The layer, then GEGLU (Shazeer 2020), in which one half of the numbers gates the other:
    /// `[b, n, from]` to `[b, n, to / 2]`, in the precision of the layer `next` that takes the result.
    pub fn forward_gated(&self, x: &Tensor, next: &Self) -> Result<Tensor> {
        let (weights, bias, next) = match (self, next) {
            (Self::Packed(weights, bias), Self::Packed(next, _)) => (weights, bias.as_deref(), next),
            (Self::Candle(linear, _), _) | (_, Self::Candle(linear, _)) => {
                return candle_ops::geglu(&self.forward(x)?, linear.dtype());
            }
        };
        let mut shape = output_shape(weights, x)?;
        if let Some(last) = shape.last_mut() {
            *last /= 2;
        }
        map1("gated linear", x, shape, |x| -> KernelOutput {
            match next.precision() {
                Precision::F32 | Precision::F16 => kernels::linear_geglu::<f32>(x, weights, bias).into(),
                Precision::Bf16 => kernels::linear_geglu::<bf16>(x, weights, bias).into(),
            }
        })
    }
}

fn output_shape(weights: &Packed, x: &Tensor) -> Result<Vec<usize>> {
    let mut shape = x.dims().to_vec();
    match shape.last_mut() {
        Some(last) if *last == weights.inputs() => *last = weights.outputs(),
        _ => bail!("a linear layer of {} inputs was given {:?}", weights.inputs(), x.shape()),
    }
    Ok(shape)
}
