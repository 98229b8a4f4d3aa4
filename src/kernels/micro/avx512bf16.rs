//! bfloat16 with AVX-512's products of pairs: a whole panel at once.

use std::arch::x86_64::*;

use half::bf16;

use super::block::Block;
use super::portable;

/// Runs the loop compiled for this width and number of rows.
///
/// # Safety
/// The machine has AVX-512 with its bfloat16 instructions, and [`Block::check`] has returned for this
/// block and for this many sums.
#[target_feature(enable = "avx512f,avx512bf16")]
pub unsafe fn run(block: &Block<'_, bf16>, sums: &mut [f32]) {
    macro_rules! pick {
        ($(($width:literal: $($rows:literal)+)),+) => {
            match (block.width, block.rows) {
                // SAFETY: the caller's promises, and the pattern.
                $($(($width, $rows) => unsafe { tile::<$rows, { $width / 16 }>(block, sums) },)+)+
                _ => portable::run_bf16(block, sums),
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

/// # Safety
/// As for [`run`], and `block.rows == ROWS` and `block.width == 16 * VECTORS`.
#[expect(clippy::needless_range_loop, reason = "the registers are numbered by row and vector")]
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn tile<const ROWS: usize, const VECTORS: usize>(block: &Block<'_, bf16>, sums: &mut [f32]) {
    // SAFETY: loads and stores of vectors need no alignment, any 512 bits are a valid `__m512bh`, and by
    // what `check` promises:
    // - sums: row `r` and vector `v` end at `(r * VECTORS + v + 1) * 16`, which is at most `rows * width`;
    // - starts and rows: `check` has compared each start with the input; `depth` is even, and `k` is even and below it;
    // - weights: inputs `k` and `k + 1` of a segment are `2 * width` weights from `k * width` on, which is
    //   at most `depth * width` in all. After the last pair `weights` moves on to the end of the segment,
    //   which is inside the panel or one past its end.
    unsafe {
        let sums = sums.as_mut_ptr();
        let mut held = [[_mm512_setzero_ps(); VECTORS]; ROWS];
        if !block.overwrite {
            for r in 0..ROWS {
                for v in 0..VECTORS {
                    held[r][v] = _mm512_loadu_ps(sums.add((r * VECTORS + v) * 16));
                }
            }
        }
        for segment in 0..block.segments {
            let starts = block.starts.as_ptr().add(segment * block.starts_stride);
            let mut rows = [block.input.as_ptr().add(block.offset); ROWS];
            for r in 0..ROWS {
                rows[r] = rows[r].add(*starts.add(r));
            }
            let mut weights = block.panel.as_ptr().add(segment * block.panel_stride);
            for k in (0..block.depth).step_by(2) {
                let mut b = [_mm512_setzero_si512(); VECTORS];
                for v in 0..VECTORS {
                    b[v] = _mm512_loadu_si512(weights.add(v * 32).cast());
                }
                for r in 0..ROWS {
                    let a = _mm512_set1_epi32(rows[r].add(k).cast::<i32>().read_unaligned());
                    for v in 0..VECTORS {
                        held[r][v] = _mm512_dpbf16_ps(
                            held[r][v],
                            std::mem::transmute::<__m512i, __m512bh>(a),
                            std::mem::transmute::<__m512i, __m512bh>(b[v]),
                        );
                    }
                }
                weights = weights.add(VECTORS * 32);
            }
        }
        for r in 0..ROWS {
            for v in 0..VECTORS {
                _mm512_storeu_ps(sums.add((r * VECTORS + v) * 16), held[r][v]);
            }
        }
    }
}
