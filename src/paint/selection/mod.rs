//! Selections: how much of each pixel of a canvas is chosen.

use std::sync::Arc;

use super::bits::Bits;
use super::tile::{TILE_SIDE, Tile, TilePlace};
use super::{PixelRect, Rgb, Size, Surface};

mod combine;
mod confine;
mod outline;
mod polygon;
mod reshape;
mod shape;

pub use combine::SelectionMode;
pub(super) use confine::between;
pub use outline::{OutlineRun, SelectionOutline};
pub use shape::ellipse_points;

/// How much of each pixel is chosen, from 0 (not at all) to 255 (all of it). Clones share their memory.
///
/// The levels are the alpha of a white surface, so that a selection can be painted with a brush.
#[derive(Clone, Debug)]
pub struct Selection {
    surface: Surface,
}

impl Selection {
    /// A selection of nothing.
    pub fn empty(size: Size) -> Self {
        Self { surface: Surface::new(size) }
    }

    /// A selection of everything.
    pub fn all(size: Size) -> Self {
        Self::empty(size).mapped(|_, _| Tiles::Full)
    }

    /// A selection from levels, row by row. Levels that are missing are 0.
    pub fn from_levels(size: Size, levels: &[u8]) -> Self {
        Self::empty(size).mapped(|_, rect| {
            let mut tile = Tile::transparent();
            for y in rect.y0..rect.y1 {
                let row = levels.get(y * size.width()..).unwrap_or_default();
                let row = row.get(rect.x0..rect.x1.min(row.len())).unwrap_or_default();
                let pixels = tile.row_mut(y - rect.y0).iter_mut().zip(row);
                pixels.for_each(|(pixel, level)| *pixel = pixel_of(*level));
            }
            Tiles::Own(Box::new(tile))
        })
    }

    /// A selection of the pixels whose bits are 1.
    pub(super) fn from_bits(size: Size, bits: &Bits) -> Self {
        Self::empty(size).mapped(|place, rect| {
            let words = || (rect.y0..rect.y1).map(|y| bits.row(y)[place.column]);
            if words().all(|word| word == 0) {
                return Tiles::Empty;
            }
            if rect.width() == TILE_SIDE && words().all(|word| word == u64::MAX) && rect.height() == TILE_SIDE {
                return Tiles::Full;
            }
            let mut tile = Tile::transparent();
            for (y, word) in words().enumerate() {
                let pixels = tile.row_mut(y).iter_mut().enumerate();
                pixels.for_each(|(x, pixel)| *pixel = [(word >> x & 1) as u8 * 255; 4]);
            }
            Tiles::Own(Box::new(tile))
        })
    }

    /// A selection as opaque as a surface is.
    pub fn from_alpha(surface: &Surface) -> Self {
        Self::empty(surface.size()).mapped(|place, _| match surface.tile(place) {
            None => Tiles::Empty,
            Some(source) => {
                let mut tile = Tile::transparent();
                for y in 0..TILE_SIDE {
                    let pixels = tile.row_mut(y).iter_mut().zip(source.row(y));
                    pixels.for_each(|(pixel, source)| *pixel = pixel_of(source[3]));
                }
                Tiles::Own(Box::new(tile))
            }
        })
    }

    /// A selection of what was painted in white on a surface.
    pub fn from_painted(surface: Surface) -> Self {
        Self { surface }
    }

    /// A white surface that is as opaque as the selection is strong.
    pub fn as_surface(&self) -> &Surface {
        &self.surface
    }

    /// The size of the canvas that it belongs to.
    pub fn size(&self) -> Size {
        self.surface.size()
    }

    /// How much of a pixel is chosen; 0 outside the canvas.
    pub fn level(&self, x: usize, y: usize) -> u8 {
        self.surface.pixel(x, y).map_or(0, |pixel| pixel[3])
    }

    /// All levels, row by row.
    pub fn levels(&self) -> Vec<u8> {
        let whole = PixelRect::whole(self.size().width(), self.size().height());
        self.surface.copy_rect(whole).into_iter().map(|pixel| pixel[3]).collect()
    }

    /// The smallest rectangle around everything that is chosen at all; `None` if nothing is.
    pub fn bounds(&self) -> Option<PixelRect> {
        let size = self.size();
        let of_tile = |(place, tile): (TilePlace, &Arc<Tile>)| {
            let rect = place.rect(size);
            let row = |y: usize| {
                let row = &tile.row(y)[..rect.width()];
                let first = row.iter().position(|pixel| pixel[3] > 0)?;
                let last = row.iter().rposition(|pixel| pixel[3] > 0)?;
                let y0 = rect.y0 + y;
                Some(PixelRect { x0: rect.x0 + first, y0, x1: rect.x0 + last + 1, y1: y0 + 1 })
            };
            (0..rect.height()).filter_map(row).reduce(PixelRect::union)
        };
        self.surface.tiles().filter_map(of_tile).reduce(PixelRect::union)
    }

    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.surface.is_empty()
    }

    /// Whether everything is chosen.
    pub fn is_all(&self) -> bool {
        self.surface.one_color() == Some(Rgb::WHITE)
    }

    /// Whether both choose the same.
    pub fn is_like(&self, other: &Self) -> bool {
        self.surface.shows_the_same_as(&other.surface)
    }

    /// How much memory it takes, in bytes, shared or not.
    pub fn bytes(&self) -> usize {
        self.surface.bytes()
    }

    /// A selection of the same size, tile by tile. Full tiles share one piece of memory.
    fn mapped(&self, tile: impl Fn(TilePlace, PixelRect) -> Tiles + Sync) -> Self {
        let size = self.size();
        let full = Arc::new(filled(TILE_SIDE, TILE_SIDE));
        let surface = Surface::of_tiles(size, |place| {
            let rect = place.rect(size);
            let is_whole = rect.width() == TILE_SIDE && rect.height() == TILE_SIDE;
            match tile(place, rect) {
                Tiles::Own(tile) if is_whole && is_full(&tile) => Some(Arc::clone(&full)),
                Tiles::Own(tile) if tile.is_transparent() => None,
                Tiles::Empty => None,
                Tiles::Own(tile) => Some(Arc::from(tile)),
                Tiles::Same(tile) => Some(tile),
                Tiles::Full if is_whole => Some(Arc::clone(&full)),
                Tiles::Full => Some(Arc::new(filled(rect.width(), rect.height()))),
            }
        });
        Self { surface }
    }
}

impl PartialEq for Selection {
    fn eq(&self, other: &Self) -> bool {
        self.is_like(other)
    }
}

/// What a tile of a new selection holds.
enum Tiles {
    Empty,
    Full,
    Same(Arc<Tile>),
    Own(Box<Tile>),
}

/// The pixel of a level.
fn pixel_of(level: u8) -> [u8; 4] {
    if level == 0 { [0; 4] } else { [255, 255, 255, level] }
}

fn is_full(tile: &Tile) -> bool {
    (0..TILE_SIDE).all(|y| tile.row(y).iter().all(|pixel| *pixel == [255; 4]))
}

/// A tile of which the first `width` by `height` pixels are chosen.
fn filled(width: usize, height: usize) -> Tile {
    let mut tile = Tile::transparent();
    (0..height).for_each(|y| tile.row_mut(y)[..width].fill([255; 4]));
    tile
}

#[cfg(test)]
mod tests;
