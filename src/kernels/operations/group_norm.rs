//! Group normalisation.

use rayon::prelude::*;

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::memory::{build_in_pieces, piece_lengths};
use crate::kernels::numbers::{Element, silu};

/// Pixels whose sums are taken together: a fixed number, so that the order of the sums is fixed.
const PIXELS: usize = 128;

/// Group normalisation (Wu and He 2018) of `x` `[images, pixels, channels]` over `groups` groups of
/// neighbouring channels, scaled by `gain` and shifted by `bias` (`[channels]` each); then the SiLU if
/// `activate` is set. `eps` is added to the variance.
///
/// # Panics
/// When a length does not fit.
pub fn group_norm<T: Element>(
    x: &[f32],
    images: usize,
    groups: usize,
    gain: &[f32],
    bias: &[f32],
    eps: f64,
    activate: bool,
) -> Vec<T> {
    let channels = gain.len();
    assert!(bias.len() == channels && channels.is_multiple_of(groups) && x.len().is_multiple_of(images * channels));
    let plane = x.len() / images;
    let scales_and_shifts: Vec<_> =
        x.chunks_exact(plane).map(|x| scales_and_shifts(x, groups, gain, bias, eps)).collect();
    let runs = plane.div_ceil(PIXELS * channels);
    build_in_pieces((0..images).flat_map(|_| piece_lengths(plane, PIXELS * channels)), |index, output| {
        let (image, run) = (index / runs, index % runs);
        let (scales, shifts) = &scales_and_shifts[image];
        let x = &x[image * plane + run * PIXELS * channels..][..output.len()];
        T::fill_as_f32(output, |output| scale_and_shift(x, output, scales, shifts, activate));
    })
}

/// What each channel of one image must be multiplied by, and what must be added then.
fn scales_and_shifts(x: &[f32], groups: usize, gain: &[f32], bias: &[f32], eps: f64) -> (Vec<f32>, Vec<f32>) {
    let channels = gain.len();
    // Sums of distances from the first pixel, and of their squares: these are small even where the numbers
    // are not, so that little precision is lost.
    let origin = &x[..channels];
    let parts: Vec<Vec<f32>> = x
        .par_chunks(PIXELS * channels)
        .map(|run| {
            let mut sums = vec![0.0; 2 * channels];
            sum_distances(run, origin, &mut sums);
            sums
        })
        .collect();
    let mut sums = vec![0.0f64; 2 * channels];
    for part in &parts {
        sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    let pixels = (x.len() / channels) as f64;
    let (mut scale, mut shift) = (vec![0.0; channels], vec![0.0; channels]);
    let size = channels / groups;
    for group in 0..groups {
        let members = group * size..(group + 1) * size;
        let mean_of = |c: usize| f64::from(origin[c]) + sums[c] / pixels;
        let mean = members.clone().map(mean_of).sum::<f64>() / size as f64;
        let variance = members
            .clone()
            .map(|c| {
                let own = sums[c] / pixels;
                (sums[channels + c] / pixels - own * own).max(0.0) + (mean_of(c) - mean).powi(2)
            })
            .sum::<f64>()
            / size as f64;
        let inverse = 1.0 / (variance + eps).sqrt();
        for c in members {
            let by = f64::from(gain[c]) * inverse;
            scale[c] = by as f32;
            shift[c] = (f64::from(bias[c]) - mean * by) as f32;
        }
    }
    (scale, shift)
}

for_each_cpu! {
    /// Adds each channel's distances from `origin`, and their squares, to `sums` `[2, channels]`.
    fn sum_distances(run: &[f32], origin: &[f32], sums: &mut [f32]) = sum_distances_body
}

#[inline(always)]
fn sum_distances_body(run: &[f32], origin: &[f32], sums: &mut [f32]) {
    let (sum, squares) = sums.split_at_mut(origin.len());
    for pixel in run.chunks_exact(origin.len()) {
        for (((value, origin), sum), square) in pixel.iter().zip(origin).zip(&mut *sum).zip(&mut *squares) {
            let distance = value - origin;
            *sum += distance;
            *square += distance * distance;
        }
    }
}

for_each_cpu! {
    /// Multiplies and shifts each channel, then applies the SiLU if `activate` is set.
    fn scale_and_shift(x: &[f32], output: &mut [f32], scale: &[f32], shift: &[f32], activate: bool) =
        scale_and_shift_body
}

#[inline(always)]
fn scale_and_shift_body(x: &[f32], output: &mut [f32], scale: &[f32], shift: &[f32], activate: bool) {
    let channels = scale.len();
    for (x, output) in x.chunks_exact(channels).zip(output.chunks_exact_mut(channels)) {
        let values = x.iter().zip(scale).zip(shift).map(|((x, scale), shift)| x * scale + shift);
        if activate {
            output.iter_mut().zip(values).for_each(|(output, value)| *output = silu(value));
        } else {
            output.iter_mut().zip(values).for_each(|(output, value)| *output = value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 200.0 - 2.5
    }

    #[test]
    fn group_norm_agrees_with_the_definition_even_far_from_zero() {
        for (channels, groups, far, activate) in [(8, 2, 0.0, false), (96, 4, 30.0, true), (30, 30, -500.0, false)] {
            let (images, pixels) = (2, 301);
            let x: Vec<f32> = (0..images * pixels * channels).map(|i| number(i) + far).collect();
            let gain: Vec<f32> = (0..channels).map(number).collect();
            let bias: Vec<f32> = (0..channels).map(|i| number(i + 9)).collect();
            let got: Vec<f32> = group_norm(&x, images, groups, &gain, &bias, 1e-5, activate);
            let size = channels / groups;
            for (image, c) in (0..images).flat_map(|i| (0..channels).map(move |c| (i, c))) {
                let group = c / size * size;
                let value = |p: usize, c: usize| f64::from(x[(image * pixels + p) * channels + c]);
                let all: Vec<f64> = (0..pixels)
                    .flat_map(|p| (group..group + size).map(move |c| (p, c)))
                    .map(|(p, c)| value(p, c))
                    .collect();
                let mean = all.iter().sum::<f64>() / all.len() as f64;
                let variance = all.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / all.len() as f64;
                for p in [0, 150, 300] {
                    let normed = (value(p, c) - mean) / (variance + 1e-5).sqrt();
                    let plain = normed * f64::from(gain[c]) + f64::from(bias[c]);
                    let want = if activate { plain / (1.0 + (-plain).exp()) } else { plain };
                    let got = f64::from(got[(image * pixels + p) * channels + c]);
                    assert!((got - want).abs() < 2e-4, "{channels} {far}: {got} is not {want}");
                }
            }
        }
    }
}
