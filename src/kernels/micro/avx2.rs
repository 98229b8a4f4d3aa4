//! f32 with AVX2 and fused multiply-add: 16 outputs at a time.

use std::arch::x86_64::*;

use super::block::Block;
use super::f32_tile::f32_tile;
use super::portable;

/// Runs the loop compiled for this number of rows. The sixteen registers hold six rows of two vectors, so
/// a panel of more than 16 outputs is walked in columns.
///
/// # Safety
/// The machine has AVX2 and FMA, and [`Block::check`] has returned for this block, in groups of 1, and for
/// this many sums.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn run(block: &Block<'_, f32>, sums: &mut [f32]) {
    macro_rules! pick {
        ($($rows:literal)+) => {
            for column in (0..block.width).step_by(16) {
                match block.rows {
                    // SAFETY: the caller's promises, and the pattern. The width is a multiple of 16, so each
                    // column has two whole vectors of 8.
                    $($rows => unsafe { tile::<$rows, 2>(block, column, sums) },)+
                    _ => return portable::run_f32(block, sums),
                }
            }
        };
    }
    pick!(1 2 3 4 5 6);
}

f32_tile!("avx2,fma", 8, __m256, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_fmadd_ps);
