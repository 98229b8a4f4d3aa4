//! A picture of any size on a canvas of a given one.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// How a picture of another shape meets the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// All of it shows; the rest of the canvas takes the paper's colour.
    Whole,
    /// It fills the canvas; what sticks out is cut off evenly.
    #[default]
    Fill,
    /// Width and height are scaled separately, so that nothing is cut off or added; only for shapes
    /// that are nearly the same.
    Stretch,
}

/// Brings a picture to `width` by `height`.
pub fn fit(picture: &RgbImage, width: u32, height: u32, fit: Fit, paper: [u8; 3]) -> RgbImage {
    let (from_w, from_h) = picture.dimensions();
    if (from_w, from_h) == (width, height) {
        return picture.clone();
    }
    let (across, down) = (f64::from(width) / f64::from(from_w.max(1)), f64::from(height) / f64::from(from_h.max(1)));
    let middle = |room: u32, part: u32| room.saturating_sub(part) / 2;
    match fit {
        Fit::Whole => {
            let scale = across.min(down);
            let side = |v: u32, most: u32| ((f64::from(v) * scale).round() as u32).clamp(1, most);
            let scaled = imageops::resize(picture, side(from_w, width), side(from_h, height), FilterType::CatmullRom);
            let mut canvas = RgbImage::from_pixel(width, height, Rgb(paper));
            let (x, y) = (middle(width, scaled.width()), middle(height, scaled.height()));
            imageops::replace(&mut canvas, &scaled, x.into(), y.into());
            canvas
        }
        Fit::Stretch => imageops::resize(picture, width, height, FilterType::CatmullRom),
        Fit::Fill => {
            // Cut first, then scale: a very long picture must not be blown up only to be cut.
            let scale = across.max(down);
            let side = |v: u32, most: u32| ((f64::from(v) / scale).round() as u32).clamp(1, most);
            let (w, h) = (side(width, from_w), side(height, from_h));
            let cut = imageops::crop_imm(picture, middle(from_w, w), middle(from_h, h), w, h);
            imageops::resize(&*cut, width, height, FilterType::CatmullRom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_keeps_both_ends_and_fill_leaves_no_paper() {
        let picture = RgbImage::from_fn(200, 100, |x, _| Rgb(if x < 10 { [255, 0, 0] } else { [0, 0, 255] }));
        let whole = fit(&picture, 64, 64, Fit::Whole, [9, 9, 9]);
        assert_eq!(whole.get_pixel(0, 0).0, [9, 9, 9]);
        assert_eq!(whole.get_pixel(0, 32).0, [255, 0, 0]);
        let fill = fit(&picture, 64, 64, Fit::Fill, [9, 9, 9]);
        assert!(fill.pixels().all(|p| p.0 == [0, 0, 255]));
    }

    #[test]
    fn extreme_shapes_are_taken() {
        let line = RgbImage::from_pixel(4000, 1, Rgb([1, 2, 3]));
        for mode in [Fit::Whole, Fit::Fill, Fit::Stretch] {
            assert_eq!(fit(&line, 512, 512, mode, [0; 3]).dimensions(), (512, 512));
        }
    }
}
