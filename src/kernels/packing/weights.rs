//! Weights in the order and precision in which a file holds them.

use half::{bf16, f16};
use rayon::prelude::*;

use crate::kernels::numbers::{bf16_to_f32, f16_to_f32};

/// How many numbers a thread looks at at a time.
const CHUNK: usize = 1 << 16;

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

    /// The largest absolute value; numbers that are NaN do not count.
    pub fn largest(self) -> f32 {
        match self {
            Self::F32(values) => values.par_chunks(CHUNK).map(largest).reduce(|| 0.0, f32::max),
            Self::F16(values) => {
                // Without the sign, the bits are in the order of the numbers.
                let bits = values.iter().map(|value| value.to_bits() & 0x7fff).filter(|bits| *bits <= 0x7c00).max();
                f16::from_bits(bits.unwrap_or(0)).to_f32()
            }
            Self::Bf16(values) => {
                let bits = values.iter().map(|value| value.to_bits() & 0x7fff).filter(|bits| *bits <= 0x7f80).max();
                bf16::from_bits(bits.unwrap_or(0)).to_f32()
            }
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

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_absolute_value_is_found_beside_nan() {
        let values = [1.0, -3.5, f32::NAN, 2.0];
        assert_eq!(Weights::F32(&values).largest(), 3.5);
        assert_eq!(Weights::F16(&values.map(f16::from_f32)).largest(), 3.5);
        assert_eq!(Weights::Bf16(&values.map(bf16::from_f32)).largest(), 3.5);
        assert_eq!(Weights::F16(&[f16::NEG_INFINITY]).largest(), f32::INFINITY);
        assert_eq!(Weights::F32(&[]).largest(), 0.0);
    }
}
