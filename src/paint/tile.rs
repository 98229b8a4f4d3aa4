//! The 64×64 tiles of a canvas, the unit in which changes are kept.

use super::{PixelRect, Size};

/// How many pixels a tile has.
const TILE_PIXELS: usize = TILE_SIDE * TILE_SIDE;

/// The pixels of one tile of a [`Surface`](super::Surface): 64×64 RGBA, straight alpha, row by row. Pixels beyond the
/// edge of the surface are transparent.
#[derive(Clone, PartialEq, Eq)]
pub struct Tile {
    pixels: [[u8; 4]; TILE_PIXELS],
}

impl Tile {
    /// How much memory a tile takes, in bytes.
    pub const BYTES: usize = TILE_PIXELS * 4;

    /// A transparent tile.
    pub fn transparent() -> Self {
        Self { pixels: [[0; 4]; TILE_PIXELS] }
    }

    /// A tile of one colour, in RGBA.
    pub(super) fn of(pixel: [u8; 4]) -> Self {
        Self { pixels: [pixel; TILE_PIXELS] }
    }

    /// Whether every pixel of it is opaque.
    pub(super) fn is_full(&self) -> bool {
        self.pixels.iter().all(|pixel| pixel[3] == 255)
    }

    /// A tile of these RGBA bytes, row by row; `None` unless there are [`Tile::BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut tile = Self::transparent();
        let (pixels, rest) = bytes.as_chunks::<4>();
        if pixels.len() != TILE_PIXELS || !rest.is_empty() {
            return None;
        }
        tile.pixels.copy_from_slice(pixels);
        Some(tile)
    }

    /// The RGBA bytes, row by row.
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// One row of 64 pixels; empty below the tile.
    pub fn row(&self, y: usize) -> &[[u8; 4]] {
        self.pixels.chunks_exact(TILE_SIDE).nth(y).unwrap_or_default()
    }

    /// One row of 64 pixels to change; empty below the tile.
    pub fn row_mut(&mut self, y: usize) -> &mut [[u8; 4]] {
        self.pixels.chunks_exact_mut(TILE_SIDE).nth(y).unwrap_or_default()
    }

    /// Whether nothing of it can be seen.
    pub fn is_transparent(&self) -> bool {
        self.pixels.iter().all(|pixel| pixel[3] == 0)
    }
}

impl std::fmt::Debug for Tile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_transparent() { "Tile (transparent)" } else { "Tile" })
    }
}

/// Side of a tile in pixels; tiles at the right and lower edge of a canvas can be smaller.
pub const TILE_SIDE: usize = 64;

/// Which tile of a canvas, counted from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePlace {
    /// Its row, from 0.
    pub row: usize,
    /// Its column, from 0.
    pub column: usize,
}

impl TilePlace {
    /// All tiles of a canvas of this size, row by row.
    pub fn all(size: Size) -> impl Iterator<Item = Self> {
        let (across, down) = (size.width().div_ceil(TILE_SIDE), size.height().div_ceil(TILE_SIDE));
        (0..down).flat_map(move |row| (0..across).map(move |column| Self { row, column }))
    }

    /// The tiles that a rectangle touches, row by row; none for an empty one.
    pub fn touched_by(rect: PixelRect) -> impl Iterator<Item = Self> {
        let is_empty = rect.width() == 0 || rect.height() == 0;
        let range =
            move |from: usize, to: usize| if is_empty { 0..0 } else { from / TILE_SIDE..to.div_ceil(TILE_SIDE) };
        let columns = range(rect.x0, rect.x1);
        range(rect.y0, rect.y1).flat_map(move |row| columns.clone().map(move |column| Self { row, column }))
    }

    /// The part of a rectangle inside this tile, counted from the tile's upper left corner; empty where they do not
    /// meet.
    pub fn part_of(self, rect: PixelRect) -> PixelRect {
        let local = |at: usize, tile: usize| at.saturating_sub(tile.saturating_mul(TILE_SIDE)).min(TILE_SIDE);
        PixelRect {
            x0: local(rect.x0, self.column),
            y0: local(rect.y0, self.row),
            x1: local(rect.x1, self.column),
            y1: local(rect.y1, self.row),
        }
    }

    /// Its pixels, cut at the edges of a canvas of this size; empty where it lies outside.
    pub fn rect(self, size: Size) -> PixelRect {
        let (x0, y0) = (self.column.saturating_mul(TILE_SIDE), self.row.saturating_mul(TILE_SIDE));
        PixelRect { x0, y0, x1: x0.saturating_add(TILE_SIDE), y1: y0.saturating_add(TILE_SIDE) }.inside(size)
    }
}

/// Which tiles of a canvas changed.
#[derive(Clone)]
pub(super) struct ChangedTiles {
    across: usize,
    /// One place for each tile, row by row.
    marked: Vec<bool>,
}

impl ChangedTiles {
    /// Every tile of a canvas of this size.
    pub fn all(size: Size) -> Self {
        let across = size.width().div_ceil(TILE_SIDE);
        Self { across, marked: vec![true; across * size.height().div_ceil(TILE_SIDE)] }
    }

    /// Marks the tiles that a rectangle inside the canvas touches.
    pub fn mark(&mut self, rect: PixelRect) {
        for TilePlace { row, column } in TilePlace::touched_by(rect) {
            if let Some(tile) = self.marked.get_mut(row * self.across + column) {
                *tile = true;
            }
        }
    }

    /// Marks the tiles that are marked in another record of the same size.
    pub fn add(&mut self, other: &Self) {
        self.marked.iter_mut().zip(&other.marked).for_each(|(tile, other)| *tile |= other);
    }

    /// The marked tiles, row by row; none are marked afterwards.
    pub fn take(&mut self) -> Vec<TilePlace> {
        let across = self.across.max(1);
        let marked = self.marked.iter_mut().enumerate().filter_map(|(number, tile)| {
            std::mem::take(tile).then_some(TilePlace { row: number / across, column: number % across })
        });
        marked.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: usize, height: usize) -> Size {
        Size::new(width, height).expect("a size")
    }

    #[test]
    fn tiles_cover_a_canvas_exactly() {
        for size in [size(64, 64), size(65, 130), size(1, 2048), size(511, 3)] {
            let pixels: usize = TilePlace::all(size).map(|tile| tile.rect(size)).map(|r| r.width() * r.height()).sum();
            assert_eq!(pixels, size.pixels());
        }
        let outside = TilePlace { row: usize::MAX, column: 9 }.rect(size(64, 64));
        assert_eq!(outside.width() * outside.height(), 0);
    }

    #[test]
    fn a_mark_reaches_the_touched_tiles_and_is_taken_once() {
        let mut changed = ChangedTiles::all(size(200, 100));
        assert_eq!(changed.take().len(), 8);
        changed.mark(PixelRect { x0: 63, y0: 10, x1: 65, y1: 64 });
        changed.mark(PixelRect { x0: 5, y0: 5, x1: 5, y1: 9 });
        assert_eq!(changed.take(), [TilePlace { row: 0, column: 0 }, TilePlace { row: 0, column: 1 }]);
        assert!(changed.take().is_empty());
    }
}
