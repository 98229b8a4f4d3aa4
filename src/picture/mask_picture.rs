//! A mask from a picture of any kind.

use std::path::Path;

use image::imageops::grayscale;
use image::{GrayImage, Luma, Rgb, RgbImage, RgbaImage};

use super::open::OpenError;
use super::{Fit, fit, open, open_with_alpha, read, read_with_alpha};

/// A picture that says where a start image may change: white where it may, black where it is kept. One with transparent
/// pixels is white where it is opaque, whatever its colours.
pub struct MaskPicture {
    picture: RgbImage,
    is_by_alpha: bool,
}

impl MaskPicture {
    /// Opens a picture file.
    ///
    /// # Errors
    /// A file that cannot be read or is no picture, as one sentence.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::from_alpha(&open_with_alpha(path)?).map_or_else(|| open(path).map(Self::plain), Ok)
    }

    /// Opens a picture from bytes in memory; `name` is for messages.
    ///
    /// # Errors
    /// Bytes that are no picture, a damaged one or too large a one.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, OpenError> {
        Self::from_alpha(&read_with_alpha(bytes, name)?).map_or_else(|| read(bytes, name).map(Self::plain), Ok)
    }

    /// A mask with these levels.
    pub fn from_levels(levels: &GrayImage) -> Self {
        Self::plain(RgbImage::from_fn(levels.width(), levels.height(), |x, y| Rgb([levels.get_pixel(x, y).0[0]; 3])))
    }

    /// A mask by transparency; `None` if nothing is transparent.
    fn from_alpha(whole: &RgbaImage) -> Option<Self> {
        if whole.pixels().all(|pixel| pixel.0[3] == 255) {
            return None;
        }
        let picture = RgbImage::from_fn(whole.width(), whole.height(), |x, y| Rgb([whole.get_pixel(x, y).0[3]; 3]));
        Some(Self { picture, is_by_alpha: true })
    }

    fn plain(picture: RgbImage) -> Self {
        Self { picture, is_by_alpha: false }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.picture.dimensions()
    }

    /// Whether transparency made it.
    pub fn is_by_alpha(&self) -> bool {
        self.is_by_alpha
    }

    /// Its levels in its own size.
    pub fn levels(&self) -> GrayImage {
        levels(&self.picture)
    }

    /// Its levels in this size in pixels, black where the picture does not reach.
    pub fn levels_in(&self, (width, height): (u32, u32), how: Fit) -> GrayImage {
        levels(&fit(&self.picture, width, height, how, [0; 3]))
    }

    /// Its brightness in this size in pixels, weighted as for a mask without levels in between.
    pub fn brightness_in(&self, (width, height): (u32, u32), how: Fit) -> GrayImage {
        grayscale(&fit(&self.picture, width, height, how, [0; 3]))
    }
}

/// The brightness of each pixel, weighted as Pillow does.
fn levels(picture: &RgbImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b] = picture.get_pixel(x, y).0.map(u32::from);
        Luma([((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16) as u8])
    })
}
