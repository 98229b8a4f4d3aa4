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
    in_groups(q, k, v, heads, weights, at_once, watch)
}

/// Each sequence in groups of `at_once` queries. A query's result depends on no other query, so it is the same
/// bit for bit.
fn in_groups(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    heads: usize,
    weights: &Packed,
    at_once: usize,
    watch: &Watch,
) -> Result<Tensor, Error> {
    let (batch, queries, _) = q.dims3()?;
    let mut sequences = Vec::with_capacity(batch);
    for index in 0..batch {
        let (q, k, v) = (q.narrow(0, index, 1)?, k.narrow(0, index, 1)?, v.narrow(0, index, 1)?);
        let mut groups = Vec::new();
        for from in (0..queries).step_by(at_once) {
            watch.check()?;
            let group = q.narrow(1, from, at_once.min(queries - from))?;
            groups.push(on_kernels(&group, &k, &v, heads, weights)?);
        }
        sequences.push(Tensor::cat(&groups, 1)?);
    }
    Ok(Tensor::cat(&sequences, 0)?)
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

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::kernels::Weights;

    #[test]
    fn groups_of_queries_give_the_same_bits_as_all_at_once() {
        const WIDTH: usize = 32;
        let rows = |count: usize, seed: usize| {
            let numbers: Vec<f32> =
                (0..2 * count * WIDTH).map(|i| ((i * 7919 + seed * 104_729) % 10_007) as f32 / 2500.0 - 2.0).collect();
            Tensor::from_vec(numbers, (2, count, WIDTH), &Device::Cpu).expect("tensor")
        };
        let (q, k, v) = (rows(131, 1), rows(700, 2), rows(700, 3));
        for precision in [Precision::F32, Precision::Bf16] {
            let numbers = vec![0.0; WIDTH * WIDTH];
            let next = Packed::new(Weights::F32(&numbers), WIDTH, WIDTH, 1, precision).expect("packs");
            let bits = |t: Tensor| -> Vec<u32> {
                let numbers: Vec<f32> =
                    t.to_dtype(candle_core::DType::F32).and_then(|t| t.flatten_all()?.to_vec1()).expect("numbers");
                numbers.into_iter().map(f32::to_bits).collect()
            };
            let whole = bits(on_kernels(&q, &k, &v, 4, &next).expect("runs"));
            for at_once in [1, 7, 48, 100, 131] {
                let groups = in_groups(&q, &k, &v, 4, &next, at_once, &Watch::default()).expect("runs");
                assert!(bits(groups) == whole, "{precision:?}, {at_once} at once");
            }
        }
    }
}
