//! The layers that the UNet and the autoencoder share.
//!
//! Everything is built from a [`VarBuilder`] positioned at the layer's diffusers name.

use candle_core::{D, Module, Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, GroupNorm, Linear, VarBuilder};

/// The largest score matrix attention makes at once, in numbers; longer queries go in pieces.
const MAX_SCORES: usize = 16 << 20;

/// A convolution with padding that keeps the size (3×3) or needs none (1×1).
pub(super) fn conv(from: usize, to: usize, kernel: usize, vb: VarBuilder) -> Result<Conv2d> {
    let config = Conv2dConfig { padding: kernel / 2, ..Default::default() };
    candle_nn::conv2d(from, to, kernel, config, vb)
}

/// Nearest-neighbour doubling of both sides of `[b, c, h, w]`.
pub(super) fn double(x: &Tensor) -> Result<Tensor> {
    let (_, _, h, w) = x.dims4()?;
    x.upsample_nearest2d(2 * h, 2 * w)
}

/// A pre-activation residual block (He et al. 2016), with the time embedding added in between
/// where there is one.
pub(super) struct Resnet {
    norm1: GroupNorm,
    conv1: Conv2d,
    time: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv2d,
    shortcut: Option<Conv2d>,
}

/// What shapes a [`Resnet`].
#[derive(Clone, Copy)]
pub(super) struct ResnetShape {
    pub groups: usize,
    pub eps: f64,
    pub time_width: Option<usize>,
}

impl Resnet {
    pub fn new(from: usize, to: usize, shape: ResnetShape, vb: VarBuilder) -> Result<Self> {
        let ResnetShape { groups, eps, time_width } = shape;
        Ok(Self {
            norm1: candle_nn::group_norm(groups, from, eps, vb.pp("norm1"))?,
            conv1: conv(from, to, 3, vb.pp("conv1"))?,
            time: time_width.map(|width| candle_nn::linear(width, to, vb.pp("time_emb_proj"))).transpose()?,
            norm2: candle_nn::group_norm(groups, to, eps, vb.pp("norm2"))?,
            conv2: conv(to, to, 3, vb.pp("conv2"))?,
            shortcut: (from != to).then(|| conv(from, to, 1, vb.pp("conv_shortcut"))).transpose()?,
        })
    }

    /// `x` `[b, from, h, w]` and the activated time embedding `[b, width]` to `[b, to, h, w]`.
    pub fn forward(&self, x: &Tensor, time: Option<&Tensor>) -> Result<Tensor> {
        let mut hidden = self.conv1.forward(&self.norm1.forward(x)?.silu()?)?;
        if let (Some(layer), Some(time)) = (&self.time, time) {
            let shift = layer.forward(time)?.unsqueeze(D::Minus1)?.unsqueeze(D::Minus1)?;
            hidden = hidden.broadcast_add(&shift)?;
        }
        let hidden = self.conv2.forward(&self.norm2.forward(&hidden)?.silu()?)?;
        match &self.shortcut {
            Some(layer) => layer.forward(x)? + hidden,
            None => x + hidden,
        }
    }
}

/// softmax(q·kᵀ/√d)·v for `[b, heads, n, d]`, in pieces that keep the score matrix small.
pub(super) fn attention(q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
    let (b, heads, length, d) = q.dims4()?;
    let q = (q * (1.0 / (d as f64).sqrt()))?.contiguous()?;
    let k = k.transpose(2, 3)?.contiguous()?;
    let v = v.contiguous()?;
    let keys = k.dim(3)?;
    let piece = (MAX_SCORES / (b * heads * keys).max(1)).clamp(1, length);
    let mut out = Vec::with_capacity(length.div_ceil(piece));
    for start in (0..length).step_by(piece) {
        let part = q.narrow(2, start, piece.min(length - start))?.contiguous()?;
        let scores = candle_nn::ops::softmax_last_dim(&part.matmul(&k)?)?;
        out.push(scores.matmul(&v)?);
    }
    if out.len() == 1 { Ok(out.remove(0)) } else { Tensor::cat(&out, 2) }
}

/// `[b, n, heads*d]` to `[b, heads, n, d]`.
pub(super) fn split_heads(x: &Tensor, heads: usize) -> Result<Tensor> {
    let (b, n, width) = x.dims3()?;
    x.reshape((b, n, heads, width / heads))?.transpose(1, 2)
}

/// `[b, heads, n, d]` to `[b, n, heads*d]`.
pub(super) fn join_heads(x: &Tensor) -> Result<Tensor> {
    let (b, heads, n, d) = x.dims4()?;
    x.transpose(1, 2)?.reshape((b, n, heads * d))
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn attention_in_pieces_is_attention_in_one_go() {
        let device = Device::Cpu;
        let n = 5000;
        let make = |seed: f32| {
            let values: Vec<f32> = (0..n * 4).map(|i| ((i as f32 + seed) * 0.37).sin()).collect();
            Tensor::from_vec(values, (1, 1, n, 4), &device).expect("tensor")
        };
        let (q, k, v) = (make(0.0), make(9.0), make(77.0));
        let pieces = attention(&q, &k, &v).expect("in pieces");
        let late = attention(&q.narrow(2, n - 7, 7).expect("narrow"), &k, &v).expect("in one");
        let gap = (pieces.narrow(2, n - 7, 7).expect("narrow") - late)
            .and_then(|d| d.abs()?.max_all()?.to_scalar::<f32>())
            .expect("difference");
        assert!(gap < 1e-6, "{gap}");
    }
}
