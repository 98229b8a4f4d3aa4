//! Lays a mark down: raises the coverage of the stroke, and mixes the colour into the pixels that it raised.

use super::coverage::CoverageMap;
use super::ground::{Ground, GroundRow};
use super::mark::{Mark, RowSpan};
use crate::paint::brush::GrainTile;
use crate::paint::tile::{TILE_SIDE, TilePlace};
use crate::paint::{Mixing, PixelRect};

/// What a stroke does to the pixels, and how much of it.
pub(super) struct Ink {
    pub mixing: Mixing,
    /// `0..=1`.
    pub opacity: f32,
    pub grain: Option<GrainTile>,
}

/// Lays a mark down.
pub(super) fn lay(mark: &impl Mark, coverage: &mut CoverageMap, ground: &mut Ground<'_>, ink: &Ink) {
    let size = ground.size();
    let Some(rect) = mark.rect(size) else { return };
    let spans: Vec<RowSpan> = (rect.y0..rect.y1).map(|y| mark.span(y, size.width()).unwrap_or_default()).collect();
    let mut touched: Option<PixelRect> = None;
    for tile in TilePlace::touched_by(rect) {
        let part = tile.rect(size);
        let mut changed = false;
        for y in part.y0.max(rect.y0)..part.y1.min(rect.y1) {
            let RowSpan { x0, x1, full0, full1 } = spans[y - rect.y0];
            for (from, to, is_full) in [(x0, full0, false), (full0, full1, true), (full1, x1, false)] {
                let (from, to) = (from.max(part.x0), to.min(part.x1));
                if from >= to {
                    continue;
                }
                let covered = coverage.row_mut(tile, y, from, to);
                let raised = if is_full { mark.cover_fully(covered) } else { mark.cover(from, y, covered) };
                if raised {
                    paint(covered, ground, tile, y, from, ink);
                    changed = true;
                }
            }
        }
        if changed {
            touched = Some(touched.map_or(part, |t| t.union(part)));
        }
    }
    if let Some(touched) = touched {
        ground.mark(PixelRect {
            x0: touched.x0.max(rect.x0),
            y0: touched.y0.max(rect.y0),
            x1: touched.x1.min(rect.x1),
            y1: touched.y1.min(rect.y1),
        });
    }
}

/// Mixes the colour into pixels of row `y` from `x` on, which this much is covered of.
fn paint(covered: &[f32], ground: &mut Ground<'_>, tile: TilePlace, y: usize, x: usize, ink: &Ink) {
    let Some(GroundRow { pixels, before }) = ground.row(tile, y, x, x + covered.len()) else { return };
    match &ink.grain {
        None => ink.mixing.mix_row(pixels, before, covered, ink.opacity),
        Some(grain) => {
            let mut grained = [0.0; TILE_SIDE];
            let Some(grained) = grained.get_mut(..covered.len()) else { return };
            grained.copy_from_slice(covered);
            grain.apply(x, y, grained);
            ink.mixing.mix_row(pixels, before, grained, ink.opacity);
        }
    }
}
