//! Attention between rows.

use candle_core::Tensor;
use half::bf16;

use super::Linear;
use super::candle_ops;
use crate::diffusion::networks::ops::{KernelOutput, map3};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::{self, AttentionShape, Packed, Precision};

/// The most multiplications that are done between two looks at the cancel flag: about a second's work on
/// two cores. A guided step at 512 by 512 pixels stays below it.
const UNINTERRUPTED: usize = 1 << 35;

/// softmax(q·kᵀ/√d)·v of rows `q` `[b, n, heads·d]`, `k` and `v` `[b, m, heads·d]`, as `[b, n, heads·d]` in
/// the precision of the layer `next` that takes the result.
///
/// # Errors
/// [`Error::Cancelled`] within about a second's work, or shapes that do not fit.
pub(in crate::diffusion) fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    heads: usize,
    next: &Linear,
    watch: &Watch,
) -> Result<Tensor, Error> {
    let (batch, queries, width) = q.dims3()?;
    let keys = k.dim(1)?;
    if width % heads != 0 || k.dims3()? != (batch, keys, width) || v.dims() != k.dims() {
        return Err(Error::Tensor(format!("attention of {:?} to {:?} and {:?}", q.shape(), k.shape(), v.shape())));
    }
    watch.check()?;
    let weights = match next {
        Linear::Packed(weights, _) => weights,
        Linear::Candle(linear, _) => return candle_ops::attention(q, k, v, heads, linear.dtype(), watch),
    };
    let at_once = queries_at_once(keys, width);
    if batch * queries <= at_once {
        return Ok(on_kernels(q, k, v, heads, weights)?);
    }
    let mut images = Vec::with_capacity(batch);
    for image in 0..batch {
        let one = |t: &Tensor| t.narrow(0, image, 1);
        let (q, k, v) = (one(q)?, one(k)?, one(v)?);
        let mut parts = Vec::new();
        for from in (0..queries).step_by(at_once) {
            watch.check()?;
            let some = q.narrow(1, from, at_once.min(queries - from))?;
            parts.push(on_kernels(&some, &k, &v, heads, weights)?);
        }
        images.push(Tensor::cat(&parts, 1)?);
    }
    Ok(Tensor::cat(&images, 0)?)
}

/// How many queries of `width` numbers are compared with `keys` keys between two looks at the cancel flag.
fn queries_at_once(keys: usize, width: usize) -> usize {
    (UNINTERRUPTED / (2 * keys * width).max(1)).max(1)
}

fn on_kernels(q: &Tensor, k: &Tensor, v: &Tensor, heads: usize, weights: &Packed) -> candle_core::Result<Tensor> {
    let (batch, queries, width) = q.dims3()?;
    let shape = AttentionShape { batch, heads, depth: width / heads, queries, keys: k.dim(1)? };
    map3("attention", (q, k, v), q.shape(), |q, k, v| -> KernelOutput {
        match weights.precision() {
            Precision::Bf16 if shape.depth.is_multiple_of(2) => kernels::attention::<bf16>(q, k, v, &shape).into(),
            _ => kernels::attention::<f32>(q, k, v, &shape).into(),
        }
    })
}
