//! Group and layer normalisation.

use rayon::prelude::*;

use super::cpu::for_each_cpu;
use super::element::Element;
use super::exp::silu;
use super::memory::{made_of_pieces, pieces};

/// Pixels whose sums are taken together: fixed, so that the order of sums is.
const RUN: usize = 128;

/// Group normalisation (Wu and He 2018) of `x` `[images, pixels, channels]` over `groups` groups of
/// neighbouring channels, scaled by `gain` and shifted by `bias` (`[channels]` each); then the SiLU
/// where `activate` says so.
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
    let statistics: Vec<_> = x.chunks_exact(plane).map(|x| statistics(x, groups, gain, bias, eps)).collect();
    let runs = plane.div_ceil(RUN * channels);
    made_of_pieces((0..images).flat_map(|_| pieces(plane, RUN * channels)), |index, output| {
        let (image, run) = (index / runs, index % runs);
        let (scale, shift) = &statistics[image];
        let x = &x[image * plane + run * RUN * channels..][..output.len()];
        T::fill(output, |output| apply(x, output, scale, shift, activate));
    })
}

/// What each channel of one image is multiplied by, and what is added then.
fn statistics(x: &[f32], groups: usize, gain: &[f32], bias: &[f32], eps: f64) -> (Vec<f32>, Vec<f32>) {
    let channels = gain.len();
    // Distances from the first pixel: sums of squares of small numbers lose nothing.
    let origin = &x[..channels];
    let parts: Vec<Vec<f32>> = x
        .par_chunks(RUN * channels)
        .map(|run| {
            let mut sums = vec![0.0; 2 * channels];
            add_up(run, origin, &mut sums);
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
    fn add_up(run: &[f32], origin: &[f32], sums: &mut [f32]) = add_up_body
}

#[inline(always)]
fn add_up_body(run: &[f32], origin: &[f32], sums: &mut [f32]) {
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
    fn apply(x: &[f32], output: &mut [f32], scale: &[f32], shift: &[f32], activate: bool) = apply_body
}

#[inline(always)]
fn apply_body(x: &[f32], output: &mut [f32], scale: &[f32], shift: &[f32], activate: bool) {
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

/// Layer normalisation (Ba et al. 2016) of each row of `x` `[rows, gain.len()]`.
///
/// # Panics
/// When a length does not fit.
pub fn layer_norm<T: Element>(x: &[f32], gain: &[f32], bias: &[f32], eps: f64) -> Vec<T> {
    let width = gain.len();
    assert!(bias.len() == width && x.len().is_multiple_of(width));
    made_of_pieces(pieces(x.len(), RUN * width), |index, output| {
        let x = &x[index * RUN * width..][..output.len()];
        T::fill(output, |output| {
            for (x, output) in x.chunks_exact(width).zip(output.chunks_exact_mut(width)) {
                normalise(x, output, gain, bias, eps as f32);
            }
        });
    })
}

for_each_cpu! {
    fn normalise(x: &[f32], output: &mut [f32], gain: &[f32], bias: &[f32], eps: f32) = normalise_body
}

#[inline(always)]
fn normalise_body(x: &[f32], output: &mut [f32], gain: &[f32], bias: &[f32], eps: f32) {
    let count = x.len() as f32;
    let mean = lanes_sum(x, |v| v) / count;
    let variance = lanes_sum(x, |v| (v - mean) * (v - mean)) / count;
    let inverse = 1.0 / (variance + eps).sqrt();
    for (((output, x), gain), bias) in output.iter_mut().zip(x).zip(gain).zip(bias) {
        *output = (x - mean) * inverse * gain + bias;
    }
}

/// A sum in sixteen parts, the same with any vector length.
#[inline(always)]
fn lanes_sum(x: &[f32], of: impl Fn(f32) -> f32) -> f32 {
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
