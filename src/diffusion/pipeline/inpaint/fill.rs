//! The masked part filled from its surroundings, as AUTOMATIC1111's "fill" does: the rest of the picture is blurred with smaller
//! and smaller radii, and each blur is laid over the previous ones. The arithmetic on bytes is Pillow's.

use image::{GrayImage, Rgb, RgbImage};

use super::overlay::{divide_by_255, laid_over, without_alpha};

/// Radius of each blur, and how often it is laid over what is there.
const BLURS: [(f32, usize); 6] = [(256.0, 1), (64.0, 1), (16.0, 2), (4.0, 4), (2.0, 2), (0.0, 1)];

/// Box blurs that make a Gaussian one.
const PASSES: usize = 3;

/// Pixels of red, green, blue and alpha.
type Pixels = Vec<[u8; 4]>;

/// The picture with its masked part filled; the mask has its size. Where everything is masked the picture becomes black.
pub(super) fn filled(picture: &RgbImage, mask: &GrayImage) -> RgbImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    // What is left of the picture, the colours multiplied by alpha.
    let rest: Pixels = picture
        .pixels()
        .zip(mask.pixels())
        .map(|(pixel, level)| {
            let alpha = 255 - level.0[0];
            let [r, g, b] = pixel.0.map(|value| divide_by_255(u32::from(value) * u32::from(alpha)) as u8);
            [r, g, b, alpha]
        })
        .collect();
    let mut made: Pixels = vec![[0; 4]; width * height];
    for (radius, times) in BLURS {
        let blurred = if radius > 0.0 { gaussian(&rest, (width, height), radius) } else { rest.clone() };
        for (below, above) in made.iter_mut().zip(blurred) {
            let above = without_alpha(above);
            for _ in 0..times {
                *below = laid_over(*below, above);
            }
        }
    }
    let mut filled = RgbImage::new(picture.width(), picture.height());
    for (pixel, [r, g, b, _]) in filled.pixels_mut().zip(made) {
        *pixel = Rgb([r, g, b]);
    }
    filled
}

/// Pillow's `GaussianBlur`: three box blurs of fractional width (Gwosdek et al. 2011) along rows, then along columns.
fn gaussian(pixels: &Pixels, (width, height): (usize, usize), radius: f32) -> Pixels {
    let radius = box_radius(radius);
    let mut rows = pixels.clone();
    blur_rows(&mut rows, width, radius);
    let mut columns = transposed(&rows, width, height);
    blur_rows(&mut columns, height, radius);
    transposed(&columns, height, width)
}

/// The radius of the box.
fn box_radius(radius: f32) -> f32 {
    let variance = radius * radius / PASSES as f32;
    let length = (12.0 * f64::from(variance) + 1.0).sqrt() as f32;
    let whole = ((length - 1.0) / 2.0).floor();
    let part = (2.0 * whole + 1.0) * (whole * (whole + 1.0) - 3.0 * variance);
    whole + part / (6.0 * (variance - (whole + 1.0) * (whole + 1.0)))
}

fn blur_rows(pixels: &mut Pixels, width: usize, radius: f32) {
    if width == 0 {
        return;
    }
    let whole = radius as i64;
    // In 2^24ths, as Pillow computes them: cut, not rounded.
    let inner = ((1 << 24) as f32 / (radius * 2.0 + 1.0)) as u32;
    let outer = ((1 << 24) - (whole as u32 * 2 + 1) * inner) / 2;
    let mut line = vec![[0; 4]; width];
    for row in pixels.chunks_exact_mut(width) {
        for _ in 0..PASSES {
            line.copy_from_slice(row);
            let last = width as i64 - 1;
            let at = |x: i64| line[x.clamp(0, last) as usize].map(u32::from);
            let mut sum = [0u32; 4];
            for x in -whole..=whole {
                sum = add(sum, at(x));
            }
            for (x, pixel) in (0..).zip(row.iter_mut()) {
                let ends = add(at(x - whole - 1), at(x + whole + 1));
                for ((value, sum), ends) in pixel.iter_mut().zip(sum).zip(ends) {
                    let all = u64::from(sum) * u64::from(inner) + u64::from(ends) * u64::from(outer) + (1 << 23);
                    *value = (all >> 24).min(255) as u8;
                }
                let (gone, come) = (at(x - whole), at(x + whole + 1));
                sum = [0, 1, 2, 3].map(|c| sum[c] + come[c] - gone[c]);
            }
        }
    }
}

fn add(one: [u32; 4], other: [u32; 4]) -> [u32; 4] {
    [0, 1, 2, 3].map(|c| one[c] + other[c])
}

fn transposed(pixels: &Pixels, width: usize, height: usize) -> Pixels {
    (0..width).flat_map(|x| (0..height).map(move |y| pixels[y * width + x])).collect()
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn what_is_not_masked_stays_and_the_rest_takes_the_colours_around_it() {
        let picture = RgbImage::from_fn(48, 40, |x, _| Rgb([if x < 24 { 200 } else { 40 }, 90, 10]));
        let mask = GrayImage::from_fn(48, 40, |x, y| Luma([if x < 12 && y < 12 { 255 } else { 0 }]));
        let mut wrong = picture.clone();
        (0..12).for_each(|i| wrong.put_pixel(i, i, Rgb([0, 0, 255])));
        let made = filled(&wrong, &mask);
        for ((x, y, pixel), before) in made.enumerate_pixels().zip(picture.pixels()) {
            assert!(x < 12 && y < 12 || pixel == before, "{x}, {y}");
        }
        let [r, g, b] = made.get_pixel(6, 6).0;
        assert!(r > 150 && g.abs_diff(90) < 3 && b.abs_diff(10) < 3, "nothing of what was masked: {r} {g} {b}");
    }

    #[test]
    fn where_everything_is_masked_nothing_is_left() {
        let picture = RgbImage::from_pixel(9, 5, Rgb([50; 3]));
        assert!(filled(&picture, &GrayImage::from_pixel(9, 5, Luma([255]))).pixels().all(|pixel| pixel.0 == [0; 3]));
        assert_eq!(filled(&picture, &GrayImage::new(9, 5)), picture);
    }
}
