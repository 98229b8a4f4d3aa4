//! What a stroke leaves at once: the way between two places, or one dab.

use crate::paint::{PixelRect, Size};

/// Which pixels of a row a mark covers: `x0 <= x < x1` at all, and of these `full0 <= x < full1` as much as it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RowSpan {
    pub x0: usize,
    pub x1: usize,
    pub full0: usize,
    pub full1: usize,
}

/// A mark: where it lies, and how it raises the coverage of a stroke.
pub(super) trait Mark {
    /// The pixels it can touch; `None` if it lies outside a canvas of this size.
    fn rect(&self, size: Size) -> Option<PixelRect>;

    /// Which pixels of row `y` it covers, for a canvas of this width.
    fn span(&self, y: usize, width: usize) -> Option<RowSpan>;

    /// Raises the coverage of pixels of row `y` from `x` on. Returns whether one of them changed.
    fn cover(&self, x: usize, y: usize, coverage: &mut [f32]) -> bool;

    /// Raises the coverage of pixels that the mark covers as much as it can. Returns whether one of them changed.
    fn cover_fully(&self, coverage: &mut [f32]) -> bool;
}

/// The span of the pixels whose centres lie in `outer`, and of those in `inner`, both from left to right.
pub(super) fn span_of(outer: (f64, f64), inner: Option<(f64, f64)>, width: usize) -> Option<RowSpan> {
    let first = |left: f64| (left - 0.5).ceil().clamp(0.0, width as f64) as usize;
    let last = |right: f64| ((right - 0.5).floor() + 1.0).clamp(0.0, width as f64) as usize;
    let (x0, x1) = (first(outer.0), last(outer.1));
    if x0 >= x1 {
        return None;
    }
    let (full0, full1) = inner.map_or((x0, x0), |(left, right)| (first(left).clamp(x0, x1), last(right).clamp(x0, x1)));
    Some(RowSpan { x0, x1, full0: full0.min(full1), full1 })
}
