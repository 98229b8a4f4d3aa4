//! The exponential function.

/// Adding 1.5·2²³ to an f32 of moderate size rounds it to a whole number, which then stands in the low
/// bits of the sum.
const ROUND: f32 = 12_582_912.0;

/// e^x with a relative error of about 2e-7. Below -87.3 it is e^-87.3 (1e-38), above 88 it is e^88
/// (2e38); NaN stays NaN.
///
/// 2^n·2^f with n whole and |f| ≤ ½ (Cody and Waite's reduction), the second factor by a polynomial.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.3, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let f = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * f + 1.398_199_9e-3;
    let p = p * f + 8.333_452e-3;
    let p = p * f + 4.166_579_6e-2;
    let p = p * f + 1.666_666_5e-1;
    let p = p * f + 0.5;
    let y = p * (f * f) + f + 1.0;
    // n goes into the exponent: the low bits of `shifted` hold it.
    let scale = f32::from_bits((shifted.to_bits().wrapping_shl(23)).wrapping_add(0x3f80_0000));
    y * scale
}

/// e^x for `x` up to 0 with a relative error below 2e-4, a twentieth of what rounding to bfloat16 loses.
/// Below -87.3, and for NaN, it is 1e-38.
#[inline(always)]
pub fn exp_approx(x: f32) -> f32 {
    let x = (x * std::f32::consts::LOG2_E).max(-126.0);
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    // 2^f for |f| ≤ ½: the cubic through (0, 1) with the smallest largest error, 1e-4 (found by reweighted
    // least squares).
    let p = 0.055_008_68 * f + 0.242_210_6;
    let y = (p * f + 0.693_282_9) * f + 1.0;
    f32::from_bits(y.to_bits().wrapping_add(shifted.to_bits().wrapping_shl(23)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_standard_library() {
        let mut worst = 0f64;
        for i in -870..=880 {
            let x = i as f32 * 0.1;
            let want = f64::from(x).exp();
            worst = worst.max((f64::from(exp(x)) / want - 1.0).abs());
        }
        assert!(worst < 4e-7, "{worst}");
    }

    #[test]
    fn exp_approx_keeps_within_its_error() {
        let mut worst = 0f64;
        for i in 0..=870_000 {
            let x = i as f32 * -1e-4;
            worst = worst.max((f64::from(exp_approx(x)) / f64::from(x).exp() - 1.0).abs());
        }
        assert!(worst < 2e-4, "{worst}");
        assert!(exp_approx(0.0) == 1.0 && exp_approx(-1e9) < 1e-37 && exp_approx(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn exp_of_huge_numbers_is_finite_and_nan_stays_nan() {
        assert!(exp(-1e9) < 1e-37 && exp(1e9).is_finite() && exp(f32::NAN).is_nan());
    }
}
