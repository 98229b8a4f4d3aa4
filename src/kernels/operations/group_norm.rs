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
    let affines: Vec<_> = x
        .chunks_exact(plane)
        .map(|x| {
            let mut sums = GroupSums::new(channels);
            sums.add(x);
            sums.affine(groups, gain, bias, eps)
        })
        .collect();
    let runs = plane.div_ceil(PIXELS * channels);
    build_in_pieces((0..images).flat_map(|_| piece_lengths(plane, PIXELS * channels)), |index, output| {
        let (image, run) = (index / runs, index % runs);
        let ChannelAffine { scales, shifts } = &affines[image];
        let x = &x[image * plane + run * PIXELS * channels..][..output.len()];
        T::fill_as_f32(output, |output| scale_and_shift(x, output, scales, shifts, activate));
    })
}

/// What group normalisation must know of an image's pixels, gathered from the first to the last, in as many
/// pieces as is convenient.
///
/// The result is the same to the bit as that of [`group_norm`] where every piece but the last has a multiple of
/// [`GroupSums::RUN`] pixels.
pub struct GroupSums {
    /// The first pixel.
    origin: Vec<f32>,
    /// Sums of distances from it, then of their squares, `[2, channels]`: these are small even where the
    /// numbers are not, so that little precision is lost.
    sums: Vec<f64>,
    pixels: usize,
}

/// What each channel is multiplied by, and what is added then, `[channels]` each.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelAffine {
    /// The factors.
    pub scales: Vec<f32>,
    /// The summands.
    pub shifts: Vec<f32>,
}

impl GroupSums {
    /// Pixels whose sums are taken together.
    pub const RUN: usize = PIXELS;

    /// Sums to which no pixels have been added yet.
    pub fn new(channels: usize) -> Self {
        Self { origin: Vec::new(), sums: vec![0.0; 2 * channels], pixels: 0 }
    }

    /// Adds the next pixels, `[pixels, channels]`.
    ///
    /// # Panics
    /// When the length is no multiple of the channels.
    pub fn add(&mut self, x: &[f32]) {
        let channels = self.sums.len() / 2;
        assert!(x.len().is_multiple_of(channels));
        if x.is_empty() {
            return;
        }
        let origin: &[f32] = self.origin_or(&x[..channels]);
        let parts: Vec<Vec<f32>> = x
            .par_chunks(PIXELS * channels)
            .map(|run| {
                let mut sums = vec![0.0; 2 * channels];
                sum_distances(run, origin, &mut sums);
                sums
            })
            .collect();
        for part in &parts {
            self.sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        self.pixels += x.len() / channels;
    }

    /// Adds `pixels` pixels by their sums, `[2, channels]`: first of their distances from [`GroupSums::origin_or`], then of
    /// the squares of these.
    pub fn add_summed(&mut self, sums: &[f32], pixels: usize) {
        self.sums.iter_mut().zip(sums).for_each(|(sum, value)| *sum += f64::from(*value));
        self.pixels += pixels;
    }

    /// The pixel that distances are taken from: the image's first. `first` is the first of those about to be
    /// added, which counts where there was none before.
    pub fn origin_or(&mut self, first: &[f32]) -> &[f32] {
        if self.origin.is_empty() {
            self.origin = first.to_vec();
        }
        &self.origin
    }

    /// What each channel must be multiplied by, and what must be added then, for `groups` groups of
    /// neighbouring channels with this `gain` and `bias`; `eps` is added to the variance.
    ///
    /// # Panics
    /// When a length does not fit.
    pub fn affine(&self, groups: usize, gain: &[f32], bias: &[f32], eps: f64) -> ChannelAffine {
        let Self { origin, sums, pixels } = self;
        let channels = gain.len();
        assert!(bias.len() == channels && sums.len() == 2 * channels && origin.len() == channels);
        let pixels = *pixels as f64;
        let (mut scales, mut shifts) = (vec![0.0; channels], vec![0.0; channels]);
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
                scales[c] = by as f32;
                shifts[c] = (f64::from(bias[c]) - mean * by) as f32;
            }
        }
        ChannelAffine { scales, shifts }
    }
}

/// Scales and shifts the channels of pixels `x` `[pixels, channels]`, then applies the SiLU if `activate` is
/// set.
///
/// # Panics
/// When the length is no multiple of the channels.
pub fn scale_channels<T: Element>(x: &[f32], by: &ChannelAffine, activate: bool) -> Vec<T> {
    let ChannelAffine { scales, shifts } = by;
    let channels = scales.len();
    assert!(shifts.len() == channels && x.len().is_multiple_of(channels));
    build_in_pieces(piece_lengths(x.len(), PIXELS * channels), |run, output| {
        let x = &x[run * PIXELS * channels..][..output.len()];
        T::fill_as_f32(output, |output| scale_and_shift(x, output, scales, shifts, activate));
    })
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
    #[test]
    fn an_image_in_pieces_is_normalised_to_the_same_bits() {
        let (channels, groups, pixels) = (24, 4, 3 * GroupSums::RUN + 17);
        let x: Vec<f32> = (0..pixels * channels).map(|i| number(i) + 3.0).collect();
        let gain: Vec<f32> = (0..channels).map(number).collect();
        let bias: Vec<f32> = (0..channels).map(|i| number(i + 9)).collect();
        let whole: Vec<f32> = group_norm(&x, 1, groups, &gain, &bias, 1e-6, true);
        for runs in [1, 2, 3] {
            let mut sums = GroupSums::new(channels);
            x.chunks(runs * GroupSums::RUN * channels).for_each(|piece| sums.add(piece));
            let affine = sums.affine(groups, &gain, &bias, 1e-6);
            let pieces: Vec<f32> =
                x.chunks(5 * channels).flat_map(|piece| scale_channels::<f32>(piece, &affine, true)).collect();
            assert!(pieces == whole, "{runs} runs at once");
        }
    }
}
