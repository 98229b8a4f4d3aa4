//! The layers in candle's own operations, for devices that the kernels do not run on.
//!
//! Tensors are channels-last here too, so that the networks need not know. The inputs of a product are
//! converted to its weights' kind of number, and its result is f32 (f64 where the weights are).

use candle_core::{D, DType, Device, Shape, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::LayerReader;
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::{ChannelAffine, Edges, GroupSums};

/// Queries in one product of scores, so that the scores do not fill the card's memory.
const QUERIES: usize = 1024;

/// Whether the layers of this reader use candle's operations: on every device but the processor, and in
/// f64, so that tests can run them on machines without a graphics card.
pub(super) fn used_by(reader: &LayerReader) -> bool {
    !reader.device().is_cpu() || reader.dtype() == DType::F64
}

/// The number format of tensors between layers whose weights have this one.
fn carried(dtype: DType) -> DType {
    if dtype == DType::F64 { DType::F64 } else { DType::F32 }
}

/// A convolution's weights `[to, from, k, k]` and how it is laid over its input.
pub(in crate::diffusion) struct CandleConv {
    weight: Tensor,
    kernel: usize,
    stride: usize,
    edges: Edges,
    doubles: bool,
}

impl CandleConv {
    /// Reads weights of the shape `(to, from, kernel, kernel)`.
    pub fn new(shape: (usize, usize, usize, usize), reader: &LayerReader, doubles: bool) -> candle_core::Result<Self> {
        let weight = reader.tensor_as(shape, "weight", |w| w.to_device(reader.device())?.to_dtype(reader.dtype()))?;
        Ok(Self { weight, kernel: shape.3, stride: 1, edges: Edges::Even(shape.3 / 2), doubles })
    }

    pub fn with_geometry(self, stride: usize, edges: Edges) -> Self {
        Self { stride, edges, ..self }
    }

    pub fn kernel(&self) -> usize {
        self.kernel
    }

    /// `[b, h, w, from]` to `[b, h', w', to]`.
    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let mut x = x.permute((0, 3, 1, 2))?.to_dtype(self.weight.dtype())?.contiguous()?;
        if self.doubles {
            let (_, _, h, w) = x.dims4()?;
            x = x.upsample_nearest2d(2 * h, 2 * w)?;
        }
        let around = match self.edges {
            Edges::Even(around) => around,
            Edges::Far => {
                x = x.pad_with_zeros(2, 0, 1)?.pad_with_zeros(3, 0, 1)?;
                0
            }
        };
        debug_assert!(self.kernel > 1 || around == 0);
        let made = x.conv2d(&self.weight, around, self.stride, 1, 1)?;
        made.permute((0, 2, 3, 1))?.to_dtype(carried(self.weight.dtype()))?.contiguous()
    }
}

/// A linear layer's weights, `[from, to]`.
pub(in crate::diffusion) struct CandleLinear {
    weight: Tensor,
}

impl CandleLinear {
    /// Reads weights of the shape `[to, from]` or `[to, from, 1, 1]`.
    pub fn new(shape: Shape, reader: &LayerReader) -> candle_core::Result<Self> {
        let weight = reader.tensor_as(shape, "weight", |w| {
            w.flatten_from(1)?.to_device(reader.device())?.to_dtype(reader.dtype())?.t()?.contiguous()
        })?;
        Ok(Self { weight })
    }

    pub fn dtype(&self) -> DType {
        self.weight.dtype()
    }

    pub fn inputs(&self) -> candle_core::Result<usize> {
        self.weight.dim(0)
    }

    /// `[.., from]` to `[.., to]`.
    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (from, to) = self.weight.dims2()?;
        let mut shape = x.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = to;
        }
        let rows = x.to_dtype(self.weight.dtype())?.reshape(((), from))?;
        rows.matmul(&self.weight)?.reshape(shape)?.to_dtype(carried(self.weight.dtype()))
    }
}

/// What a norm multiplies with and adds, `[c]`, and the kind of number it hands on.
pub(super) struct CandleNorm {
    gain: Tensor,
    bias: Tensor,
    dtype: DType,
}

impl CandleNorm {
    pub fn new(gain: &[f32], bias: &[f32], reader: &LayerReader) -> candle_core::Result<Self> {
        Ok(Self { gain: vector(gain, reader)?, bias: vector(bias, reader)?, dtype: reader.dtype() })
    }

    /// Each group of channels of `[b, .., c]` to mean 0 and deviation 1, then scaled.
    pub fn by_group(&self, x: &Tensor, groups: usize, eps: f64, activate: bool) -> candle_core::Result<Tensor> {
        let (batch, channels) = (x.dim(0)?, x.dim(D::Minus1)?);
        let grouped = x.to_dtype(self.gain.dtype())?.reshape((batch, (), groups, channels / groups))?;
        let even = normalize(&grouped, (1, 3), eps)?.reshape(x.shape())?;
        let made = even.broadcast_mul(&self.gain)?.broadcast_add(&self.bias)?;
        if activate { made.silu()? } else { made }.to_dtype(self.dtype)
    }

    /// Scales and shifts the channels of `[.., c]`, then applies SiLU.
    pub fn by_channel(&self, x: &Tensor, by: &ChannelAffine) -> candle_core::Result<Tensor> {
        let vector = |numbers: &[f32]| {
            Tensor::new(numbers, &Device::Cpu)?.to_device(self.gain.device())?.to_dtype(self.gain.dtype())
        };
        let x = x.to_dtype(self.gain.dtype())?;
        let made = x.broadcast_mul(&vector(&by.scales)?)?.broadcast_add(&vector(&by.shifts)?)?;
        made.silu()?.to_dtype(self.dtype)
    }

    /// Each row of `[.., c]` to mean 0 and deviation 1, then scaled.
    pub fn by_row(&self, x: &Tensor, eps: f64) -> candle_core::Result<Tensor> {
        let even = normalize(&x.to_dtype(self.gain.dtype())?, D::Minus1, eps)?;
        even.broadcast_mul(&self.gain)?.broadcast_add(&self.bias)?.to_dtype(self.dtype)
    }
}

/// Adds the pixels `[pixels, channels]` to the sums that group normalisation needs.
pub(super) fn gather(sums: &mut GroupSums, x: &Tensor) -> candle_core::Result<()> {
    let numbers = |t: Tensor| t.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>();
    let first = numbers(x.narrow(0, 0, 1)?)?;
    let origin = Tensor::new(sums.origin_or(&first), &Device::Cpu)?.to_device(x.device())?.to_dtype(x.dtype())?;
    let apart = x.broadcast_sub(&origin)?;
    let both = [numbers(apart.sum(0)?)?, numbers(apart.sqr()?.sum(0)?)?].concat();
    sums.add_summed(&both, x.dim(0)?);
    Ok(())
}

fn normalize(x: &Tensor, over: impl candle_core::shape::Dims + Copy, eps: f64) -> candle_core::Result<Tensor> {
    let apart = x.broadcast_sub(&x.mean_keepdim(over)?)?;
    let variance = apart.sqr()?.mean_keepdim(over)?;
    apart.broadcast_div(&(variance + eps)?.sqrt()?)
}

/// softmax(q·kᵀ/√d)·v of rows `[b, n, heads·d]`, `[b, m, heads·d]` and `[b, m, heads·d]`.
///
/// # Errors
/// [`Error::Cancelled`] between groups of queries, or shapes that do not fit.
pub(super) fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    heads: usize,
    dtype: DType,
    watch: &Watch,
) -> Result<Tensor, Error> {
    let (batch, queries, width) = q.dims3()?;
    let depth = width / heads;
    let split = |t: &Tensor| t.to_dtype(dtype)?.reshape((batch, (), heads, depth))?.transpose(1, 2)?.contiguous();
    let (q, k, v) = (split(&(q * (1.0 / (depth as f64).sqrt()))?)?, split(k)?.t()?.contiguous()?, split(v)?);
    let mut parts = Vec::new();
    for from in (0..queries).step_by(QUERIES) {
        watch.check()?;
        let some = q.narrow(2, from, QUERIES.min(queries - from))?.contiguous()?;
        let scores = some.matmul(&k)?.to_dtype(carried(dtype))?;
        parts.push(softmax_last_dim(&scores)?.to_dtype(dtype)?.matmul(&v)?);
    }
    Ok(Tensor::cat(&parts, 2)?.transpose(1, 2)?.reshape((batch, queries, width))?)
}

/// GEGLU, `[b, n, 2·width]` to `[b, n, width]`.
pub(super) fn geglu(x: &Tensor, dtype: DType) -> candle_core::Result<Tensor> {
    let halves = x.chunk(2, D::Minus1)?;
    (&halves[0] * halves[1].contiguous()?.gelu_erf()?)?.to_dtype(dtype)
}

/// The vector `[n]` on the device of this reader's layers, in the kind of number that is carried.
pub(super) fn vector(numbers: &[f32], reader: &LayerReader) -> candle_core::Result<Tensor> {
    Tensor::new(numbers, &Device::Cpu)?.to_device(reader.device())?.to_dtype(carried(reader.dtype()))
}
