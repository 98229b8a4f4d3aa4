//! f32 with AVX2 and fused multiply-add: 16 outputs at a time. Half-precision weights are widened with F16C.

use std::arch::x86_64::*;

use half::f16;

use super::block::Block;
use super::f32_tile::f32_tile;
use super::portable;

/// Calls the loop compiled for a block's number of rows, for each column of 16 outputs.
macro_rules! pick {
    ($block:ident, $sums:ident, $tile:ident, $otherwise:path) => {
        for column in (0..$block.width).step_by(16) {
            // SAFETY: the caller's promises, and the patterns. The width is a multiple of 16, so each column has two
            // whole vectors of 8.
            unsafe {
                match $block.rows {
                    1 => $tile::<1, 2>($block, column, $sums),
                    2 => $tile::<2, 2>($block, column, $sums),
                    3 => $tile::<3, 2>($block, column, $sums),
                    4 => $tile::<4, 2>($block, column, $sums),
                    5 => $tile::<5, 2>($block, column, $sums),
                    6 => $tile::<6, 2>($block, column, $sums),
                    _ => return $otherwise($block, $sums),
                }
            }
        }
    };
}
/// Runs the loop compiled for this number of rows. The sixteen registers hold six rows of two vectors, so
/// a panel of more than 16 outputs is walked in columns.
///
/// # Safety
/// The machine has AVX2 and FMA, and [`Block::check`] has returned for this block and for this many sums.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn run(block: &Block<'_, f32>, sums: &mut [f32]) {
    pick!(block, sums, tile, portable::run_f32);
}

/// As [`run`], for weights in half precision.
///
/// # Safety
/// The machine has AVX2, FMA and F16C, and [`Block::check`] has returned for this block and for this many sums.
#[target_feature(enable = "avx2,fma,f16c")]
pub unsafe fn run_f16(block: &Block<'_, f16>, sums: &mut [f32]) {
    pick!(block, sums, tile_f16, portable::run_f16);
}

/// Eight half-precision numbers as f32.
///
/// # Safety
/// The machine has F16C, and there are eight numbers at `weights`.
#[inline]
#[target_feature(enable = "avx2,f16c")]
unsafe fn widened(weights: *const f16) -> __m256 {
    // SAFETY: the load needs no alignment, and the caller promises the eight numbers.
    _mm256_cvtph_ps(unsafe { _mm_loadu_si128(weights.cast()) })
}

f32_tile!(
    tile,
    "avx2,fma",
    8,
    __m256,
    f32,
    _mm256_loadu_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps
);
f32_tile!(
    tile_f16,
    "avx2,fma,f16c",
    8,
    __m256,
    f16,
    widened,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps
);
