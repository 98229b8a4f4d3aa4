//! A part of the canvas as it is at one moment, which becomes a start image on whichever thread needs one.

use std::sync::Arc;

use image::RgbImage;

use super::StartImage;
use crate::paint::{Canvas, PixelRect, Rgb};
use crate::picture::Fit;

/// A part of the canvas. It shares the canvas' pixels, so that taking one copies nothing.
#[derive(Clone, Debug)]
pub struct CanvasPart {
    canvas: Canvas,
    rect: PixelRect,
    /// How it is brought to the size of the results.
    pub fit: Fit,
    /// What fills the rest if all of it shows.
    pub paper: Rgb,
}

impl CanvasPart {
    /// A rectangle of a canvas, cut to what lies inside.
    pub(super) fn new(canvas: Canvas, rect: PixelRect, fit: Fit, paper: Rgb) -> Self {
        let rect = rect.inside(canvas.size());
        Self { canvas, rect, fit, paper }
    }

    /// A copy of its pixels.
    pub fn picture(&self) -> RgbImage {
        let (width, height) = (self.rect.width() as u32, self.rect.height() as u32);
        // The bytes have the picture's size, so the blank picture is never used.
        RgbImage::from_raw(width, height, self.canvas.rect_rgb(self.rect))
            .unwrap_or_else(|| RgbImage::new(width, height))
    }

    /// A start image with a copy of its pixels.
    pub fn start_image(&self) -> StartImage {
        StartImage { picture: Arc::new(self.picture()), fit: self.fit, paper: self.paper }
    }
}
