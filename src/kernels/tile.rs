//! The innermost loops: a few rows of the result times one panel of weights, held in registers.
//!
//! `c[r][n] += Σ_segment Σ_k a[segment][r][k]·b[segment][k][n]` for up to `MR` rows `r`, where every
//! row of every segment is a slice of its own. That is all a convolution needs: a segment is one tap
//! of the kernel, and its rows are the input pixels under that tap, wherever they lie, so that no
//! unfolded copy of the input is ever written. bfloat16 is multiplied in pairs: two inputs of a row
//! with two weights of each output, both products added to the f32 sum at once.

use half::bf16;

use super::cpu::{Instructions, bf16_is_fast, for_each_cpu, instructions};
use super::element::Element;
use super::pack::{LANES, PANEL};

/// How many rows go through the registers together for a panel of `width` outputs: as many
/// accumulators as the registers hold.
pub(super) fn rows_at_once(width: usize) -> usize {
    match (instructions(), width) {
        (Instructions::Avx512, 64) => 6,
        (Instructions::Avx512, 48) => 8,
        (Instructions::Avx512, _) => 12,
        (Instructions::Avx2, _) => 6,
        (Instructions::Plain, _) => 4,
    }
}

/// Bytes of weights that stay in the second-level cache while rows pass by.
pub(super) const IN_L2: usize = 192 << 10;
/// Bytes of a narrow panel that stay in the first-level cache, beside six rows as deep.
const IN_L1: usize = 20 << 10;

/// Outputs in a whole panel of f32: as many as go through the registers together. A wider one would be passed
/// in columns, from the second-level cache again for every few rows, and its lines would lie too far apart to
/// stay in the first.
pub(super) fn panel_f32() -> usize {
    if instructions() == Instructions::Avx2 { LANES } else { PANEL }
}

/// Bytes of f32 weights that are walked at once.
pub(super) fn group_f32() -> usize {
    if instructions() == Instructions::Avx2 { IN_L1 } else { IN_L2 }
}

/// The most rows that go through together.
pub(super) const MAX_ROWS: usize = 12;

/// A block of work: `rows` rows times `segments`, each `depth` inputs deep.
///
/// `starts[s * starts_stride + r] + offset` is where row `r` of segment `s` begins in `input`;
/// `panel` holds for each segment `depth` inputs of `width` weights in [`Packed`](super::Packed)'s
/// order, segments `panel_stride` numbers apart; `sums` is `[rows, width]`, and is added to, or
/// replaced where `fresh` says so.
pub struct Block<'a, T> {
    pub(super) input: &'a [T],
    pub(super) starts: &'a [usize],
    pub(super) starts_stride: usize,
    pub(super) segments: usize,
    pub(super) offset: usize,
    pub(super) rows: usize,
    pub(super) panel: &'a [T],
    pub(super) panel_stride: usize,
    pub(super) depth: usize,
    pub(super) width: usize,
    /// Whether `sums` counts as zeros, whatever it holds.
    pub(super) fresh: bool,
}

impl<T: Element> Block<'_, T> {
    /// Runs it on `sums`.
    ///
    /// # Panics
    /// When a start or a length lies outside its slice: the checks that make the rest safe.
    pub(super) fn add_to(&self, sums: &mut [f32]) {
        let Self { rows, depth, width, segments, .. } = *self;
        if rows == 0 || depth == 0 || segments == 0 {
            if self.fresh {
                sums[..rows * width].fill(0.0);
            }
            return;
        }
        assert!(rows <= MAX_ROWS && rows <= rows_at_once(width) && depth.is_multiple_of(T::GROUP));
        assert!(width % LANES == 0 && (LANES..=PANEL).contains(&width));
        assert!(sums.len() >= rows * width);
        assert!(self.panel.len() >= (segments - 1) * self.panel_stride + depth * width);
        assert!(self.input.len() >= depth + self.offset);
        let last = self.input.len() - depth - self.offset;
        let inside = |segment: usize| self.starts[segment * self.starts_stride..][..rows].iter().all(|s| *s <= last);
        assert!((0..segments).all(inside), "starts outside the input");
        T::run(self, segments, sums);
    }
}

pub(super) fn run_f32(block: &Block<'_, f32>, segments: usize, sums: &mut [f32]) {
    match instructions() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the machine has AVX-512, and `add_to`'s assertions keep every address inside its
        // slice.
        Instructions::Avx512 => unsafe { avx512::run(block, segments, sums) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above, with AVX2 and FMA.
        Instructions::Avx2 => unsafe { avx2::run(block, segments, sums) },
        _ => plain(block, segments, sums),
    }
}

pub(super) fn run_bf16(block: &Block<'_, bf16>, segments: usize, sums: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if bf16_is_fast() {
        // SAFETY: the machine has AVX-512 with its bf16 products, and `add_to`'s assertions keep
        // every address inside its slice.
        return unsafe { avx512bf16::run(block, segments, sums) };
    }
    pairs(block, segments, sums);
}

for_each_cpu! {
    /// Products of bfloat16 where there is no instruction for them.
    fn pairs(block: &Block<'_, bf16>, segments: usize, sums: &mut [f32]) = pairs_body
}

#[inline(always)]
fn pairs_body(block: &Block<'_, bf16>, segments: usize, sums: &mut [f32]) {
    let &Block { input, starts, starts_stride, offset, rows, panel, panel_stride, depth, width, .. } = block;
    let wide = bf16::wide;
    if block.fresh {
        sums[..rows * width].fill(0.0);
    }
    for segment in 0..segments {
        let weights = &panel[segment * panel_stride..][..depth * width];
        for row in 0..rows {
            let values = &input[starts[segment * starts_stride + row] + offset..][..depth];
            let sums = &mut sums[row * width..][..width];
            for (values, weights) in values.chunks_exact(2).zip(weights.chunks_exact(2 * width)) {
                let (a, b) = (wide(values[0]), wide(values[1]));
                for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(2)) {
                    *sum += a * wide(weights[0]) + b * wide(weights[1]);
                }
            }
        }
    }
}

/// The same sums in the same order, one fused multiply-add at a time where the machine has it.
fn plain(block: &Block<'_, f32>, segments: usize, sums: &mut [f32]) {
    let &Block { input, starts, starts_stride, offset, rows, panel, panel_stride, depth, width, .. } = block;
    if block.fresh {
        sums[..rows * width].fill(0.0);
    }
    for segment in 0..segments {
        let weights = &panel[segment * panel_stride..][..depth * width];
        for row in 0..rows {
            let values = &input[starts[segment * starts_stride + row] + offset..][..depth];
            let sums = &mut sums[row * width..][..width];
            for (value, weights) in values.iter().zip(weights.chunks_exact(width)) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = fused(*value, *weight, *sum);
                }
            }
        }
    }
}

#[inline(always)]
fn fused(a: f32, b: f32, c: f32) -> f32 {
    // Without the instruction `mul_add` is a slow library call.
    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) { a.mul_add(b, c) } else { a * b + c }
}

/// A loop for `MR` rows and `NV` vectors of a panel's outputs, from the output `column` on.
#[cfg(target_arch = "x86_64")]
macro_rules! tile {
    ($feature:literal, $lanes:literal, $vector:ty, $load:ident, $store:ident, $set:ident, $fma:ident) => {
        /// # Safety
        /// As [`run`], with `block.rows == MR` and `column` and NV vectors within `block.width`.
        #[target_feature(enable = $feature)]
        unsafe fn tile<const MR: usize, const NV: usize>(
            block: &Block<'_, f32>,
            column: usize,
            segments: usize,
            sums: &mut [f32],
        ) {
            // SAFETY: `add_to` asserted that `sums` holds MR rows of the panel's width, that every
            // segment of the panel lies in `panel`, and every row in `input`.
            unsafe {
                let width = block.width;
                let sums = sums.as_mut_ptr().add(column);
                let mut held: [[$vector; NV]; MR] = [[$set(0.0); NV]; MR];
                if !block.fresh {
                    for r in 0..MR {
                        for v in 0..NV {
                            held[r][v] = $load(sums.add(r * width + v * $lanes));
                        }
                    }
                }
                for segment in 0..segments {
                    let starts = block.starts.as_ptr().add(segment * block.starts_stride);
                    let mut rows = [block.input.as_ptr().add(block.offset); MR];
                    for r in 0..MR {
                        rows[r] = rows[r].add(*starts.add(r));
                    }
                    let mut weights = block.panel.as_ptr().add(segment * block.panel_stride + column);
                    for k in 0..block.depth {
                        let mut b: [$vector; NV] = [$set(0.0); NV];
                        for v in 0..NV {
                            b[v] = $load(weights.add(v * $lanes));
                        }
                        for r in 0..MR {
                            let a = $set(*rows[r].add(k));
                            for v in 0..NV {
                                held[r][v] = $fma(a, b[v], held[r][v]);
                            }
                        }
                        weights = weights.add(width);
                    }
                }
                for r in 0..MR {
                    for v in 0..NV {
                        $store(sums.add(r * width + v * $lanes), held[r][v]);
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    use super::Block;

    /// Picks the loop compiled for this width and number of rows: a whole panel at once.
    ///
    /// # Safety
    /// The machine has the instructions, and `Block::add_to`'s assertions hold.
    #[target_feature(enable = "avx512f")]
    pub unsafe fn run(block: &Block<'_, f32>, segments: usize, sums: &mut [f32]) {
        macro_rules! pick {
            ($(($width:literal: $($rows:literal)+)),+) => {
                match (block.width, block.rows) {
                    // SAFETY: passed on from the caller.
                    $($(($width, $rows) => unsafe { tile::<$rows, { $width / 16 }>(block, 0, segments, sums) },)+)+
                    _ => super::plain(block, segments, sums),
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

    tile!("avx512f", 16, __m512, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_fmadd_ps);
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::Block;

    /// Picks the loop compiled for this number of rows. Sixteen registers hold six rows of two vectors,
    /// so a panel wider than 16 outputs is passed in columns.
    ///
    /// # Safety
    /// The machine has the instructions, and `Block::add_to`'s assertions hold.
    #[target_feature(enable = "avx2,fma")]
    pub unsafe fn run(block: &Block<'_, f32>, segments: usize, sums: &mut [f32]) {
        macro_rules! pick {
            ($($rows:literal)+) => {
                for column in (0..block.width).step_by(16) {
                    match block.rows {
                        // SAFETY: passed on from the caller; widths are multiples of 16.
                        $($rows => unsafe { tile::<$rows, 2>(block, column, segments, sums) },)+
                        _ => return super::plain(block, segments, sums),
                    }
                }
            };
        }
        pick!(1 2 3 4 5 6);
    }

    tile!("avx2,fma", 8, __m256, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_fmadd_ps);
}

#[cfg(target_arch = "x86_64")]
mod avx512bf16 {
    use std::arch::x86_64::*;

    use half::bf16;

    use super::Block;

    /// Picks the loop compiled for this width and number of rows.
    ///
    /// # Safety
    /// The machine has the instructions, and `Block::add_to`'s assertions hold.
    #[target_feature(enable = "avx512f,avx512bf16")]
    pub unsafe fn run(block: &Block<'_, bf16>, segments: usize, sums: &mut [f32]) {
        macro_rules! pick {
            ($(($width:literal: $($rows:literal)+)),+) => {
                match (block.width, block.rows) {
                    // SAFETY: passed on from the caller.
                    $($(($width, $rows) => unsafe { tile::<$rows, { $width / 16 }>(block, segments, sums) },)+)+
                    _ => super::pairs(block, segments, sums),
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
    /// As [`run`], with `block.rows == MR` and `block.width == 16 * NV`.
    #[expect(clippy::needless_range_loop, reason = "the registers are numbered by row and vector")]
    #[target_feature(enable = "avx512f,avx512bf16")]
    unsafe fn tile<const MR: usize, const NV: usize>(block: &Block<'_, bf16>, segments: usize, sums: &mut [f32]) {
        // SAFETY: `add_to` asserted that `sums` holds MR rows of NV vectors, that every segment of
        // the panel lies in `panel`, and every row, an even number deep, in `input`. Loads need no
        // alignment, and any 512 bits are a valid `__m512bh`.
        unsafe {
            let sums = sums.as_mut_ptr();
            let mut held = [[_mm512_setzero_ps(); NV]; MR];
            if !block.fresh {
                for r in 0..MR {
                    for v in 0..NV {
                        held[r][v] = _mm512_loadu_ps(sums.add((r * NV + v) * 16));
                    }
                }
            }
            for segment in 0..segments {
                let starts = block.starts.as_ptr().add(segment * block.starts_stride);
                let mut rows = [block.input.as_ptr().add(block.offset); MR];
                for r in 0..MR {
                    rows[r] = rows[r].add(*starts.add(r));
                }
                let mut weights = block.panel.as_ptr().add(segment * block.panel_stride);
                for k in (0..block.depth).step_by(2) {
                    let mut b = [_mm512_setzero_si512(); NV];
                    for v in 0..NV {
                        b[v] = _mm512_loadu_si512(weights.add(v * 32).cast());
                    }
                    for r in 0..MR {
                        let a = _mm512_set1_epi32(rows[r].add(k).cast::<i32>().read_unaligned());
                        for v in 0..NV {
                            held[r][v] = _mm512_dpbf16_ps(
                                held[r][v],
                                std::mem::transmute::<__m512i, __m512bh>(a),
                                std::mem::transmute::<__m512i, __m512bh>(b[v]),
                            );
                        }
                    }
                    weights = weights.add(NV * 32);
                }
            }
            for r in 0..MR {
                for v in 0..NV {
                    _mm512_storeu_ps(sums.add((r * NV + v) * 16), held[r][v]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every width, number of rows and a few depths against the definition in f64.
    fn adds_up<T: Element>(depths: [(usize, usize); 3], run: fn(&Block<'_, T>, &mut [f32])) {
        let number = |i: usize| T::from_f32(((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0);
        let wide = |value: T| f64::from(value.wide());
        let input: Vec<T> = (0..4000).map(number).collect();
        for width in [16, 32, 48, 64] {
            for rows in 1..=rows_at_once(width) {
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
                        fresh: rows % 2 == 0,
                    };
                    let mut sums: Vec<f32> = (0..rows * width).map(|i| wide(number(i + 99)) as f32).collect();
                    let mut want: Vec<f64> =
                        sums.iter().map(|v| if block.fresh { 0.0 } else { f64::from(*v) }).collect();
                    for (s, r, k) in
                        (0..segments).flat_map(|s| (0..rows).flat_map(move |r| (0..depth).map(move |k| (s, r, k))))
                    {
                        let value = wide(input[starts[s * starts_stride + r] + offset + k]);
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
    fn every_kernel_adds_up_what_the_definition_adds_up() {
        adds_up::<f32>([(1, 1), (5, 9), (37, 2)], |block, sums| block.add_to(sums));
        adds_up::<bf16>([(2, 1), (6, 9), (38, 2)], |block, sums| block.add_to(sums));
    }

    #[test]
    fn machines_without_the_instructions_add_up_the_same() {
        adds_up::<f32>([(1, 1), (5, 9), (37, 2)], |block, sums| plain(block, block.segments, sums));
        adds_up::<bf16>([(2, 1), (6, 9), (38, 2)], |block, sums| pairs(block, block.segments, sums));
    }

    #[test]
    #[should_panic(expected = "starts")]
    fn a_row_outside_the_input_is_caught_before_it_is_read() {
        let block = Block {
            input: &[0.0; 8],
            starts: &[5],
            starts_stride: 1,
            segments: 1,
            offset: 0,
            rows: 1,
            panel: &[0.0; 64],
            panel_stride: 0,
            depth: 4,
            width: 16,
            fresh: false,
        };
        block.add_to(&mut [0.0; 16]);
    }
}
