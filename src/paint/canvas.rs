//! The pixels, which of them changed since the window last looked, and which tiles since they were last kept.

use std::sync::Arc;

use rayon::prelude::*;

use super::parallel::least_rows;
use super::tile::{ChangedTiles, TILE_SIDE, Tile, TilePlace};
use super::{PixelRect, Rgb, Size, SizeError};

/// Rows of pixels that are shared and copied together: those of a row of tiles, so that rows of tiles can be drawn by
/// different threads.
const BAND_ROWS: usize = TILE_SIDE;

/// An opaque picture: `width * height` RGBA pixels (alpha always 255), row by row from the top.
///
/// A clone shares its pixels with the original, in bands of rows that are copied when they change.
#[derive(Clone)]
pub struct Canvas {
    size: Size,
    /// From the top; the last one may have fewer rows.
    bands: Vec<Arc<Vec<[u8; 4]>>>,
    dirty: Option<PixelRect>,
    /// Beside `dirty`, which belongs to the view: what is not on the disk yet.
    changed: ChangedTiles,
}

impl Canvas {
    /// A canvas of one colour.
    pub fn new(size: Size, color: Rgb) -> Self {
        let band = |rows: usize| Arc::new(vec![opaque(color); rows * size.width()]);
        let mut bands = vec![band(BAND_ROWS.min(size.height())); size.height() / BAND_ROWS];
        bands.extend(Some(size.height() % BAND_ROWS).filter(|rest| *rest > 0).map(band));
        Self { size, bands, dirty: Some(whole(size)), changed: ChangedTiles::all(size) }
    }

    /// A canvas from RGB bytes, `[height, width, 3]`.
    ///
    /// # Errors
    /// A size that no canvas can have, or a number of bytes that does not belong to it.
    pub fn from_rgb(width: usize, height: usize, rgb: &[u8]) -> Result<Self, SizeError> {
        let size = Size::new(width, height)?;
        if rgb.len() != size.pixels() * 3 {
            return Err(SizeError::Bytes { width, height, bytes: rgb.len() });
        }
        let band = |rgb: &[u8]| Arc::new(rgb.chunks_exact(3).map(|p| [p[0], p[1], p[2], 255]).collect());
        let bands = rgb.chunks(BAND_ROWS * width * 3).map(band).collect();
        Ok(Self { size, bands, dirty: Some(whole(size)), changed: ChangedTiles::all(size) })
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

    /// The colour at a place inside the canvas; `None` outside.
    pub fn color_at(&self, x: usize, y: usize) -> Option<Rgb> {
        let [r, g, b, _] = *self.row(y).get(x)?;
        Some(Rgb([r, g, b]))
    }

    /// One row of RGBA pixels; empty outside the canvas.
    pub fn row(&self, y: usize) -> &[[u8; 4]] {
        let from = y % BAND_ROWS * self.width();
        self.bands.get(y / BAND_ROWS).and_then(|band| band.get(from..from + self.width())).unwrap_or_default()
    }

    /// The picture as RGB bytes, `[height, width, 3]`.
    pub fn to_rgb(&self) -> Vec<u8> {
        self.rect_rgb(whole(self.size))
    }

    /// The part of a rectangle that lies inside the canvas as RGB bytes, row by row.
    pub fn rect_rgb(&self, rect: PixelRect) -> Vec<u8> {
        let rect = rect.inside(self.size);
        let mut rgb = vec![0; rect.width() * rect.height() * 3];
        if !rgb.is_empty() {
            for (bytes, y) in rgb.chunks_exact_mut(rect.width() * 3).zip(rect.y0..) {
                let pixels = &self.row(y)[rect.x0..rect.x1];
                bytes.as_chunks_mut::<3>().0.iter_mut().zip(pixels).for_each(|(rgb, [r, g, b, _])| *rgb = [*r, *g, *b]);
            }
        }
        rgb
    }

    /// The rows whose pixels this canvas does not share with another one of the same size, in runs from top to bottom. Only
    /// there can it show anything else.
    pub fn rows_apart_from<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
        let apart = self.bands.iter().zip(&other.bands).enumerate().filter(|(_, (one, two))| !Arc::ptr_eq(one, two));
        apart.map(|(at, _)| at * BAND_ROWS..((at + 1) * BAND_ROWS).min(self.height()))
    }

    /// RGBA pixels of the part of a rectangle that lies inside the canvas, row by row.
    pub fn copy_rect(&self, rect: PixelRect) -> Vec<[u8; 4]> {
        let rect = rect.inside(self.size);
        let mut pixels = Vec::with_capacity(rect.width() * rect.height());
        (rect.y0..rect.y1).for_each(|y| pixels.extend_from_slice(&self.row(y)[rect.x0..rect.x1]));
        pixels
    }

    /// The rectangle around everything that changed since this was last called.
    pub fn take_dirty(&mut self) -> Option<PixelRect> {
        self.dirty.take()
    }

    /// The tiles that changed since this was last called; all of them for a new canvas.
    pub fn take_changed_tiles(&mut self) -> Vec<TilePlace> {
        self.changed.take()
    }

    /// Makes [`Canvas::take_changed_tiles`] list this tile again; a tile outside the canvas is left alone.
    pub fn mark_tile(&mut self, tile: TilePlace) {
        self.changed.mark(tile.rect(self.size));
    }

    /// The pixels of a tile as RGB bytes, row by row; empty outside the canvas.
    pub fn tile_rgb(&self, tile: TilePlace) -> Vec<u8> {
        self.rect_rgb(tile.rect(self.size))
    }

    /// Whether the canvas shows one colour only.
    pub fn is_blank(&self) -> bool {
        let first = self.row(0)[0];
        self.bands.iter().all(|band| band.iter().all(|pixel| *pixel == first))
    }

    /// Whether both canvases have the same size and the same pixels.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.size == other.size && self.rows_apart_from(other).flatten().all(|y| self.row(y) == other.row(y))
    }

    /// Makes [`Canvas::take_dirty`] report every pixel and [`Canvas::take_changed_tiles`] every tile, for a
    /// view and a file that have held another canvas.
    pub fn mark_all(&mut self) {
        self.dirty = Some(whole(self.size));
        self.changed = ChangedTiles::all(self.size);
    }

    /// Makes [`Canvas::take_dirty`] report every pixel, for a view that has held another canvas.
    pub fn mark_dirty(&mut self) {
        self.dirty = Some(whole(self.size));
    }

    /// One row of RGBA pixels to change; empty outside the canvas.
    pub(super) fn row_mut(&mut self, y: usize) -> &mut [[u8; 4]] {
        let (width, from) = (self.width(), y % BAND_ROWS * self.width());
        let band = self.bands.get_mut(y / BAND_ROWS);
        band.and_then(|band| Arc::make_mut(band).get_mut(from..from + width)).unwrap_or_default()
    }

    /// Draws the tiles under a rectangle that lies inside the canvas again. `draw` gets which tile it is, the part of it in the
    /// rectangle, and a tile to draw that part on.
    pub(super) fn draw_bands(&mut self, rect: PixelRect, draw: impl Fn(TilePlace, PixelRect, &mut Tile) + Sync) {
        let width = self.width();
        let rows = rect.y0 / TILE_SIDE..rect.y1.div_ceil(TILE_SIDE);
        let Some(bands) = self.bands.get_mut(rows.clone()) else { return };
        let bands = bands.par_iter_mut().zip(rows).with_min_len(least_rows(rect.width()).div_ceil(TILE_SIDE));
        bands.for_each_init(Tile::transparent, |drawn, (band, row)| {
            let pixels = Arc::make_mut(band);
            for column in rect.x0 / TILE_SIDE..rect.x1.div_ceil(TILE_SIDE) {
                let place = TilePlace { row, column };
                let part = place.part_of(rect);
                draw(place, part, drawn);
                let x0 = column * TILE_SIDE + part.x0;
                for y in part.y0..part.y1 {
                    let to = &mut pixels[y * width + x0..][..part.width()];
                    to.copy_from_slice(&drawn.row(y)[part.x0..part.x1]);
                }
            }
        });
    }

    /// Shows another canvas from now on, which began as a clone of this one. What changed in either is reported.
    pub fn become_changed(&mut self, changed: Self) {
        let before = std::mem::replace(self, changed);
        if before.size == self.size {
            self.dirty = [self.dirty, before.dirty].into_iter().flatten().reduce(PixelRect::union);
            self.changed.add(&before.changed);
        }
    }

    /// Notes that the pixels of a rectangle changed.
    pub(super) fn mark(&mut self, rect: PixelRect) {
        self.dirty = Some(self.dirty.map_or(rect, |d| d.union(rect)));
        self.changed.mark(rect);
    }
}

/// A colour as a pixel.
pub(super) fn opaque(color: Rgb) -> [u8; 4] {
    let [r, g, b] = color.0;
    [r, g, b, 255]
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canvas of {} by {} pixels", self.width(), self.height())
    }
}

fn whole(size: Size) -> PixelRect {
    PixelRect::whole(size.width(), size.height())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_do_not_belong_to_the_size_are_an_error() {
        assert!(Canvas::from_rgb(2, 2, &[0; 12]).is_ok());
        assert_eq!(Canvas::from_rgb(2, 2, &[0; 11]).err(), Some(SizeError::Bytes { width: 2, height: 2, bytes: 11 }));
        assert_eq!(Canvas::from_rgb(0, 2, &[]).err(), Some(SizeError::Empty));
        assert!(matches!(Canvas::from_rgb(5000, 1, &[0; 15000]).err(), Some(SizeError::TooLong { .. })));
    }

    #[test]
    fn places_outside_are_empty() {
        let mut canvas = Canvas::new(Size::DEFAULT, Rgb::WHITE);
        assert!(canvas.row(512).is_empty() && canvas.row_mut(usize::MAX).is_empty());
        assert_eq!(canvas.color_at(512, 0), None);
        let beyond = PixelRect { x0: 510, y0: 511, x1: 9000, y1: 9000 };
        assert_eq!(canvas.copy_rect(beyond).len(), 2);
        assert!(canvas.copy_rect(PixelRect { x0: 900, y0: 9, x1: 3, y1: 1 }).is_empty());
    }

    #[test]
    fn a_clone_shares_all_rows_but_those_that_change() {
        let size = Size::new(70, 200).expect("a size");
        let mut canvas = Canvas::new(size, Rgb::WHITE);
        let before = canvas.clone();
        assert_eq!(canvas.rows_apart_from(&before).count(), 0);
        canvas.row_mut(199)[69] = opaque(Rgb::BLACK);
        assert_eq!(canvas.rows_apart_from(&before).collect::<Vec<_>>(), vec![192..200]);
        assert_eq!((before.color_at(69, 199), canvas.color_at(69, 199)), (Some(Rgb::WHITE), Some(Rgb::BLACK)));
        assert!(!canvas.shows_the_same_as(&before) && before.is_blank() && !canvas.is_blank());
        canvas.row_mut(199)[69] = opaque(Rgb::WHITE);
        assert!(canvas.shows_the_same_as(&before) && canvas.is_blank());
        canvas.row_mut(100)[3] = opaque(Rgb([1, 2, 3]));
        let again = Canvas::from_rgb(70, 200, &canvas.to_rgb()).expect("its bytes");
        assert!(again.shows_the_same_as(&canvas));
        let part = PixelRect { x0: 2, y0: 99, x1: 4, y1: 101 };
        assert_eq!(canvas.rect_rgb(part), [[255; 3], [255; 3], [255; 3], [1, 2, 3]].concat());
        assert!(canvas.rect_rgb(PixelRect { x0: 90, y0: 0, x1: 99, y1: 5 }).is_empty());
    }

    #[test]
    fn a_new_canvas_is_dirty_once() {
        let mut canvas = Canvas::new(Size::DEFAULT, Rgb::BLACK);
        assert_eq!(canvas.take_dirty(), Some(PixelRect::whole(512, 512)));
        assert_eq!(canvas.take_dirty(), None);
        assert!(canvas.is_blank());
    }
}
