//! A mask from a picture file.

use anyhow::bail;
use image::RgbImage;
use image::imageops::grayscale;

use crate::engine::Mask;
use crate::picture::{Fit, fit};

/// The mask in a picture that is white where a start image may change, in this size in pixels.
///
/// # Errors
/// If it is black everywhere.
pub(super) fn mask_from(picture: &RgbImage, (width, height): (u32, u32), how: Fit) -> anyhow::Result<Mask> {
    let mask = Mask::from_gray(&grayscale(&fit(picture, width, height, how, [0; 3])));
    if mask.is_empty() {
        bail!("The mask is black, so nothing would change. Make white what should change.");
    }
    Ok(mask)
}
