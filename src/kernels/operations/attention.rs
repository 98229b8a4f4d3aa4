//! Attention in blocks, so that the matrix of scores is never whole.
//!
//! Queries go in small groups. For each group, blocks of keys pass by, and the running maximum and sum of
//! the softmax are corrected as they do ("Online normalizer calculation for softmax", Milakov and
//! Gimelshein 2018; "FlashAttention", Dao et al. 2022). Memory grows with queries plus keys, not with
//! their product.

use std::ops::Range;

use rayon::prelude::*;

use super::softmax::{RunningSoftmax, softmax_block};
use crate::kernels::memory::{build_in_pieces, piece_lengths};
use crate::kernels::micro::{Block, MAX_PANEL, MAX_ROWS, Multiply, rows_per_tile};
use crate::kernels::numbers::{Element, Rows};
use crate::kernels::packing::Panels;

/// Queries that share one pass over the keys.
const QUERIES: usize = 48;
/// Keys in a block: a multiple of the widest panel.
const KEYS: usize = 512;

/// Sizes of one attention.
#[derive(Clone, Copy, Debug)]
pub struct AttentionShape {
    /// Sequences.
    pub batch: usize,
    /// Heads; each works on its own slice of a row.
    pub heads: usize,
    /// Numbers of a row that belong to one head.
    pub depth: usize,
    /// Queries in a sequence.
    pub queries: usize,
    /// Keys in a sequence, and values; at least 1.
    pub keys: usize,
}

/// softmax(q·kᵀ/√depth)·v of `q` `[batch, queries, heads·depth]` and `k`, `v` `[batch, keys, heads·depth]`:
/// `[batch, queries, heads·depth]`. Both products are of numbers in the result's precision; the softmax
/// is f32.
///
/// # Panics
/// When a length does not fit the shape, there are no keys, or `depth` is odd and the result bfloat16.
pub fn attention<T: Element + Multiply<Input = T>>(q: &[f32], k: &[f32], v: &[f32], shape: &AttentionShape) -> Vec<T> {
    let &AttentionShape { batch, heads, depth, queries, keys } = shape;
    let width = heads * depth;
    assert_eq!(q.len(), batch * queries * width);
    assert!(k.len() == batch * keys * width && v.len() == k.len() && keys > 0);
    assert!(depth.is_multiple_of(T::GROUP));
    let packed: Vec<Head<T>> = (0..batch * heads)
        .into_par_iter()
        .map(|i| {
            let first = (i / heads) * keys * width + (i % heads) * depth;
            Head {
                keys: Panels::from_fn(keys, depth, |key, d| k[first + key * width + d]),
                values: Panels::from_fn(depth, keys, |d, key| v[first + key * width + d]),
            }
        })
        .collect();
    let q = Rows::F32(q);
    let q = T::convert_rows(&q);
    // A piece of work is one group of queries with all heads, so that it owns whole rows of the output.
    let groups = queries.div_ceil(QUERIES);
    build_in_pieces((0..batch).flat_map(|_| piece_lengths(queries * width, QUERIES * width)), |index, rows| {
        let (b, group) = (index / groups, index % groups);
        let first = (b * queries + group * QUERIES) * width;
        let mut buffers = Buffers::default();
        T::fill_as_f32(rows, |rows| {
            for head in 0..heads {
                let output = &mut rows[head * depth..];
                attend_head(&q, first + head * depth, width, &packed[b * heads + head], output, &mut buffers);
            }
        });
    })
}

/// Keys and values of one head in one sequence.
struct Head<T> {
    /// `[keys, depth]`.
    keys: Panels<T>,
    /// `[depth, keys]`.
    values: Panels<T>,
}

/// Memory that the heads of one group of queries use one after the other.
#[derive(Default)]
struct Buffers<T> {
    /// The scores of one block of keys, `[rows, keys]`, filled up with zeros to whole groups of keys.
    scores: Vec<f32>,
    /// The scores in the precision of the products.
    converted: Vec<T>,
    /// For each panel of the values, `[rows, width]`.
    sums: Vec<Vec<f32>>,
}

/// Computes one head for one group of queries. Query `r` begins at `q[first + r * stride]`, and its result
/// goes to `out[r * stride..]`.
fn attend_head<T: Element + Multiply<Input = T>>(
    q: &[T],
    first: usize,
    stride: usize,
    head: &Head<T>,
    out: &mut [f32],
    buffers: &mut Buffers<T>,
) {
    let (keys, depth) = (head.keys.outputs, head.keys.inputs);
    let rows = (out.len() + stride - depth) / stride;
    let scale = 1.0 / (depth as f32).sqrt();
    let Buffers { scores, converted, sums } = buffers;
    sums.resize_with(head.values.count(), Vec::new);
    for (panel, sums) in sums.iter_mut().enumerate() {
        sums.resize(rows * head.values.panel(panel).1, 0.0);
    }
    let mut highest = [f32::NEG_INFINITY; QUERIES];
    let mut total = [0.0f32; QUERIES];
    let queries: [usize; QUERIES] = std::array::from_fn(|r| first + r * stride);
    for from in (0..keys).step_by(KEYS) {
        let block = KEYS.min(keys - from);
        let row_length = block.next_multiple_of(T::GROUP);
        scores.clear();
        scores.resize(rows * row_length, 0.0);
        score_block(q, &queries[..rows], &head.keys, from..from + block, scores, row_length);
        for row in 0..rows {
            let mut softmax = RunningSoftmax { highest: highest[row], sum: 0.0, correction: 0.0 };
            softmax_block::<T>(&mut scores[row * row_length..][..block], scale, &mut softmax);
            total[row] = total[row] * softmax.correction + softmax.sum;
            highest[row] = softmax.highest;
            // The first block overwrites the sums.
            if from > 0 && softmax.correction != 1.0 {
                for (panel, sums) in sums.iter_mut().enumerate() {
                    let width = head.values.panel(panel).1;
                    sums[row * width..][..width].iter_mut().for_each(|sum| *sum *= softmax.correction);
                }
            }
        }
        add_weighted_values(T::convert(scores, converted), rows, row_length, &head.values, from, sums);
    }
    for (row, total) in total[..rows].iter().enumerate() {
        let inverse = 1.0 / total;
        for (panel, sums) in sums.iter().enumerate() {
            let width = head.values.panel(panel).1;
            let used = (depth - panel * head.values.size).min(head.values.size);
            let out = &mut out[row * stride + panel * head.values.size..][..used];
            out.iter_mut().zip(&sums[row * width..]).for_each(|(out, sum)| *out = sum * inverse);
        }
    }
}

/// The products of some queries with a block of keys, to `scores` `[queries, row_length]`. `queries` says where
/// each query begins in `q`; the block begins with a whole panel.
fn score_block<T: Multiply<Input = T>>(
    q: &[T],
    queries: &[usize],
    keys: &Panels<T>,
    block: Range<usize>,
    scores: &mut [f32],
    row_length: usize,
) {
    let mut tile = [0.0; MAX_PANEL * MAX_ROWS];
    for index in 0..block.len().div_ceil(keys.size) {
        let (panel, width) = keys.panel(block.start / keys.size + index);
        let step = rows_per_tile(width);
        let used = (block.len() - index * keys.size).min(keys.size);
        for (group, starts) in queries.chunks(step).enumerate() {
            let tile = &mut tile[..starts.len() * width];
            Block {
                input: q,
                starts,
                starts_stride: 0,
                segments: 1,
                offset: 0,
                rows: starts.len(),
                panel,
                panel_stride: 0,
                depth: keys.inputs,
                width,
                overwrite: true,
            }
            .add_to(tile);
            for (r, tile) in tile.chunks_exact(width).enumerate() {
                let row = &mut scores[(group * step + r) * row_length..][..row_length];
                row[index * keys.size..][..used].copy_from_slice(&tile[..used]);
            }
        }
    }
}

/// Adds the values from key `from` on, weighted by `weights` `[rows, row_length]`, to the sums; the first
/// block of keys overwrites them.
fn add_weighted_values<T: Multiply<Input = T>>(
    weights: &[T],
    rows: usize,
    row_length: usize,
    values: &Panels<T>,
    from: usize,
    sums: &mut [Vec<f32>],
) {
    let starts: [usize; QUERIES] = std::array::from_fn(|r| r * row_length);
    for (index, sums) in sums.iter_mut().enumerate() {
        let (panel, width) = values.panel(index);
        let step = rows_per_tile(width);
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
                depth: row_length,
                width,
                overwrite: from == 0,
            }
            .add_to(&mut sums[row * width..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 200.0 - 2.5
    }

    /// Compares an attention with its definition in f64.
    fn agrees_with_the_definition<T: Element + Multiply<Input = T>>(
        heads: usize,
        depth: usize,
        queries: usize,
        keys: usize,
        bound: f64,
    ) {
        let shape = AttentionShape { batch: 2, heads, depth, queries, keys };
        let width = heads * depth;
        let make = |n: usize, seed: usize| -> Vec<f32> { (0..2 * n * width).map(|i| number(i + seed)).collect() };
        let (q, k, v) = (make(queries, 1), make(keys, 50), make(keys, 99));
        let got: Vec<T> = attention(&q, &k, &v, &shape);
        // As the products take them.
        let round =
            |values: Vec<f32>| -> Vec<f64> { values.iter().map(|v| f64::from(T::narrow(*v).widen())).collect() };
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
                let got = got[at(row, queries, d)].widen();
                assert!((f64::from(got) - want).abs() < bound, "{shape:?}: {got} is not {want}");
            }
        }
    }

    #[test]
    fn attention_of_odd_shapes_agrees_with_the_definition() {
        for (heads, depth, queries, keys) in [(1, 8, 5, 3), (2, 40, 130, 77), (3, 20, 50, 1100), (1, 130, 49, 600)] {
            agrees_with_the_definition::<f32>(heads, depth, queries, keys, 2e-5);
            // Weights and results are rounded to 8 bits; values go up to 2.5.
            agrees_with_the_definition::<half::bf16>(heads, depth, queries, keys, 2e-2);
        }
    }
}
