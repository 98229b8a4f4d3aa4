//! Which pixels of the canvas were painted since it was last replaced.

use std::fmt;
use std::sync::Arc;

use image::{GrayImage, RgbImage, imageops};

use super::Document;
use crate::engine::Mask;
use crate::paint::{Canvas, PixelRect};
use crate::picture::{Fit, fit};

/// From this brightness on, `1..=255`, a pixel of a mask that was scaled counts as painted.
const MOSTLY_PAINTED: u8 = 64;

/// What the canvas showed when it was last replaced: by a result, a picture, an empty sheet.
#[derive(Clone)]
pub struct Unpainted {
    /// The canvas as it was. Where it differs now, it was painted on.
    canvas: Arc<Canvas>,
    /// What had been painted before that, for a canvas that was resized or read from a file.
    earlier: Option<Mask>,
}

impl Unpainted {
    /// Nothing of this canvas is painted.
    pub fn new(canvas: &Canvas) -> Self {
        Self { canvas: Arc::new(canvas.clone()), earlier: None }
    }

    /// Of this canvas the pixels of the mask are painted.
    pub fn with_earlier(canvas: &Canvas, earlier: Option<Mask>) -> Self {
        let size = (canvas.width() as u32, canvas.height() as u32);
        Self { earlier: earlier.filter(|mask| mask.size() == size && !mask.is_empty()), ..Self::new(canvas) }
    }

    /// The pixels of a canvas that were painted.
    pub fn painted(&self, canvas: &Canvas) -> Mask {
        self.painted_in(canvas, PixelRect::whole(canvas.width(), canvas.height()))
    }

    /// The pixels that were painted in a part of a canvas, which lies inside it.
    fn painted_in(&self, canvas: &Canvas, part: PixelRect) -> Mask {
        let [x0, y0, width, height] = [part.x0, part.y0, part.width(), part.height()].map(|at| at as u32);
        let mut painted = match &self.earlier {
            Some(earlier) => imageops::crop_imm(earlier.picture(), x0, y0, width, height).to_image(),
            None => GrayImage::new(width, height),
        };
        let pixels: &mut [u8] = &mut painted;
        // Most rows share their pixels with what they were, or are the same, and looking at whole rows is quick.
        for y in canvas.rows_apart_from(&self.canvas).flatten().filter(|y| (part.y0..part.y1).contains(y)) {
            let [now, before] = [canvas.row(y), self.canvas.row(y)].map(|row| row.get(part.x0..part.x1));
            let (Some(now), Some(before)) = (now, before) else { continue };
            if now != before {
                let differs = now.iter().zip(before).map(|(now, before)| now != before);
                let from = (y - part.y0) * part.width();
                let values = pixels[from..from + part.width()].iter_mut().zip(differs);
                values.filter(|(_, differs)| *differs).for_each(|(value, _)| *value = 255);
            }
        }
        Mask::from_gray(&painted)
    }

    /// What it takes in memory, in bytes.
    pub fn bytes(&self) -> usize {
        let pixels = self.canvas.size().pixels();
        pixels * 4 + if self.earlier.is_some() { pixels } else { 0 }
    }
}

/// The pixels that were painted, for the document's file.
#[derive(Clone, Debug)]
pub enum PaintedPixels {
    /// These; `None` if there are none.
    Known(Option<Mask>),
    /// Where a canvas differs from what it was. They are looked for when they are asked for, on whichever thread does.
    Since(Unpainted, Canvas),
}

impl PaintedPixels {
    /// The pixels; `None` if there are none.
    pub fn mask(&self) -> Option<Mask> {
        match self {
            Self::Known(mask) => mask.clone(),
            Self::Since(unpainted, canvas) => Some(unpainted.painted(canvas)).filter(|painted| !painted.is_empty()),
        }
    }
}

impl Default for PaintedPixels {
    fn default() -> Self {
        Self::Known(None)
    }
}

impl PartialEq for PaintedPixels {
    fn eq(&self, other: &Self) -> bool {
        self.mask() == other.mask()
    }
}

impl fmt::Debug for Unpainted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unpainted {:?}", self.canvas)
    }
}

/// A mask in another size.
pub(super) fn fitted(mask: &Mask, width: u32, height: u32, how: Fit) -> Mask {
    if mask.size() == (width, height) {
        return mask.clone();
    }
    let scaled = fitted_levels(mask.picture(), width, height, how);
    Mask::from_fn(width, height, |x, y| scaled.get_pixel(x, y).0[0] >= MOSTLY_PAINTED)
}

/// A grey picture in another size, black where it leaves room.
pub(super) fn fitted_levels(picture: &GrayImage, width: u32, height: u32, how: Fit) -> GrayImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let color =
        RgbImage::from_fn(picture.width(), picture.height(), |x, y| image::Rgb([picture.get_pixel(x, y).0[0]; 3]));
    imageops::grayscale(&fit(&color, width, height, how, [0; 3]))
}

impl Document {
    /// Which pixels of the canvas were painted since it was last replaced by a result, a picture or an empty sheet.
    pub fn painted(&self) -> Mask {
        self.unpainted.painted(&self.canvas)
    }

    /// Width and height of the next results in pixels: those of the settings, or those of the canvas, or of its frame, where
    /// only a masked part of it is sampled.
    pub(super) fn next_result_size(&self) -> (u32, u32) {
        let keeps_a_part = self.mask().is_some() || self.settings.keep_unpainted;
        if keeps_a_part && self.settings.samples_masked_part() {
            let part = match self.frame() {
                Some(frame) => frame.on(self.canvas.size()),
                None => PixelRect::whole(self.canvas.width(), self.canvas.height()),
            };
            return (part.width() as u32, part.height() as u32);
        }
        (self.settings.width as u32, self.settings.height as u32)
    }

    /// The painted pixels in the size of the next results, where the start image has them.
    pub fn painted_at_result_size(&self) -> Mask {
        let (width, height) = self.next_result_size();
        let painted = self.unpainted.painted_in(&self.canvas, self.framed_rect());
        fitted(&painted, width, height, self.start_fit())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, dot, make_round, sheet, size};
    use super::*;
    use crate::document::Reshape;
    use crate::engine::Settings;
    use crate::paint::Rgb;

    fn count(mask: &Mask) -> usize {
        mask.picture().pixels().filter(|pixel| pixel.0[0] > 0).count()
    }

    #[test]
    fn painting_since_the_last_pick_counts_and_undo_takes_it_back() {
        let mut document = document();
        assert!(document.painted().is_empty());
        dot(&mut document, 10.0, 10.0);
        let before = document.painted();
        assert!(before.is_painted(10, 10) && !before.is_painted(40, 40));
        let id = make_round(&mut document, 3);
        document.paint_over(id, sheet(64, 64, Rgb([90; 3])));
        assert!(document.painted().is_empty(), "a picked result is what is kept");
        dot(&mut document, 40.0, 40.0);
        assert!(document.painted().is_painted(40, 40) && !document.painted().is_painted(10, 10));
        document.undo();
        assert!(document.painted().is_empty());
        document.undo();
        assert_eq!(document.painted(), before);
        document.redo();
        assert!(document.painted().is_empty());
        document.new_sheet(Rgb::BLACK);
        assert!(document.painted().is_empty());
    }

    #[test]
    fn resizing_the_canvas_keeps_what_counts_as_painted() {
        let mut document = document();
        dot(&mut document, 16.0, 16.0);
        let before = document.painted();
        document.reshape(Reshape::Fit(size(128, 64), Fit::Whole));
        // The canvas lies in the middle of the wider one.
        let after = document.painted();
        assert!(after.is_painted(48, 16) && !after.is_painted(16, 16) && !after.is_painted(100, 40));
        assert!(count(&after).abs_diff(count(&before)) < 12, "{} and {}", count(&after), count(&before));
        dot(&mut document, 100.0, 40.0);
        assert!(document.painted().is_painted(100, 40) && document.painted().is_painted(48, 16));
        document.undo();
        document.undo();
        assert_eq!(document.painted(), before);
    }

    #[test]
    fn the_mask_lies_on_the_result_as_the_start_image_does() {
        let mut document = Document::new(size(64, 64), Rgb::WHITE, Settings::default());
        dot(&mut document, 16.0, 16.0);
        (document.settings_mut().width, document.settings_mut().height) = (128, 128);
        let mask = document.painted_at_result_size();
        assert!(mask.size() == (128, 128) && mask.is_painted(32, 32) && !mask.is_painted(16, 16));
        (document.settings_mut().width, document.settings_mut().height) = (128, 64);
        let mask = document.painted_at_result_size();
        assert!(mask.is_painted(48, 16) && !mask.is_painted(16, 16), "shown whole in the middle");
    }
}
