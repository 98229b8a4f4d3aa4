//! Convolutions.

use super::packed::{InPrecision, Kernels, Packed};
use crate::kernels::convolution::{ConvShape, convolve};
use crate::kernels::micro::Multiply;
use crate::kernels::numbers::Rows;

/// Convolves `input` `[images, height, width, inputs]`: `[images, h', w', outputs]`, plus `bias`
/// `[outputs]`, plus `residual` of the output's shape. [`Packed::output`] says what h' and w' are.
///
/// # Panics
/// When a length or the kernel does not fit the shape, or the weights were packed for another stride or
/// other edges. Callers check shapes where they can say what is wrong.
pub fn conv2d<'a>(
    input: impl Into<Rows<'a>>,
    weights: &Packed,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    shape: &ConvShape,
) -> Vec<f32> {
    let input = input.into();
    assert_eq!(input.len(), shape.images * shape.height * shape.width * weights.inputs());
    assert_eq!(weights.taps(), shape.kernel * shape.kernel);
    match &weights.kernels {
        InPrecision::F32(kernels) => convolve_with(kernels, input, bias, residual, shape),
        InPrecision::F16(kernels) => convolve_with(kernels, input, bias, residual, shape),
        InPrecision::Bf16(kernels) => convolve_with(kernels, input, bias, residual, shape),
    }
}

fn convolve_with<T: Multiply>(
    kernels: &Kernels<T>,
    input: Rows<'_>,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    shape: &ConvShape,
) -> Vec<f32> {
    match kernels {
        Kernels::Direct(panels) => convolve(input, panels, bias, residual, shape),
        Kernels::Winograd(kernels) => kernels.convolve(input, bias, residual, shape),
        Kernels::LargeWinograd(kernels) => kernels.convolve(input, bias, residual, shape),
        Kernels::Upsampled(kernels) => kernels.convolve(input, bias, residual, shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::convolution::Edges;
    use crate::kernels::numbers::Precision;
    use crate::kernels::packing::Weights;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0
    }

    /// The convolution as it is defined, in f64.
    fn definition(input: &[f32], weights: &[f32], inputs: usize, outputs: usize, shape: &ConvShape) -> Vec<f64> {
        let (oh, ow) = shape.output();
        let taps = shape.kernel * shape.kernel;
        let mut out = Vec::new();
        for image in 0..shape.images {
            for (y, x) in (0..oh).flat_map(|y| (0..ow).map(move |x| (y, x))) {
                for o in 0..outputs {
                    let mut sum = 0.0;
                    for tap in 0..taps {
                        let Some(at) = shape.source(y, x, tap / shape.kernel, tap % shape.kernel) else { continue };
                        for i in 0..inputs {
                            let value = input[(image * shape.height * shape.width + at) * inputs + i];
                            sum += f64::from(value) * f64::from(weights[(o * inputs + i) * taps + tap]);
                        }
                    }
                    out.push(sum);
                }
            }
        }
        out
    }

    /// Bounds of what results may be off. Half precision has 11 bits, of which a product is off by 2^-11 at most, and
    /// bfloat16 has 8; the errors partly cancel.
    const PRECISIONS: [(Precision, f64); 3] =
        [(Precision::F32, 1e-4), (Precision::F16, 0.015), (Precision::Bf16, 0.12)];

    #[test]
    fn direct_convolutions_of_odd_shapes_agree_with_the_definition() {
        let base = ConvShape { images: 2, height: 7, width: 5, kernel: 3, stride: 1, edges: Edges::Even(1) };
        let shapes = [
            base,
            ConvShape { stride: 2, ..base },
            ConvShape { stride: 2, edges: Edges::Far, height: 8, width: 6, ..base },
            ConvShape { kernel: 1, edges: Edges::Even(0), ..base },
        ];
        for shape in shapes {
            for (inputs, outputs) in [(3, 16), (17, 3), (40, 70), (8, 130)] {
                let taps = shape.kernel * shape.kernel;
                let input: Vec<f32> = (0..shape.images * shape.height * shape.width * inputs).map(number).collect();
                let weights: Vec<f32> = (0..outputs * inputs * taps).map(|i| number(i + 3)).collect();
                let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
                let want = definition(&input, &weights, inputs, outputs, &shape);
                let residual: Vec<f32> = (0..want.len()).map(|i| number(i + 1)).collect();
                for (precision, bound) in PRECISIONS {
                    let packed = Packed::new(Weights::F32(&weights), outputs, inputs, taps, precision).expect("fits");
                    let got = conv2d(&input, &packed, Some(&bias), Some(&residual), &shape);
                    assert_eq!(got.len(), want.len());
                    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                        let want = want + f64::from(bias[i % outputs]) + f64::from(residual[i]);
                        let off = (f64::from(*got) - want).abs();
                        assert!(off < bound, "{shape:?} {inputs} {outputs} {precision:?}: {got} {want}");
                    }
                    if packed.precision() == Precision::Bf16 {
                        let small = Rows::F32(&input).to_bf16().into_owned();
                        assert!(conv2d(Rows::Bf16(&small), &packed, Some(&bias), Some(&residual), &shape) == got);
                    }
                }
            }
        }
    }

    #[test]
    fn winograds_convolution_agrees_with_the_definition_with_any_number_of_threads() {
        for (height, width, inputs, outputs) in [(8, 8, 64, 64), (7, 5, 70, 130), (1, 3, 64, 66), (40, 34, 65, 64)] {
            let shape = ConvShape { images: 2, height, width, kernel: 3, stride: 1, edges: Edges::Even(1) };
            let input: Vec<f32> = (0..2 * height * width * inputs).map(number).collect();
            let weights: Vec<f32> = (0..outputs * inputs * 9).map(|i| number(i * 31 + 3)).collect();
            let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
            let want = definition(&input, &weights, inputs, outputs, &shape);
            let residual: Vec<f32> = (0..want.len()).map(|i| number(i + 1)).collect();
            let size = (want.iter().map(|v| v * v).sum::<f64>() / want.len() as f64).sqrt();
            for (precision, bound) in [(Precision::F32, 1e-6), (Precision::F16, 1e-3), (Precision::Bf16, 0.02)] {
                let packed = Packed::winograd(Weights::F32(&weights), outputs, inputs, precision).expect("fits");
                let run = || conv2d(&input, &packed, Some(&bias), Some(&residual), &shape);
                let got = run();
                let off = got.iter().zip(&want).enumerate().map(|(i, (got, want))| {
                    f64::from(*got) - (want + f64::from(bias[i % outputs]) + f64::from(residual[i]))
                });
                let off = (off.map(|v| v * v).sum::<f64>() / want.len() as f64).sqrt() / size;
                assert!(off < bound, "{height}x{width} {inputs} {outputs} {precision:?}: {off}");
                for threads in [1, 3, 16] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
                    assert!(pool.install(run) == got, "{threads} threads");
                }
            }
        }
    }

    #[test]
    fn large_blocks_agree_with_the_definition_where_the_weights_are_exact() {
        for (height, width, inputs, outputs) in [(8, 8, 64, 64), (7, 5, 70, 130), (1, 3, 64, 66), (40, 34, 65, 64)] {
            let shape = ConvShape { images: 2, height, width, kernel: 3, stride: 1, edges: Edges::Even(1) };
            let input: Vec<f32> = (0..2 * height * width * inputs).map(number).collect();
            let weights: Vec<half::f16> =
                (0..outputs * inputs * 9).map(|i| half::f16::from_f32(number(i * 31 + 3))).collect();
            let exact: Vec<f32> = weights.iter().map(|weight| weight.to_f32()).collect();
            let want = definition(&input, &exact, inputs, outputs, &shape);
            let packed = Packed::winograd(Weights::F16(&weights), outputs, inputs, Precision::F16).expect("fits");
            let got = conv2d(&input, &packed, None, None, &shape);
            let rms = |of: &mut dyn Iterator<Item = f64>| of.map(|v| v * v).sum::<f64>().sqrt();
            let off = rms(&mut got.iter().zip(&want).map(|(got, want)| f64::from(*got) - want));
            let off = off / rms(&mut want.iter().copied());
            assert!(off < 2e-6, "{height}x{width} {inputs} {outputs}: {off}");
        }
    }

    #[test]
    fn an_upsampled_convolution_agrees_with_the_definition_on_doubled_pixels() {
        let small = ConvShape { images: 2, height: 6, width: 5, kernel: 3, stride: 1, edges: Edges::Even(1) };
        let large = ConvShape { height: 12, width: 10, ..small };
        for (inputs, outputs) in [(3, 5), (18, 70)] {
            let input: Vec<f32> = (0..2 * 6 * 5 * inputs).map(number).collect();
            let doubled: Vec<f32> = (0..2 * 12 * 10 * inputs)
                .map(|at| {
                    let (pixel, channel) = (at / inputs, at % inputs);
                    let (image, y, x) = (pixel / 120, pixel / 10 % 12, pixel % 10);
                    input[((image * 6 + y / 2) * 5 + x / 2) * inputs + channel]
                })
                .collect();
            let weights: Vec<f32> = (0..outputs * inputs * 9).map(|i| number(i + 3)).collect();
            let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
            let want = definition(&doubled, &weights, inputs, outputs, &large);
            let residual: Vec<f32> = (0..want.len()).map(|i| number(i + 1)).collect();
            for (precision, bound) in PRECISIONS {
                let packed = Packed::upsampling(Weights::F32(&weights), outputs, inputs, precision).expect("fits");
                assert_eq!(packed.output(&small), (12, 10));
                let got = conv2d(&input, &packed, Some(&bias), Some(&residual), &small);
                assert_eq!(got.len(), want.len());
                for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                    let want = want + f64::from(bias[i % outputs]) + f64::from(residual[i]);
                    assert!((f64::from(*got) - want).abs() < bound, "{inputs} {outputs} {precision:?}: {got} {want}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "keeps the size")]
    fn winograds_convolution_refuses_a_stride_it_does_not_compute() {
        let packed = Packed::winograd(Weights::F32(&[0.0; 64 * 64 * 9]), 64, 64, Precision::F32).expect("fits");
        let shape = ConvShape { images: 1, height: 2, width: 2, kernel: 3, stride: 2, edges: Edges::Even(1) };
        conv2d(&vec![0.0; 4 * 64], &packed, None, None, &shape);
    }

    #[test]
    #[should_panic(expected = "doubles the size")]
    fn an_upsampled_convolution_refuses_edges_it_does_not_compute() {
        let packed = Packed::upsampling(Weights::F32(&[0.0; 9]), 1, 1, Precision::F32).expect("fits");
        let shape = ConvShape { images: 1, height: 2, width: 2, kernel: 3, stride: 1, edges: Edges::Far };
        conv2d(&vec![0.0; 4], &packed, None, None, &shape);
    }
}
