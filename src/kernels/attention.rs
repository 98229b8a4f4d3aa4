//! Attention in blocks, so that no score matrix is ever whole.
//!
//! Queries go in small groups; for each, blocks of keys pass by, with the running maximum and sum of
//! the softmax corrected as they do ("Online normalizer calculation for softmax", Milakov and
//! Gimelshein 2018; "FlashAttention", Dao et al. 2022). Memory grows with queries plus keys, not with
//! their product.

use rayon::prelude::*;

use super::cpu::for_each_cpu;
use super::exp::exp;
use super::pack::{LANES, PANEL, Packed};
use super::tile::{Block, rows_at_once};

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
/// `[batch, keys, heads·depth]`, as `[batch, queries, heads·depth]`.
///
/// # Panics
/// When a length does not fit the shape.
pub fn attention(q: &[f32], k: &[f32], v: &[f32], shape: &AttentionShape) -> Vec<f32> {
    let &AttentionShape { batch, heads, depth, queries, keys } = shape;
    let width = heads * depth;
    assert_eq!(q.len(), batch * queries * width);
    assert!(k.len() == batch * keys * width && v.len() == k.len() && keys > 0);
    let packed: Vec<(Packed, Packed)> = (0..batch * heads)
        .into_par_iter()
        .map(|i| {
            let (from, head) = ((i / heads) * keys * width, (i % heads) * depth);
            let key = Packed::from_fn(keys, depth, |key, d| k[from + key * width + head + d]);
            let value = Packed::from_fn(depth, keys, |d, key| v[from + key * width + head + d]);
            (key, value)
        })
        .collect();
    let groups = queries.div_ceil(QUERIES);
    let mut output = vec![0.0; q.len()];
    // One piece is one group of queries with all heads: it owns whole rows of the output.
    let rows: Vec<(usize, usize, &mut [f32])> = output
        .chunks_mut(queries * width)
        .enumerate()
        .flat_map(|(b, rows)| rows.chunks_mut(QUERIES * width).enumerate().map(move |(g, rows)| (b, g, rows)))
        .collect();
    debug_assert_eq!(rows.len(), batch * groups);
    rows.into_par_iter().for_each(|(b, group, rows)| {
        let first = (b * queries + group * QUERIES) * width;
        for head in 0..heads {
            let (key, value) = &packed[b * heads + head];
            look(q, first + head * depth, width, key, value, &mut rows[head * depth..]);
        }
    });
    output
}

/// One head of one group of queries. Query `r` lies at `q[first + r * stride..]`; its result goes to
/// `out[r * stride..]`.
fn look(q: &[f32], first: usize, stride: usize, key: &Packed, value: &Packed, out: &mut [f32]) {
    let (depth, keys) = (key.inputs, key.outputs);
    let rows = (out.len() + stride - depth) / stride;
    let scale = 1.0 / (depth as f32).sqrt();
    let out_panels = value.panels();
    let mut scores = vec![0.0; rows * KEYS.min(keys)];
    let mut sums: Vec<Vec<f32>> = (0..out_panels).map(|p| vec![0.0; rows * value.panel(p).1]).collect();
    let mut highest = vec![f32::NEG_INFINITY; rows];
    let mut total = vec![0.0f32; rows];
    let mut tile = [0.0; PANEL * super::tile::MAX_ROWS];
    for from in (0..keys).step_by(KEYS) {
        let block = KEYS.min(keys - from);
        for index in 0..block.div_ceil(PANEL) {
            let (panel, width) = key.panel(from / PANEL + index);
            let step = rows_at_once(width);
            let used = (block - index * PANEL).min(PANEL);
            for row in (0..rows).step_by(step) {
                let count = step.min(rows - row);
                let tile = &mut tile[..count * width];
                tile.fill(0.0);
                let starts: [usize; super::tile::MAX_ROWS] = std::array::from_fn(|r| first + (row + r) * stride);
                Block { input: q, starts: &starts[..count], rows: count, panel, panel_stride: 0, depth, width }
                    .add_to(tile);
                for (r, tile) in tile.chunks_exact(width).enumerate() {
                    scores[(row + r) * block + index * PANEL..][..used].copy_from_slice(&tile[..used]);
                }
            }
        }
        for row in 0..rows {
            let scores = &mut scores[row * block..][..block];
            let mut result = Softened { highest: highest[row], sum: 0.0, correction: 0.0 };
            soften(scores, scale, &mut result);
            total[row] = total[row] * result.correction + result.sum;
            highest[row] = result.highest;
            for (panel, sums) in sums.iter_mut().enumerate() {
                let width = value.panel(panel).1;
                sums[row * width..][..width].iter_mut().for_each(|v| *v *= result.correction);
            }
        }
        for (index, sums) in sums.iter_mut().enumerate() {
            let (panel, width) = value.panel(index);
            let step = rows_at_once(width);
            for row in (0..rows).step_by(step) {
                let count = step.min(rows - row);
                let starts: [usize; super::tile::MAX_ROWS] = std::array::from_fn(|r| (row + r) * block);
                Block {
                    input: &scores,
                    starts: &starts[..count],
                    rows: count,
                    panel: &panel[from * width..],
                    panel_stride: 0,
                    depth: block,
                    width,
                }
                .add_to(&mut sums[row * width..]);
            }
        }
    }
    for row in 0..rows {
        let inverse = 1.0 / total[row];
        for (panel, sums) in sums.iter().enumerate() {
            let width = value.panel(panel).1;
            let used = (depth - panel * PANEL).min(PANEL);
            let out = &mut out[row * stride + panel * PANEL..][..used];
            out.iter_mut().zip(&sums[row * width..]).for_each(|(out, sum)| *out = sum * inverse);
        }
    }
}

/// What a block of scores does to a row's running softmax.
struct Softened {
    /// In: the highest scaled score so far; out: with this block's.
    highest: f32,
    /// Sum of this block's exponentials.
    sum: f32,
    /// What the sums so far must be multiplied by.
    correction: f32,
}

for_each_cpu! {
    /// Scores become exp(score·scale − highest).
    fn soften(scores: &mut [f32], scale: f32, row: &mut Softened) = soften_body
}

#[inline(always)]
fn soften_body(scores: &mut [f32], scale: f32, row: &mut Softened) {
    // Sixteen partial results, so that the order is the same with any vector length.
    let mut high = [f32::NEG_INFINITY; LANES];
    for chunk in scores.chunks_exact_mut(LANES) {
        for (score, high) in chunk.iter_mut().zip(&mut high) {
            *score *= scale;
            *high = if *score > *high { *score } else { *high };
        }
    }
    let rest = scores.len() - scores.len() % LANES;
    for score in &mut scores[rest..] {
        *score *= scale;
        high[0] = high[0].max(*score);
    }
    let before = row.highest;
    let highest = high.iter().fold(before, |a, b| a.max(*b));
    let mut sums = [0.0f32; LANES];
    for chunk in scores.chunks_exact_mut(LANES) {
        for (score, sum) in chunk.iter_mut().zip(&mut sums) {
            *score = exp(*score - highest);
            *sum += *score;
        }
    }
    for score in &mut scores[rest..] {
        *score = exp(*score - highest);
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

    #[test]
    fn blocks_agree_with_the_definition() {
        for (heads, depth, queries, keys) in [(1, 8, 5, 3), (2, 40, 130, 77), (3, 20, 50, 1100), (1, 130, 49, 600)] {
            let shape = AttentionShape { batch: 2, heads, depth, queries, keys };
            let width = heads * depth;
            let make = |n: usize, seed: usize| -> Vec<f32> { (0..2 * n * width).map(|i| number(i + seed)).collect() };
            let (q, k, v) = (make(queries, 1), make(keys, 50), make(keys, 99));
            let got = attention(&q, &k, &v, &shape);
            for (b, head, row) in
                (0..2).flat_map(|b| (0..heads).flat_map(move |h| (0..queries).step_by(7).map(move |r| (b, h, r))))
            {
                let at = |i: usize, n: usize, d: usize| (b * n + i) * width + head * depth + d;
                let scores: Vec<f64> = (0..keys)
                    .map(|key| {
                        (0..depth)
                            .map(|d| f64::from(q[at(row, queries, d)]) * f64::from(k[at(key, keys, d)]))
                            .sum::<f64>()
                            / (depth as f64).sqrt()
                    })
                    .collect();
                let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = scores.iter().map(|s| (s - high).exp()).sum();
                for d in 0..depth {
                    let want: f64 =
                        (0..keys).map(|key| (scores[key] - high).exp() / total * f64::from(v[at(key, keys, d)])).sum();
                    let got = f64::from(got[at(row, queries, d)]);
                    assert!((got - want).abs() < 2e-5, "{shape:?}: {got} is not {want}");
                }
            }
        }
    }
}
