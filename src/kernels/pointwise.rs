//! What happens to each number alone.

use super::cpu::for_each_cpu;
use super::element::Element;
use super::exp::{exp, silu as silu_of};
use super::memory::{made_of_pieces, pieces};

/// Numbers in a piece of work.
const RUN: usize = 16 << 10;

/// x·σ(x) of every number.
pub fn silu(x: &[f32]) -> Vec<f32> {
    made_of_pieces(pieces(x.len(), RUN), |index, output| silu_run(&x[index * RUN..][..output.len()], output))
}

for_each_cpu! {
    fn silu_run(x: &[f32], output: &mut [f32]) = silu_body
}

#[inline(always)]
fn silu_body(x: &[f32], output: &mut [f32]) {
    output.iter_mut().zip(x).for_each(|(output, x)| *output = silu_of(*x));
}

/// Rows `[rows, a]` and `[rows, b]` side by side, `[rows, a + b]`.
///
/// # Panics
/// When the two have not equally many rows.
pub fn side_by_side(x: &[f32], x_width: usize, y: &[f32], y_width: usize) -> Vec<f32> {
    let rows = x.len() / x_width;
    assert!(rows * x_width == x.len() && rows * y_width == y.len());
    let width = x_width + y_width;
    let run = (RUN / width).max(1);
    made_of_pieces(pieces(rows * width, run * width), |index, output| {
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
/// When the length is no multiple of `2·width`.
pub(super) fn geglu<T: Element>(x: &[f32], width: usize) -> Vec<T> {
    assert!(width > 0 && x.len().is_multiple_of(2 * width));
    let run = (RUN / width).max(1) * width;
    made_of_pieces(pieces(x.len() / 2, run), |index, output| {
        let x = &x[2 * index * run..][..2 * output.len()];
        T::fill(output, |output| geglu_run(x, output, width));
    })
}

for_each_cpu! {
    fn geglu_run(x: &[f32], output: &mut [f32], width: usize) = geglu_body
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

/// x·Φ(x), with the error function after Abramowitz and Stegun 7.1.26 (within 1.5e-7).
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = ((((1.061_405_4 * t - 1.453_152_1) * t + 1.421_413_8) * t - 0.284_496_72) * t + 0.254_829_6) * t;
    let tail = 0.5 * p * exp(-z * z);
    x * if x >= 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gelu_follows_the_error_function() {
        // x·Φ(x) computed with mpmath.
        for (x, want) in
            [(-6.0, -5.919e-9), (-2.0, -0.045_500_264), (-0.5, -0.154_268_77), (0.3, 0.185_373_48), (3.0, 2.995_950_3)]
        {
            assert!((gelu(x) - want).abs() < 1e-6, "{x}: {}", gelu(x));
        }
    }

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
