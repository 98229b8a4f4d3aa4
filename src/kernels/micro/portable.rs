//! The loops for machines without the instructions the others need: safe, and checked by the slices.

use half::{bf16, f16};

use super::block::Block;
use super::weight_kind::WeightKind;
use crate::kernels::cpu::for_each_cpu;
use crate::kernels::numbers::Number;

/// Sums a block of f32 in the same order as the others, with fused multiply-adds where the machine has
/// them.
pub fn run_f32(block: &Block<'_, f32>, sums: &mut [f32]) {
    run_in_f32(block, sums);
}

/// Sums a block of half-precision weights, each widened to f32, as [`run_f32`] does.
pub fn run_f16(block: &Block<'_, f16>, sums: &mut [f32]) {
    run_in_f32(block, sums);
}

fn run_in_f32<T: WeightKind<Input = f32>>(block: &Block<'_, T>, sums: &mut [f32]) {
    let &Block { input, starts, starts_stride, offset, rows, panel, panel_stride, depth, width, .. } = block;
    if block.overwrite {
        sums[..rows * width].fill(0.0);
    }
    for segment in 0..block.segments {
        let weights = &panel[segment * panel_stride..][..depth * width];
        for row in 0..rows {
            let values = &input[starts[segment * starts_stride + row] + offset..][..depth];
            let sums = &mut sums[row * width..][..width];
            for (value, weights) in values.iter().zip(weights.chunks_exact(width)) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = multiply_add(*value, weight.widen(), *sum);
                }
            }
        }
    }
}

#[inline(always)]
fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    // Without the instruction `mul_add` is a slow library call.
    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) { a.mul_add(b, c) } else { a * b + c }
}

for_each_cpu! {
    /// Sums a block of bfloat16 by widening each number to f32.
    pub fn run_bf16(block: &Block<'_, bf16>, sums: &mut [f32]) = run_bf16_body
}

#[inline(always)]
fn run_bf16_body(block: &Block<'_, bf16>, sums: &mut [f32]) {
    let &Block { input, starts, starts_stride, offset, rows, panel, panel_stride, depth, width, .. } = block;
    let widen = <bf16 as Number>::widen;
    if block.overwrite {
        sums[..rows * width].fill(0.0);
    }
    for segment in 0..block.segments {
        let weights = &panel[segment * panel_stride..][..depth * width];
        for row in 0..rows {
            let values = &input[starts[segment * starts_stride + row] + offset..][..depth];
            let sums = &mut sums[row * width..][..width];
            for (values, weights) in values.chunks_exact(2).zip(weights.chunks_exact(2 * width)) {
                let (a, b) = (widen(values[0]), widen(values[1]));
                for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(2)) {
                    *sum += a * widen(weights[0]) + b * widen(weights[1]);
                }
            }
        }
    }
}
