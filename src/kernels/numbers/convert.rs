//! Conversions between f32, bfloat16 and half precision.

use half::{bf16, f16};

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::memory::{build_in_pieces, piece_lengths};

/// How many numbers a thread converts at a time.
const CHUNK: usize = 16 << 10;

/// The f32 of the same value; every bfloat16 has one.
#[inline(always)]
pub fn widen(value: bf16) -> f32 {
    f32::from_bits(u32::from(value.to_bits()) << 16)
}

/// The nearest bfloat16, ties to even, as the processors' own instruction rounds. NaN stays NaN.
#[inline(always)]
pub fn narrow(value: f32) -> bf16 {
    let bits = value.to_bits();
    let up = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
    // Rounding up the payload of a NaN could turn it into a number.
    bf16::from_bits(if value.is_nan() { 0x7fc0 } else { up as u16 })
}

for_each_cpu! {
    /// Rounds each number as [`narrow`] does; `output` is as long as `values`.
    pub fn f32_to_bf16(values: &[f32], output: &mut [bf16]) = f32_to_bf16_body
}

#[inline(always)]
fn f32_to_bf16_body(values: &[f32], output: &mut [bf16]) {
    values.iter().zip(output).for_each(|(value, output)| *output = narrow(*value));
}

/// `values` rounded to bfloat16 on all threads, followed by `zeros` zeros.
pub fn rounded(values: &[f32], zeros: usize) -> Vec<bf16> {
    build_in_pieces(piece_lengths(values.len(), CHUNK).chain([zeros]), |index, output| {
        // The last piece is the zeros.
        if let Some(values) = values.get(index * CHUNK..).filter(|rest| !rest.is_empty()) {
            f32_to_bf16(&values[..output.len()], output);
        }
    })
}

for_each_cpu! {
    /// Each bfloat16 as the f32 of the same value; `output` is as long as `values`.
    pub fn bf16_to_f32(values: &[bf16], output: &mut [f32]) = bf16_to_f32_body
}

#[inline(always)]
fn bf16_to_f32_body(values: &[bf16], output: &mut [f32]) {
    for (output, value) in output.iter_mut().zip(values) {
        *output = widen(*value);
    }
}

for_each_cpu! {
    /// Each half-precision number as the f32 of the same value; `output` is as long as `values`.
    pub fn f16_to_f32(values: &[f16], output: &mut [f32]) = f16_to_f32_body
}

#[inline(always)]
fn f16_to_f32_body(values: &[f16], output: &mut [f32]) {
    for (output, value) in output.iter_mut().zip(values) {
        *output = widen_f16(*value);
    }
}

/// The f32 of the same value; every half-precision number has one.
#[inline(always)]
pub fn widen_f16(value: f16) -> f32 {
    let bits = u32::from(value.to_bits());
    // With the exponent's bits where an f32 has them, only the exponent's bias is wrong. One product
    // corrects it, for subnormal numbers too. Infinities and NaN have an exponent of their own.
    let magnitude = (bits & 0x7fff) << 13;
    let corrected = (f32::from_bits(magnitude) * f32::from_bits((254 - 15) << 23)).to_bits();
    let unsigned = if magnitude < 0x7c00 << 13 { corrected } else { magnitude | 0xff << 23 };
    f32::from_bits(unsigned | (bits & 0x8000) << 16)
}

/// The nearest half-precision number, ties to even; what is too large becomes infinite, and NaN stays NaN.
#[inline(always)]
pub fn narrow_to_f16(value: f32) -> f16 {
    let bits = value.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let magnitude = bits & 0x7fff_ffff;
    // Subnormal results: adding 0.5 puts their last bit where that of an f32 is, so that the addition rounds.
    let small = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0.5f32.to_bits());
    // Normal ones: the exponent's bias is changed and the 13 bits that are cut off are rounded.
    let odd = magnitude >> 13 & 1;
    let normal = magnitude.wrapping_sub((127 - 15) << 23).wrapping_add(0xfff + odd) >> 13;
    let unsigned = if magnitude > 0x7f80_0000 {
        0x7e00
    } else if magnitude >= (127 + 16) << 23 {
        0x7c00
    } else if magnitude < (127 - 14) << 23 {
        small
    } else {
        normal
    };
    f16::from_bits(sign | unsigned as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_the_nearest_even_and_nan_stays_nan() {
        let mut values: Vec<f32> = (0..4000).map(|i| ((i * 7919) % 1009) as f32 * 1.2345e-3 - 0.6).collect();
        values.extend([0.0, -0.0, f32::INFINITY, 1.0 + 1.0 / 256.0, 1.0 + 3.0 / 256.0, f32::from_bits(0x7fff_ffff)]);
        for (value, got) in values.iter().zip(rounded(&values, 0)) {
            if value.is_nan() {
                assert!(got.is_nan());
            } else {
                assert_eq!(got, bf16::from_f32(*value), "{value}");
            }
        }
    }

    #[test]
    fn half_precision_is_rounded_to_the_nearest_even() {
        let all: Vec<f32> = (0..=u16::MAX).map(|bits| f16::from_bits(bits).to_f32()).collect();
        // Every number, those halfway to the next, and those a little below and above the middle.
        let between = all.iter().flat_map(|value| {
            let step = f32::from_bits(value.to_bits() + (1 << 12));
            [*value, step, f32::from_bits(step.to_bits() - 1), f32::from_bits(step.to_bits() + 1)]
        });
        let odd = [65519.0, 65520.0, 1e9, -1e9, 1e-8, -3e-8, 2.9e-8, f32::INFINITY, f32::NAN, f32::MIN_POSITIVE, 1e-40];
        for value in between.chain(odd) {
            let (got, want) = (narrow_to_f16(value), f16::from_f32(value));
            assert!(got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(), "{value:e}: {got} is not {want}");
        }
    }

    #[test]
    fn every_16_bit_number_is_widened_exactly() {
        let all: Vec<u16> = (0..=u16::MAX).collect();
        let mut wide = vec![0.0; all.len()];
        f16_to_f32(&all.iter().map(|bits| f16::from_bits(*bits)).collect::<Vec<_>>(), &mut wide);
        for (bits, wide) in all.iter().zip(&wide) {
            let value = f16::from_bits(*bits).to_f32();
            assert!(value.to_bits() == wide.to_bits() || value.is_nan() && wide.is_nan(), "{bits:#x}: {wide}");
        }
        bf16_to_f32(&all.iter().map(|bits| bf16::from_bits(*bits)).collect::<Vec<_>>(), &mut wide);
        assert!(all.iter().zip(&wide).all(|(bits, wide)| wide.to_bits() == u32::from(*bits) << 16));
    }
}
