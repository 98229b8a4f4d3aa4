//! A mask from a picture file.

use std::path::Path;

use anyhow::bail;
use image::GrayImage;

use crate::engine::{Inpaint, Mask};
use crate::picture::{Fit, MaskPicture};

/// A picture that says where a start image may change.
pub(super) struct MaskFile(MaskPicture);

impl MaskFile {
    /// Opens a picture. It is white where the start image may change; one with transparent pixels is opaque there.
    ///
    /// # Errors
    /// A file that cannot be read or is no picture, as one sentence.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self(MaskPicture::open(path)?))
    }

    /// A mask with these levels.
    pub fn from_levels(levels: &GrayImage) -> Self {
        Self(MaskPicture::from_levels(levels))
    }

    /// Its levels, in its own size.
    pub fn levels(&self) -> GrayImage {
        self.0.levels()
    }

    /// What should be said about it beside a start image of this size.
    pub fn notice(&self, (width, height): (u32, u32)) -> Option<String> {
        if self.0.is_by_alpha() {
            return Some("The mask has transparent pixels, so it changes what is opaque, whatever its colours.".into());
        }
        let (w, h) = self.0.size();
        ((w, h) != (width, height)).then(|| {
            format!("The mask is {w} by {h} pixels and the start image {width} by {height}, so the mask was resized.")
        })
    }

    /// The mask in this size in pixels with its grey levels, which may all be black.
    pub fn levels_in(&self, size: (u32, u32), how: Fit) -> Mask {
        Mask::from_levels(self.0.levels_in(size, how))
    }

    /// The mask in this size in pixels. With its grey levels for `inpaint`, else black and white.
    ///
    /// # Errors
    /// If it leaves nothing to change.
    pub fn mask(&self, size: (u32, u32), how: Fit, inpaint: Option<&Inpaint>) -> anyhow::Result<Mask> {
        let Some(inpaint) = inpaint else {
            let mask = Mask::from_gray(&self.0.brightness_in(size, how));
            if mask.is_empty() {
                bail!("The mask is black, so nothing would change. Make white what should change.");
            }
            return Ok(mask);
        };
        let mask = Mask::from_levels(self.0.levels_in(size, how));
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
