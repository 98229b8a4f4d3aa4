//! A 3×3 convolution over an input with every pixel doubled, without doubling it.
//!
//! An output pixel's three rows of taps fall on only two rows of the input, and likewise for columns,
//! so each of the four positions inside a doubled pixel is a 2×2 convolution of its own with weights
//! added up beforehand: four ninths of the products, and the same result.

use super::conv::{ConvShape, Finish, add_up, starts_of};
use super::element::{Element, Rows};
use super::memory::{made_of_pieces, pieces};
use super::pack::{Panels, Strip, Turning, Weights};

/// The most output pixels in a piece of work.
const RUN: usize = 2048;

/// Taps of each position's kernel.
pub(super) const POINTS: usize = 4;

/// The 2×2 kernels of the four positions, top left first.
pub(super) struct Doubled<T> {
    positions: [Panels<T>; 4],
}

impl<T: Element> Doubled<T> {
    /// From 3×3 kernels `[outputs, inputs, 9]`.
    pub fn of(weight: Weights<'_>, outputs: usize, inputs: usize) -> Self {
        let positions =
            std::array::from_fn(|position| Panels::made(weight, outputs, inputs, 9, Turning::Doubling(position)));
        Self { positions }
    }

    /// `input` `[n, h, w, inputs]` to `[n, 2h, 2w, outputs]`.
    pub fn conv(&self, input: Rows<'_>, bias: Option<&[f32]>, residual: Option<&[f32]>, shape: &ConvShape) -> Vec<f32> {
        let &ConvShape { images, height, width, .. } = shape;
        let Panels { inputs, outputs, size, .. } = self.positions[0];
        let zeros = input.len();
        let source = T::padded(input, inputs);
        let total = images * 4 * height * width * outputs;
        let finish = Finish { outputs, size, bias, residual };
        finish.check(total);
        // A piece makes whole pairs of output rows, so that it owns a stretch of the output.
        let pairs = (images * height).div_ceil(4 * rayon::current_num_threads());
        let pairs = pairs.clamp(1, RUN.div_ceil(4 * width));
        made_of_pieces(pieces(total, pairs * 4 * width * outputs), |index, rows| {
            let pairs_here = rows.len() / (4 * width * outputs);
            let (first, count) = (index * pairs * width, pairs_here * width);
            let mut room = vec![0.0; count * size];
            for (position, weights) in self.positions.iter().enumerate() {
                let (down, right) = (position / 2, position % 2);
                let start = |pixel: usize, tap: usize| {
                    let (line, x) = (pixel / width, pixel % width);
                    let (image, y) = (line / height, line % height);
                    let y = (y + down + tap / 2).checked_sub(1).filter(|y| *y < height);
                    let x = (x + right + tap % 2).checked_sub(1).filter(|x| *x < width);
                    y.zip(x).map_or(zeros, |(y, x)| ((image * height + y) * width + x) * inputs)
                };
                let starts = starts_of(first, count, 4, &start);
                for panel in 0..weights.count() {
                    let sums = &mut room[..count * weights.panel(panel).1];
                    add_up(&source, weights, panel, 0..4, &starts, sums);
                    let place = |pixel: usize| {
                        let (line, x) = (pixel / width, pixel % width);
                        (2 * line + down) * 2 * width + 2 * x + right
                    };
                    finish.put(4 * first, panel, sums, rows, place);
                }
            }
        })
    }
}

/// The 2×2 kernels of a position from 3×3 ones, for a strip of inputs at once.
#[inline(always)]
pub(super) fn sum_kernels<'a>(position: usize, kernels: &Strip, sums: &'a mut Strip) -> &'a mut Strip {
    let (down, right) = (position / 2, position % 2);
    for (tap, sums) in sums[..POINTS].iter_mut().enumerate() {
        sums.fill(0.0);
        for ky in taps(down, tap / 2) {
            for kx in taps(right, tap % 2) {
                for (sum, value) in sums.iter_mut().zip(&kernels[3 * ky + kx]) {
                    *sum += value;
                }
            }
        }
    }
    sums
}

/// Which of three taps fall on the `tap`-th of the two input lines under a position.
fn taps(position: usize, tap: usize) -> std::ops::Range<usize> {
    match (position, tap) {
        (0, 0) => 0..1,
        (0, _) => 1..3,
        (_, 0) => 0..2,
        _ => 2..3,
    }
}
