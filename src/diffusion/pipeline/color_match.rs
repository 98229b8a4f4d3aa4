//! Colour correction: gives a result the colours of the picture it started from.
//!
//! Mean and deviation of each CIELAB channel are transferred (Reinhard et al. 2001). That undoes the slow
//! drift of many rounds of encoding and decoding, and leaves shapes alone.

use image::RgbImage;

/// Gives `picture` the mean colour and contrast of `reference`. Contrast changes by a tenth at most, so that
/// a flat sketch does not flatten the result.
pub(in crate::diffusion) fn match_colors(picture: &mut RgbImage, reference: &RgbImage) {
    let (from_mean, from_spread) = statistics(picture);
    let (to_mean, to_spread) = statistics(reference);
    let gain = [0, 1, 2].map(|c| (to_spread[c] / from_spread[c].max(1e-3)).clamp(0.9, 1.1));
    recolor(picture, |lab, c| to_mean[c] + (lab - from_mean[c]) * gain[c]);
    // Clamping at white and black has moved the mean colour again; shift it back.
    let goal = mean_rgb(reference);
    for _ in 0..8 {
        let mean = mean_rgb(picture);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            // Ordered dithering: a shift of less than one level still moves the mean.
            let threshold = (f64::from((5 * x + 7 * y) % 16) + 0.5) / 16.0;
            let shifted = |c: usize| (f64::from(pixel.0[c]) + goal[c] - mean[c] + threshold).floor();
            pixel.0 = [0, 1, 2].map(|c| shifted(c).clamp(0.0, 255.0) as u8);
        }
    }
}

fn mean_rgb(picture: &RgbImage) -> [f64; 3] {
    let n = f64::from((picture.width() * picture.height()).max(1));
    [0, 1, 2].map(|c| picture.pixels().map(|p| f64::from(p.0[c])).sum::<f64>() / n)
}

fn recolor(picture: &mut RgbImage, new: impl Fn(f32, usize) -> f32) {
    for pixel in picture.pixels_mut() {
        let lab = to_lab(pixel.0);
        pixel.0 = to_rgb([0, 1, 2].map(|c| new(lab[c], c)));
    }
}

/// Mean and standard deviation of L*, a*, b*.
fn statistics(picture: &RgbImage) -> ([f32; 3], [f32; 3]) {
    let n = (picture.width() * picture.height()).max(1) as f64;
    let (mut sum, mut squares) = ([0f64; 3], [0f64; 3]);
    for pixel in picture.pixels() {
        for (c, v) in to_lab(pixel.0).into_iter().enumerate() {
            sum[c] += f64::from(v);
            squares[c] += f64::from(v).powi(2);
        }
    }
    let mean = sum.map(|s| s / n);
    let spread = [0, 1, 2].map(|c| (squares[c] / n - mean[c].powi(2)).max(0.0).sqrt() as f32);
    (mean.map(|m| m as f32), spread)
}

const WHITE: [f32; 3] = [0.950_47, 1.0, 1.088_83];
const CUT: f32 = 6.0 / 29.0;

fn to_lab(rgb: [u8; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(|c| {
        let v = f32::from(c) / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    });
    let xyz = [
        0.412_456 * r + 0.357_576 * g + 0.180_437 * b,
        0.212_673 * r + 0.715_152 * g + 0.072_175 * b,
        0.019_334 * r + 0.119_192 * g + 0.950_304 * b,
    ];
    let f = |i: usize| {
        let t = xyz[i] / WHITE[i];
        if t > CUT.powi(3) { t.cbrt() } else { t / (3.0 * CUT * CUT) + 4.0 / 29.0 }
    };
    let (x, y, z) = (f(0), f(1), f(2));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn to_rgb(lab: [f32; 3]) -> [u8; 3] {
    let y = (lab[0] + 16.0) / 116.0;
    let back = |t: f32, i: usize| WHITE[i] * if t > CUT { t.powi(3) } else { 3.0 * CUT * CUT * (t - 4.0 / 29.0) };
    let (x, y, z) = (back(y + lab[1] / 500.0, 0), back(y, 1), back(y - lab[2] / 200.0, 2));
    [
        3.240_454 * x - 1.537_139 * y - 0.498_531 * z,
        -0.969_266 * x + 1.876_011 * y + 0.041_556 * z,
        0.055_643 * x - 0.204_026 * y + 1.057_225 * z,
    ]
    .map(|v| {
        let v = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.max(0.0).powf(1.0 / 2.4) - 0.055 };
        (v.clamp(0.0, 1.0) * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn lab_and_back_is_the_same_colour() {
        for r in (0..=255).step_by(17) {
            for g in (0..=255).step_by(17) {
                for b in (0..=255).step_by(17) {
                    let rgb = [r as u8, g as u8, b as u8];
                    assert_eq!(to_rgb(to_lab(rgb)), rgb);
                }
            }
        }
    }

    #[test]
    fn a_tinted_picture_gets_its_colours_back() {
        let original = RgbImage::from_fn(64, 64, |x, y| Rgb([60 + 2 * x as u8, 80 + y as u8, 100]));
        let mut tinted = original.clone();
        for pixel in tinted.pixels_mut() {
            pixel.0 = [pixel.0[0] + 12, pixel.0[1], pixel.0[2] - 10];
        }
        let gap = |a: &RgbImage| {
            a.as_raw().iter().zip(original.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>()
        };
        let before = gap(&tinted);
        match_colors(&mut tinted, &original);
        assert!(gap(&tinted) * 4 < before, "{} of {before} left", gap(&tinted));
    }
}
