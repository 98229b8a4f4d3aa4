//! The pixels, and which of them changed since the window last looked.

use super::{PixelRect, Rgb};

/// The longest side a canvas may have.
pub const MAX_SIDE: usize = 2048;

/// An opaque picture: `width * height` RGBA pixels (alpha always 255), row by row from the top.
#[derive(Clone)]
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
    dirty: Option<PixelRect>,
}

impl Canvas {
    /// A canvas of one colour. Sides are cut to `1..=MAX_SIDE`.
    pub fn new(width: usize, height: usize, color: Rgb) -> Self {
        let (width, height) = (width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE));
        let [r, g, b] = color.0;
        Self {
            width,
            height,
            pixels: vec![[r, g, b, 255]; width * height],
            dirty: Some(PixelRect::whole(width, height)),
        }
    }

    /// A canvas from RGB bytes, `[height, width, 3]`; `None` when the length does not fit the size.
    pub fn from_rgb(width: usize, height: usize, rgb: &[u8]) -> Option<Self> {
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE || rgb.len() != width * height * 3 {
            return None;
        }
        let pixels = rgb.chunks_exact(3).map(|p| [p[0], p[1], p[2], 255]).collect();
        Some(Self { width, height, pixels, dirty: Some(PixelRect::whole(width, height)) })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The colour at a place inside the canvas; `None` outside.
    pub fn color_at(&self, x: usize, y: usize) -> Option<Rgb> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let [r, g, b, _] = self.pixels[y * self.width + x];
        Some(Rgb([r, g, b]))
    }

    /// One row of RGBA pixels. `y` must be below the height.
    pub fn row(&self, y: usize) -> &[[u8; 4]] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// The picture as RGB bytes, `[height, width, 3]`.
    pub fn to_rgb(&self) -> Vec<u8> {
        self.pixels.iter().flat_map(|p| [p[0], p[1], p[2]]).collect()
    }

    /// RGBA bytes of one rectangle, row by row.
    pub fn copy_rect(&self, rect: PixelRect) -> Vec<[u8; 4]> {
        (rect.y0..rect.y1).flat_map(|y| &self.row(y)[rect.x0..rect.x1]).copied().collect()
    }

    /// What changed since this was last asked, as one rectangle.
    pub fn take_dirty(&mut self) -> Option<PixelRect> {
        self.dirty.take()
    }

    /// Whether the canvas shows one colour only.
    pub fn is_blank(&self) -> bool {
        self.pixels.iter().all(|p| *p == self.pixels[0])
    }

    pub(super) fn row_mut(&mut self, y: usize) -> &mut [[u8; 4]] {
        &mut self.pixels[y * self.width..(y + 1) * self.width]
    }

    pub(super) fn mark(&mut self, rect: PixelRect) {
        self.dirty = Some(self.dirty.map_or(rect, |d| d.union(rect)));
    }

    pub(super) fn mark_all(&mut self) {
        self.dirty = Some(PixelRect::whole(self.width, self.height));
    }
}
