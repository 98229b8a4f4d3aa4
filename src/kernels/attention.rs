//! Attention in blocks, so that no score matrix is ever whole.
//!
//! Queries go in small groups; for each, blocks of keys pass by, with the running maximum and sum of
//! the softmax corrected as they do ("Online normalizer calculation for softmax", Milakov and
//! Gimelshein 2018; "FlashAttention", Dao et al. 2022). Memory grows with queries plus keys, not with
//! their product.

use rayon::prelude::*;

use super::cpu::for_each_cpu;
use super::element::{Element, Rows};
use super::exp::{exp, exp_roughly};
use super::memory::{made_of_pieces, pieces};
use super::pack::{LANES, PANEL, Panels};
use super::tile::{Block, MAX_ROWS, rows_at_once};

/// Queries that share one pass over the keys.
const QUERIES: usize = 48;
/// Keys in a block.
const KEYS: usize = 512;

/// Sizes of one attention.
#[derive(Clone, Copy, Debug)]
pub struct AttentionShape {
    /// Sequences.
    pub batch: usize,
    /// Heads; each looks on its own slice of the row.
    pub heads: usize,
    /// Numbers in a head.
    pub depth: usize,
    /// Queries in a sequence.
    pub queries: usize,
    /// Keys, and values, in a sequence.
    pub keys: usize,
}

/// softmax(q·kᵀ/√depth)·v of `q` `[batch, queries, heads·depth]` and `k`, `v`
/// `[batch, keys, heads·depth]`, as `[batch, queries, heads·depth]`. The two products are made of
/// numbers of the result's kind, the softmax in f32.
///
/// # Panics
/// When a length does not fit the shape, or `depth` is odd and the products are of bfloat16.
pub fn attention<T: Element>(q: &[f32], k: &[f32], v: &[f32], shape: &AttentionShape) -> Vec<T> {
    let &AttentionShape { batch, heads, depth, queries, keys } = shape;
    let width = heads * depth;
    assert_eq!(q.len(), batch * queries * width);
    assert!(k.len() == batch * keys * width && v.len() == k.len() && keys > 0);
    assert!(depth.is_multiple_of(T::GROUP));
    let packed: Vec<(Panels<T>, Panels<T>)> = (0..batch * heads)
        .into_par_iter()
        .map(|i| {
            let (from, head) = ((i / heads) * keys * width, (i % heads) * depth);
            let key = Panels::from_fn(keys, depth, |key, d| k[from + key * width + head + d]);
            let value = Panels::from_fn(depth, keys, |d, key| v[from + key * width + head + d]);
            (key, value)
        })
        .collect();
    let q = Rows::F32(q);
    let q = T::rows(&q);
    // One piece is one group of queries with all heads: it owns whole rows of the output.
    let groups = queries.div_ceil(QUERIES);
    made_of_pieces((0..batch).flat_map(|_| pieces(queries * width, QUERIES * width)), |index, rows| {
        let (b, group) = (index / groups, index % groups);
        let first = (b * queries + group * QUERIES) * width;
        let mut room = Room::default();
        T::fill(rows, |rows| {
            for head in 0..heads {
                let (key, value) = &packed[b * heads + head];
                look(&q, first + head * depth, width, (key, value, keys), &mut rows[head * depth..], &mut room);
            }
        });
    })
}

/// Memory that the heads of one group use one after the other.
#[derive(Default)]
struct Room<T> {
    /// `[rows, block]`, blocks filled up with zeros to whole groups.
    scores: Vec<f32>,
    kept: Vec<T>,
    /// `[rows, width]` for each panel of the values.
    sums: Vec<Vec<f32>>,
}

/// One head of one group of queries. Query `r` lies at `q[first + r * stride..]`; its result goes to
/// `out[r * stride..]`.
fn look<T: Element>(
    q: &[T],
    first: usize,
    stride: usize,
    (key, value, keys): (&Panels<T>, &Panels<T>, usize),
    out: &mut [f32],
    room: &mut Room<T>,
) {
    let depth = key.inputs;
    let rows = (out.len() + stride - depth) / stride;
    let scale = 1.0 / (depth as f32).sqrt();
    let Room { scores, kept, sums } = room;
    sums.resize_with(value.count(), Vec::new);
    for (panel, sums) in sums.iter_mut().enumerate() {
        sums.resize(rows * value.panel(panel).1, 0.0);
    }
    let mut highest = [f32::NEG_INFINITY; QUERIES];
    let mut total = [0.0f32; QUERIES];
    let mut tile = [0.0; PANEL * MAX_ROWS];
    let queries: [usize; QUERIES] = std::array::from_fn(|r| first + r * stride);
    for from in (0..keys).step_by(KEYS) {
        let block = KEYS.min(keys - from);
        let long = block.next_multiple_of(T::GROUP);
        scores.clear();
        scores.resize(rows * long, 0.0);
        for index in 0..block.div_ceil(key.size) {
            let (panel, width) = key.panel(from / key.size + index);
            let step = rows_at_once(width);
            let used = (block - index * key.size).min(key.size);
            for row in (0..rows).step_by(step) {
                let count = step.min(rows - row);
                let tile = &mut tile[..count * width];
                Block {
                    input: q,
                    starts: &queries[row..],
                    starts_stride: 0,
                    segments: 1,
                    offset: 0,
                    rows: count,
                    panel,
                    panel_stride: 0,
                    depth,
                    width,
                    fresh: true,
                }
                .add_to(tile);
                for (r, tile) in tile.chunks_exact(width).enumerate() {
                    scores[(row + r) * long + index * key.size..][..used].copy_from_slice(&tile[..used]);
                }
            }
        }
        for row in 0..rows {
            let mut result = Softened { highest: highest[row], sum: 0.0, correction: 0.0 };
            T::soften(&mut scores[row * long..][..block], scale, &mut result);
            total[row] = total[row] * result.correction + result.sum;
            highest[row] = result.highest;
            // The first block replaces what is there.
            if from > 0 && result.correction != 1.0 {
                for (panel, sums) in sums.iter_mut().enumerate() {
                    let width = value.panel(panel).1;
                    sums[row * width..][..width].iter_mut().for_each(|v| *v *= result.correction);
                }
            }
        }
        let weights = T::kept(scores, kept);
        let starts: [usize; QUERIES] = std::array::from_fn(|r| r * long);
        for (index, sums) in sums.iter_mut().enumerate() {
            let (panel, width) = value.panel(index);
            let step = rows_at_once(width);
            for row in (0..rows).step_by(step) {
                Block {
                    input: weights,
                    starts: &starts[row..],
                    starts_stride: 0,
                    segments: 1,
                    offset: 0,
                    rows: step.min(rows - row),
                    panel: &panel[from * width..],
                    panel_stride: 0,
                    depth: long,
                    width,
                    fresh: from == 0,
                }
                .add_to(&mut sums[row * width..]);
            }
        }
    }
    for (row, total) in total[..rows].iter().enumerate() {
        let inverse = 1.0 / total;
        for (panel, sums) in sums.iter().enumerate() {
            let width = value.panel(panel).1;
            let used = (depth - panel * value.size).min(value.size);
            let out = &mut out[row * stride + panel * value.size..][..used];
            out.iter_mut().zip(&sums[row * width..]).for_each(|(out, sum)| *out = sum * inverse);
        }
    }
}

/// What a block of scores does to a row's running softmax.
pub struct Softened {
    /// In: the highest scaled score so far; out: with this block's.
    highest: f32,
    /// Sum of this block's exponentials.
    sum: f32,
    /// What the sums so far must be multiplied by.
    correction: f32,
}

for_each_cpu! {
    /// Scores become exp(score·scale − highest).
    pub(super) fn soften(scores: &mut [f32], scale: f32, row: &mut Softened) = soften_with::<false>
}

for_each_cpu! {
    /// The same, as exactly as bfloat16 can tell.
    pub(super) fn soften_roughly(scores: &mut [f32], scale: f32, row: &mut Softened) = soften_with::<true>
}

#[inline(always)]
fn soften_with<const ROUGHLY: bool>(scores: &mut [f32], scale: f32, row: &mut Softened) {
    let exp = if ROUGHLY { exp_roughly } else { exp };
    // Sixteen partial results, so that the order is the same with any vector length.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 200.0 - 2.5
    }

    /// Against the definition in f64.
    fn agrees<T: Element + Into<f32>>(heads: usize, depth: usize, queries: usize, keys: usize, bound: f64) {
        let shape = AttentionShape { batch: 2, heads, depth, queries, keys };
        let width = heads * depth;
        let make = |n: usize, seed: usize| -> Vec<f32> { (0..2 * n * width).map(|i| number(i + seed)).collect() };
        let (q, k, v) = (make(queries, 1), make(keys, 50), make(keys, 99));
        let got: Vec<T> = attention(&q, &k, &v, &shape);
        // What the products are made of.
        let round =
            |values: Vec<f32>| -> Vec<f64> { values.iter().map(|v| f64::from(T::from_f32(*v).into())).collect() };
        let (q, k, v) = (round(q), round(k), round(v));
        for (b, head, row) in
            (0..2).flat_map(|b| (0..heads).flat_map(move |h| (0..queries).step_by(7).map(move |r| (b, h, r))))
        {
            let at = |i: usize, n: usize, d: usize| (b * n + i) * width + head * depth + d;
            let score = |key: usize| (0..depth).map(|d| q[at(row, queries, d)] * k[at(key, keys, d)]).sum::<f64>();
            let scores: Vec<f64> = (0..keys).map(|key| score(key) / (depth as f64).sqrt()).collect();
            let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = scores.iter().map(|s| (s - high).exp()).sum();
            for d in 0..depth {
                let want: f64 = (0..keys).map(|key| (scores[key] - high).exp() / total * v[at(key, keys, d)]).sum();
                let got: f32 = got[at(row, queries, d)].into();
                assert!((f64::from(got) - want).abs() < bound, "{shape:?}: {got} is not {want}");
            }
        }
    }

    #[test]
    fn blocks_agree_with_the_definition() {
        for (heads, depth, queries, keys) in [(1, 8, 5, 3), (2, 40, 130, 77), (3, 20, 50, 1100), (1, 130, 49, 600)] {
            agrees::<f32>(heads, depth, queries, keys, 2e-5);
            // Weights and results are rounded to 8 bits; values go up to 2.5.
            agrees::<half::bf16>(heads, depth, queries, keys, 2e-2);
        }
    }
}
