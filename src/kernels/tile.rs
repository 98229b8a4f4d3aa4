//! The innermost loops: a few rows of the result times one panel of weights, held in registers.
//!
//! `c[r][n] += Σ_segment Σ_k a[segment][r][k]·b[segment][k][n]` for up to `MR` rows `r`, where every
//! row of every segment is a slice of its own. That is all a convolution needs: a segment is one tap
//! of the kernel, and its rows are the input pixels under that tap, wherever they lie, so that no
//! unfolded copy of the input is ever written.

use super::cpu::{Instructions, instructions};
use super::pack::{LANES, PANEL};

/// How many rows go through the registers together for a panel of `width` outputs: as many
/// accumulators as the registers hold.
pub(super) fn rows_at_once(width: usize) -> usize {
    match (instructions(), width) {
        (Instructions::Avx512, 64) => 6,
        (Instructions::Avx512, 48) => 8,
        (Instructions::Avx512, _) => 12,
        (Instructions::Avx2, 64 | 48) => 2,
        (Instructions::Avx2, 32) => 3,
        (Instructions::Avx2, _) => 6,
        (Instructions::Plain, _) => 4,
    }
}

/// The most rows that go through together.
pub(super) const MAX_ROWS: usize = 12;

/// A block of work: `rows` rows times `segments`, each `depth` deep.
///
/// `starts[s * rows + r]` is where row `r` of segment `s` begins in `input`; `panel` holds for each
/// segment `depth` rows of `width` weights, segments `panel_stride` numbers apart; `sums` is
/// `[rows, width]`, and is added to.
pub(super) struct Block<'a> {
    pub input: &'a [f32],
    pub starts: &'a [usize],
    pub rows: usize,
    pub panel: &'a [f32],
    pub panel_stride: usize,
    pub depth: usize,
    pub width: usize,
}

impl Block<'_> {
    /// Runs it.
    ///
    /// # Panics
    /// When a start or a length lies outside its slice: the checks that make the rest safe.
    pub fn add_to(&self, sums: &mut [f32]) {
        let Self { rows, depth, width, .. } = *self;
        if rows == 0 || depth == 0 || self.starts.is_empty() {
            return;
        }
        assert!(rows <= MAX_ROWS && rows <= rows_at_once(width) && self.starts.len().is_multiple_of(rows));
        assert!(width % LANES == 0 && (LANES..=PANEL).contains(&width));
        assert!(sums.len() >= rows * width);
        let segments = self.starts.len() / rows;
        assert!(self.panel.len() >= (segments - 1) * self.panel_stride + depth * width);
        assert!(self.input.len() >= depth);
        let last = self.input.len() - depth;
        assert!(self.starts.iter().all(|start| *start <= last));
        match instructions() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the machine has AVX-512, and the assertions above keep every address inside
            // its slice.
            Instructions::Avx512 => unsafe { avx512::run(self, segments, sums) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, with AVX2 and FMA.
            Instructions::Avx2 => unsafe { avx2::run(self, segments, sums) },
            _ => plain(self, segments, sums),
        }
    }
}

/// The same sums in the same order, one fused multiply-add at a time where the machine has it.
fn plain(block: &Block<'_>, segments: usize, sums: &mut [f32]) {
    let &Block { input, starts, rows, panel, panel_stride, depth, width } = block;
    for segment in 0..segments {
        let weights = &panel[segment * panel_stride..][..depth * width];
        for row in 0..rows {
            let values = &input[starts[segment * rows + row]..][..depth];
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

#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    ($name:ident, $feature:literal, $lanes:literal, $vector:ty, $load:ident, $store:ident, $set:ident, $fma:ident,
     [$(($width:literal: $($rows:literal)+)),+]) => {
        mod $name {
            use std::arch::x86_64::*;

            use super::Block;

            /// Picks the loop compiled for this width and number of rows.
            ///
            /// # Safety
            /// The machine has the instructions, and `Block::add_to`'s assertions hold.
            #[target_feature(enable = $feature)]
            pub unsafe fn run(block: &Block<'_>, segments: usize, sums: &mut [f32]) {
                // SAFETY: passed on from the caller.
                unsafe {
                    match (block.width, block.rows) {
                        $($(($width, $rows) => tile::<$rows, { $width / $lanes }>(block, segments, sums),)+)+
                        _ => super::plain(block, segments, sums),
                    }
                }
            }

            /// # Safety
            /// As [`run`], with `block.rows == MR` and `block.width == NV` vectors.
            #[target_feature(enable = $feature)]
            unsafe fn tile<const MR: usize, const NV: usize>(block: &Block<'_>, segments: usize, sums: &mut [f32]) {
                // SAFETY: `add_to` asserted that `sums` holds MR rows of NV vectors, that every
                // segment of the panel lies in `panel`, and every row in `input`.
                unsafe {
                    let sums = sums.as_mut_ptr();
                    let mut held: [[$vector; NV]; MR] = [[$set(0.0); NV]; MR];
                    for r in 0..MR {
                        for v in 0..NV {
                            held[r][v] = $load(sums.add((r * NV + v) * $lanes));
                        }
                    }
                    for segment in 0..segments {
                        let starts = block.starts.as_ptr().add(segment * MR);
                        let mut rows = [block.input.as_ptr(); MR];
                        for r in 0..MR {
                            rows[r] = rows[r].add(*starts.add(r));
                        }
                        let mut weights = block.panel.as_ptr().add(segment * block.panel_stride);
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
                            weights = weights.add(NV * $lanes);
                        }
                    }
                    for r in 0..MR {
                        for v in 0..NV {
                            $store(sums.add((r * NV + v) * $lanes), held[r][v]);
                        }
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
kernel!(
    avx512, "avx512f", 16, __m512, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_fmadd_ps,
    [(64: 1 2 3 4 5 6), (48: 1 2 3 4 5 6 7 8), (32: 1 2 3 4 5 6 7 8 9 10 11 12), (16: 1 2 3 4 5 6 7 8 9 10 11 12)]
);
#[cfg(target_arch = "x86_64")]
kernel!(
    avx2, "avx2,fma", 8, __m256, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_fmadd_ps,
    [(64: 1 2), (48: 1 2), (32: 1 2 3), (16: 1 2 3 4 5 6)]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_adds_up_what_plain_loops_add_up() {
        let number = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        let input: Vec<f32> = (0..4000).map(number).collect();
        for width in [16, 32, 48, 64] {
            for rows in 1..=rows_at_once(width) {
                for (depth, segments) in [(1, 1), (5, 9), (37, 2)] {
                    let starts: Vec<usize> = (0..segments * rows).map(|i| (i * 531) % (4000 - depth)).collect();
                    let stride = depth * width + 32;
                    let panel: Vec<f32> = (0..segments * stride).map(|i| number(i + 5)).collect();
                    let block = Block {
                        input: &input,
                        starts: &starts,
                        rows,
                        panel: &panel,
                        panel_stride: stride,
                        depth,
                        width,
                    };
                    let mut sums: Vec<f32> = (0..rows * width).map(|i| number(i + 99)).collect();
                    let mut want: Vec<f64> = sums.iter().map(|v| f64::from(*v)).collect();
                    for s in 0..segments {
                        for r in 0..rows {
                            for k in 0..depth {
                                for n in 0..width {
                                    want[r * width + n] += f64::from(input[starts[s * rows + r] + k])
                                        * f64::from(panel[s * stride + k * width + n]);
                                }
                            }
                        }
                    }
                    block.add_to(&mut sums);
                    for (got, want) in sums.iter().zip(&want) {
                        assert!((f64::from(*got) - want).abs() < 2e-5, "{width} {rows} {depth}: {got} {want}");
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "starts")]
    fn a_row_outside_the_input_is_caught_before_it_is_read() {
        let block =
            Block { input: &[0.0; 8], starts: &[5], rows: 1, panel: &[0.0; 64], panel_stride: 0, depth: 4, width: 16 };
        block.add_to(&mut [0.0; 16]);
    }
}
