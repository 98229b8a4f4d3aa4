//! The pixels of a layer: RGBA in tiles that are shared until they are changed.

use std::sync::Arc;

use rayon::prelude::*;

use super::parallel::LEAST_TILES;
use super::tile::{TILE_SIDE, Tile, TilePlace};
use super::{Canvas, PixelRect, Rgb, Size, SizeError};

/// RGBA pixels, eight bits a channel, with straight (not premultiplied) alpha.
///
/// They lie in 64×64 tiles; a tile that was never painted on takes no memory and is transparent. Cloning a surface
/// copies no pixels: a tile is copied when one of the surfaces that share it changes it.
#[derive(Clone)]
pub struct Surface {
    size: Size,
    /// One place for each tile, row by row.
    tiles: Vec<Option<Arc<Tile>>>,
}

impl Surface {
    /// A transparent surface.
    pub fn new(size: Size) -> Self {
        let (across, down) = tiles_of(size);
        Self { size, tiles: vec![None; across * down] }
    }

    /// A surface of one opaque colour.
    pub fn filled(size: Size, color: Rgb) -> Self {
        Self::opaque(size, |_, row| row.fill(opaque(color)))
    }

    /// The pixels of a canvas.
    pub fn from_canvas(canvas: &Canvas) -> Self {
        Self::opaque(canvas.size(), |rect, row| row.copy_from_slice(&canvas.row(rect.y0)[rect.x0..rect.x1]))
    }

    /// A surface from RGBA bytes, `[height, width, 4]`.
    ///
    /// # Errors
    /// A size that no canvas can have, or a number of bytes that does not belong to it.
    pub fn from_rgba(width: usize, height: usize, rgba: &[u8]) -> Result<Self, SizeError> {
        let size = Size::new(width, height)?;
        let (pixels, rest) = rgba.as_chunks::<4>();
        if pixels.len() != size.pixels() || !rest.is_empty() {
            return Err(SizeError::Bytes { width, height, bytes: rgba.len() });
        }
        let mut surface =
            Self::opaque(size, |rect, row| row.copy_from_slice(&pixels[rect.y0 * width..][rect.x0..rect.x1]));
        surface.prune(PixelRect::whole(width, height));
        Ok(surface)
    }

    /// A surface whose tiles are all there. `write` gets each row of each tile, with the rectangle that the row is.
    fn opaque(size: Size, write: impl Fn(PixelRect, &mut [[u8; 4]]) + Sync) -> Self {
        Self::of_tiles(size, |place| {
            let rect = place.rect(size);
            let mut tile = Box::new(Tile::transparent());
            for y in rect.y0..rect.y1 {
                write(PixelRect { y0: y, y1: y + 1, ..rect }, &mut tile.row_mut(y - rect.y0)[..rect.width()]);
            }
            Some(tile.into())
        })
    }

    /// A surface of the tiles that a function gives.
    pub(super) fn of_tiles(size: Size, tile: impl Fn(TilePlace) -> Option<Arc<Tile>> + Sync) -> Self {
        let places: Vec<TilePlace> = TilePlace::all(size).collect();
        let tiles = places.into_par_iter().with_min_len(LEAST_TILES).map(&tile).collect();
        Self { size, tiles }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.size.width()
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.size.height()
    }

    /// The pixel at a place; `None` outside the surface.
    pub fn pixel(&self, x: usize, y: usize) -> Option<[u8; 4]> {
        if x >= self.width() || y >= self.height() {
            return None;
        }
        let tile = self.tile(TilePlace { row: y / TILE_SIDE, column: x / TILE_SIDE });
        tile.map_or(Some([0; 4]), |tile| tile.row(y % TILE_SIDE).get(x % TILE_SIDE).copied())
    }

    /// A tile; `None` where it is transparent or lies outside.
    pub fn tile(&self, place: TilePlace) -> Option<&Arc<Tile>> {
        self.tiles.get(self.number(place)?)?.as_ref()
    }

    /// The tiles that are there, row by row.
    pub fn tiles(&self) -> impl Iterator<Item = (TilePlace, &Arc<Tile>)> {
        let (across, _) = tiles_of(self.size);
        let place = move |number: usize| TilePlace { row: number / across, column: number % across };
        self.tiles.iter().enumerate().filter_map(move |(number, tile)| Some((place(number), tile.as_ref()?)))
    }

    /// Replaces a tile; returns what was there. Outside the surface nothing happens. What the tile has beyond the
    /// edge of the surface must be transparent.
    pub fn set_tile(&mut self, place: TilePlace, tile: Option<Arc<Tile>>) -> Option<Arc<Tile>> {
        let number = self.number(place)?;
        std::mem::replace(self.tiles.get_mut(number)?, tile)
    }

    /// A tile to change; it is copied first if another surface or an edit shares it. `None` outside the surface.
    /// Pixels beyond the edge of the surface must stay transparent.
    pub fn tile_mut(&mut self, place: TilePlace) -> Option<&mut Tile> {
        let number = self.number(place)?;
        let tile = self.tiles.get_mut(number)?.get_or_insert_with(|| Arc::new(Tile::transparent()));
        Some(Arc::make_mut(tile))
    }

    /// Frees the tiles under a rectangle of which nothing can be seen.
    pub fn prune(&mut self, rect: PixelRect) {
        for place in TilePlace::touched_by(rect.inside(self.size)) {
            if self.tile(place).is_some_and(|tile| tile.is_transparent()) {
                self.set_tile(place, None);
            }
        }
    }

    /// The rectangle around all tiles that are there; `None` if the surface is empty.
    pub fn bounds(&self) -> Option<PixelRect> {
        self.tiles().map(|(place, _)| place.rect(self.size)).reduce(PixelRect::union)
    }

    /// Whether nothing of it can be seen.
    pub fn is_empty(&self) -> bool {
        self.tiles().all(|(_, tile)| tile.is_transparent())
    }

    /// The colour that all of it has, if that is one opaque colour.
    pub fn one_color(&self) -> Option<Rgb> {
        let [r, g, b, a] = self.pixel(0, 0)?;
        let is_same = |(place, tile): (TilePlace, &Arc<Tile>)| {
            let rect = place.rect(self.size);
            (0..rect.height()).all(|y| tile.row(y)[..rect.width()].iter().all(|pixel| *pixel == [r, g, b, 255]))
        };
        (a == 255 && self.tiles.iter().all(Option::is_some) && self.tiles().all(is_same)).then_some(Rgb([r, g, b]))
    }

    /// RGBA pixels of the part of a rectangle that lies inside, row by row.
    pub fn copy_rect(&self, rect: PixelRect) -> Vec<[u8; 4]> {
        let rect = rect.inside(self.size);
        let mut pixels = vec![[0; 4]; rect.width() * rect.height()];
        for place in TilePlace::touched_by(rect) {
            let Some(tile) = self.tile(place) else { continue };
            let part = place.part_of(rect);
            for y in part.y0..part.y1 {
                let line = place.row * TILE_SIDE + y - rect.y0;
                let at = line * rect.width() + place.column * TILE_SIDE + part.x0 - rect.x0;
                pixels[at..at + part.width()].copy_from_slice(&tile.row(y)[part.x0..part.x1]);
            }
        }
        pixels
    }

    /// Whether both have the same size and the same pixels.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        let is_same = |(one, two): (&Option<Arc<Tile>>, &Option<Arc<Tile>>)| match (one, two) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two) || one == two,
            (Some(tile), None) | (None, Some(tile)) => tile.is_transparent(),
            (None, None) => true,
        };
        self.size == other.size && self.tiles.iter().zip(&other.tiles).all(is_same)
    }

    /// Whether neither was changed since one became a copy of the other.
    pub fn shares_all_tiles_with(&self, other: &Self) -> bool {
        let is_shared = |(one, two): (&Option<Arc<Tile>>, &Option<Arc<Tile>>)| match (one, two) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (one, two) => one.is_none() && two.is_none(),
        };
        self.size == other.size && self.tiles.iter().zip(&other.tiles).all(is_shared)
    }

    /// The part that lies on a canvas of another size with the same upper left corner.
    #[must_use]
    pub fn in_size(&self, size: Size) -> Self {
        if size == self.size {
            return self.clone();
        }
        let rect = PixelRect::whole(size.width(), size.height()).inside(self.size);
        let pixels = self.copy_rect(rect);
        let mut part = Self::new(size);
        for place in TilePlace::touched_by(rect).filter(|place| self.tile(*place).is_some()) {
            let Some(tile) = part.tile_mut(place) else { continue };
            let inside = place.part_of(rect);
            for y in inside.y0..inside.y1 {
                let at = (place.row * TILE_SIDE + y) * rect.width() + place.column * TILE_SIDE + inside.x0;
                tile.row_mut(y)[inside.x0..inside.x1].copy_from_slice(&pixels[at..at + inside.width()]);
            }
        }
        part
    }

    /// Gives each pixel of the tiles under a rectangle the alpha that it has in another surface of the same size; the
    /// colours stay.
    pub fn take_alpha_of(&mut self, other: &Self, rect: PixelRect) {
        for place in TilePlace::touched_by(rect.inside(self.size)) {
            let Some(alpha) = other.tile(place).cloned() else {
                self.set_tile(place, None);
                continue;
            };
            let Some(tile) = self.tile_mut(place) else { continue };
            for y in 0..TILE_SIDE {
                let pixels = tile.row_mut(y).iter_mut().zip(alpha.row(y));
                pixels.for_each(|(pixel, alpha)| pixel[3] = alpha[3]);
            }
        }
    }

    /// How much memory its tiles take, in bytes, whether they are shared or not.
    pub fn bytes(&self) -> usize {
        self.tiles.iter().flatten().count() * Tile::BYTES
    }

    fn number(&self, place: TilePlace) -> Option<usize> {
        let (across, down) = tiles_of(self.size);
        (place.row < down && place.column < across).then(|| place.row * across + place.column)
    }
}

impl PartialEq for Surface {
    /// Whether both show the same.
    fn eq(&self, other: &Self) -> bool {
        self.shows_the_same_as(other)
    }
}

impl std::fmt::Debug for Surface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tiles = self.tiles.iter().flatten().count();
        write!(f, "Surface of {} by {} pixels in {tiles} tiles", self.width(), self.height())
    }
}

fn opaque(color: Rgb) -> [u8; 4] {
    super::canvas::opaque(color)
}

/// How many tiles a surface of this size has across and down.
fn tiles_of(size: Size) -> (usize, usize) {
    (size.width().div_ceil(TILE_SIDE), size.height().div_ceil(TILE_SIDE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: usize, height: usize) -> Size {
        Size::new(width, height).expect("a size")
    }

    #[test]
    fn a_clone_keeps_its_pixels_and_shares_what_is_not_changed() {
        let mut surface = Surface::filled(size(130, 70), Rgb([1, 2, 3]));
        let before = surface.clone();
        let place = TilePlace { row: 1, column: 2 };
        surface.tile_mut(place).expect("inside").row_mut(5)[1] = [9; 4];
        assert_eq!((surface.pixel(129, 69), before.pixel(129, 69)), (Some([9; 4]), Some([1, 2, 3, 255])));
        let shared = TilePlace::all(surface.size())
            .filter(|place| Arc::ptr_eq(surface.tile(*place).expect("there"), before.tile(*place).expect("there")));
        assert_eq!(shared.count(), 5);
        assert!(!surface.shows_the_same_as(&before) && before.one_color() == Some(Rgb([1, 2, 3])));
        assert_eq!(surface.one_color(), None);
    }

    #[test]
    fn pixels_come_back_from_bytes_and_transparent_tiles_take_no_memory() {
        let mut rgba = vec![0; 130 * 70 * 4];
        rgba[(69 * 130 + 129) * 4..].copy_from_slice(&[7, 8, 9, 10]);
        let surface = Surface::from_rgba(130, 70, &rgba).expect("a size");
        assert_eq!(surface.bytes(), Tile::BYTES);
        assert_eq!(surface.bounds(), Some(PixelRect { x0: 128, y0: 64, x1: 130, y1: 70 }));
        assert_eq!(surface.copy_rect(PixelRect::whole(9999, 9999)).as_flattened(), rgba);
        assert_eq!(surface.copy_rect(PixelRect { x0: 129, y0: 60, x1: 200, y1: 70 })[9], [7, 8, 9, 10]);
        assert!(Surface::from_rgba(130, 70, &rgba[1..]).is_err() && Surface::from_rgba(0, 1, &[]).is_err());
    }

    #[test]
    fn places_outside_are_none_and_change_nothing() {
        let mut surface = Surface::new(size(64, 64));
        let outside = TilePlace { row: 0, column: 1 };
        assert!(surface.tile_mut(outside).is_none() && surface.tile(outside).is_none());
        surface.set_tile(outside, Some(Arc::new(Tile::transparent())));
        assert_eq!((surface.pixel(64, 0), surface.pixel(0, usize::MAX), surface.bounds()), (None, None, None));
        surface.tile_mut(TilePlace { row: 0, column: 0 });
        assert!(surface.is_empty() && surface.bytes() > 0);
        surface.prune(PixelRect::whole(64, 64));
        assert_eq!(surface.bytes(), 0);
    }
}
