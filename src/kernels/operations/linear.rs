//! Linear layers.

use crate::kernels::micro::Multiply;
use crate::kernels::numbers::{Element, Rows};
use crate::kernels::product::product;

use super::packed::{InPrecision, Kernels, Packed};

/// Multiplies `input` `[rows, inputs]` with the weights: `[rows, outputs]`, plus `bias` `[outputs]`, plus
/// `residual` `[rows, outputs]`.
///
/// # Panics
/// When a length does not fit, or the weights are those of a convolution.
pub fn linear<'a>(
    input: impl Into<Rows<'a>>,
    weights: &Packed,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
) -> Vec<f32> {
    let input = input.into();
    assert_eq!(weights.taps(), 1);
    assert!(input.len().is_multiple_of(weights.inputs()));
    match &weights.kernels {
        InPrecision::F32(kernels) => multiply(input, kernels, bias, residual),
        InPrecision::F16(kernels) => multiply(input, kernels, bias, residual),
        InPrecision::Bf16(kernels) => multiply(input, kernels, bias, residual),
    }
}

fn multiply<T: Multiply>(
    input: Rows<'_>,
    kernels: &Kernels<T>,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
) -> Vec<f32> {
    let Kernels::Direct(panels) = kernels else { unreachable!("the other kinds of kernels have nine taps") };
    let rows = input.len() / panels.inputs;
    product(&T::Input::convert_rows(&input), panels, bias, residual, rows, |row, _| row * panels.inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::numbers::Precision;
    use crate::kernels::packing::Weights;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0
    }

    #[test]
    fn a_row_gives_the_same_alone_and_among_others_with_any_number_of_threads() {
        let (inputs, outputs, rows) = (1300, 90, 333);
        let input: Vec<f32> = (0..rows * inputs).map(number).collect();
        let weights: Vec<f32> = (0..outputs * inputs).map(|i| number(i + 3)).collect();
        for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
            let packed = Packed::new(Weights::F32(&weights), outputs, inputs, 1, precision).expect("fits");
            let all = linear(&input, &packed, None, None);
            let alone = linear(&input[200 * inputs..201 * inputs], &packed, None, None);
            assert!(alone == all[200 * outputs..201 * outputs]);
            for threads in [1, 3, 7, 16] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
                assert!(pool.install(|| linear(&input, &packed, None, None)) == all);
            }
        }
    }
}
