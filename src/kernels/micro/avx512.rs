//! f32 with AVX-512: a whole panel at once.

use std::arch::x86_64::*;

use super::block::Block;
use super::f32_tile::f32_tile;
use super::portable;

/// Runs the loop compiled for this width and number of rows.
///
/// # Safety
/// The machine has AVX-512, and [`Block::check`] has returned for this block, in groups of 1, and for this
/// many sums.
#[target_feature(enable = "avx512f")]
pub unsafe fn run(block: &Block<'_, f32>, sums: &mut [f32]) {
    macro_rules! pick {
        ($(($width:literal: $($rows:literal)+)),+) => {
            match (block.width, block.rows) {
                // SAFETY: the caller's promises, and the pattern: the columns are 0 and the whole width.
                $($(($width, $rows) => unsafe { tile::<$rows, { $width / 16 }>(block, 0, sums) },)+)+
                _ => portable::run_f32(block, sums),
            }
        };
    }
    pick!(
        (64: 1 2 3 4 5 6),
        (48: 1 2 3 4 5 6 7 8),
        (32: 1 2 3 4 5 6 7 8 9 10 11 12),
        (16: 1 2 3 4 5 6 7 8 9 10 11 12)
    );
}

f32_tile!("avx512f", 16, __m512, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_fmadd_ps);
