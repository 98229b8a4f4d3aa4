//! The way between two places, swept by a round tip.
//!
//! Sweeping is the limit of infinitely close dabs: no scallops at any speed.

use super::mark::{Mark, RowSpan, span_of};
use crate::paint::brush::Falloff;
use crate::paint::wide::wide;
use crate::paint::{PixelRect, Size};

/// Distances of whole rows are estimated a little too large or too small, in pixels, so that rounding cannot leave a pixel
/// out or fill one that fades.
const MARGIN: f64 = 0.01;

/// A straight way that a round tip is led along. A pixel is covered by its distance to the way.
pub(super) struct Sweep {
    from: (f32, f32),
    along: (f32, f32),
    length_squared: f32,
    falloff: Falloff,
    /// Whether the stroke has come to `from` already: what lies nearest to that is covered.
    goes_on: bool,
}

impl Sweep {
    pub fn new(from: (f32, f32), to: (f32, f32), falloff: Falloff) -> Self {
        let along = (to.0 - from.0, to.1 - from.1);
        Self { from, along, length_squared: along.0 * along.0 + along.1 * along.1, falloff, goes_on: false }
    }

    /// A way that begins where the last one ended, with the same tip: it covers only what it comes nearer to.
    pub fn going_on(from: (f32, f32), to: (f32, f32), falloff: Falloff) -> Self {
        Self { goes_on: true, ..Self::new(from, to, falloff) }
    }

    /// The pixels of row `y`, from left to right, that are nearer to another place of the way than to its beginning.
    fn ahead(&self, y: f64) -> Option<(f64, f64)> {
        let (from, along) = (pair(self.from), pair(self.along));
        let down = (y - from.1) * along.1;
        if along.0 == 0.0 {
            return (down > 0.0).then_some((f64::NEG_INFINITY, f64::INFINITY));
        }
        let edge = from.0 - down / along.0;
        Some(if along.0 > 0.0 { (edge - MARGIN, f64::INFINITY) } else { (f64::NEG_INFINITY, edge + MARGIN) })
    }

    /// From where to where the pixels at height `y` lie that are at most `reach` away.
    fn extent(&self, y: f64, reach: f64) -> Option<(f64, f64)> {
        let (from, along) = (pair(self.from), pair(self.along));
        let to = (from.0 + along.0, from.1 + along.1);
        let mut extent: Option<(f64, f64)> = None;
        let mut add = |left: f64, right: f64| {
            extent = Some(extent.map_or((left, right), |(l, r)| (l.min(left), r.max(right))));
        };
        for end in [from, to] {
            let above = reach * reach - (y - end.1) * (y - end.1);
            if above >= 0.0 {
                add(end.0 - above.sqrt(), end.0 + above.sqrt());
            }
        }
        let length = (along.0 * along.0 + along.1 * along.1).sqrt();
        if length > 0.0 && along.1 != 0.0 {
            for side in [reach / length, -reach / length] {
                let start = (from.0 - along.1 * side, from.1 + along.0 * side);
                let share = (y - start.1) / along.1;
                if (0.0..=1.0).contains(&share) {
                    let x = start.0 + share * along.0;
                    add(x, x);
                }
            }
        }
        extent
    }
}

impl Mark for Sweep {
    fn rect(&self, size: Size) -> Option<PixelRect> {
        let (from, to) = (self.from, (self.from.0 + self.along.0, self.from.1 + self.along.1));
        let reach = self.falloff.outer;
        PixelRect::around(
            from.0.min(to.0) - reach,
            from.1.min(to.1) - reach,
            from.0.max(to.0) + reach,
            from.1.max(to.1) + reach,
            size.width(),
            size.height(),
        )
    }

    fn span(&self, y: usize, width: usize) -> Option<RowSpan> {
        let y = y as f64 + 0.5;
        let ahead = if self.goes_on { self.ahead(y)? } else { (f64::NEG_INFINITY, f64::INFINITY) };
        let cut = |(left, right): (f64, f64)| (left.max(ahead.0), right.min(ahead.1));
        let outer = cut(self.extent(y, f64::from(self.falloff.outer) + MARGIN)?);
        let full = f64::from(self.falloff.inner) - MARGIN;
        let inner = if full > 0.0 { self.extent(y, full).map(cut) } else { None };
        span_of(outer, inner.filter(|(left, right)| left < right), width)
    }

    fn cover(&self, x: usize, y: usize, coverage: &mut [f32]) -> bool {
        let (from, along, falloff) = (self.from, self.along, self.falloff);
        let per_length = if self.length_squared > 0.0 { self.length_squared } else { f32::INFINITY };
        let down = y as f32 + 0.5 - from.1;
        wide!({
            let mut changed = false;
            for (i, strongest) in coverage.iter_mut().enumerate() {
                let right = (x as i32 + i as i32) as f32 + 0.5 - from.0;
                let t = ((right * along.0 + down * along.1) / per_length).clamp(0.0, 1.0);
                let (dx, dy) = (f64::from(right - t * along.0), f64::from(down - t * along.1));
                // In double precision, which gives the correctly rounded distance.
                let distance = (dx * dx + dy * dy).sqrt() as f32;
                let covered = falloff.at(distance);
                changed |= covered > *strongest;
                *strongest = strongest.max(covered);
            }
            changed
        })
    }

    fn cover_fully(&self, coverage: &mut [f32]) -> bool {
        let changed = coverage.iter().any(|covered| *covered < 1.0);
        if changed {
            coverage.fill(1.0);
        }
        changed
    }
}

fn pair((x, y): (f32, f32)) -> (f64, f64) {
    (f64::from(x), f64::from(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each pixel would get if all of them were computed one by one.
    #[test]
    fn spans_leave_nothing_out_and_fill_only_what_is_full() {
        let width = 90;
        let places = [(10.0, 40.0), (70.3, 41.7), (45.5, 45.5), (-20.0, 95.0), (45.5, 12.25), (46.0, 45.5)];
        for size in [1.0, 3.5, 24.0, 61.0] {
            for hardness in [0.0, 0.6, 1.0] {
                for falloff in [Falloff::smooth(size, hardness), Falloff::binary(size)] {
                    for (from, to) in places.iter().flat_map(|a| places.iter().map(move |b| (*a, *b))) {
                        let sweep = Sweep::new(from, to, falloff);
                        for y in 0..90 {
                            let mut exact = vec![0.0; width];
                            sweep.cover(0, y, &mut exact);
                            let span = sweep.span(y, width).unwrap_or_default();
                            for (x, covered) in exact.into_iter().enumerate() {
                                let is_inside = (span.x0..span.x1).contains(&x);
                                assert!(is_inside || covered == 0.0, "{x}, {y} of {from:?} to {to:?}, size {size}");
                                let is_full = (span.full0..span.full1).contains(&x);
                                assert!(!is_full || covered == 1.0, "{x}, {y} of {from:?} to {to:?}, size {size}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_way_that_goes_on_covers_what_the_whole_way_does() {
        let side = 120;
        let places =
            [(30.2, 40.0), (38.0, 40.0), (38.0, 40.0), (45.5, 52.25), (45.5, 80.0), (20.0, 71.5), (24.0, 71.5)];
        for (size, hardness) in [(1.0, 1.0), (13.0, 0.0), (40.0, 0.6), (61.0, 1.0)] {
            let falloff = Falloff::smooth(size, hardness);
            let (mut whole, mut parts) = (vec![0.0; side * side], vec![0.0; side * side]);
            let (mut computed, mut all) = (0, 0);
            for (number, to) in places.iter().enumerate() {
                let from = places[number.saturating_sub(1)];
                let sweep = Sweep::new(from, *to, falloff);
                let part =
                    if number == 0 { Sweep::new(from, *to, falloff) } else { Sweep::going_on(from, *to, falloff) };
                for y in 0..side {
                    sweep.cover(0, y, &mut whole[y * side..(y + 1) * side]);
                    let RowSpan { x0, x1, full0, full1 } = part.span(y, side).unwrap_or_default();
                    assert!(x0 <= full0 && full0 <= full1 && full1 <= x1);
                    part.cover(x0, y, &mut parts[y * side..][x0..x1]);
                    part.cover_fully(&mut parts[y * side..][full0..full1]);
                    computed += x1 - x0;
                    let span = sweep.span(y, side).unwrap_or_default();
                    all += span.x1 - span.x0;
                }
            }
            let off = whole.iter().zip(&parts).map(|(a, b): (&f32, &f32)| (a - b).abs()).fold(0.0, f32::max);
            assert!(off < 1e-4, "{off} at size {size}");
            assert!(size < 40.0 || computed * 5 < all * 4, "{computed} pixels of {all}");
        }
    }
}
