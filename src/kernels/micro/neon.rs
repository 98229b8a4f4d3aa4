//! f32 with NEON, which every 64-bit Arm processor has: 16 outputs at a time. Half-precision weights are widened as they
//! are read.
//!
//! The loops differ from those for x86-64 in one point: NEON multiplies a vector with one lane of another, so four inputs
//! of a row are read at once and none is repeated in a vector first. Each sum is still taken input by input, with one
//! rounding for each, so the results are those of `portable.rs` to the bit.

use std::arch::aarch64::*;

use half::f16;

use super::block::Block;
use super::portable;
use super::weight_kind::WeightKind;

/// Numbers in a vector.
const VECTOR: usize = 4;
/// Vectors of outputs in a column.
const VECTORS: usize = 4;
/// Outputs that are summed together.
const COLUMN: usize = VECTORS * VECTOR;

/// A kind of weight that is loaded as vectors of f32.
trait Load: WeightKind<Input = f32> {
    /// Eight weights as f32: as many as a register holds in half precision.
    ///
    /// # Safety
    /// There are eight numbers at `weights`.
    unsafe fn load(weights: *const Self) -> [float32x4_t; 2];
}

impl Load for f32 {
    #[inline(always)]
    unsafe fn load(weights: *const Self) -> [float32x4_t; 2] {
        // SAFETY: the load needs no more than an f32's alignment, and the caller promises the eight numbers.
        unsafe { [vld1q_f32(weights), vld1q_f32(weights.add(VECTOR))] }
    }
}

impl Load for f16 {
    #[inline(always)]
    unsafe fn load(weights: *const Self) -> [float32x4_t; 2] {
        // SAFETY: an `f16` of the crate `half` is its 16 bits, the load needs no more than their alignment, and the caller
        // promises the eight numbers.
        unsafe {
            let half = vreinterpretq_f16_u16(vld1q_u16(weights.cast()));
            [vcvt_f32_f16(vget_low_f16(half)), vcvt_high_f32_f16(half)]
        }
    }
}

/// Sums a block of f32.
///
/// # Safety
/// [`Block::check`] has returned for this block and for this many sums.
pub unsafe fn run(block: &Block<'_, f32>, sums: &mut [f32]) {
    // SAFETY: the caller's promises.
    if !unsafe { run_columns(block, sums) } {
        portable::run_f32(block, sums);
    }
}

/// As [`run`], for weights in half precision.
///
/// # Safety
/// As for [`run`].
pub unsafe fn run_f16(block: &Block<'_, f16>, sums: &mut [f32]) {
    // SAFETY: the caller's promises.
    if !unsafe { run_columns(block, sums) } {
        portable::run_f16(block, sums);
    }
}

/// Runs the loop compiled for this number of rows, for each column of 16 outputs; false, and nothing done, when there is
/// none. The 32 registers hold six rows of four vectors, the six rows' inputs, and two vectors of weights.
///
/// # Safety
/// As for [`run`].
unsafe fn run_columns<T: Load>(block: &Block<'_, T>, sums: &mut [f32]) -> bool {
    let tile = match block.rows {
        1 => tile::<T, 1>,
        2 => tile::<T, 2>,
        3 => tile::<T, 3>,
        4 => tile::<T, 4>,
        5 => tile::<T, 5>,
        6 => tile::<T, 6>,
        _ => return false,
    };
    for column in (0..block.width).step_by(COLUMN) {
        // SAFETY: the caller's promises, and the pattern. The width is a multiple of 16, so each column is whole.
        unsafe { tile(block, column, sums) };
    }
    true
}

/// Sums `ROWS` rows of 16 outputs, from the output `column` on.
///
/// # Safety
/// - [`Block::check`] has returned for this block and for this many sums.
/// - `block.rows == ROWS`, and `column + 16 <= block.width`.
#[expect(clippy::needless_range_loop, reason = "the registers are numbered by row and vector")]
unsafe fn tile<T: Load, const ROWS: usize>(block: &Block<'_, T>, column: usize, sums: &mut [f32]) {
    // SAFETY: 64-bit Arm has NEON, loads and stores need no more than a number's alignment, and by what `check` promises:
    // - sums: row `r` and vector `v` end at `r * width + column + (v + 1) * 4`, which is at most `rows * width`;
    // - starts and rows: `check` has compared each start with the input; of a row, four inputs are read from `k` on only
    //   where `k + 4 <= depth`, and one where `k < depth`;
    // - weights: line `k` of a segment is read from `k * width + column` on, 16 of them, which ends at
    //   `(k + 1) * width` at most and so at `depth * width` at most. After the last line `weights` moves on once more:
    //   `wrapping_add` may leave the panel, and is not read then.
    unsafe {
        let width = block.width;
        let sums = sums.as_mut_ptr().add(column);
        let mut held = [[vdupq_n_f32(0.0); VECTORS]; ROWS];
        if !block.overwrite {
            for r in 0..ROWS {
                for v in 0..VECTORS {
                    held[r][v] = vld1q_f32(sums.add(r * width + v * VECTOR));
                }
            }
        }
        for segment in 0..block.segments {
            let starts = block.starts.as_ptr().add(segment * block.starts_stride);
            let mut rows = [block.input.as_ptr().add(block.offset); ROWS];
            for r in 0..ROWS {
                rows[r] = rows[r].add(*starts.add(r));
            }
            let mut weights = block.panel.as_ptr().add(segment * block.panel_stride + column);
            let whole = block.depth / VECTOR * VECTOR;
            let mut inputs = [vdupq_n_f32(0.0); ROWS];
            for k in (0..whole).step_by(VECTOR) {
                for r in 0..ROWS {
                    inputs[r] = vld1q_f32(rows[r].add(k));
                }
                add_line::<T, 0, ROWS>(weights, &inputs, &mut held);
                weights = weights.wrapping_add(width);
                add_line::<T, 1, ROWS>(weights, &inputs, &mut held);
                weights = weights.wrapping_add(width);
                add_line::<T, 2, ROWS>(weights, &inputs, &mut held);
                weights = weights.wrapping_add(width);
                add_line::<T, 3, ROWS>(weights, &inputs, &mut held);
                weights = weights.wrapping_add(width);
            }
            for k in whole..block.depth {
                for r in 0..ROWS {
                    inputs[r] = vdupq_n_f32(*rows[r].add(k));
                }
                add_line::<T, 0, ROWS>(weights, &inputs, &mut held);
                weights = weights.wrapping_add(width);
            }
        }
        for r in 0..ROWS {
            for v in 0..VECTORS {
                vst1q_f32(sums.add(r * width + v * VECTOR), held[r][v]);
            }
        }
    }
}

/// Adds the products of one line of 16 weights with one input of each row: lane `LANE` of its `inputs`.
///
/// # Safety
/// There are 16 numbers at `weights`.
#[inline(always)]
unsafe fn add_line<T: Load, const LANE: i32, const ROWS: usize>(
    weights: *const T,
    inputs: &[float32x4_t; ROWS],
    held: &mut [[float32x4_t; VECTORS]; ROWS],
) {
    for pair in 0..VECTORS / 2 {
        // SAFETY: 64-bit Arm has NEON, and these are eight of the caller's 16 numbers; `pair` is below 2.
        unsafe {
            let [low, high] = T::load(weights.add(pair * 2 * VECTOR));
            for (held, inputs) in held.iter_mut().zip(inputs) {
                held[2 * pair] = vfmaq_laneq_f32::<LANE>(held[2 * pair], low, *inputs);
            }
            for (held, inputs) in held.iter_mut().zip(inputs) {
                held[2 * pair + 1] = vfmaq_laneq_f32::<LANE>(held[2 * pair + 1], high, *inputs);
            }
        }
    }
}
