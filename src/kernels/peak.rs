//! What the processor could do at most: multiply-adds that never leave the registers.
//!
//! No kernel can be faster, save by needing fewer products; so this is what their times are read against.

use std::hint::black_box;
use std::time::Instant;

use rayon::prelude::*;

use super::cpu::{Instructions, bf16_is_fast, instructions};
use super::element::Precision;

/// Multiply-adds of each lane of each chain in a run: some hundredths of a second.
const ROUNDS: usize = if cfg!(miri) { 10 } else { 4_000_000 };
/// Sums independent of each other, so many that no product waits for the one before.
const CHAINS: usize = 12;
/// The best of so many runs counts.
const RUNS: usize = 5;

/// Floating point operations a second on all threads together, two for each multiply-add; `None` for
/// bfloat16 on a processor without products of it.
pub fn peak(precision: Precision) -> Option<f64> {
    if precision == Precision::Bf16 && !bf16_is_fast() {
        return None;
    }
    let threads = rayon::current_num_threads();
    let best = (0..RUNS).map(|_| {
        let begun = Instant::now();
        let operations: usize = (0..threads).into_par_iter().map(|_| run(precision)).sum();
        operations as f64 / begun.elapsed().as_secs_f64()
    });
    best.reduce(f64::max)
}

/// Multiplies and adds for a while; how many operations that were.
fn run(precision: Precision) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        match (precision, instructions()) {
            // SAFETY: `peak` has asked whether this machine has them.
            (Precision::Bf16, _) => return unsafe { pairs() },
            // SAFETY: `instructions` has seen that this machine has them.
            (_, Instructions::Avx512) => return unsafe { avx512() },
            // SAFETY: as above.
            (_, Instructions::Avx2) => return unsafe { avx2() },
            _ => {}
        }
    }
    plain()
}

/// What the compiler makes of a plain loop over vectors of four.
fn plain() -> usize {
    let (factor, more) = (black_box(0.5), black_box(1.0));
    let mut sums = [[0.0f32; 4]; CHAINS];
    for _ in 0..ROUNDS {
        for chain in &mut sums {
            // Where there is no instruction for both, `mul_add` is a slow call.
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

/// With pairs of bfloat16.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bf16")]
fn pairs() -> usize {
    use std::arch::x86_64::{__m512bh, __m512i, _mm512_dpbf16_ps, _mm512_set1_epi16, _mm512_setzero_ps};
    // SAFETY: both are 64 bytes without invalid values.
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
    fn the_peak_is_there_for_every_kind_that_the_machine_multiplies() {
        assert!(peak(Precision::F32).is_some_and(|rate| rate.is_finite() && rate > 0.0));
        assert_eq!(peak(Precision::Bf16).is_some(), bf16_is_fast());
    }
}
