//! How far the colours of two pictures are apart, pixel by pixel.

use image::{Rgb, RgbImage};
use palette::color_difference::Ciede2000;
use palette::white_point::D65;
use palette::{FromColor, Lab, Srgb};

use super::{Fit, Placement, fit};

/// The largest differences that a scale of false colours may end at.
const SCALES: [f32; 6] = [2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// What lies outside the second picture, where nothing can be compared.
const OUTSIDE: Rgb<u8> = Rgb([64, 64, 64]);

/// The false colours from no difference to the scale's end: matplotlib's inferno at every tenth.
const STOPS: [[u8; 3]; 11] = [
    [0, 0, 4],
    [22, 11, 57],
    [66, 10, 104],
    [106, 23, 110],
    [147, 38, 103],
    [188, 55, 84],
    [221, 81, 58],
    [243, 120, 25],
    [252, 165, 10],
    [246, 215, 70],
    [252, 255, 164],
];

/// The colour difference of two pictures by the CIEDE2000 formula: about 1 is just visible, black and
/// white are 100 apart.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The differences as false colours (see [`false_color`]), in the size of the first picture. Grey
    /// where the second picture leaves it uncovered.
    pub picture: RgbImage,
    /// The mean of all pixels that both pictures have.
    pub mean: f32,
    /// 95 of 100 pixels differ by this much or less.
    pub percentile_95: f32,
    /// The largest difference.
    pub maximum: f32,
    /// The difference that the last false colour stands for; larger ones look the same.
    pub scale: f32,
}

/// Compares two pictures at the size of the first. A second picture of another size is scaled and shown
/// whole, and what it does not cover is not counted. Takes up to a second for large pictures.
pub fn difference(a: &RgbImage, b: &RgbImage) -> Difference {
    let (width, height) = a.dimensions();
    let scaled;
    let (b, [left, top, right, bottom]) = if a.dimensions() == b.dimensions() {
        (b, [0; 4])
    } else {
        scaled = fit(b, width, height, Fit::Whole, OUTSIDE.0);
        (&scaled, Placement::new(b.dimensions(), a.dimensions(), Fit::Whole).empty)
    };
    let columns = left as usize..width.saturating_sub(right) as usize;
    let rows = top as usize..height.saturating_sub(bottom) as usize;
    let row = |picture: &RgbImage, y: usize| -> Vec<[u8; 3]> {
        let start = (y * width as usize + columns.start) * 3;
        let bytes = picture.as_raw().get(start..start + columns.len() * 3).unwrap_or_default();
        bytes.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect()
    };
    // One thread: the others may be making pictures, and this would wait for them.
    let mut values = Vec::with_capacity(columns.len() * rows.len());
    for y in rows.clone() {
        values.extend(row(a, y).into_iter().zip(row(b, y)).map(|(a, b)| color_difference(a, b)));
    }
    let (mean, percentile_95, maximum) = statistics(&values);
    let scale = SCALES.into_iter().find(|scale| *scale >= percentile_95).unwrap_or(100.0);
    let palette: Vec<[u8; 3]> = (0..=255).map(|i| false_color(i as f32 / 255.0)).collect();
    let mut picture = RgbImage::from_pixel(width, height, OUTSIDE);
    for (values, y) in values.chunks(columns.len().max(1)).zip(rows) {
        for (value, x) in values.iter().zip(columns.clone()) {
            // The share is limited to the table.
            let index = (value / scale * 255.0).round().clamp(0.0, 255.0) as usize;
            picture.put_pixel(x as u32, y as u32, Rgb(palette[index]));
        }
    }
    Difference { picture, mean, percentile_95, maximum, scale }
}

/// The false colour for a share of the scale, `0.0..=1.0`: from black over purple and orange to light
/// yellow.
pub fn false_color(share: f32) -> [u8; 3] {
    let place = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let at = (place as usize).min(STOPS.len() - 2);
    let (low, high, part) = (STOPS[at], STOPS[at + 1], place - at as f32);
    std::array::from_fn(|i| (f32::from(low[i]) + (f32::from(high[i]) - f32::from(low[i])) * part).round() as u8)
}

/// The CIEDE2000 difference of two sRGB colours.
pub(super) fn color_difference(a: [u8; 3], b: [u8; 3]) -> f32 {
    if a == b {
        return 0.0;
    }
    let lab = |[r, g, b]: [u8; 3]| Lab::<D65, f32>::from_color(Srgb::new(r, g, b).into_linear::<f32>());
    lab(a).difference(lab(b))
}

/// Mean, 95th percentile and maximum; all 0 without values.
fn statistics(values: &[f32]) -> (f32, f32, f32) {
    if values.is_empty() {
        return (0.0, 0.0, 0.0);
    }
    let sum: f64 = values.iter().map(|value| f64::from(*value)).sum();
    let maximum = values.iter().copied().fold(0.0, f32::max);
    let mut sorted = values.to_vec();
    let place = (values.len() * 95).div_ceil(100) - 1;
    let (_, percentile, _) = sorted.select_nth_unstable_by(place, f32::total_cmp);
    ((sum / values.len() as f64) as f32, *percentile, maximum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test data of Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", 2005, table 1: two
    /// colours in CIELAB and their difference.
    const PAIRS: [([f32; 3], [f32; 3], f32); 34] = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 3.1571, -77.2803], [50.0, 0.0, -82.7485], 2.8615),
        ([50.0, 2.8361, -74.0200], [50.0, 0.0, -82.7485], 3.4412),
        ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, -1.1848, -84.8006], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, -0.9009, -85.5211], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, -1.0, 2.0], [50.0, 0.0, 0.0], 2.3669),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0009], 7.1792),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0010], 7.1792),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0011], 7.2195),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0012], 7.2195),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0009, -2.4900], 4.8045),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0010, -2.4900], 4.8045),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0011, -2.4900], 4.7461),
        ([50.0, 2.5, 0.0], [50.0, 0.0, -2.5], 4.3065),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
        ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
        ([50.0, 2.5, 0.0], [50.0, 3.1736, 0.5854], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 3.2972, 0.0], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 1.8634, 0.5757], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 3.2592, 0.3350], 1.0000),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([63.0109, -31.0961, -5.8663], [62.8187, -29.7946, -4.0864], 1.2630),
        ([61.2901, 3.7196, -5.3901], [61.4292, 2.2480, -4.9620], 1.8731),
        ([35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([36.4612, 47.8580, 18.3852], [36.2715, 50.5065, 21.2231], 1.4146),
        ([90.8027, -2.0831, 1.4410], [91.1528, -1.6435, 0.0447], 1.4441),
        ([90.9257, -0.5406, -0.9208], [88.6381, -0.8985, -0.7239], 1.5381),
        ([6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ];

    #[test]
    fn the_formula_gives_the_published_differences() {
        let lab = |[l, a, b]: [f32; 3]| Lab::<D65, f32>::new(l, a, b);
        for (i, (a, b, expected)) in PAIRS.into_iter().enumerate() {
            for (one, other) in [(a, b), (b, a)] {
                let found = lab(one).difference(lab(other));
                assert!((found - expected).abs() < 2e-4, "pair {}: {found} and not {expected}", i + 1);
            }
        }
    }

    #[test]
    fn black_and_white_are_100_apart_and_equal_colours_0() {
        assert!((color_difference([0; 3], [255; 3]) - 100.0).abs() < 1e-3);
        assert_eq!(color_difference([12, 200, 7], [12, 200, 7]), 0.0);
        // CIELAB of sRGB red and green, computed from the standard's formulas, differ by this much.
        assert!((color_difference([255, 0, 0], [0, 255, 0]) - 86.608).abs() < 0.01);
    }

    #[test]
    fn mean_percentile_and_maximum_are_those_of_the_pixels() {
        let a = RgbImage::new(10, 10);
        let mut b = a.clone();
        b.put_pixel(3, 4, Rgb([255; 3]));
        let found = difference(&a, &b);
        assert!((found.mean - 1.0).abs() < 1e-3 && found.percentile_95 == 0.0, "{found:?}");
        assert!((found.maximum - 100.0).abs() < 1e-3);
        assert_eq!(found.picture.get_pixel(3, 4).0, false_color(1.0));
        assert_eq!(found.picture.get_pixel(4, 3).0, false_color(0.0));
        assert_eq!(statistics(&(1..=100).map(|i| i as f32).collect::<Vec<_>>()), (50.5, 95.0, 100.0));
        assert_eq!(statistics(&[]), (0.0, 0.0, 0.0));
    }

    #[test]
    fn the_scale_ends_above_the_95th_percentile() {
        let grey = |value| RgbImage::from_pixel(4, 4, Rgb([value; 3]));
        for (value, scale) in [(0, 2.0), (110, 5.0), (255, 100.0)] {
            let found = difference(&grey(if value == 110 { 100 } else { 0 }), &grey(value));
            assert_eq!(found.scale, scale, "{value}: {}", found.percentile_95);
            assert!(found.percentile_95 <= scale);
        }
    }

    #[test]
    fn a_picture_of_another_size_is_compared_at_the_size_of_the_first() {
        let red = Rgb([200, 0, 0]);
        let found = difference(&RgbImage::from_pixel(40, 20, red), &RgbImage::from_pixel(10, 10, red));
        assert_eq!(found.picture.dimensions(), (40, 20));
        assert_eq!((found.mean, found.maximum), (0.0, 0.0), "what is not covered is not counted");
        assert_eq!(*found.picture.get_pixel(0, 0), OUTSIDE);
        assert_eq!(found.picture.get_pixel(20, 10).0, false_color(0.0));
        let scaled = difference(&RgbImage::from_pixel(64, 64, red), &RgbImage::from_pixel(128, 128, red));
        assert!(scaled.picture.pixels().all(|pixel| pixel.0 == false_color(0.0)));
        assert_eq!(difference(&RgbImage::new(0, 0), &RgbImage::new(3, 3)).maximum, 0.0);
    }

    #[test]
    fn false_colours_become_lighter_all_the_way() {
        let light = |share: f32| {
            let [r, g, b] = false_color(share).map(f32::from);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        for i in 0..100 {
            assert!(light(i as f32 / 100.0) < light((i + 1) as f32 / 100.0), "{i}");
        }
        assert_eq!((false_color(-1.0), false_color(9.0)), (STOPS[0], STOPS[10]));
    }
}
