//! A 3×3 convolution of an input with every pixel doubled in both directions, without doubling it.
//!
//! The three rows of taps of an output pixel fall on only two rows of the input, and likewise for columns.
//! So each of the four positions inside a doubled pixel is a separate 2×2 convolution, whose weights are sums
//! of taps: four ninths of the products, and the same result.

use super::shape::{ConvShape, Edges};
use crate::kernels::memory::{build_in_pieces, piece_lengths};
use crate::kernels::micro::Multiply;
use crate::kernels::numbers::{Element, Rows};
use crate::kernels::packing::{Panels, Strip, TapTransform, Weights};
use crate::kernels::product::{Epilogue, InputStarts, input_starts, sum_panel};

/// The most output pixels in a piece of work, unless a single line has more.
const MAX_PIXELS: usize = 2048;

/// Taps of a 2×2 kernel.
const TAPS: usize = 4;

/// 3×3 kernels, as the 2×2 kernels of the four positions in a doubled pixel: top left, top right, bottom
/// left, bottom right.
pub struct UpsampledKernels<T> {
    positions: [Panels<T>; 4],
}

impl<T: Multiply> UpsampledKernels<T> {
    /// Sums the taps of kernels `[outputs, inputs, 9]`. `inputs` is a multiple of [`WeightKind::GROUP`].
    pub fn new(weights: Weights<'_>, outputs: usize, inputs: usize) -> Self {
        let positions = std::array::from_fn(|position| Panels::new(weights, outputs, inputs, 9, SumTaps { position }));
        Self { positions }
    }

    /// Doubles the pixels of `input` `[images, height, width, inputs]` and convolves the result:
    /// `[images, 2·height, 2·width, outputs]`, plus `bias`, plus `residual`.
    ///
    /// # Panics
    /// When a length does not fit, or the stride is not 1 or the edges not one line of zeros.
    pub fn convolve(
        &self,
        input: Rows<'_>,
        bias: Option<&[f32]>,
        residual: Option<&[f32]>,
        shape: &ConvShape,
    ) -> Vec<f32> {
        assert!(shape.stride == 1 && shape.edges == Edges::Even(1), "an upsampled convolution doubles the size");
        let &ConvShape { images, height, width, .. } = shape;
        let Panels { inputs, outputs, size, .. } = self.positions[0];
        let zeros = input.len();
        let source = T::Input::convert_padded(input, inputs);
        let total = images * 4 * height * width * outputs;
        let epilogue = Epilogue { outputs, panel_size: size, bias, residual };
        epilogue.check(total);
        // A piece makes whole pairs of output rows, so that it owns a stretch of the output.
        let pairs = (images * height).div_ceil(4 * rayon::current_num_threads());
        let pairs = pairs.clamp(1, MAX_PIXELS.div_ceil(4 * width));
        build_in_pieces(piece_lengths(total, pairs * 4 * width * outputs), |index, rows| {
            let pairs_here = rows.len() / (4 * width * outputs);
            let (first, count) = (index * pairs * width, pairs_here * width);
            let mut buffer = vec![0.0; count * size];
            for (position, weights) in self.positions.iter().enumerate() {
                let (down, right) = (position / 2, position % 2);
                let start = DoubledStarts { shape, down, right, inputs, zeros };
                let starts = input_starts(first, count, TAPS, &start);
                for panel in 0..weights.count() {
                    let sums = &mut buffer[..count * weights.panel(panel).1];
                    sum_panel(&source, weights, panel, 0..TAPS, &starts, sums);
                    let place = |pixel: usize| {
                        let (line, x) = (pixel / width, pixel % width);
                        (2 * line + down) * 2 * width + 2 * x + right
                    };
                    epilogue.write(4 * first, panel, sums, rows, place);
                }
            }
        })
    }
}

/// Where the input pixels under a tap of the 2×2 kernel of one position begin, found a row at a time.
struct DoubledStarts<'a> {
    shape: &'a ConvShape,
    /// 1 for the lower positions, and for those at the right.
    down: usize,
    right: usize,
    inputs: usize,
    /// Where the zeros begin that are read outside the image.
    zeros: usize,
}

impl InputStarts for DoubledStarts<'_> {
    fn add_run(&self, first: usize, count: usize, tap: usize, starts: &mut Vec<usize>) {
        let Self { shape: &ConvShape { height, width, .. }, down, right, inputs, zeros } = *self;
        let (below, beside) = (down + tap / 2, right + tap % 2);
        let (mut line, mut x) = (first / width, first % width);
        let mut left = count;
        while left > 0 {
            let end = width.min(x + left);
            left -= end - x;
            let (image, y) = (line / height, line % height);
            match (y + below).checked_sub(1).filter(|y| *y < height) {
                None => starts.resize(starts.len() + (end - x), zeros),
                Some(y) => {
                    let row = (image * height + y) * width;
                    starts.extend((x..end).map(|x| match (x + beside).checked_sub(1).filter(|x| *x < width) {
                        Some(x) => (row + x) * inputs,
                        None => zeros,
                    }));
                }
            }
            (line, x) = (line + 1, 0);
        }
    }
}

/// Makes the 2×2 kernel of one position of a 3×3 kernel.
#[derive(Clone, Copy)]
struct SumTaps {
    /// 0 to 3: top left, top right, bottom left, bottom right.
    position: usize,
}

impl TapTransform for SumTaps {
    fn count(self, _: usize) -> usize {
        TAPS
    }

    #[inline(always)]
    fn apply<'a>(self, kernels: &'a Strip, sums: &'a mut Strip) -> &'a Strip {
        let (down, right) = (self.position / 2, self.position % 2);
        for (tap, sums) in sums[..TAPS].iter_mut().enumerate() {
            sums.fill(0.0);
            for ky in taps_on_line(down, tap / 2) {
                for kx in taps_on_line(right, tap % 2) {
                    for (sum, value) in sums.iter_mut().zip(&kernels[3 * ky + kx]) {
                        *sum += value;
                    }
                }
            }
        }
        sums
    }
}

/// Which of three taps fall on input line 0 or 1 of the two under the first or second half of a doubled pixel.
#[inline(always)]
fn taps_on_line(half: usize, line: usize) -> std::ops::Range<usize> {
    match (half, line) {
        (0, 0) => 0..1,
        (0, _) => 1..3,
        (_, 0) => 0..2,
        _ => 2..3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_that_fall_on_the_same_input_pixel_are_summed() {
        let (outputs, inputs) = (70, 45);
        let kernel = |output: usize, input: usize| {
            std::array::from_fn::<f32, 9, _>(|tap| ((output * 31 + input * 7 + tap * tap) % 40) as f32)
        };
        let weights: Vec<f32> = (0..outputs * inputs).flat_map(|at| kernel(at / inputs, at % inputs)).collect();
        let kernels = UpsampledKernels::<f32>::new(Weights::F32(&weights), outputs, inputs);
        for (position, panels) in kernels.positions.iter().enumerate() {
            panels.assert_weights(|output, input, point| {
                // A tap falls on the input pixel that its output pixel, one of two by two, has doubled.
                let source = |half: usize, tap: usize| (half + tap).div_ceil(2) - half;
                let falls = |tap: &usize| {
                    (source(position / 2, tap / 3), source(position % 2, tap % 3)) == (point / 2, point % 2)
                };
                (0..9).filter(falls).map(|tap| kernel(output, input)[tap]).sum()
            });
        }
    }
}
