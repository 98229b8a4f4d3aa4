//! The three transforms of Winograd's convolution F(2×2, 3×3): of kernels, of input patches and of sums.
//!
//! Matrices are named as in Lavin and Gray 2015: g is a kernel, d a patch, m the products of both.

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::micro::{LANES, MAX_PANEL};
use crate::kernels::numbers::Element;
use crate::kernels::packing::{Strip, TapTransform};

/// Numbers that a kernel and a patch are transformed into: a 4×4 grid of points.
pub const POINTS: usize = 16;

/// Makes G·g·Gᵀ, 16 numbers, of a 3×3 kernel.
#[derive(Clone, Copy)]
pub struct KernelTransform;

impl TapTransform for KernelTransform {
    fn count(self, _: usize) -> usize {
        POINTS
    }

    #[inline(always)]
    fn apply<'a>(self, kernels: &'a Strip, points: &'a mut Strip) -> &'a Strip {
        for input in 0..kernels[0].len() {
            let line = |a: f32, b: f32, c: f32| [a, 0.5 * (a + b + c), 0.5 * (a - b + c), c];
            let at = |tap: usize| kernels[tap][input];
            let columns: [[f32; 4]; 3] = std::array::from_fn(|x| line(at(x), at(3 + x), at(6 + x)));
            for y in 0..4 {
                for (x, value) in line(columns[0][y], columns[1][y], columns[2][y]).into_iter().enumerate() {
                    points[4 * y + x][input] = value;
                }
            }
        }
        points
    }
}

for_each_cpu! {
    /// Makes Bᵀ·d·B, 16 numbers, of a 4×4 patch, for each channel. `patch` holds the channels of its 16
    /// pixels; number `p` of channel `c` goes to `points[p * stride + c]`.
    pub fn transform_patch<T: Element>(patch: &[&[T]; POINTS], points: &mut [T], stride: usize) = transform_patch_body
}

#[expect(clippy::needless_range_loop, reason = "lanes of several vectors at once")]
#[inline(always)]
fn transform_patch_body<T: Element>(patch: &[&[T]; POINTS], points: &mut [T], stride: usize) {
    let channels = patch[0].len();
    let mut from = 0;
    while from < channels {
        let used = LANES.min(channels - from);
        let mut d = [[0.0f32; LANES]; POINTS];
        for (d, patch) in d.iter_mut().zip(patch) {
            let patch = &patch[from..from + used];
            match <&[T; LANES]>::try_from(patch) {
                // Of a length the compiler knows, so that it is one load.
                Ok(patch) => d.iter_mut().zip(patch).for_each(|(d, value)| *d = value.widen()),
                Err(_) => d.iter_mut().zip(patch).for_each(|(d, value)| *d = value.widen()),
            }
        }
        for x in 0..4 {
            for lane in 0..LANES {
                let (a, b, c, e) = (d[x][lane], d[4 + x][lane], d[8 + x][lane], d[12 + x][lane]);
                (d[x][lane], d[4 + x][lane], d[8 + x][lane], d[12 + x][lane]) = (a - c, b + c, c - b, b - e);
            }
        }
        for y in 0..4 {
            let mut line = [[T::default(); LANES]; 4];
            for lane in 0..LANES {
                let (a, b, c, e) = (d[4 * y][lane], d[4 * y + 1][lane], d[4 * y + 2][lane], d[4 * y + 3][lane]);
                line[0][lane] = T::narrow(a - c);
                line[1][lane] = T::narrow(b + c);
                line[2][lane] = T::narrow(c - b);
                line[3][lane] = T::narrow(b - e);
            }
            for (x, line) in line.iter().enumerate() {
                points[(4 * y + x) * stride + from..][..used].copy_from_slice(&line[..used]);
            }
        }
        from += LANES;
    }
}

for_each_cpu! {
    /// Makes Aᵀ·m·A, the four output pixels of a block, for each of `width` channels. Sum `p` of channel `c`
    /// is `sums[p * stride + c]`.
    pub fn transform_sums(sums: &[f32], stride: usize, width: usize, block: &mut [[f32; MAX_PANEL]; 4]) =
        transform_sums_body
}

#[inline(always)]
fn transform_sums_body(sums: &[f32], stride: usize, width: usize, block: &mut [[f32; MAX_PANEL]; 4]) {
    for from in (0..width).step_by(LANES) {
        let mut m = [[0.0f32; LANES]; POINTS];
        for (point, m) in m.iter_mut().enumerate() {
            m.copy_from_slice(&sums[point * stride + from..][..LANES]);
        }
        for lane in 0..LANES {
            let top: [f32; 4] = std::array::from_fn(|x| m[x][lane] + m[4 + x][lane] + m[8 + x][lane]);
            let low: [f32; 4] = std::array::from_fn(|x| m[4 + x][lane] - m[8 + x][lane] - m[12 + x][lane]);
            block[0][from + lane] = top[0] + top[1] + top[2];
            block[1][from + lane] = top[1] - top[2] - top[3];
            block[2][from + lane] = low[0] + low[1] + low[2];
            block[3][from + lane] = low[1] - low[2] - low[3];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::packing::{Panels, Weights};

    #[test]
    fn kernels_are_transformed_as_they_are_packed() {
        // 45 inputs: a whole strip and an odd rest; multiples of four stay exact when halved twice.
        let (outputs, inputs) = (70, 45);
        let kernel = |output: usize, input: usize| {
            std::array::from_fn::<f32, 9, _>(|tap| ((output * 31 + input * 7 + tap * tap) % 40) as f32 * 4.0)
        };
        let weights: Vec<f32> = (0..outputs * inputs).flat_map(|at| kernel(at / inputs, at % inputs)).collect();
        let line = |v: [f32; 3]| [v[0], (v[0] + v[1] + v[2]) / 2.0, (v[0] - v[1] + v[2]) / 2.0, v[2]];
        Panels::<f32>::new(Weights::F32(&weights), outputs, inputs, 9, KernelTransform).assert_weights(
            |output, input, point| {
                let k = kernel(output, input);
                let columns: [f32; 3] = std::array::from_fn(|x| line([k[x], k[3 + x], k[6 + x]])[point / 4]);
                line(columns)[point % 4]
            },
        );
    }
}
