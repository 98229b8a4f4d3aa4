//! Layer normalisation.

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::memory::{build_in_pieces, piece_lengths};
use crate::kernels::numbers::Element;

/// How many rows a thread normalises at a time.
const ROWS: usize = 128;

/// Layer normalisation (Ba et al. 2016) of each row of `x` `[rows, channels]`, scaled by `gain` and
/// shifted by `bias` (`[channels]` each). `eps` is added to the variance.
///
/// # Panics
/// When a length does not fit.
pub fn layer_norm<T: Element>(x: &[f32], gain: &[f32], bias: &[f32], eps: f64) -> Vec<T> {
    let width = gain.len();
    assert!(bias.len() == width && x.len().is_multiple_of(width));
    build_in_pieces(piece_lengths(x.len(), ROWS * width), |index, output| {
        let x = &x[index * ROWS * width..][..output.len()];
        T::fill_as_f32(output, |output| {
            for (x, output) in x.chunks_exact(width).zip(output.chunks_exact_mut(width)) {
                normalise(x, output, gain, bias, eps as f32);
            }
        });
    })
}

for_each_cpu! {
    /// Normalises one row.
    fn normalise(x: &[f32], output: &mut [f32], gain: &[f32], bias: &[f32], eps: f32) = normalise_body
}

#[inline(always)]
fn normalise_body(x: &[f32], output: &mut [f32], gain: &[f32], bias: &[f32], eps: f32) {
    let count = x.len() as f32;
    let mean = sum_of(x, |v| v) / count;
    let variance = sum_of(x, |v| (v - mean) * (v - mean)) / count;
    let inverse = 1.0 / (variance + eps).sqrt();
    for (((output, x), gain), bias) in output.iter_mut().zip(x).zip(gain).zip(bias) {
        *output = (x - mean) * inverse * gain + bias;
    }
}

/// The sum of `of(value)`, in sixteen parts, so that the order is the same with any vector length.
#[inline(always)]
fn sum_of(x: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0f32; 16];
    let chunks = x.chunks_exact(16);
    let rest: f32 = chunks.remainder().iter().map(|v| of(*v)).sum();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += of(*value);
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 200.0 - 2.5
    }

    #[test]
    fn layer_norm_agrees_with_the_definition() {
        let width = 37;
        let x: Vec<f32> = (0..200 * width).map(number).collect();
        let (gain, bias): (Vec<f32>, Vec<f32>) =
            ((0..width).map(number).collect(), (5..width + 5).map(number).collect());
        let got: Vec<f32> = layer_norm(&x, &gain, &bias, 1e-5);
        for (row, got) in x.chunks_exact(width).zip(got.chunks_exact(width)) {
            let mean = row.iter().map(|v| f64::from(*v)).sum::<f64>() / width as f64;
            let variance = row.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / width as f64;
            for (i, got) in got.iter().enumerate() {
                let want =
                    (f64::from(row[i]) - mean) / (variance + 1e-5).sqrt() * f64::from(gain[i]) + f64::from(bias[i]);
                assert!((f64::from(*got) - want).abs() < 1e-5);
            }
        }
    }
}
