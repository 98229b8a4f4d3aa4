//! Weights in the order and precision in which a file holds them.

use half::{bf16, f16};

use crate::kernels::numbers::{bf16_to_f32, f16_to_f32};

/// Weights in the order of a file, usually `[outputs, inputs, taps]`, in one of the precisions that files
/// have.
#[derive(Clone, Copy, Debug)]
pub enum Weights<'a> {
    /// 32-bit floats.
    F32(&'a [f32]),
    /// 16-bit floats (half precision), which most files hold.
    F16(&'a [f16]),
    /// bfloat16.
    Bf16(&'a [bf16]),
}

impl Weights<'_> {
    /// How many numbers there are.
    #[expect(clippy::len_without_is_empty, reason = "the length is only compared with a shape")]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(values) => values.len(),
            Self::Bf16(values) => values.len(),
        }
    }

    /// Fills `output` with the numbers from `from` on, as f32.
    pub fn to_f32(self, from: usize, output: &mut [f32]) {
        let range = from..from + output.len();
        match self {
            Self::F32(values) => output.copy_from_slice(&values[range]),
            Self::F16(values) => f16_to_f32(&values[range], output),
            Self::Bf16(values) => bf16_to_f32(&values[range], output),
        }
    }
}
