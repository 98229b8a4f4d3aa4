//! The sums of one panel of outputs for a run of pixels.

use std::ops::Range;

use crate::kernels::micro::{Block, Multiply, rows_per_tile};
use crate::kernels::packing::Panels;

/// Where the inputs of each pixel under each tap begin.
pub trait InputStarts: Sync {
    /// Adds where they begin for `count` pixels from `first` on, under one tap.
    fn add_run(&self, first: usize, count: usize, tap: usize, starts: &mut Vec<usize>);
}

impl<F: Fn(usize, usize) -> usize + Sync> InputStarts for F {
    fn add_run(&self, first: usize, count: usize, tap: usize, starts: &mut Vec<usize>) {
        starts.extend((first..first + count).map(|pixel| self(pixel, tap)));
    }
}

/// Where the inputs of `count` pixels from `first` on begin in the input, `[taps, count]`.
pub fn input_starts(first: usize, count: usize, taps: usize, start: &impl InputStarts) -> Vec<usize> {
    let mut starts = Vec::with_capacity(taps * count);
    (0..taps).for_each(|tap| start.add_run(first, count, tap, &mut starts));
    starts
}

/// Sums the products of one panel over the given taps, for all pixels of a run. `starts` is
/// `[taps, count]`, as [`input_starts`] makes it; `sums` is `[count, width]` and is overwritten.
pub fn sum_panel<T: Multiply>(
    source: &[T::Input],
    weights: &Panels<T>,
    panel: usize,
    taps: Range<usize>,
    starts: &[usize],
    sums: &mut [f32],
) {
    let (panel, width) = weights.panel(panel);
    let inputs = weights.inputs;
    let count = sums.len() / width;
    let tap_size = inputs * width;
    let step = rows_per_tile(width);
    // Several whole taps in a group where they are small, part of one where it is large.
    let group = T::cached_bytes() / size_of::<T>();
    let group_taps = (group / tap_size).clamp(1, taps.len());
    let group_depth = if tap_size <= group { inputs } else { group / width };
    for tap in taps.clone().step_by(group_taps) {
        for offset in (0..inputs).step_by(group_depth) {
            for row in (0..count).step_by(step) {
                let block = Block {
                    input: source,
                    starts: &starts[(tap - taps.start) * count + row..],
                    starts_stride: count,
                    segments: group_taps.min(taps.end - tap),
                    offset,
                    rows: step.min(count - row),
                    panel: &panel[tap * tap_size + offset * width..],
                    panel_stride: tap_size,
                    depth: group_depth.min(inputs - offset),
                    width,
                    overwrite: tap == taps.start && offset == 0,
                };
                block.add_to(&mut sums[row * width..]);
            }
        }
    }
}
