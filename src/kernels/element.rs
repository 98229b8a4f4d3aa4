//! The two kinds of numbers that kernels multiply: f32, and pairs of bfloat16.

use std::borrow::Cow;

use half::bf16;
use rayon::prelude::*;

use super::attention::{Softened, soften, soften_roughly};
use super::cpu::for_each_cpu;
use super::memory::{made_of_pieces, pieces};
use super::pack::{self, Between, Cell, PANEL};
use super::tile::{self, Block};
use super::winograd;

/// Numbers in a piece of work.
const RUN: usize = 16 << 10;

/// What weights and inputs of a product are kept in; sums are f32 always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// bfloat16: the upper half of an f32, so its range with 8 bits of precision. Half the memory,
    /// and on machines with the instruction for it twice the products a second.
    Bf16,
}

/// Rows of numbers of either kind, as they come out of one operation and go into the next.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// 32 bits.
    F32(&'a [f32]),
    /// bfloat16.
    Bf16(&'a [bf16]),
}

impl Rows<'_> {
    /// How many numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::Bf16(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers as f32, copied only where they are not.
    pub fn to_f32(&self) -> Cow<'_, [f32]> {
        match self {
            Self::F32(values) => Cow::Borrowed(values),
            Self::Bf16(values) => Cow::Owned(values.par_iter().map(|v| v.to_f32()).collect()),
        }
    }

    /// The numbers as bfloat16, copied only where they are not.
    pub fn to_bf16(&self) -> Cow<'_, [bf16]> {
        match self {
            Self::F32(values) => Cow::Owned(rounded(values, 0)),
            Self::Bf16(values) => Cow::Borrowed(values),
        }
    }
}

impl<'a> From<&'a [f32]> for Rows<'a> {
    fn from(values: &'a [f32]) -> Self {
        Self::F32(values)
    }
}

impl<'a> From<&'a Vec<f32>> for Rows<'a> {
    fn from(values: &'a Vec<f32>) -> Self {
        Self::F32(values)
    }
}

/// A kind of number that a kernel exists for.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// How many inputs lie side by side for each output: products are summed in such groups.
    const GROUP: usize;

    /// How many outputs a whole panel of weights has on this machine.
    #[doc(hidden)]
    fn panel() -> usize;

    /// How many bytes of a panel are walked at once while all pixels of a piece pass by.
    #[doc(hidden)]
    fn group() -> usize;

    /// The nearest of this kind.
    fn from_f32(value: f32) -> Self;

    /// Lets `write` fill a slice in f32 and keeps the result.
    fn fill(output: &mut [Self], write: impl FnOnce(&mut [f32]));

    /// `values`, in this kind; `room` is there to be used.
    fn kept<'a>(values: &'a [f32], room: &'a mut Vec<Self>) -> &'a [Self];

    /// Rows of this kind, with `extra` zeros behind them.
    fn padded(rows: Rows<'_>, extra: usize) -> Vec<Self>;

    /// Rows of this kind.
    fn rows<'a>(rows: &'a Rows<'a>) -> Cow<'a, [Self]>;

    /// As f32.
    fn wide(self) -> f32;

    /// The nearest of this kind, as plain arithmetic that the compiler can run on whole vectors.
    fn narrow(value: f32) -> Self;

    /// Puts kernels where they belong in a panel, see [`pack`].
    #[doc(hidden)]
    fn put(kernels: &[f32], cell: Cell, between: &mut Between, panel: &mut [Self]);

    /// A block of attention scores on its way through the softmax.
    #[doc(hidden)]
    fn soften(scores: &mut [f32], scale: f32, row: &mut Softened);

    /// Turns the 4×4 patches of all channels for Winograd's convolution.
    #[doc(hidden)]
    fn turn_patch(patch: &[&[Self]; winograd::POINTS], turned: &mut [Self], stride: usize);

    /// Runs a block whose lengths were checked.
    #[doc(hidden)]
    fn run(block: &Block<'_, Self>, segments: usize, sums: &mut [f32]);
}

impl Element for f32 {
    const GROUP: usize = 1;

    fn panel() -> usize {
        tile::panel_f32()
    }

    fn group() -> usize {
        tile::group_f32()
    }

    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        value
    }

    fn fill(output: &mut [Self], write: impl FnOnce(&mut [f32])) {
        write(output);
    }

    fn kept<'a>(values: &'a [f32], _: &'a mut Vec<Self>) -> &'a [Self] {
        values
    }

    fn padded(rows: Rows<'_>, extra: usize) -> Vec<Self> {
        let values = rows.to_f32();
        let mut all = Vec::with_capacity(values.len() + extra);
        all.extend_from_slice(&values);
        all.resize(values.len() + extra, 0.0);
        all
    }

    fn rows<'a>(rows: &'a Rows<'a>) -> Cow<'a, [Self]> {
        rows.to_f32()
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        self
    }

    #[inline(always)]
    fn narrow(value: f32) -> Self {
        value
    }

    fn turn_patch(patch: &[&[Self]; winograd::POINTS], turned: &mut [Self], stride: usize) {
        winograd::turn_patch_f32(patch, turned, stride);
    }

    fn put(kernels: &[f32], cell: Cell, between: &mut Between, panel: &mut [Self]) {
        pack::put_f32(kernels, cell, between, panel);
    }

    fn soften(scores: &mut [f32], scale: f32, row: &mut Softened) {
        soften(scores, scale, row);
    }

    fn run(block: &Block<'_, Self>, segments: usize, sums: &mut [f32]) {
        tile::run_f32(block, segments, sums);
    }
}

impl Element for bf16 {
    const GROUP: usize = 2;

    fn panel() -> usize {
        PANEL
    }

    fn group() -> usize {
        tile::IN_L2
    }

    fn from_f32(value: f32) -> Self {
        bf16::from_f32(value)
    }

    fn fill(output: &mut [Self], write: impl FnOnce(&mut [f32])) {
        let mut values = vec![0.0; output.len()];
        write(&mut values);
        round(&values, output);
    }

    fn kept<'a>(values: &'a [f32], room: &'a mut Vec<Self>) -> &'a [Self] {
        room.resize(values.len(), bf16::ZERO);
        round(values, room);
        room
    }

    fn padded(rows: Rows<'_>, extra: usize) -> Vec<Self> {
        match rows {
            Rows::F32(values) => rounded(values, extra),
            Rows::Bf16(values) => {
                let mut all = Vec::with_capacity(values.len() + extra);
                all.extend_from_slice(values);
                all.resize(values.len() + extra, bf16::ZERO);
                all
            }
        }
    }

    fn rows<'a>(rows: &'a Rows<'a>) -> Cow<'a, [Self]> {
        rows.to_bf16()
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }

    #[inline(always)]
    fn narrow(value: f32) -> Self {
        let bits = value.to_bits();
        let up = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
        // Rounding the payload of a NaN up could make it a number.
        bf16::from_bits(if value.is_nan() { 0x7fc0 } else { up as u16 })
    }

    fn turn_patch(patch: &[&[Self]; winograd::POINTS], turned: &mut [Self], stride: usize) {
        winograd::turn_patch_bf16(patch, turned, stride);
    }

    fn put(kernels: &[f32], cell: Cell, between: &mut Between, panel: &mut [Self]) {
        pack::put_bf16(kernels, cell, between, panel);
    }

    fn soften(scores: &mut [f32], scale: f32, row: &mut Softened) {
        soften_roughly(scores, scale, row);
    }

    fn run(block: &Block<'_, Self>, segments: usize, sums: &mut [f32]) {
        tile::run_bf16(block, segments, sums);
    }
}

/// `values` as bfloat16, and `extra` zeros.
fn rounded(values: &[f32], extra: usize) -> Vec<bf16> {
    made_of_pieces(pieces(values.len(), RUN).chain([extra]), |index, output| {
        // The last piece is the zeros.
        if let Some(values) = values.get(index * RUN..).filter(|rest| !rest.is_empty()) {
            round(&values[..output.len()], output);
        }
    })
}

for_each_cpu! {
    /// To the nearest, ties to even, as the processors' own instruction does.
    fn round(values: &[f32], output: &mut [bf16]) = round_body
}

#[inline(always)]
fn round_body(values: &[f32], output: &mut [bf16]) {
    values.iter().zip(output).for_each(|(value, output)| *output = bf16::narrow(*value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_the_nearest_even_and_nan_stays() {
        let mut values: Vec<f32> = (0..4000).map(|i| ((i * 7919) % 1009) as f32 * 1.2345e-3 - 0.6).collect();
        values.extend([0.0, -0.0, f32::INFINITY, 1.0 + 1.0 / 256.0, 1.0 + 3.0 / 256.0, f32::from_bits(0x7fff_ffff)]);
        for (value, got) in values.iter().zip(rounded(&values, 0)) {
            if value.is_nan() {
                assert!(got.is_nan());
            } else {
                assert_eq!(got, bf16::from_f32(*value), "{value}");
            }
        }
    }

    #[test]
    fn zeros_lie_behind_padded_rows() {
        let rows = Rows::F32(&[1.0, 2.0]);
        assert_eq!(f32::padded(rows, 2), [1.0, 2.0, 0.0, 0.0]);
        assert_eq!(bf16::padded(rows, 1), [bf16::ONE, bf16::from_f32(2.0), bf16::ZERO]);
    }
}
