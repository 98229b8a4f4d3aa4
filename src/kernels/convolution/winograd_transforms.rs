//! The three transforms of Winograd's convolutions F(2×2, 3×3) and F(4×4, 3×3): of kernels, of input patches and of sums.
//!
//! Matrices are named as in Lavin and Gray 2015: g is a kernel, d a patch, m the products of both. A transform is one
//! of lines, applied to the columns and then to the rows.

use std::marker::PhantomData;

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::micro::{LANES, MAX_PANEL};
use crate::kernels::numbers::Element;
use crate::kernels::packing::{Strip, TapTransform};

/// The longest side of a patch of the input, in pixels.
const MAX_SIDE: usize = 6;
/// The most points that a patch is transformed into.
pub const MAX_POINTS: usize = MAX_SIDE * MAX_SIDE;
/// The most pixels in a block of the output.
pub const MAX_BLOCK: usize = 16;

/// A line of a patch, or of its points; only the first [`Tile::SIDE`] numbers are used.
type Line = [f32; MAX_SIDE];

/// How large the blocks are that the output is computed in, with the transforms of lines that belong to this size.
pub trait Tile: Copy + Default + Send + Sync + 'static {
    /// Pixels along a side of a block of the output.
    const BLOCK: usize;
    /// Pixels along a side of the input's patch that a block depends on.
    const SIDE: usize = Self::BLOCK + 2;
    /// Numbers that a kernel and a patch are transformed into: a square grid of points.
    const POINTS: usize = Self::SIDE * Self::SIDE;

    /// G, for three taps.
    fn kernel_line(taps: [f32; 3]) -> Line;
    /// Bᵀ, for a line of a patch.
    fn patch_line(line: Line) -> Line;
    /// Aᵀ, for a line of summed products: the first [`Tile::BLOCK`] numbers of the result.
    fn sum_line(line: Line) -> [f32; 4];
}

/// Blocks of 2×2 pixels: 16 products for four pixels, which the definition computes with 36. Its transforms only add
/// and halve, so that bfloat16 bears them.
#[derive(Clone, Copy, Default)]
pub struct TwoByTwo;

impl Tile for TwoByTwo {
    const BLOCK: usize = 2;

    #[inline(always)]
    fn kernel_line([a, b, c]: [f32; 3]) -> Line {
        [a, 0.5 * (a + b + c), 0.5 * (a - b + c), c, 0.0, 0.0]
    }

    #[inline(always)]
    fn patch_line([a, b, c, e, ..]: Line) -> Line {
        [a - c, b + c, c - b, b - e, 0.0, 0.0]
    }

    #[inline(always)]
    fn sum_line([a, b, c, e, ..]: Line) -> [f32; 4] {
        [a + b + c, b - c - e, 0.0, 0.0]
    }
}

/// Blocks of 4×4 pixels: 36 products for 16 pixels, which the definition computes with 144.
///
/// The points are values of polynomials at 0, ±3/4, ±3/2 and infinity. The usual choice of 0, ±1, ±2 and infinity
/// rounds off twice as much: with 320 channels of normal random numbers in f32 the result is off by 3.5e-6 of its size
/// there, by 1.7e-6 here, and by 1.0e-6 when it is summed as defined. In bfloat16 it would be too much.
#[derive(Clone, Copy, Default)]
pub struct FourByFour;

/// The two points besides 0 and infinity, which count with both signs. They, their products and their powers up to
/// the fourth are exact in f32.
const NEAR: f32 = 0.75;
const FAR: f32 = 1.5;

impl Tile for FourByFour {
    const BLOCK: usize = 4;

    #[inline(always)]
    fn kernel_line([a, b, c]: [f32; 3]) -> Line {
        const BOTH: f32 = NEAR * NEAR * FAR * FAR;
        const BETWEEN: f32 = FAR * FAR - NEAR * NEAR;
        let value = |at: f32, divisor: f32| ((a + at * at * c) / divisor, at * b / divisor);
        let (near_even, near_odd) = value(NEAR, -2.0 * NEAR * NEAR * BETWEEN);
        let (far_even, far_odd) = value(FAR, 2.0 * FAR * FAR * BETWEEN);
        [a / BOTH, near_even + near_odd, near_even - near_odd, far_even + far_odd, far_even - far_odd, c]
    }

    #[inline(always)]
    fn patch_line([a, b, c, d, e, f]: Line) -> Line {
        const BOTH: f32 = NEAR * NEAR * FAR * FAR;
        const SUM: f32 = NEAR * NEAR + FAR * FAR;
        let (near_even, near_odd) = (e - FAR * FAR * c, NEAR * (d - FAR * FAR * b));
        let (far_even, far_odd) = (e - NEAR * NEAR * c, FAR * (d - NEAR * NEAR * b));
        [
            BOTH * a - SUM * c + e,
            near_even + near_odd,
            near_even - near_odd,
            far_even + far_odd,
            far_even - far_odd,
            BOTH * b - SUM * d + f,
        ]
    }

    #[inline(always)]
    fn sum_line([a, b, c, d, e, f]: Line) -> [f32; 4] {
        let (near, near_odd) = (b + c, b - c);
        let (far, far_odd) = (d + e, d - e);
        [
            a + near + far,
            NEAR * near_odd + FAR * far_odd,
            NEAR * NEAR * near + FAR * FAR * far,
            NEAR * NEAR * NEAR * near_odd + FAR * FAR * FAR * far_odd + f,
        ]
    }
}

/// Makes G·g·Gᵀ, the points of a 3×3 kernel.
#[derive(Clone, Copy, Default)]
pub struct KernelTransform<W>(PhantomData<W>);

impl<W: Tile> TapTransform for KernelTransform<W> {
    fn count(self, _: usize) -> usize {
        W::POINTS
    }

    #[inline(always)]
    fn apply<'a>(self, kernels: &'a Strip, points: &'a mut Strip) -> &'a Strip {
        for input in 0..kernels[0].len() {
            let at = |tap: usize| kernels[tap][input];
            let columns: [Line; 3] = std::array::from_fn(|x| W::kernel_line([at(x), at(3 + x), at(6 + x)]));
            for y in 0..W::SIDE {
                let line = W::kernel_line([columns[0][y], columns[1][y], columns[2][y]]);
                for (x, value) in line[..W::SIDE].iter().enumerate() {
                    points[W::SIDE * y + x][input] = *value;
                }
            }
        }
        points
    }
}

for_each_cpu! {
    /// Makes Bᵀ·d·B, the points of a patch, for each channel. `patch` holds the channels of its pixels, the first
    /// [`Tile::POINTS`] of the array; point `p` of channel `c` goes to `points[p * stride + c]`.
    pub fn transform_patch<T: Element, W: Tile>(patch: &[&[T]; MAX_POINTS], points: &mut [T], stride: usize, tile: W) =
        transform_patch_body
}

#[expect(clippy::needless_range_loop, reason = "lanes of several vectors at once")]
#[inline(always)]
fn transform_patch_body<T: Element, W: Tile>(patch: &[&[T]; MAX_POINTS], points: &mut [T], stride: usize, _: W) {
    let channels = patch[0].len();
    let mut from = 0;
    while from < channels {
        let used = LANES.min(channels - from);
        let mut d = [[0.0f32; LANES]; MAX_POINTS];
        for (d, patch) in d.iter_mut().zip(&patch[..W::POINTS]) {
            let patch = &patch[from..from + used];
            match <&[T; LANES]>::try_from(patch) {
                // Of a length the compiler knows, so that it is one load.
                Ok(patch) => d.iter_mut().zip(patch).for_each(|(d, value)| *d = value.widen()),
                Err(_) => d.iter_mut().zip(patch).for_each(|(d, value)| *d = value.widen()),
            }
        }
        for x in 0..W::SIDE {
            for lane in 0..LANES {
                let column = std::array::from_fn(|y| if y < W::SIDE { d[W::SIDE * y + x][lane] } else { 0.0 });
                let column = W::patch_line(column);
                for y in 0..W::SIDE {
                    d[W::SIDE * y + x][lane] = column[y];
                }
            }
        }
        for y in 0..W::SIDE {
            let mut lines = [[T::default(); LANES]; MAX_SIDE];
            for lane in 0..LANES {
                let row = std::array::from_fn(|x| if x < W::SIDE { d[W::SIDE * y + x][lane] } else { 0.0 });
                let row = W::patch_line(row);
                for x in 0..W::SIDE {
                    lines[x][lane] = T::narrow(row[x]);
                }
            }
            for (x, line) in lines[..W::SIDE].iter().enumerate() {
                points[(W::SIDE * y + x) * stride + from..][..used].copy_from_slice(&line[..used]);
            }
        }
        from += LANES;
    }
}

for_each_cpu! {
    /// Makes Aᵀ·m·A, the output pixels of a block, for each of `width` channels; the first [`Tile::BLOCK`] squared of
    /// `block` are written. Sum `p` of channel `c` is `sums[p * stride + c]`.
    pub fn transform_sums<W: Tile>(
        sums: &[f32],
        stride: usize,
        width: usize,
        block: &mut [[f32; MAX_PANEL]; MAX_BLOCK],
        tile: W,
    ) = transform_sums_body
}

#[inline(always)]
fn transform_sums_body<W: Tile>(
    sums: &[f32],
    stride: usize,
    width: usize,
    block: &mut [[f32; MAX_PANEL]; MAX_BLOCK],
    _: W,
) {
    for from in (0..width).step_by(LANES) {
        let mut m = [[0.0f32; LANES]; MAX_POINTS];
        for (point, m) in m[..W::POINTS].iter_mut().enumerate() {
            m.copy_from_slice(&sums[point * stride + from..][..LANES]);
        }
        let mut columns = [[0.0f32; LANES]; 4 * MAX_SIDE];
        for x in 0..W::SIDE {
            for lane in 0..LANES {
                let column = std::array::from_fn(|y| if y < W::SIDE { m[W::SIDE * y + x][lane] } else { 0.0 });
                let column = W::sum_line(column);
                for y in 0..W::BLOCK {
                    columns[W::SIDE * y + x][lane] = column[y];
                }
            }
        }
        for y in 0..W::BLOCK {
            for lane in 0..LANES {
                let row = std::array::from_fn(|x| if x < W::SIDE { columns[W::SIDE * y + x][lane] } else { 0.0 });
                let row = W::sum_line(row);
                for x in 0..W::BLOCK {
                    block[W::BLOCK * y + x][from + lane] = row[x];
                }
            }
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
        let transform = KernelTransform::<TwoByTwo>::default();
        Panels::<f32>::new(Weights::F32(&weights), outputs, inputs, 9, transform).assert_weights(
            |output, input, point| {
                let k = kernel(output, input);
                let columns: [f32; 3] = std::array::from_fn(|x| line([k[x], k[3 + x], k[6 + x]])[point / 4]);
                line(columns)[point % 4]
            },
        );
    }

    /// Products of points, transformed back, are the convolution of three taps with a line.
    fn lines_agree_with_the_definition<W: Tile>() {
        let taps = [3.0, -2.0, 5.0];
        let patch: Line = [1.0, -4.0, 2.0, 7.0, -3.0, 6.0];
        let (g, d) = (W::kernel_line(taps), W::patch_line(patch));
        let made = W::sum_line(std::array::from_fn(|point| if point < W::SIDE { g[point] * d[point] } else { 0.0 }));
        for (at, made) in made[..W::BLOCK].iter().enumerate() {
            let want: f32 = (0..3).map(|tap| taps[tap] * patch[at + tap]).sum();
            assert!((made - want).abs() < 1e-4, "{at}: {made} is not {want}");
        }
    }

    #[test]
    fn the_transforms_of_a_line_make_its_convolution() {
        lines_agree_with_the_definition::<TwoByTwo>();
        lines_agree_with_the_definition::<FourByFour>();
    }
}
