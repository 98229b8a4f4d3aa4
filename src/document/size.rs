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
use crate::paint::{MAX_SIDE, PixelRect, Region, Size};

/// The shortest side of a canvas that a person can ask for, in pixels. An opened picture may be smaller.
pub const MIN_CANVAS_SIDE: usize = 64;

/// The sides of a canvas that a person can ask for are multiples of this, in pixels.
pub const CANVAS_STEP: usize = 8;

/// The side of a canvas that is nearest to this many pixels: in `64..=4096`, in steps of 8.
pub fn canvas_side(pixels: i64) -> usize {
    let (step, most) = (CANVAS_STEP as i64, MAX_SIDE as i64);
    let pixels = pixels.clamp(MIN_CANVAS_SIDE as i64, most);
    // The limits are multiples of the step.
    ((pixels + step / 2) / step * step) as usize
}

/// The part of a canvas around a rectangle whose sides a canvas can have. It lies on the canvas as far as that is large
/// enough.
pub fn canvas_around(rect: PixelRect, canvas: Size) -> Region {
    let along = |from: usize, to: usize, whole: usize| {
        let (from, length, whole) = (from as i64, to.saturating_sub(from) as i64, whole as i64);
        let step = CANVAS_STEP as i64;
        let (up, down) = (canvas_side((length + step - 1) / step * step), canvas_side(whole / step * step));
        let side = if up as i64 > whole { down } else { up };
        let start = from - (side as i64 - length) / 2;
        (start.min(whole - side as i64).max(0), side)
    };
    let ((x, width), (y, height)) = (along(rect.x0, rect.x1, canvas.width()), along(rect.y0, rect.y1, canvas.height()));
    // Both are sides that a canvas can have.
    Region { x, y, size: Size::new(width, height).unwrap_or(canvas) }
}

/// The part of a canvas near a region that has the shape of results of this width and height: as wide as the region, or as
/// the canvas allows, with the same middle as far as the canvas reaches.
pub fn frame_near(region: Region, canvas: Size, (width, height): (usize, usize)) -> Region {
    let (width, height) = (width.max(1), height.max(1));
    let widest = canvas.width().min(canvas.height().saturating_mul(width) / height).max(1);
    let across = region.size.width().min(widest);
    let down = (across.saturating_mul(height).saturating_add(width / 2) / width).clamp(1, canvas.height());
    let along = |at: i64, before: usize, side: usize, whole: usize| {
        let at = at.saturating_add((before as i64 - side as i64) / 2);
        at.min(whole as i64 - side as i64).max(0)
    };
    let x = along(region.x, region.size.width(), across, canvas.width());
    let y = along(region.y, region.size.height(), down, canvas.height());
    // Both are no longer than the canvas.
    Region { x, y, size: Size::new(across, down).unwrap_or(canvas) }
}

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
    fn a_canvas_side_is_a_multiple_of_eight_within_the_limits() {
        for (pixels, side) in
            [(512, 512), (515, 512), (516, 520), (1, 64), (i64::MIN, 64), (i64::MAX, 4096), (4093, 4096)]
        {
            assert_eq!(canvas_side(pixels), side, "{pixels}");
        }
    }

    #[test]
    fn the_canvas_around_a_rectangle_holds_it_and_stays_on_the_canvas() {
        let around = |x0, y0, x1, y1| canvas_around(PixelRect { x0, y0, x1, y1 }, size(500, 300));
        for (x0, y0, x1, y1) in [(10, 10, 110, 91), (0, 0, 3, 3), (497, 297, 500, 300), (200, 100, 264, 172)] {
            let region = around(x0, y0, x1, y1);
            assert!(region.is_inside(size(500, 300)), "{region:?}");
            assert!(region.x <= x0 as i64 && region.right() >= x1 as i64 && region.y <= y0 as i64, "{region:?}");
            assert!(region.size.width().is_multiple_of(8) && region.size.width() >= 64);
        }
        assert_eq!(around(200, 100, 264, 172), Region { x: 200, y: 100, size: size(64, 72) });
        assert_eq!(around(0, 0, 500, 300).size, size(496, 296), "no larger than the canvas");
        assert_eq!(canvas_around(PixelRect::whole(20, 20), size(20, 20)).size, size(64, 64));
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
