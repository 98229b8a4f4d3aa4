//! A convolution as it is defined: nine matrix products for a 3×3 kernel, without unfolding the input.

use super::shape::{ConvShape, Edges};
use crate::kernels::micro::Multiply;
use crate::kernels::numbers::{Element, Rows};
use crate::kernels::packing::Panels;
use crate::kernels::product::product;

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
    let plane = shape.height * shape.width;
    let zeros = input.len();
    let start = |pixel: usize, tap: usize| {
        let (image, rest) = (pixel / (oh * ow), pixel % (oh * ow));
        match shape.source(rest / ow, rest % ow, tap / shape.kernel, tap % shape.kernel) {
            Some(at) => (image * plane + at) * channels,
            None => zeros,
        }
    };
    if shape.edges == Edges::Even(0) {
        product(&T::Input::convert_rows(&input), weights, bias, residual, pixels, start)
    } else {
        // Pixels outside the image read the zeros that follow the input.
        product(&T::Input::convert_padded(input, channels), weights, bias, residual, pixels, start)
    }
}
