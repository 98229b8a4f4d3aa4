//! What a stroke paints on: the only file of a stroke that reads or writes pixels where they are kept.

use crate::paint::tile::{TILE_SIDE, TilePlace};
use crate::paint::{PixelRect, Size, Surface};

/// A row of a tile that was never painted on.
const TRANSPARENT: [[u8; 4]; TILE_SIDE] = [[0; 4]; TILE_SIDE];

/// The pixels under a stroke, and what they were before it.
pub(super) struct Ground<'a> {
    pub surface: &'a mut Surface,
    pub before: &'a Surface,
    /// Everything that changed.
    pub touched: Option<PixelRect>,
}

/// Some pixels of one row.
pub(super) struct GroundRow<'a> {
    /// As they are.
    pub pixels: &'a mut [[u8; 4]],
    /// As they were before the stroke.
    pub before: &'a [[u8; 4]],
}

impl<'a> Ground<'a> {
    pub fn new(surface: &'a mut Surface, before: &'a Surface) -> Self {
        Self { surface, before, touched: None }
    }

    pub fn size(&self) -> Size {
        self.before.size()
    }

    /// The pixels `x0 <= x < x1` of row `y`, which must lie in this tile. The tile is copied if it was not yet.
    pub fn row(&mut self, tile: TilePlace, y: usize, x0: usize, x1: usize) -> Option<GroundRow<'_>> {
        let (left, line) = (tile.column * TILE_SIDE, y % TILE_SIDE);
        let columns = x0.checked_sub(left)?..x1.checked_sub(left)?;
        let before = self.before.tile(tile).map_or(&TRANSPARENT[..], |tile| tile.row(line));
        let pixels = self.surface.tile_mut(tile)?.row_mut(line);
        Some(GroundRow { pixels: pixels.get_mut(columns.clone())?, before: before.get(columns)? })
    }

    /// The pixel at a place, or the nearest one at the edge.
    pub fn pixel(&self, x: i64, y: i64) -> [u8; 4] {
        let size = self.size();
        let cut = |v: i64, limit: usize| v.clamp(0, limit as i64 - 1) as usize;
        self.surface.pixel(cut(x, size.width()), cut(y, size.height())).unwrap_or_default()
    }

    /// Notes that pixels of a rectangle changed.
    pub fn mark(&mut self, rect: PixelRect) {
        self.touched = Some(self.touched.map_or(rect, |touched| touched.union(rect)));
    }
}
