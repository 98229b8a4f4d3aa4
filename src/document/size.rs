//! How the canvas and the size in the settings go together.
//!
//! The canvas has the size of its pixels; width and height in the settings are the size of the next
//! results. The rule that keeps them together:
//!
//! - A canvas that is replaced (new sheet, opened picture, result, restored drawing) sets width and
//!   height to its own size, or to the nearest size results can have.
//! - Undo and redo take the size along, unless the user chose another one meanwhile.
//! - A size chosen in the settings does not touch painted pixels. The next round starts from the
//!   canvas fitted to that size, see [`Fitting`], and [`super::Document::fit_blank_canvas`] lets an
//!   empty canvas follow. Nothing is ever cropped by itself.

use super::Settings;
use crate::paint::Size;

/// How the canvas becomes a start image of the size in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitting {
    /// Both have the same size.
    Same,
    /// Both have the same shape up to a few pixels; the canvas is scaled, and stretched by these.
    Scaled,
    /// The whole canvas shows, and paper fills the rest.
    Padded,
}

/// How a canvas of one size becomes a start image of another.
pub fn fitting(canvas: Size, width: usize, height: usize) -> Fitting {
    if (canvas.width(), canvas.height()) == (width, height) {
        return Fitting::Same;
    }
    let (across, down) = (width as f64 / canvas.width() as f64, height as f64 / canvas.height() as f64);
    // What the longer scaling would leave empty, in pixels of the start image.
    let scale = across.min(down);
    let rest = (width as f64 - canvas.width() as f64 * scale).max(height as f64 - canvas.height() as f64 * scale);
    if rest <= MOST_STRETCHED { Fitting::Scaled } else { Fitting::Padded }
}

/// How many pixels a start image is stretched at most: half a step of the sizes that Stable
/// Diffusion's latents allow. More would be seen.
const MOST_STRETCHED: f64 = 4.0;

/// The size that results can have which is nearest to that of a canvas.
pub fn nearest_result_size(canvas: Size) -> (usize, usize) {
    let longest = canvas.width().max(canvas.height());
    let scale = (Settings::MAX_SIDE as f64 / longest as f64).min(1.0);
    let side = |side: usize| {
        let steps = (side as f64 * scale / Settings::SIDE_STEP as f64).round() as usize;
        (steps * Settings::SIDE_STEP).clamp(Settings::MIN_SIDE, Settings::MAX_SIDE)
    };
    (side(canvas.width()), side(canvas.height()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: usize, height: usize) -> Size {
        Size::new(width, height).expect("a size")
    }

    #[test]
    fn the_nearest_size_is_one_that_results_can_have() {
        assert_eq!(nearest_result_size(size(768, 512)), (768, 512));
        for (width, height) in [(1, 1), (1, 2048), (1000, 667), (2047, 33)] {
            let (width, height) = nearest_result_size(size(width, height));
            Settings { width, height, ..Settings::default() }.check().expect("valid");
        }
    }

    #[test]
    fn only_nearly_equal_shapes_are_stretched() {
        assert_eq!(fitting(size(512, 512), 512, 512), Fitting::Same);
        assert_eq!(fitting(size(512, 512), 1024, 1024), Fitting::Scaled);
        assert_eq!(fitting(size(515, 512), 512, 512), Fitting::Scaled);
        assert_eq!(fitting(size(768, 512), 512, 512), Fitting::Padded);
        assert_eq!(fitting(size(1, 2048), 512, 512), Fitting::Padded);
    }
}
