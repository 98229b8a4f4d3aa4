//! A picture with alpha in the middle of a layer of a given size.

use image::imageops::{self, FilterType};
use image::{Rgba, Rgba32FImage, RgbaImage};

use super::fit::{Fit, Placement};

/// Puts a picture into the middle of `width` by `height` transparent pixels. A larger one is made smaller until all of
/// it shows; with `enlarges` a smaller one is made larger until it touches two edges.
pub fn fit_layer(picture: &RgbaImage, width: u32, height: u32, enlarges: bool) -> RgbaImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let (w, h) = picture.dimensions();
    let mut layer = RgbaImage::new(width, height);
    if w == 0 || h == 0 {
        return layer;
    }
    let is_smaller = w <= width && h <= height;
    let (placed_width, placed_height) = match is_smaller && !enlarges {
        true => (w, h),
        false => {
            let [left, top, right, bottom] = Placement::new((w, h), (width, height), Fit::Whole).empty;
            (width.saturating_sub(left + right), height.saturating_sub(top + bottom))
        }
    };
    let scaled = scale_layer(picture, placed_width, placed_height);
    let (x, y) = ((width - placed_width.min(width)) / 2, (height - placed_height.min(height)) / 2);
    imageops::replace(&mut layer, &scaled, x.into(), y.into());
    layer
}

/// A picture in another size, by a cubic filter (Catmull-Rom). Colours count by their alpha, so that what is transparent
/// leaves no dark rim.
pub fn scale_layer(picture: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let weighted = Rgba32FImage::from_fn(picture.width(), picture.height(), |x, y| {
        // Within 0 and 1, to which values are cut.
        let [r, g, b, a] = picture.get_pixel(x, y).0.map(|level| f32::from(level) / 255.0);
        Rgba([r * a, g * a, b * a, a])
    });
    let resized = imageops::resize(&weighted, width, height, FilterType::CatmullRom);
    RgbaImage::from_fn(width, height, |x, y| {
        let [r, g, b, a] = resized.get_pixel(x, y).0;
        let level = |value: f32| (value * 255.0).round().clamp(0.0, 255.0) as u8;
        match level(a) {
            0 => Rgba([0; 4]),
            alpha => Rgba([level(r / a), level(g / a), level(b / a), alpha]),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_picture_lies_in_the_middle_and_a_large_one_is_made_smaller() {
        let dot = RgbaImage::from_pixel(10, 20, Rgba([200, 10, 30, 128]));
        let layer = fit_layer(&dot, 64, 64, false);
        assert_eq!((layer.get_pixel(27, 22).0, layer.get_pixel(36, 41).0), ([200, 10, 30, 128], [200, 10, 30, 128]));
        assert_eq!((layer.get_pixel(26, 22).0, layer.get_pixel(27, 42).0), ([0; 4], [0; 4]));
        let enlarged = fit_layer(&dot, 64, 64, true);
        assert_eq!((enlarged.get_pixel(32, 0).0, enlarged.get_pixel(15, 32).0), ([200, 10, 30, 128], [0; 4]));
        let large = fit_layer(&RgbaImage::from_pixel(300, 100, Rgba([9, 9, 9, 255])), 64, 64, false);
        assert_eq!((large.get_pixel(0, 32).0, large.get_pixel(32, 0).0), ([9, 9, 9, 255], [0; 4]));
        assert!(fit_layer(&RgbaImage::new(0, 0), 8, 8, true).pixels().all(|pixel| pixel.0 == [0; 4]));
    }

    #[test]
    fn transparent_pixels_lend_no_colour_to_the_edge() {
        let half = RgbaImage::from_fn(40, 40, |x, _| if x < 20 { Rgba([250, 250, 250, 255]) } else { Rgba([0; 4]) });
        let smaller = fit_layer(&half, 13, 13, false);
        assert!(smaller.pixels().all(|pixel| pixel.0[3] == 0 || pixel.0[0] >= 248), "no dark rim");
    }
}
