//! What the operations need to know of a kind of number, so that one implementation serves all of them.

use std::borrow::Cow;

use half::{bf16, f16};

use super::convert::{f32_to_bf16, narrow, narrow_to_f16, rounded, widen, widen_f16};
use super::rows::Rows;

/// The precision that weights are kept in, which decides what they are multiplied with. Sums are always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    F32,
    /// 16-bit floats (half precision), which most files hold: 11 bits of precision in half the memory. Each is widened
    /// to f32 in a register, and everything else is as in [`Precision::F32`].
    F16,
    /// bfloat16: the upper half of an f32, so the same range with 8 bits of precision. It takes half the
    /// memory, and processors with an instruction for it do twice as many products a second.
    Bf16,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for half::bf16 {}
    impl Sealed for half::f16 {}
}

/// A kind of number: f32, bfloat16 or half precision, and no other.
pub trait Number: sealed::Sealed + Copy + Default + Send + Sync + 'static {
    /// The f32 of the same value.
    fn widen(self) -> f32;

    /// The nearest number of this kind, ties to even. NaN stays NaN.
    fn narrow(value: f32) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn widen(self) -> f32 {
        self
    }

    #[inline(always)]
    fn narrow(value: f32) -> Self {
        value
    }
}

impl Number for bf16 {
    #[inline(always)]
    fn widen(self) -> f32 {
        widen(self)
    }

    #[inline(always)]
    fn narrow(value: f32) -> Self {
        narrow(value)
    }
}

impl Number for f16 {
    #[inline(always)]
    fn widen(self) -> f32 {
        widen_f16(self)
    }

    #[inline(always)]
    fn narrow(value: f32) -> Self {
        narrow_to_f16(value)
    }
}

/// A kind of number that inputs and results are kept in: f32 or bfloat16, and no other.
pub trait Element: Number {
    /// Which of the two it is.
    const PRECISION: Precision;

    /// Fills `output` with what `write` puts into a slice of f32 of the same length. `write` overwrites
    /// every number.
    fn fill_as_f32(output: &mut [Self], write: impl FnOnce(&mut [f32]));

    /// `values` in this kind: the slice itself, or a copy in `buffer`.
    fn convert<'a>(values: &'a [f32], buffer: &'a mut Vec<Self>) -> &'a [Self];

    /// `rows` in this kind; copied only if they are of the other kind.
    fn convert_rows<'a>(rows: &'a Rows<'a>) -> Cow<'a, [Self]>;

    /// A copy of `rows` in this kind, followed by `zeros` zeros.
    fn convert_padded(rows: Rows<'_>, zeros: usize) -> Vec<Self>;
}

impl Element for f32 {
    const PRECISION: Precision = Precision::F32;

    fn fill_as_f32(output: &mut [Self], write: impl FnOnce(&mut [f32])) {
        write(output);
    }

    fn convert<'a>(values: &'a [f32], _: &'a mut Vec<Self>) -> &'a [Self] {
        values
    }

    fn convert_rows<'a>(rows: &'a Rows<'a>) -> Cow<'a, [Self]> {
        rows.to_f32()
    }

    fn convert_padded(rows: Rows<'_>, zeros: usize) -> Vec<Self> {
        with_zeros(&rows.to_f32(), zeros)
    }
}

impl Element for bf16 {
    const PRECISION: Precision = Precision::Bf16;

    fn fill_as_f32(output: &mut [Self], write: impl FnOnce(&mut [f32])) {
        let mut values = vec![0.0; output.len()];
        write(&mut values);
        f32_to_bf16(&values, output);
    }

    fn convert<'a>(values: &'a [f32], buffer: &'a mut Vec<Self>) -> &'a [Self] {
        buffer.resize(values.len(), bf16::ZERO);
        f32_to_bf16(values, buffer);
        buffer
    }

    fn convert_rows<'a>(rows: &'a Rows<'a>) -> Cow<'a, [Self]> {
        rows.to_bf16()
    }

    fn convert_padded(rows: Rows<'_>, zeros: usize) -> Vec<Self> {
        match rows {
            Rows::F32(values) => rounded(values, zeros),
            Rows::Bf16(values) => with_zeros(values, zeros),
        }
    }
}

/// A copy of `values`, followed by `zeros` zeros.
fn with_zeros<T: Copy + Default>(values: &[T], zeros: usize) -> Vec<T> {
    let mut all = Vec::with_capacity(values.len() + zeros);
    all.extend_from_slice(values);
    all.resize(values.len() + zeros, T::default());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_follow_padded_rows() {
        let rows = Rows::F32(&[1.0, 2.0]);
        assert_eq!(f32::convert_padded(rows, 2), [1.0, 2.0, 0.0, 0.0]);
        assert_eq!(bf16::convert_padded(rows, 1), [bf16::ONE, bf16::from_f32(2.0), bf16::ZERO]);
        let small = [bf16::ONE, bf16::NEG_ONE];
        assert_eq!(f32::convert_padded(Rows::Bf16(&small), 1), [1.0, -1.0, 0.0]);
        assert_eq!(bf16::convert_padded(Rows::Bf16(&small), 1), [bf16::ONE, bf16::NEG_ONE, bf16::ZERO]);
    }
}
