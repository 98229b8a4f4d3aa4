//! Operations on each number by itself, and rows put side by side.

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::memory::{build_in_pieces, piece_lengths};
use crate::kernels::numbers::{self, Element, gelu};

/// How many numbers a thread works on at a time.
const CHUNK: usize = 16 << 10;

/// The SiLU, x·σ(x), of every number.
pub fn silu(x: &[f32]) -> Vec<f32> {
    build_in_pieces(piece_lengths(x.len(), CHUNK), |index, output| {
        silu_chunk(&x[index * CHUNK..][..output.len()], output)
    })
}

for_each_cpu! {
    /// The SiLU of a chunk.
    fn silu_chunk(x: &[f32], output: &mut [f32]) = silu_body
}

#[inline(always)]
fn silu_body(x: &[f32], output: &mut [f32]) {
    output.iter_mut().zip(x).for_each(|(output, x)| *output = numbers::silu(*x));
}

/// Concatenates each row of `x` `[rows, x_width]` with the same row of `y` `[rows, y_width]`:
/// `[rows, x_width + y_width]`. Both widths are at least 1.
///
/// # Panics
/// When the two do not have the same number of whole rows.
pub fn side_by_side(x: &[f32], x_width: usize, y: &[f32], y_width: usize) -> Vec<f32> {
    let rows = x.len() / x_width;
    assert!(rows * x_width == x.len() && rows * y_width == y.len());
    let width = x_width + y_width;
    let run = (CHUNK / width).max(1);
    build_in_pieces(piece_lengths(rows * width, run * width), |index, output| {
        let (x, y) =
            (x[index * run * x_width..].chunks_exact(x_width), y[index * run * y_width..].chunks_exact(y_width));
        for ((row, x), y) in output.chunks_exact_mut(width).zip(x).zip(y) {
            row[..x_width].copy_from_slice(x);
            row[x_width..].copy_from_slice(y);
        }
    })
}

/// GEGLU (Shazeer 2020) of rows `[rows, 2·width]`: the first half times the GELU of the second,
/// `[rows, width]`.
///
/// # Panics
/// When `width` is 0 or the length is not a multiple of `2·width`.
pub fn geglu<T: Element>(x: &[f32], width: usize) -> Vec<T> {
    assert!(width > 0 && x.len().is_multiple_of(2 * width));
    let run = (CHUNK / width).max(1) * width;
    build_in_pieces(piece_lengths(x.len() / 2, run), |index, output| {
        let x = &x[2 * index * run..][..2 * output.len()];
        T::fill_as_f32(output, |output| geglu_chunk(x, output, width));
    })
}

for_each_cpu! {
    /// The gate of a chunk of whole rows.
    fn geglu_chunk(x: &[f32], output: &mut [f32], width: usize) = geglu_body
}

#[inline(always)]
fn geglu_body(x: &[f32], output: &mut [f32], width: usize) {
    for (x, output) in x.chunks_exact(2 * width).zip(output.chunks_exact_mut(width)) {
        let (value, gate) = x.split_at(width);
        for ((output, value), gate) in output.iter_mut().zip(value).zip(gate) {
            *output = value * gelu(*gate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geglu_multiplies_halves() {
        let got: Vec<f32> = geglu(&[2.0, 3.0, 1e3, 0.0, 5.0, -1.0, -1e3, 1e3], 2);
        assert!(got.iter().zip([2e3, 0.0, 0.0, -1e3]).all(|(got, want)| (got - want).abs() < 1e-30), "{got:?}");
    }

    #[test]
    fn rows_lie_side_by_side() {
        let (x, y): (Vec<f32>, Vec<f32>) =
            ((0..60_000).map(|i| i as f32).collect(), (0..40_000).map(|i| -(i as f32)).collect());
        let both = side_by_side(&x, 3, &y, 2);
        for (i, row) in both.chunks_exact(5).enumerate() {
            assert_eq!((&row[..3], &row[3..]), (&x[3 * i..3 * i + 3], &y[2 * i..2 * i + 2]));
        }
    }

    #[test]
    fn silu_of_long_slices_is_silu_of_each() {
        let x: Vec<f32> = (0..40_000).map(|i| i as f32 * 1e-3 - 20.0).collect();
        for (x, y) in x.iter().zip(silu(&x)) {
            let x = f64::from(*x);
            assert!((f64::from(y) - x / (1.0 + (-x).exp())).abs() < 2e-6);
        }
    }
}
