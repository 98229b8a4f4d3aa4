//! A mask from a picture file.

use std::path::Path;

use anyhow::bail;
use image::imageops::grayscale;
use image::{GrayImage, Luma, Rgb, RgbImage};

use crate::engine::{Inpaint, Mask};
use crate::picture::{Fit, fit, open, open_with_alpha};

/// A picture that says where a start image may change.
pub(super) struct MaskFile {
    /// White where it may.
    picture: RgbImage,
    is_by_alpha: bool,
}

impl MaskFile {
    /// Opens a picture. It is white where the start image may change; one with transparent pixels is opaque there.
    ///
    /// # Errors
    /// A file that cannot be read or is no picture, as one sentence.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let whole = open_with_alpha(path)?;
        if whole.pixels().all(|pixel| pixel.0[3] == 255) {
            return Ok(Self { picture: open(path)?, is_by_alpha: false });
        }
        let picture = RgbImage::from_fn(whole.width(), whole.height(), |x, y| Rgb([whole.get_pixel(x, y).0[3]; 3]));
        Ok(Self { picture, is_by_alpha: true })
    }

    /// A mask with these levels.
    pub fn from_levels(levels: &GrayImage) -> Self {
        let picture = RgbImage::from_fn(levels.width(), levels.height(), |x, y| Rgb([levels.get_pixel(x, y).0[0]; 3]));
        Self { picture, is_by_alpha: false }
    }

    /// Its levels, in its own size.
    pub fn levels(&self) -> GrayImage {
        levels(&self.picture)
    }

    /// What should be said about it beside a start image of this size.
    pub fn notice(&self, (width, height): (u32, u32)) -> Option<String> {
        if self.is_by_alpha {
            return Some("The mask has transparent pixels, so it changes what is opaque, whatever its colours.".into());
        }
        let (w, h) = self.picture.dimensions();
        ((w, h) != (width, height)).then(|| {
            format!("The mask is {w} by {h} pixels and the start image {width} by {height}, so the mask was resized.")
        })
    }

    /// The mask in this size in pixels. With its grey levels for `inpaint`, else black and white.
    ///
    /// # Errors
    /// If it leaves nothing to change.
    pub fn mask(&self, (width, height): (u32, u32), how: Fit, inpaint: Option<&Inpaint>) -> anyhow::Result<Mask> {
        let fitted = fit(&self.picture, width, height, how, [0; 3]);
        let Some(inpaint) = inpaint else {
            let mask = Mask::from_gray(&grayscale(&fitted));
            if mask.is_empty() {
                bail!("The mask is black, so nothing would change. Make white what should change.");
            }
            return Ok(mask);
        };
        let mask = Mask::from_levels(levels(&fitted));
        let changes = if inpaint.inverted { mask.inverted() } else { mask.clone() };
        if if inpaint.soft { changes.is_blank() } else { changes.is_empty() } {
            match inpaint.inverted {
                true => bail!("The mask is white and inverted, so nothing would change. Leave --mask-invert out."),
                false => bail!("The mask is black, so nothing would change. Make white what should change."),
            }
        }
        Ok(mask)
    }
}

/// The brightness of each pixel, weighted as Pillow does.
fn levels(picture: &RgbImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b] = picture.get_pixel(x, y).0.map(u32::from);
        Luma([((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16) as u8])
    })
}
