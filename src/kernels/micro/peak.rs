//! How many multiply-adds the processor can do at most: a loop that never leaves the registers.
//!
//! No kernel can do more operations a second than this, so their times are compared with it.

use std::hint::black_box;
use std::time::Instant;

use rayon::prelude::*;

use crate::kernels::cpu::has_bf16;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::kernels::cpu::{Instructions, instructions};
use crate::kernels::numbers::Precision;

/// Multiply-adds of each lane of each chain in a run: some hundredths of a second.
const ROUNDS: usize = if cfg!(miri) { 10 } else { 4_000_000 };
/// Sums that do not depend on each other: enough that no product has to wait for the previous one.
const CHAINS: usize = 12;
/// The best of this many runs counts.
const RUNS: usize = 5;

/// Measures the floating point operations a second that all threads do together, two for each
/// multiply-add. `None` for bfloat16 on a processor without instructions for it. Weights in half precision are
/// multiplied as f32.
pub fn peak(precision: Precision) -> Option<f64> {
    let threads = rayon::current_num_threads();
    let rates = (0..RUNS).filter_map(|_| {
        let begun = Instant::now();
        let operations = (0..threads).into_par_iter().map(|_| run(precision)).sum::<Option<usize>>()?;
        Some(operations as f64 / begun.elapsed().as_secs_f64())
    });
    rates.reduce(f64::max)
}

/// Multiplies and adds for a while, and returns the number of operations; `None` where there is no
/// instruction for it.
fn run(precision: Precision) -> Option<usize> {
    if precision == Precision::Bf16 && !has_bf16() {
        return None;
    }
    #[cfg(target_arch = "x86_64")]
    {
        match (precision, instructions()) {
            // SAFETY: `has_bf16` found AVX-512 with its bfloat16 instructions, or this would have
            // returned above.
            (Precision::Bf16, _) => return Some(unsafe { avx512bf16() }),
            // SAFETY: `instructions` found AVX-512.
            (_, Instructions::Avx512) => return Some(unsafe { avx512() }),
            // SAFETY: `instructions` found AVX2 and FMA.
            (_, Instructions::Avx2) => return Some(unsafe { avx2() }),
            (_, Instructions::Neon | Instructions::Plain) => {}
        }
    }
    #[cfg(target_arch = "aarch64")]
    if instructions() == Instructions::Neon {
        // SAFETY: 64-bit Arm has NEON.
        return Some(unsafe { neon() });
    }
    Some(plain())
}

/// A plain loop over vectors of four, as the compiler translates it.
fn plain() -> usize {
    let (factor, more) = (black_box(0.5), black_box(1.0));
    let mut sums = [[0.0f32; 4]; CHAINS];
    for _ in 0..ROUNDS {
        for chain in &mut sums {
            // Without the instruction `mul_add` is a slow library call.
            let fused = cfg!(target_arch = "aarch64");
            *chain = chain.map(|sum| if fused { sum.mul_add(factor, more) } else { sum * factor + more });
        }
    }
    black_box(sums);
    ROUNDS * CHAINS * 4 * 2
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512() -> usize {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_set1_ps, _mm512_setzero_ps};
    let (factor, more) = (_mm512_set1_ps(black_box(0.5)), _mm512_set1_ps(black_box(1.0)));
    let mut sums = [_mm512_setzero_ps(); CHAINS];
    for _ in 0..ROUNDS {
        for chain in &mut sums {
            *chain = _mm512_fmadd_ps(*chain, factor, more);
        }
    }
    black_box(sums);
    ROUNDS * CHAINS * 16 * 2
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2() -> usize {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps, _mm256_setzero_ps};
    let (factor, more) = (_mm256_set1_ps(black_box(0.5)), _mm256_set1_ps(black_box(1.0)));
    let mut sums = [_mm256_setzero_ps(); CHAINS];
    for _ in 0..ROUNDS {
        for chain in &mut sums {
            *chain = _mm256_fmadd_ps(*chain, factor, more);
        }
    }
    black_box(sums);
    ROUNDS * CHAINS * 8 * 2
}

/// More chains than elsewhere: some of these processors begin four multiply-adds in a cycle, each of which takes four.
#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon")]
fn neon() -> usize {
    use std::arch::aarch64::{vdupq_n_f32, vfmaq_f32};
    const NEON_CHAINS: usize = 24;
    let (factor, more) = (vdupq_n_f32(black_box(0.5)), vdupq_n_f32(black_box(1.0)));
    let mut sums = [vdupq_n_f32(0.0); NEON_CHAINS];
    for _ in 0..ROUNDS {
        for chain in &mut sums {
            // The instruction adds to the register that holds the sum.
            *chain = vfmaq_f32(*chain, factor, more);
        }
    }
    black_box(sums);
    ROUNDS * NEON_CHAINS * 4 * 2
}

/// Pairs of bfloat16.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bf16")]
fn avx512bf16() -> usize {
    use std::arch::x86_64::{__m512bh, __m512i, _mm512_dpbf16_ps, _mm512_set1_epi16, _mm512_setzero_ps};
    // SAFETY: both types are 64 bytes, and any 64 bytes are a valid `__m512bh`.
    let half = unsafe { std::mem::transmute::<__m512i, __m512bh>(_mm512_set1_epi16(black_box(0x3f00))) };
    let mut sums = [_mm512_setzero_ps(); CHAINS];
    for _ in 0..ROUNDS {
        for chain in &mut sums {
            *chain = _mm512_dpbf16_ps(*chain, half, half);
        }
    }
    black_box(sums);
    // Two products in each lane.
    ROUNDS * CHAINS * 16 * 2 * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_peak_for_every_precision_the_machine_multiplies() {
        assert!(peak(Precision::F32).is_some_and(|rate| rate.is_finite() && rate > 0.0));
        assert_eq!(peak(Precision::Bf16).is_some(), has_bf16());
    }
}
