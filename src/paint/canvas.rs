//! The pixels, which of them changed since the window last looked, and which tiles since they were last kept.

use super::tile::{ChangedTiles, TilePlace};
use super::{PixelRect, Rgb, Size, SizeError};

/// An opaque picture: `width * height` RGBA pixels (alpha always 255), row by row from the top.
#[derive(Clone)]
pub struct Canvas {
    size: Size,
    pixels: Vec<[u8; 4]>,
    dirty: Option<PixelRect>,
    /// Beside `dirty`, which belongs to the view: what is not on the disk yet.
    changed: ChangedTiles,
}

impl Canvas {
    /// A canvas of one colour.
    pub fn new(size: Size, color: Rgb) -> Self {
        Self {
            size,
            pixels: vec![opaque(color); size.pixels()],
            dirty: Some(whole(size)),
            changed: ChangedTiles::all(size),
        }
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
        let pixels = rgb.chunks_exact(3).map(|p| [p[0], p[1], p[2], 255]).collect();
        Ok(Self { size, pixels, dirty: Some(whole(size)), changed: ChangedTiles::all(size) })
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
        let width = self.width();
        if y < self.height() { &self.pixels[y * width..(y + 1) * width] } else { &[] }
    }

    /// The picture as RGB bytes, `[height, width, 3]`.
    pub fn to_rgb(&self) -> Vec<u8> {
        self.pixels.iter().flat_map(|p| [p[0], p[1], p[2]]).collect()
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
        let rect = tile.rect(self.size);
        let rows = (rect.y0..rect.y1).flat_map(|y| &self.row(y)[rect.x0..rect.x1]);
        rows.flat_map(|p| [p[0], p[1], p[2]]).collect()
    }

    /// Whether the canvas shows one colour only.
    pub fn is_blank(&self) -> bool {
        self.pixels.iter().all(|p| *p == self.pixels[0])
    }

    /// Whether both canvases have the same size and the same pixels.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.size == other.size && self.pixels == other.pixels
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
        let width = self.width();
        if y < self.height() { &mut self.pixels[y * width..(y + 1) * width] } else { &mut [] }
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
    fn a_new_canvas_is_dirty_once() {
        let mut canvas = Canvas::new(Size::DEFAULT, Rgb::BLACK);
        assert_eq!(canvas.take_dirty(), Some(PixelRect::whole(512, 512)));
        assert_eq!(canvas.take_dirty(), None);
        assert!(canvas.is_blank());
    }
}
