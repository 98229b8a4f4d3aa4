//! The softmax of attention scores, block by block.

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::micro::LANES;
use crate::kernels::numbers::{Element, Precision, exp, exp_approx};

/// The softmax of one row of scores after some of its blocks.
pub struct RunningSoftmax {
    /// The highest scaled score so far.
    pub highest: f32,
    /// The sum of the latest block's exponentials.
    pub sum: f32,
    /// What everything summed before the latest block must be multiplied by.
    pub correction: f32,
}

for_each_cpu! {
    /// Replaces a block of scores by exp(score·scale − highest) and updates `row`. `scale` is positive. `T` is
    /// the kind of number that the results are rounded to: for bfloat16 an approximation is exact enough.
    pub fn softmax_block<T: Element>(scores: &mut [f32], scale: f32, row: &mut RunningSoftmax) = softmax_block_body::<T>
}

#[inline(always)]
fn softmax_block_body<T: Element>(scores: &mut [f32], scale: f32, row: &mut RunningSoftmax) {
    let exp = match T::PRECISION {
        Precision::F32 | Precision::F16 => exp,
        Precision::Bf16 => exp_approx,
    };
    // Sixteen partial results, so that the order of the sums is the same with any vector length.
    let mut high = [f32::NEG_INFINITY; LANES];
    let chunks = scores.chunks_exact(LANES);
    let rest = chunks.remainder().iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b));
    for chunk in chunks {
        for (score, high) in chunk.iter().zip(&mut high) {
            *high = if *score > *high { *score } else { *high };
        }
    }
    let before = row.highest;
    // The scale is positive, so the highest score is the highest scaled one.
    let highest = before.max(high.iter().fold(rest, |a, b| a.max(*b)) * scale);
    let mut sums = [0.0f32; LANES];
    let mut chunks = scores.chunks_exact_mut(LANES);
    for chunk in &mut chunks {
        for (score, sum) in chunk.iter_mut().zip(&mut sums) {
            *score = exp(*score * scale - highest);
            *sum += *score;
        }
    }
    for score in chunks.into_remainder() {
        *score = exp(*score * scale - highest);
        sums[0] += *score;
    }
    row.sum = sums.iter().sum();
    row.correction = if before == f32::NEG_INFINITY { 0.0 } else { exp(before - highest) };
    row.highest = highest;
}
