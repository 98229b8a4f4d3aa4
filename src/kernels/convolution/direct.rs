//! A convolution as it is defined: nine matrix products for a 3×3 kernel, without unfolding the input.

use super::shape::{ConvShape, Edges};
use crate::kernels::micro::Multiply;
use crate::kernels::numbers::{Element, Rows};
use crate::kernels::packing::Panels;
use crate::kernels::product::{InputStarts, product};

/// Convolves `input` `[images, height, width, inputs]`: `[images, h', w', outputs]`, plus `bias`, plus
/// `residual`.
pub fn convolve<T: Multiply>(
    input: Rows<'_>,
    weights: &Panels<T>,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    shape: &ConvShape,
) -> Vec<f32> {
    let channels = weights.inputs;
    let (oh, ow) = shape.output();
    let pixels = shape.images * oh * ow;
    let start = ConvStarts { shape, output: (oh, ow), channels, zeros: input.len() };
    if shape.edges == Edges::Even(0) {
        product(&T::Input::convert_rows(&input), weights, bias, residual, pixels, start)
    } else {
        // Pixels outside the image read the zeros that follow the input.
        product(&T::Input::convert_padded(input, channels), weights, bias, residual, pixels, start)
    }
}

/// Where the input pixels under a tap begin, found a row at a time: with few channels, dividing for each pixel would take
/// as long as the products.
struct ConvStarts<'a> {
    shape: &'a ConvShape,
    /// Rows and columns of an output image.
    output: (usize, usize),
    channels: usize,
    /// Where the zeros begin that are read outside the image.
    zeros: usize,
}

impl InputStarts for ConvStarts<'_> {
    fn add_run(&self, first: usize, count: usize, tap: usize, starts: &mut Vec<usize>) {
        let Self { shape, output: (oh, ow), channels, zeros } = *self;
        let (ky, kx) = (tap / shape.kernel, tap % shape.kernel);
        let plane = shape.height * shape.width;
        if count == 0 {
            return;
        }
        let (mut row, mut x) = (first / ow, first % ow);
        let mut left = count;
        while left > 0 {
            let (image, y) = (row / oh, row % oh);
            let end = ow.min(x + left);
            left -= end - x;
            // The columns whose tap lies in the image; the others, at the edges, read zeros.
            let inside = shape.columns_inside(y, ky, kx, ow);
            let (from, to) = (inside.start.clamp(x, end), inside.end.clamp(x, end));
            starts.resize(starts.len() + (from - x), zeros);
            if let Some(at) = shape.source(y, from, ky, kx).filter(|_| from < to) {
                let begin = (image * plane + at) * channels;
                starts.extend((0..to - from).map(|column| begin + column * shape.stride * channels));
            }
            starts.resize(starts.len() + (end - from.max(to)), zeros);
            (row, x) = (row + 1, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::product::input_starts;

    #[test]
    fn a_run_of_pixels_begins_where_each_of_them_does() {
        for kernel in [1, 2, 3, 5] {
            for stride in [1, 2, 3] {
                for edges in [Edges::Even(0), Edges::Even(1), Edges::Even(2), Edges::Far] {
                    for (height, width) in [(5, 7), (6, 3), (1, 9), (8, 8)] {
                        let shape = ConvShape { images: 2, height, width, kernel, stride, edges };
                        let (oh, ow) = shape.output();
                        let (channels, zeros) = (3, 2 * height * width * 3);
                        let one = |pixel: usize, tap: usize| {
                            let (image, rest) = (pixel / (oh * ow), pixel % (oh * ow));
                            let at = shape.source(rest / ow, rest % ow, tap / kernel, tap % kernel);
                            at.map_or(zeros, |at| (image * height * width + at) * channels)
                        };
                        let run = ConvStarts { shape: &shape, output: (oh, ow), channels, zeros };
                        let (taps, all) = (kernel * kernel, 2 * oh * ow);
                        for (first, count) in [(0, all), (all / 3, all / 2), (all.saturating_sub(1), all.min(1))] {
                            let runs = input_starts(first, count, taps, &run);
                            assert_eq!(runs, input_starts(first, count, taps, &one), "{shape:?} from {first}");
                        }
                    }
                }
            }
        }
    }
}
