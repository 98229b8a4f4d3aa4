//! Activation functions of a single number.

use super::exp::exp;

/// The SiLU, x·σ(x).
#[inline(always)]
pub fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// The GELU, x·Φ(x), with the error function after Abramowitz and Stegun 7.1.26 (within 1.5e-7).
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = ((((1.061_405_4 * t - 1.453_152_1) * t + 1.421_413_8) * t - 0.284_496_72) * t + 0.254_829_6) * t;
    let tail = 0.5 * p * exp(-z * z);
    x * if x >= 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silu_of_huge_numbers_is_0_or_the_number() {
        assert!(silu(-1e4).abs() < 1e-30 && silu(1e4) == 1e4);
    }

    #[test]
    fn gelu_follows_the_error_function() {
        // x·Φ(x) computed with mpmath.
        for (x, want) in
            [(-6.0, -5.919e-9), (-2.0, -0.045_500_264), (-0.5, -0.154_268_77), (0.3, 0.185_373_48), (3.0, 2.995_950_3)]
        {
            assert!((gelu(x) - want).abs() < 1e-6, "{x}: {}", gelu(x));
        }
    }
}
