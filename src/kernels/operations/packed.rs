//! The weights of one layer, packed for the way it is computed.

use half::bf16;

use crate::kernels::convolution::{ConvShape, UpsampledKernels, WinogradKernels};
use crate::kernels::micro::Multiply;
use crate::kernels::numbers::Precision;
use crate::kernels::packing::{MAX_TAPS, Panels, Unchanged, Weights};

/// Taps of a 3×3 kernel.
const NINE: usize = 9;

/// The weights of a convolution or a linear layer, in the order in which the kernels read them.
///
/// Weights of an odd number of inputs are kept in f32 even where bfloat16 is asked for, because bfloat16 is
/// multiplied in pairs.
pub struct Packed {
    pub(super) kernels: InPrecision,
    taps: usize,
    inputs: usize,
    outputs: usize,
}

/// Kernels in either precision.
pub(super) enum InPrecision {
    F32(Kernels<f32>),
    Bf16(Kernels<bf16>),
}

/// Kernels for the three ways to compute a convolution.
pub(super) enum Kernels<T> {
    Direct(Panels<T>),
    Winograd(WinogradKernels<T>),
    Upsampled(UpsampledKernels<T>),
}

/// How kernels are to be packed.
#[derive(Clone, Copy)]
enum Method {
    Direct,
    Winograd,
    Upsampled,
}

impl Packed {
    /// Packs `weights` `[outputs, inputs, taps]`. A 3×3 kernel has nine taps, row by row; a linear layer has
    /// one.
    ///
    /// `None` when the number of weights does not fit the shape, a side is 0, or there are more than 16 taps.
    pub fn new(weights: Weights<'_>, outputs: usize, inputs: usize, taps: usize, precision: Precision) -> Option<Self> {
        Self::pack(weights, (outputs, inputs, taps), precision, Method::Direct)
    }

    /// Packs 3×3 kernels `[outputs, inputs, 9]` for a convolution with stride 1 and one line of zeros around.
    ///
    /// With 64 inputs and outputs or more it will be computed by Winograd's algorithm, which takes four ninths
    /// of the products and 16 numbers in place of nine; with fewer that would be slower, and this is
    /// [`Packed::new`].
    ///
    /// `None` when the number of weights does not fit the shape, or a side is 0.
    pub fn winograd(weights: Weights<'_>, outputs: usize, inputs: usize, precision: Precision) -> Option<Self> {
        let faster = WinogradKernels::<f32>::pay_off(inputs, outputs);
        let method = if faster { Method::Winograd } else { Method::Direct };
        Self::pack(weights, (outputs, inputs, NINE), precision, method)
    }

    /// Packs 3×3 kernels `[outputs, inputs, 9]` for a convolution, with stride 1 and one line of zeros around,
    /// of an input whose pixels are all doubled in both directions first.
    ///
    /// `None` when the number of weights does not fit the shape, or a side is 0.
    pub fn upsampling(weights: Weights<'_>, outputs: usize, inputs: usize, precision: Precision) -> Option<Self> {
        Self::pack(weights, (outputs, inputs, NINE), precision, Method::Upsampled)
    }

    fn pack(weights: Weights<'_>, shape: (usize, usize, usize), precision: Precision, method: Method) -> Option<Self> {
        let (outputs, inputs, taps) = shape;
        let count = outputs.checked_mul(inputs)?.checked_mul(taps)?;
        if count == 0 || weights.len() != count || taps > MAX_TAPS {
            return None;
        }
        let kernels = match precision {
            Precision::Bf16 if inputs.is_multiple_of(bf16::GROUP) => {
                InPrecision::Bf16(Kernels::new(weights, shape, method))
            }
            _ => InPrecision::F32(Kernels::new(weights, shape, method)),
        };
        Some(Self { kernels, taps, inputs, outputs })
    }

    /// Rows and columns of an output image of [`conv2d`](super::conv2d) with these weights.
    pub fn output(&self, shape: &ConvShape) -> (usize, usize) {
        if self.upsamples() { (2 * shape.height, 2 * shape.width) } else { shape.output() }
    }

    fn upsamples(&self) -> bool {
        matches!(self.kernels, InPrecision::F32(Kernels::Upsampled(_)) | InPrecision::Bf16(Kernels::Upsampled(_)))
    }

    /// Output channels.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Input channels.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The precision the weights are kept in.
    pub fn precision(&self) -> Precision {
        match self.kernels {
            InPrecision::F32(_) => Precision::F32,
            InPrecision::Bf16(_) => Precision::Bf16,
        }
    }

    /// Taps of the kernel it was packed from; 1 for a linear layer.
    pub fn taps(&self) -> usize {
        self.taps
    }
}

impl<T: Multiply> Kernels<T> {
    fn new(weights: Weights<'_>, (outputs, inputs, taps): (usize, usize, usize), method: Method) -> Self {
        match method {
            Method::Direct => Self::Direct(Panels::new(weights, outputs, inputs, taps, Unchanged)),
            Method::Winograd => Self::Winograd(WinogradKernels::new(weights, outputs, inputs)),
            Method::Upsampled => Self::Upsampled(UpsampledKernels::new(weights, outputs, inputs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_do_not_fit_the_shape_are_refused() {
        let pack = |count: usize, outputs, inputs, taps| {
            Packed::new(Weights::F32(&vec![0.0; count]), outputs, inputs, taps, Precision::F32).is_some()
        };
        assert!(pack(8, 2, 4, 1));
        assert!(!pack(7, 2, 4, 1), "a number missing");
        assert!(!pack(0, 0, 4, 1), "no outputs");
        assert!(!pack(25, 1, 1, 25), "a 5×5 kernel");
        assert!(!pack(0, usize::MAX / 2 + 1, 2, 1), "a product that wraps around to 0");
        let weights = [0.0; 64 * 64 * 9];
        for precision in [Precision::F32, Precision::Bf16] {
            assert!(Packed::winograd(Weights::F32(&weights), 64, 64, precision).is_some());
            assert!(Packed::winograd(Weights::F32(&weights[1..]), 64, 64, precision).is_none());
            assert!(Packed::upsampling(Weights::F32(&weights[..9]), 1, 1, precision).is_some());
            assert!(Packed::upsampling(Weights::F32(&weights[..8]), 1, 1, precision).is_none());
        }
    }

    #[test]
    fn an_odd_number_of_inputs_stays_in_f32() {
        let weights = [0.0; 6];
        let pack = |outputs, inputs, precision| {
            Packed::new(Weights::F32(&weights), outputs, inputs, 1, precision).map(|packed| packed.precision())
        };
        assert_eq!(pack(3, 2, Precision::F32), Some(Precision::F32));
        assert_eq!(pack(3, 2, Precision::Bf16), Some(Precision::Bf16));
        assert_eq!(pack(2, 3, Precision::Bf16), Some(Precision::F32));
    }

    #[test]
    fn winograd_is_used_from_64_channels_on() {
        let weights = vec![0.0; 64 * 64 * 9];
        for (outputs, inputs, winograd) in [(64, 64, true), (63, 64, false), (64, 62, false)] {
            for precision in [Precision::F32, Precision::Bf16] {
                let weights = Weights::F32(&weights[..outputs * inputs * NINE]);
                let packed = Packed::winograd(weights, outputs, inputs, precision).expect("fits");
                let got = matches!(
                    packed.kernels,
                    InPrecision::F32(Kernels::Winograd(_)) | InPrecision::Bf16(Kernels::Winograd(_))
                );
                assert_eq!((got, packed.precision()), (winograd, precision), "{outputs} {inputs}");
            }
        }
    }
}
