//! The blur of a mask: OpenCV's `GaussianBlur` on bytes, to the bit, as AUTOMATIC1111 calls it.

use image::{GrayImage, Luma};

/// One, in the units of the weights.
const ONE: i64 = 256;

/// How far the blur of this standard deviation reaches, in pixels.
pub(super) fn reach(deviation: usize) -> usize {
    (2.5 * deviation as f64 + 0.5) as usize
}

/// A mask blurred along rows, then along columns, each rounded to bytes. The standard deviation is in pixels; 0 changes
/// nothing. Beyond the edges the picture is continued by its mirror image without the edge itself.
pub(super) fn blurred(mask: &GrayImage, deviation: usize) -> GrayImage {
    if deviation == 0 || mask.width() == 0 || mask.height() == 0 {
        return mask.clone();
    }
    let weights = weights(deviation);
    let rows = along_rows(mask, &weights);
    transposed(&along_rows(&transposed(&rows), &weights))
}

/// The weights in 256ths. What rounding one leaves goes to the next, and the middle one makes their sum exact.
fn weights(deviation: usize) -> Vec<i64> {
    let reach = reach(deviation);
    let deviation = deviation as f64;
    let bell = |at: usize| {
        let x = at as f64 - reach as f64;
        (-x * x / (2.0 * deviation * deviation)).exp()
    };
    let sum: f64 = (0..=2 * reach).map(bell).sum();
    let mut weights = vec![0; 2 * reach + 1];
    let (mut left, mut total) = (0.0, 0);
    for at in 0..reach {
        let exact = bell(at) / sum * ONE as f64 + left;
        let rounded = exact.round_ties_even();
        left = exact - rounded;
        weights[at] = rounded as i64;
        weights[2 * reach - at] = rounded as i64;
        total += 2 * rounded as i64;
    }
    weights[reach] = ONE - total;
    weights
}

fn along_rows(picture: &GrayImage, weights: &[i64]) -> GrayImage {
    let (width, reach) = (picture.width() as i64, (weights.len() / 2) as i64);
    let mut blurred = GrayImage::new(picture.width(), picture.height());
    let rows = picture.chunks_exact(width as usize).zip(blurred.chunks_exact_mut(width as usize));
    for (from, to) in rows {
        // A row of one level stays as it is: the weights add up to one.
        if from.iter().all(|level| *level == from[0]) {
            to.fill(from[0]);
            continue;
        }
        for (x, level) in (0..).zip(to) {
            let sum: i64 = (x - reach..).zip(weights).map(|(x, w)| w * i64::from(from[mirrored(x, width)])).sum();
            *level = ((sum + ONE / 2) / ONE).clamp(0, 255) as u8;
        }
    }
    blurred
}

/// The place inside a line that continues it beyond its ends.
fn mirrored(x: i64, length: i64) -> usize {
    let period = (2 * (length - 1)).max(1);
    let x = x.rem_euclid(period);
    if x < length { x as usize } else { (period - x) as usize }
}

fn transposed(picture: &GrayImage) -> GrayImage {
    GrayImage::from_fn(picture.height(), picture.width(), |x, y| Luma([picture.get_pixel(y, x).0[0]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_changed_beyond_the_reach() {
        for deviation in [1, 4, 16] {
            let mask = GrayImage::from_fn(201, 61, |x, y| Luma([if x == 100 && y == 30 { 255 } else { 0 }]));
            let far = reach(deviation) as u32;
            for (x, y, level) in blurred(&mask, deviation).enumerate_pixels() {
                let inside = x.abs_diff(100) <= far && y.abs_diff(30) <= far;
                assert!(inside || level.0[0] == 0, "{deviation}: {x}, {y}");
            }
        }
    }

    #[test]
    fn one_level_stays_and_any_size_is_blurred() {
        for (width, height) in [(1, 1), (2, 9), (30, 1), (5, 5)] {
            let grey = GrayImage::from_pixel(width, height, Luma([77]));
            assert_eq!(blurred(&grey, 64), grey);
        }
        assert_eq!(blurred(&GrayImage::new(0, 0), 4).dimensions(), (0, 0));
    }
}
