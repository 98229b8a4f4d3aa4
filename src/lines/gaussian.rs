//! A Gaussian blur with the kernel and the border of OpenCV's.

use rayon::prelude::*;

/// The values of a picture of `width` by `height` pixels, blurred with this standard deviation in pixels. As in OpenCV on
/// 32-bit floats, the kernel reaches four standard deviations to each side, and beyond a border the picture is mirrored
/// about its outermost pixels.
pub(super) fn blurred(values: &[f32], (width, height): (usize, usize), sigma: f32) -> Vec<f32> {
    if values.is_empty() {
        return Vec::new();
    }
    let kernel = kernel(sigma);
    let radius = kernel.len() / 2;
    let columns: Vec<usize> = mirrored(width, radius);
    let rows: Vec<usize> = mirrored(height, radius);
    let mut across = vec![0.0; values.len()];
    across.par_chunks_mut(width).zip(values.par_chunks(width)).for_each(|(to, from)| {
        let padded: Vec<f32> = columns.iter().map(|at| from[*at]).collect();
        for (to, window) in to.iter_mut().zip(padded.windows(kernel.len())) {
            *to = window.iter().zip(&kernel).map(|(value, weight)| value * weight).sum();
        }
    });
    let mut both = vec![0.0; values.len()];
    both.par_chunks_mut(width).enumerate().for_each(|(y, to)| {
        for (row, weight) in rows[y..y + kernel.len()].iter().zip(&kernel) {
            let from = &across[row * width..(row + 1) * width];
            to.iter_mut().zip(from).for_each(|(to, value)| *to += value * weight);
        }
    });
    both
}

/// `exp(−x²/2σ²)` at whole numbers, with sum 1.
fn kernel(sigma: f32) -> Vec<f32> {
    let size = (f64::from(sigma) * 8.0 + 1.0).round_ties_even() as usize | 1;
    let middle = (size / 2) as f64;
    let weight = |at: usize| (-(at as f64 - middle).powi(2) / (2.0 * f64::from(sigma).powi(2))).exp();
    let sum: f64 = (0..size).map(weight).sum();
    (0..size).map(|at| (weight(at) / sum) as f32).collect()
}

/// The places `-radius..length + radius` as places inside: `… 2 1 | 0 1 2 … | …`.
fn mirrored(length: usize, radius: usize) -> Vec<usize> {
    let period = 2 * (length as isize - 1);
    let inside = |at: isize| {
        if period == 0 {
            return 0;
        }
        let at = at.rem_euclid(period);
        at.min(period - at) as usize
    };
    (-(radius as isize)..(length + radius) as isize).map(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_are_mirrored_about_the_last_pixel() {
        assert_eq!(mirrored(4, 3), [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(mirrored(1, 2), [0; 5]);
        assert_eq!(mirrored(2, 3), [1, 0, 1, 0, 1, 0, 1, 0]);
    }

    #[test]
    fn an_even_picture_stays_as_it_is() {
        assert!(blurred(&[40.0; 30], (6, 5), 6.0).iter().all(|value| (value - 40.0).abs() < 1e-3));
        assert_eq!([0.5, 5.0, 6.0].map(|sigma| kernel(sigma).len()), [5, 41, 49]);
    }
}
