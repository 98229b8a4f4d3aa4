//! The start image laid over a result where it is kept, in Pillow's arithmetic on bytes.

use image::{GrayImage, Rgb, RgbImage};

/// Bits behind the point of a share, where pictures are laid over each other.
const BITS: u32 = 7;

/// A product of two bytes over 255, rounded.
pub(super) fn divide_by_255(product: u32) -> u32 {
    let product = product + 128;
    ((product >> 8) + product) >> 8
}

/// Colours that were multiplied by alpha, as they were before.
pub(super) fn without_alpha(pixel: [u8; 4]) -> [u8; 4] {
    let [r, g, b, alpha] = pixel;
    if alpha == 0 || alpha == 255 {
        return pixel;
    }
    let color = |value: u8| (255 * u32::from(value) / u32::from(alpha)).min(255) as u8;
    [color(r), color(g), color(b), alpha]
}

/// A pixel laid over another, both with alpha.
pub(super) fn laid_over(below: [u8; 4], above: [u8; 4]) -> [u8; 4] {
    if above[3] == 0 {
        return below;
    }
    let (over, under) = (u32::from(above[3]), u32::from(below[3]) * (255 - u32::from(above[3])));
    let both = over * 255 + under;
    // Below 2^31: 255·255·255·2⁷ is.
    let share = over * 255 * 255 * (1 << BITS) / both;
    let rest = 255 * (1 << BITS) - share;
    let shifted = |sum: u32| ((sum >> 8) + sum) >> 8;
    let color = |c: usize| {
        let sum = u32::from(above[c]) * share + u32::from(below[c]) * rest + (128 << BITS);
        (shifted(sum) >> BITS).min(255) as u8
    };
    [color(0), color(1), color(2), shifted(both + 128) as u8]
}

/// Lays the start image over a result of its size, where `change` says 0 entirely and where it says 255 not at all.
pub(super) fn keep(made: &mut RgbImage, start: &RgbImage, change: &GrayImage) {
    for ((new, old), level) in made.pixels_mut().zip(start.pixels()).zip(change.pixels()) {
        let alpha = 255 - level.0[0];
        let [r, g, b] = old.0.map(|value| divide_by_255(u32::from(value) * u32::from(alpha)) as u8);
        let [x, y, z] = new.0;
        let [r, g, b, _] = laid_over([x, y, z, 255], without_alpha([r, g, b, alpha]));
        *new = Rgb([r, g, b]);
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn pixels_are_kept_or_taken_to_the_bit_at_the_ends_and_mixed_between() {
        let start = RgbImage::from_fn(256, 3, |x, _| Rgb([x as u8, 255 - x as u8, 7]));
        let new = RgbImage::from_fn(256, 3, |x, _| Rgb([200, x as u8, 255 - x as u8]));
        let change = GrayImage::from_fn(256, 3, |_, y| Luma([[0, 128, 255][y as usize]]));
        let mut made = new.clone();
        keep(&mut made, &start, &change);
        for x in 0..256 {
            assert_eq!((made.get_pixel(x, 0), made.get_pixel(x, 2)), (start.get_pixel(x, 0), new.get_pixel(x, 2)));
            for ((made, old), new) in
                made.get_pixel(x, 1).0.iter().zip(start.get_pixel(x, 1).0).zip(new.get_pixel(x, 1).0)
            {
                let half = (f32::from(old) + f32::from(new)) / 2.0;
                assert!((f32::from(*made) - half).abs() < 2.5, "{old} and {new}: {made}");
            }
        }
    }
}
