//! What was copied from the canvas.

use std::sync::Arc;

use egui::{Color32, ColorImage};

use crate::document::CopiedPixels;
use crate::paint::Surface;

/// Pixels that were copied from the canvas, so that they can be pasted where they were.
pub(in crate::ui) struct Copied {
    /// They lie where they were.
    pub surface: Surface,
    /// What the system's clipboard got.
    pub picture: Arc<ColorImage>,
}

/// How far a channel of a picture may be changed by the system's clipboard.
const CLIPBOARD_ERROR: u8 = 3;

impl Copied {
    /// Pixels that the document copied, and the picture for the system's clipboard. Takes long for large ones.
    pub fn new(copied: CopiedPixels) -> (Self, ColorImage) {
        let CopiedPixels { surface, bounds, pixels } = copied;
        let color = |[r, g, b, a]: [u8; 4]| Color32::from_rgba_unmultiplied(r, g, b, a);
        let picture = ColorImage::new([bounds.width(), bounds.height()], pixels.into_iter().map(color).collect());
        (Self { surface, picture: Arc::new(picture.clone()) }, picture)
    }
}

/// Whether a picture is what came back from the system's clipboard after another was put there.
pub(in crate::ui) fn came_back(copied: &ColorImage, pasted: &ColorImage) -> bool {
    let near = |(one, two): (&Color32, &Color32)| {
        one.to_array().iter().zip(two.to_array()).all(|(one, two)| one.abs_diff(two) <= CLIPBOARD_ERROR)
    };
    copied.size == pasted.size && copied.pixels.iter().zip(&pasted.pixels).all(near)
}
