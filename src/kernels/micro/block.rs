//! The description of one block of work, and the checks that make it safe to run.

use super::sizes::{LANES, MAX_PANEL, MAX_ROWS, rows_per_tile};
use super::weight_kind::WeightKind;

/// `rows` rows of a result times one panel of weights, summed over `segments` segments, each `depth`
/// inputs deep.
pub struct Block<'a, T: WeightKind> {
    /// The numbers that rows are read from.
    pub input: &'a [T::Input],
    /// Row `r` of segment `s` begins at `starts[s * starts_stride + r] + offset` in `input`.
    pub starts: &'a [usize],
    /// From one segment's starts to the next one's.
    pub starts_stride: usize,
    /// How many segments there are.
    pub segments: usize,
    /// Added to each of the starts.
    pub offset: usize,
    /// How many rows there are: up to [`rows_per_tile`]`(width)`.
    pub rows: usize,
    /// For each segment `depth` inputs of `width` weights, in the order of
    /// [`Panels`](crate::kernels::packing::Panels).
    pub panel: &'a [T],
    /// From one segment's weights to the next one's.
    pub panel_stride: usize,
    /// Inputs in a segment: a multiple of [`WeightKind::GROUP`].
    pub depth: usize,
    /// Outputs: 16, 32, 48 or 64.
    pub width: usize,
    /// Whether the sums start at 0, whatever they held, instead of being added to.
    pub overwrite: bool,
}

impl<T: WeightKind> Block<'_, T> {
    /// Whether there is nothing to add.
    pub fn is_empty(&self) -> bool {
        self.rows == 0 || self.depth == 0 || self.segments == 0
    }

    /// Checks a block that is not empty, for sums of which there are `sums`.
    ///
    /// When it returns, these hold, and the loops that check nothing rely on them:
    /// - `width` is a multiple of 16 and at most 64, and `depth` a multiple of [`WeightKind::GROUP`];
    /// - there are at least `rows * width` sums;
    /// - for each segment `s`, `panel` holds `depth * width` weights from `s * panel_stride` on;
    /// - for each segment `s` and row `r`, `starts` has a number `s * starts_stride + r`, and `input`
    ///   holds `depth` numbers from that start plus `offset` on.
    ///
    /// # Panics
    /// When one of them does not hold.
    pub fn check(&self, sums: usize) {
        let group = T::GROUP;
        let Self { rows, depth, width, segments, .. } = *self;
        assert!(rows <= MAX_ROWS && rows <= rows_per_tile(width) && depth.is_multiple_of(group));
        assert!(width.is_multiple_of(LANES) && (LANES..=MAX_PANEL).contains(&width));
        assert!(sums >= rows * width, "fewer sums than results");
        // Without checked arithmetic an absurd stride could wrap around to an end that seems to fit.
        let end = |stride: usize, length: Option<usize>| (segments - 1).checked_mul(stride)?.checked_add(length?);
        let weights = end(self.panel_stride, depth.checked_mul(width));
        assert!(weights.is_some_and(|end| end <= self.panel.len()), "weights outside the panel");
        let starts = end(self.starts_stride, Some(rows));
        assert!(starts.is_some_and(|end| end <= self.starts.len()), "fewer starts than rows");
        let last = self.input.len().checked_sub(depth).and_then(|last| last.checked_sub(self.offset));
        let inside = |segment: usize| {
            let starts = &self.starts[segment * self.starts_stride..][..rows];
            last.is_some_and(|last| starts.iter().all(|start| *start <= last))
        };
        assert!((0..segments).all(inside), "starts outside the input");
    }
}
