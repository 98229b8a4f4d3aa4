//! How much of each pixel the stroke covers so far.

use crate::paint::Size;
use crate::paint::tile::{TILE_SIDE, TilePlace};

/// Coverage `0..=1` of every pixel of a canvas, in the tiles that a stroke has reached.
pub(super) struct CoverageMap {
    across: usize,
    /// One place for each tile of the canvas, row by row. Each tile has whole rows of [`TILE_SIDE`] pixels.
    tiles: Vec<Option<Box<[f32]>>>,
}

impl CoverageMap {
    /// Nothing is covered.
    pub fn new(size: Size) -> Self {
        let across = size.width().div_ceil(TILE_SIDE);
        Self { across, tiles: vec![None; across * size.height().div_ceil(TILE_SIDE)] }
    }

    /// The pixels `x0 <= x < x1` of row `y`, which must lie in this tile.
    pub fn row_mut(&mut self, tile: TilePlace, y: usize, x0: usize, x1: usize) -> &mut [f32] {
        let Some(place) = self.tiles.get_mut(tile.row * self.across + tile.column) else { return &mut [] };
        let pixels = place.get_or_insert_with(|| vec![0.0; TILE_SIDE * TILE_SIDE].into_boxed_slice());
        let row = (y % TILE_SIDE) * TILE_SIDE;
        let left = tile.column * TILE_SIDE;
        pixels.get_mut(row + x0 - left..row + x1 - left).unwrap_or_default()
    }
}
