//! f32 with AVX-512: a whole panel at once. Half-precision weights are widened as they are read.

use std::arch::x86_64::*;

use half::f16;

use super::block::Block;
use super::f32_tile::f32_tile;
use super::portable;

/// Calls the loop compiled for a block's width and number of rows.
macro_rules! pick {
    ($block:ident, $sums:ident, $tile:ident, $otherwise:path, $(($width:literal: $($rows:literal)+)),+) => {
        match ($block.width, $block.rows) {
            // SAFETY: the caller's promises, and the pattern: the columns are 0 and the whole width.
            $($(($width, $rows) => unsafe { $tile::<$rows, { $width / 16 }>($block, 0, $sums) },)+)+
            _ => $otherwise($block, $sums),
        }
    };
}
/// Runs the loop compiled for this width and number of rows.
///
/// # Safety
/// The machine has AVX-512, and [`Block::check`] has returned for this block and for this many sums.
#[target_feature(enable = "avx512f")]
pub unsafe fn run(block: &Block<'_, f32>, sums: &mut [f32]) {
    pick!(
        block, sums, tile, portable::run_f32,
        (64: 1 2 3 4 5 6),
        (48: 1 2 3 4 5 6 7 8),
        (32: 1 2 3 4 5 6 7 8 9 10 11 12),
        (16: 1 2 3 4 5 6 7 8 9 10 11 12)
    );
}

/// As [`run`], for weights in half precision.
///
/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx512f")]
pub unsafe fn run_f16(block: &Block<'_, f16>, sums: &mut [f32]) {
    pick!(
        block, sums, tile_f16, portable::run_f16,
        (64: 1 2 3 4 5 6),
        (48: 1 2 3 4 5 6 7 8),
        (32: 1 2 3 4 5 6 7 8 9 10 11 12),
        (16: 1 2 3 4 5 6 7 8 9 10 11 12)
    );
}

/// Sixteen half-precision numbers as f32.
///
/// # Safety
/// The machine has AVX-512, and there are sixteen numbers at `weights`.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn widened(weights: *const f16) -> __m512 {
    // SAFETY: the load needs no alignment, and the caller promises the sixteen numbers.
    _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(weights.cast()) })
}

f32_tile!(
    tile,
    "avx512f",
    16,
    __m512,
    f32,
    _mm512_loadu_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps
);
f32_tile!(
    tile_f16,
    "avx512f",
    16,
    __m512,
    f16,
    widened,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps
);
