//! The weights of one layer, packed for the way it is computed.

use half::{bf16, f16};

use crate::kernels::convolution::{ConvShape, FourByFour, TwoByTwo, UpsampledKernels, WinogradKernels};
use crate::kernels::micro::{Multiply, WeightKind};
use crate::kernels::numbers::Precision;
use crate::kernels::packing::{Panels, Unchanged, Weights};

/// Taps of a 3×3 kernel.
const NINE: usize = 9;
/// The least number that half precision rounds to infinity.
const TOO_LARGE_FOR_F16: f32 = 65520.0;
/// The most taps of a kernel.
const MAX_TAPS: usize = 16;

/// The weights of a convolution or a linear layer, in the order in which the kernels read them.
///
/// Weights of an odd number of inputs are kept in f32 even where bfloat16 is asked for, because bfloat16 is
/// multiplied in pairs; so are weights that are too large for half precision where that is asked for.
pub struct Packed {
    pub(super) kernels: InPrecision,
    taps: usize,
    inputs: usize,
    outputs: usize,
}

/// Kernels in one of the precisions.
pub(super) enum InPrecision {
    F32(Kernels<f32>),
    F16(Kernels<f16>),
    Bf16(Kernels<bf16>),
}

/// Kernels for the ways to compute a convolution.
pub(super) enum Kernels<T> {
    Direct(Panels<T>),
    Winograd(WinogradKernels<T, TwoByTwo>),
    /// In blocks of 4×4 pixels. What these lose to rounding would be too much if the kernels were rounded to 16 bits.
    LargeWinograd(WinogradKernels<f32, FourByFour>),
    Upsampled(UpsampledKernels<T>),
}

/// How kernels are to be packed.
#[derive(Clone, Copy)]
enum Method {
    Direct,
    Winograd,
    /// In blocks of 4×4 pixels.
    LargeWinograd,
    Upsampled,
}

impl Method {
    /// By how much the largest number may grow as the weights are packed.
    fn growth(self) -> f32 {
        match self {
            Self::Direct => 1.0,
            // The sum of the absolute values in a row of G, twice.
            Self::Winograd | Self::LargeWinograd => 2.25,
            // Up to four taps are summed.
            Self::Upsampled => 4.0,
        }
    }
}

impl Packed {
    /// The most pairs of inputs and outputs of a convolution that half precision computes in blocks of 4×4 pixels. Its
    /// kernels take 36 f32 for nine weights; with more pairs than this (those of the UNet's highest level and of the
    /// autoencoder's largest pictures have fewer) they would take more memory than they are worth.
    pub const FEW_WEIGHTS: usize = 320 * 640;

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
    /// [`Packed::new`]. Half-precision weights of layers that have few take a quarter of the products and 36 numbers in
    /// f32.
    ///
    /// `None` when the number of weights does not fit the shape, or a side is 0.
    pub fn winograd(weights: Weights<'_>, outputs: usize, inputs: usize, precision: Precision) -> Option<Self> {
        let method = match WinogradKernels::<f32, TwoByTwo>::pay_off(inputs, outputs) {
            true if precision == Precision::F16 && outputs.saturating_mul(inputs) <= Self::FEW_WEIGHTS => {
                Method::LargeWinograd
            }
            true => Method::Winograd,
            false => Method::Direct,
        };
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
            Precision::F16 if weights.largest() * method.growth() < TOO_LARGE_FOR_F16 => {
                InPrecision::F16(Kernels::new(weights, shape, method))
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
        match &self.kernels {
            InPrecision::F32(kernels) => matches!(kernels, Kernels::Upsampled(_)),
            InPrecision::F16(kernels) => matches!(kernels, Kernels::Upsampled(_)),
            InPrecision::Bf16(kernels) => matches!(kernels, Kernels::Upsampled(_)),
        }
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
            InPrecision::F16(_) => Precision::F16,
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
            Method::LargeWinograd => Self::LargeWinograd(WinogradKernels::new(weights, outputs, inputs)),
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
    fn layers_with_many_weights_are_computed_in_small_blocks() {
        for (outputs, inputs, large) in [(320, 640, true), (640, 320, true), (330, 640, false)] {
            let weights = vec![0.0; outputs * inputs * NINE];
            let packed = Packed::winograd(Weights::F32(&weights), outputs, inputs, Precision::F16).expect("fits");
            let InPrecision::F16(kernels) = packed.kernels else { panic!("not in half precision") };
            assert_eq!(matches!(kernels, Kernels::LargeWinograd(_)), large, "{inputs} to {outputs}");
            assert_eq!(matches!(kernels, Kernels::Winograd(_)), !large, "{inputs} to {outputs}");
        }
    }

    #[test]
    fn weights_beyond_the_range_of_half_precision_stay_in_f32() {
        for (largest, precision) in [(65504.0, Precision::F16), (-65519.0, Precision::F16), (65520.0, Precision::F32)] {
            let packed = Packed::new(Weights::F32(&[0.0, largest]), 1, 2, 1, Precision::F16).expect("fits");
            assert_eq!(packed.precision(), precision, "{largest}");
        }
        // Winograd's transform of a kernel is never larger than the kernel's largest weight times 9/4.
        let weights = vec![60_000.0; 64 * 64 * NINE];
        let packed = Packed::winograd(Weights::F32(&weights), 64, 64, Precision::F16).expect("fits");
        assert_eq!(packed.precision(), Precision::F32);
    }

    #[test]
    fn winograd_is_used_from_64_channels_on() {
        let weights = vec![0.0; 64 * 64 * 9];
        for (outputs, inputs, winograd) in [(64, 64, true), (63, 64, false), (64, 62, false)] {
            for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
                let weights = Weights::F32(&weights[..outputs * inputs * NINE]);
                let packed = Packed::winograd(weights, outputs, inputs, precision).expect("fits");
                let made = packed.precision();
                let got = match packed.kernels {
                    InPrecision::F32(kernels) => matches!(kernels, Kernels::Winograd(_)),
                    InPrecision::F16(kernels) => matches!(kernels, Kernels::LargeWinograd(_)),
                    InPrecision::Bf16(kernels) => matches!(kernels, Kernels::Winograd(_)),
                };
                assert_eq!((got, made), (winograd, precision), "{outputs} {inputs}");
            }
        }
    }
}
