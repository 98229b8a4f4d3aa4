//! Which loop runs a block: the choice by kind of number and machine.

use half::{bf16, f16};

use super::block::Block;
#[cfg(target_arch = "aarch64")]
use super::neon;
use super::portable;
use super::sizes::{L2_BYTES, MAX_PANEL, f32_cached_bytes, f32_panel_width};
use super::weight_kind::WeightKind;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, avx512bf16};
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::kernels::cpu::{Instructions, instructions};
#[cfg(target_arch = "x86_64")]
use crate::kernels::cpu::{f16_is_fast, has_bf16};

/// A kind of number that weights are kept in and that there are loops for: f32, half precision or bfloat16.
pub trait Multiply: WeightKind {
    /// How many outputs a whole panel of weights has on this machine: a multiple of 16, at most 64.
    fn panel_width() -> usize;

    /// How many bytes of a panel are used for all rows before the next ones are read.
    fn cached_bytes() -> usize;

    /// Adds a block to `sums` without checking anything; [`Block::add_to`] is the way to call it.
    ///
    /// # Safety
    /// [`Block::check`] has returned for this block and for this many sums.
    unsafe fn run(block: &Block<'_, Self>, sums: &mut [f32]);
}

impl<T: Multiply> Block<'_, T> {
    /// Adds the block to `sums` `[rows, width]`; only the first `rows * width` of them are touched.
    ///
    /// # Panics
    /// When a length, a stride or a start does not fit its slice.
    pub fn add_to(&self, sums: &mut [f32]) {
        if self.is_empty() {
            if self.overwrite {
                sums[..self.rows * self.width].fill(0.0);
            }
            return;
        }
        self.check(sums.len());
        // SAFETY: `check` has just returned for this block, which nobody can change while it is borrowed,
        // and for the length of `sums`.
        unsafe { T::run(self, sums) };
    }
}

impl Multiply for f32 {
    fn panel_width() -> usize {
        f32_panel_width()
    }

    fn cached_bytes() -> usize {
        f32_cached_bytes()
    }

    unsafe fn run(block: &Block<'_, Self>, sums: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        match instructions() {
            // SAFETY: `instructions` found AVX-512, and the caller has checked the block.
            Instructions::Avx512 => return unsafe { avx512::run(block, sums) },
            // SAFETY: `instructions` found AVX2 and FMA, and the caller has checked the block.
            Instructions::Avx2 => return unsafe { avx2::run(block, sums) },
            Instructions::Neon | Instructions::Plain => {}
        }
        #[cfg(target_arch = "aarch64")]
        if instructions() == Instructions::Neon {
            // SAFETY: the caller has checked the block.
            return unsafe { neon::run(block, sums) };
        }
        portable::run_f32(block, sums);
    }
}

impl Multiply for f16 {
    fn panel_width() -> usize {
        f32_panel_width()
    }

    fn cached_bytes() -> usize {
        f32_cached_bytes() / 2
    }

    unsafe fn run(block: &Block<'_, Self>, sums: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        if f16_is_fast() {
            match instructions() {
                // SAFETY: `instructions` found AVX-512, and the caller has checked the block.
                Instructions::Avx512 => return unsafe { avx512::run_f16(block, sums) },
                // SAFETY: `instructions` found AVX2 and FMA, `f16_is_fast` found F16C, and the caller has checked
                // the block.
                Instructions::Avx2 => return unsafe { avx2::run_f16(block, sums) },
                Instructions::Neon | Instructions::Plain => {}
            }
        }
        #[cfg(target_arch = "aarch64")]
        if instructions() == Instructions::Neon {
            // SAFETY: the caller has checked the block.
            return unsafe { neon::run_f16(block, sums) };
        }
        portable::run_f16(block, sums);
    }
}

impl Multiply for bf16 {
    fn panel_width() -> usize {
        MAX_PANEL
    }

    fn cached_bytes() -> usize {
        L2_BYTES
    }

    unsafe fn run(block: &Block<'_, Self>, sums: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        if has_bf16() {
            // SAFETY: `has_bf16` found AVX-512 with its bfloat16 instructions, and the caller has checked
            // the block.
            return unsafe { avx512bf16::run(block, sums) };
        }
        portable::run_bf16(block, sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::micro::sizes::rows_per_tile;
    use crate::kernels::numbers::Number;

    /// Compares every width and number of rows, and a few depths, with the definition in f64.
    fn agrees_with_the_definition<T: Multiply>(depths: [(usize, usize); 3], run: fn(&Block<'_, T>, &mut [f32])) {
        let value = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        let number = |i: usize| T::narrow(value(i));
        let wide = |value: T| f64::from(value.widen());
        let input: Vec<T::Input> = (0..4000).map(|i| T::Input::narrow(value(i))).collect();
        for width in [16, 32, 48, 64] {
            for rows in 1..=rows_per_tile(width) {
                for (depth, segments) in depths {
                    let offset = 8;
                    let starts_stride = rows + 3;
                    let starts: Vec<usize> =
                        (0..segments * starts_stride).map(|i| (i * 531) % (4000 - depth - offset)).collect();
                    let panel_stride = depth * width + 32;
                    let panel: Vec<T> = (0..segments * panel_stride).map(|i| number(i + 5)).collect();
                    let block = Block {
                        input: &input,
                        starts: &starts,
                        starts_stride,
                        segments,
                        offset,
                        rows,
                        panel: &panel,
                        panel_stride,
                        depth,
                        width,
                        overwrite: rows % 2 == 0,
                    };
                    let mut sums: Vec<f32> = (0..rows * width).map(|i| wide(number(i + 99)) as f32).collect();
                    let mut want: Vec<f64> =
                        sums.iter().map(|v| if block.overwrite { 0.0 } else { f64::from(*v) }).collect();
                    for (s, r, k) in
                        (0..segments).flat_map(|s| (0..rows).flat_map(move |r| (0..depth).map(move |k| (s, r, k))))
                    {
                        let value = f64::from(input[starts[s * starts_stride + r] + offset + k].widen());
                        let (group, inside) = (k / T::GROUP * T::GROUP, k % T::GROUP);
                        for n in 0..width {
                            let weight = panel[s * panel_stride + group * width + n * T::GROUP + inside];
                            want[r * width + n] += value * wide(weight);
                        }
                    }
                    run(&block, &mut sums);
                    for (got, want) in sums.iter().zip(&want) {
                        assert!((f64::from(*got) - want).abs() < 2e-5, "{width} {rows} {depth}: {got} {want}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_loop_of_this_machine_agrees_with_the_definition() {
        agrees_with_the_definition::<f32>([(1, 1), (5, 9), (37, 2)], |block, sums| block.add_to(sums));
        agrees_with_the_definition::<f16>([(1, 1), (5, 9), (37, 2)], |block, sums| block.add_to(sums));
        agrees_with_the_definition::<bf16>([(2, 1), (6, 9), (38, 2)], |block, sums| block.add_to(sums));
    }

    #[test]
    fn the_portable_loops_agree_with_the_definition() {
        agrees_with_the_definition::<f32>([(1, 1), (5, 9), (37, 2)], portable::run_f32);
        agrees_with_the_definition::<f16>([(1, 1), (5, 9), (37, 2)], portable::run_f16);
        agrees_with_the_definition::<bf16>([(2, 1), (6, 9), (38, 2)], portable::run_bf16);
    }

    #[test]
    fn widened_weights_give_the_same_bits_as_weights_in_f32() {
        let input: Vec<f32> = (0..40).map(|i| (i as f32 * 0.37).sin()).collect();
        // Normal and subnormal numbers of both signs.
        let half: Vec<f16> = (0..37 * 16).map(|i| f16::from_bits((i * 977) as u16 & 0xbbff)).collect();
        let whole: Vec<f32> = half.iter().map(|value| value.to_f32()).collect();
        let (mut narrow, mut wide) = ([0.0; 16], [0.0; 16]);
        let (starts, depth, width) = (&[1][..], 37, 16);
        let rest = (0, 1, 0, 1, 0);
        let (starts_stride, segments, offset, rows, panel_stride) = rest;
        Block {
            input: &input,
            starts,
            starts_stride,
            segments,
            offset,
            rows,
            panel: &half,
            panel_stride,
            depth,
            width,
            overwrite: true,
        }
        .add_to(&mut narrow);
        Block {
            input: &input,
            starts,
            starts_stride,
            segments,
            offset,
            rows,
            panel: &whole,
            panel_stride,
            depth,
            width,
            overwrite: true,
        }
        .add_to(&mut wide);
        assert_eq!(narrow.map(f32::to_bits), wide.map(f32::to_bits));
    }

    /// Sums of `rows` rows with weights of this kind, in two segments of nine inputs (two vectors of NEON and one more).
    fn sums_of<T: Multiply<Input = f32>>(rows: usize, width: usize, run: fn(&Block<'_, T>, &mut [f32])) -> Vec<u32> {
        let value = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        let input: Vec<f32> = (0..100).map(value).collect();
        let panel: Vec<T> = (0..2 * 9 * width).map(|i| T::narrow(value(i + 5))).collect();
        let starts: Vec<usize> = (0..2 * rows).map(|i| (i / rows * 37 + i % rows * 31) % 91).collect();
        let mut sums: Vec<f32> = (0..rows * width).map(value).collect();
        let block = Block {
            input: &input,
            starts: &starts,
            starts_stride: rows,
            segments: 2,
            offset: 0,
            rows,
            panel: &panel,
            panel_stride: 9 * width,
            depth: 9,
            width,
            overwrite: false,
        };
        run(&block, &mut sums);
        sums.into_iter().map(f32::to_bits).collect()
    }

    /// The portable loops are compiled with fused multiply-adds on 64-bit Arm, as the others are written with them.
    #[cfg(target_arch = "aarch64")]
    #[test]
    fn the_loops_of_this_machine_give_the_bits_of_the_portable_ones() {
        for width in [16, 32, 48, 64] {
            for rows in 1..=rows_per_tile(width) {
                let of_f32 = sums_of::<f32>(rows, width, |block, sums| block.add_to(sums));
                assert_eq!(of_f32, sums_of(rows, width, portable::run_f32), "{width} {rows}");
                let of_f16 = sums_of::<f16>(rows, width, |block, sums| block.add_to(sums));
                assert_eq!(of_f16, sums_of(rows, width, portable::run_f16), "{width} {rows}");
            }
        }
    }

    /// A sum does not depend on which rows are summed with it, so neither on the batch nor on the number of threads.
    #[test]
    fn a_row_is_the_same_to_the_bit_alone_and_among_others() {
        for width in [16, 32, 48, 64] {
            let among = sums_of::<f32>(rows_per_tile(width), width, |block, sums| block.add_to(sums));
            for rows in 1..rows_per_tile(width) {
                let got = sums_of::<f32>(rows, width, |block, sums| block.add_to(sums));
                assert_eq!(got, among[..rows * width], "{width} {rows}");
            }
        }
    }

    #[test]
    fn a_block_without_inputs_is_a_sum_of_nothing() {
        let mut sums = [3.0; 20];
        Block { depth: 0, ..FITS }.add_to(&mut sums);
        assert_eq!(sums, [3.0; 20]);
        Block { depth: 0, overwrite: true, ..FITS }.add_to(&mut sums);
        assert_eq!(sums[..16], [0.0; 16]);
        assert_eq!(sums[16..], [3.0; 4]);
    }

    /// One row of four inputs that just fits its slices.
    const FITS: Block<'static, f32> = Block {
        input: &[0.0; 8],
        starts: &[4],
        starts_stride: 0,
        segments: 1,
        offset: 0,
        rows: 1,
        panel: &[0.0; 64],
        panel_stride: 0,
        depth: 4,
        width: 16,
        overwrite: false,
    };

    #[test]
    fn a_block_that_fits_its_slices_is_run() {
        FITS.add_to(&mut [0.0; 16]);
    }

    #[test]
    #[should_panic(expected = "starts outside the input")]
    fn a_row_outside_the_input_is_refused() {
        Block { starts: &[5], ..FITS }.add_to(&mut [0.0; 16]);
    }

    #[test]
    #[should_panic(expected = "starts outside the input")]
    fn an_offset_that_wraps_around_is_refused() {
        Block { offset: usize::MAX - 2, starts: &[0], ..FITS }.add_to(&mut [0.0; 16]);
    }

    #[test]
    #[should_panic(expected = "fewer starts than rows")]
    fn a_missing_start_is_refused() {
        Block { segments: 2, starts_stride: 1, ..FITS }.add_to(&mut [0.0; 16]);
    }

    #[test]
    #[should_panic(expected = "weights outside the panel")]
    fn a_panel_that_is_too_short_is_refused() {
        Block { segments: 2, panel_stride: 1, ..FITS }.add_to(&mut [0.0; 16]);
    }

    #[test]
    #[should_panic(expected = "weights outside the panel")]
    fn a_panel_stride_that_wraps_around_is_refused() {
        // Two strides are 2^64, which an unchecked product takes for 0.
        Block { segments: 3, panel_stride: usize::MAX / 2 + 1, ..FITS }.add_to(&mut [0.0; 16]);
    }

    #[test]
    #[should_panic(expected = "fewer sums than results")]
    fn too_few_sums_are_refused() {
        FITS.add_to(&mut [0.0; 15]);
    }
}
