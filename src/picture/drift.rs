//! How far a result is from its start image where nothing was painted.

use image::{Rgb, RgbImage};

use super::difference::{color_difference, false_color};
use crate::engine::Mask;

/// The CIEDE2000 difference that the last false colour of [`drift_overlay`] stands for.
const SCALE: f32 = 10.0;

/// The mean CIEDE2000 difference of two pictures outside the mask: 0 if all pixels are equal there, about 1 if they
/// differ just visibly. `None` if the sizes differ or everything was painted.
pub fn drift(start: &RgbImage, result: &RgbImage, painted: &Mask) -> Option<f32> {
    let (mut sum, mut count) = (0.0, 0_u32);
    for_unpainted(start, result, painted, |_, _, difference| {
        sum += f64::from(difference);
        count = count.saturating_add(1);
    });
    (count > 0).then(|| (sum / f64::from(count)) as f32)
}

/// The CIEDE2000 difference of two pictures outside the mask in false colours (see
/// [`false_color`](super::false_color)), which end at 10; inside the mask the result shows.
pub fn drift_overlay(start: &RgbImage, result: &RgbImage, painted: &Mask) -> RgbImage {
    let mut overlay = result.clone();
    for_unpainted(start, result, painted, |x, y, difference| {
        overlay.put_pixel(x, y, Rgb(false_color(difference / SCALE)));
    });
    overlay
}

fn for_unpainted(start: &RgbImage, result: &RgbImage, painted: &Mask, mut each: impl FnMut(u32, u32, f32)) {
    if start.dimensions() != result.dimensions() || painted.size() != result.dimensions() {
        return;
    }
    for ((x, y, new), old) in result.enumerate_pixels().zip(start.pixels()) {
        if !painted.is_painted(x, y) {
            each(x, y, color_difference(old.0, new.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_painted_drifts() {
        let start = RgbImage::new(10, 10);
        let mut result = start.clone();
        result.put_pixel(2, 2, Rgb([255; 3]));
        let painted = |x, y| Mask::from_fn(10, 10, move |px, py| (px, py) == (x, y));
        assert_eq!(drift(&start, &result, &painted(2, 2)), Some(0.0));
        let one = drift(&start, &result, &painted(5, 5)).expect("a number");
        assert!((one - 100.0 / 99.0).abs() < 1e-3, "{one}");
        let overlay = drift_overlay(&start, &result, &painted(5, 5));
        assert_eq!((overlay.get_pixel(2, 2).0, overlay.get_pixel(5, 5).0), (false_color(1.0), [0; 3]));
        assert_eq!(overlay.get_pixel(1, 1).0, false_color(0.0));
        assert_eq!(drift(&start, &result, &Mask::from_fn(10, 10, |_, _| true)), None);
        assert_eq!(drift(&start, &RgbImage::new(3, 3), &painted(0, 0)), None);
        assert_eq!(drift(&start, &result, &Mask::from_fn(3, 3, |_, _| false)), None);
    }
}
