//! From the decoder's logits to coverage in the picture's size.

use image::GrayImage;
use rayon::prelude::*;

use super::fit::EncoderFit;

/// The side of the decoder's mask, which lies over the whole square of the encoder.
pub(super) const MASK_SIDE: usize = 256;

/// Rows that one thread makes at a time.
const ROWS: usize = 32;

/// The pixels where the logit is above 0, with the edge smoothed over one pixel.
///
/// As the original does, the logits are brought to the encoder's square and from there to the picture, both times bilinearly.
/// Its mask is hard; here a pixel is covered by ½ plus the distance to the edge in pixels, which is the logit divided by its slope.
pub(super) fn coverage(logits: &[f32], fit: &EncoderFit) -> GrayImage {
    let (width, height) = (fit.picture.0 as usize, fit.picture.1 as usize);
    let enlarged = Enlarged::new(logits, fit);
    let mut pixels = vec![0_u8; width * height];
    pixels.par_chunks_mut(width * ROWS).enumerate().for_each(|(chunk, pixels)| {
        let first = chunk * ROWS;
        let row = |y: usize| enlarged.row(y.min(height - 1));
        let (mut above, mut here) = (row(first.saturating_sub(1)), row(first));
        for (y, pixels) in pixels.chunks_mut(width).enumerate() {
            let y = first + y;
            let below = row(y + 1);
            let reach = |low: usize, high: usize| (high - low).max(1) as f32;
            let down = reach(y.saturating_sub(1), (y + 1).min(height - 1));
            for (x, pixel) in pixels.iter_mut().enumerate() {
                let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
                let across = (here[right] - here[left]) / reach(left, right);
                let slope = across.hypot((below[x] - above[x]) / down);
                let covered = if slope > 0.0 { 0.5 + here[x] / slope } else { f32::from(u8::from(here[x] > 0.0)) };
                *pixel = (covered.clamp(0.0, 1.0) * 255.0).round() as u8;
            }
            above = here;
            here = below;
        }
    });
    // The vector has one byte for each pixel.
    GrayImage::from_raw(fit.picture.0, fit.picture.1, pixels).unwrap_or_default()
}

/// Logits in the picture's size, row by row.
pub(super) struct Enlarged {
    width: usize,
    /// The decoder's rows in the picture's width, one after the other.
    rows: Vec<f32>,
    down: Vec<Taps>,
}

impl Enlarged {
    pub fn new(logits: &[f32], fit: &EncoderFit) -> Self {
        let across = taps(fit.side, fit.scaled.0 as usize, fit.picture.0 as usize);
        let down = taps(fit.side, fit.scaled.1 as usize, fit.picture.1 as usize);
        let rows = logits.chunks(MASK_SIDE).flat_map(|row| across.iter().map(|taps| taps.sum(|i| row[i]))).collect();
        Self { width: across.len(), rows, down }
    }

    /// A row of the picture.
    pub fn row(&self, y: usize) -> Vec<f32> {
        (0..self.width).map(|x| self.down[y].sum(|i| self.rows[i * self.width + x])).collect()
    }
}

/// The samples that a pixel is made of, and how much each counts.
struct Taps([(usize, f32); 4]);

impl Taps {
    fn sum(&self, sample: impl Fn(usize) -> f32) -> f32 {
        self.0.iter().map(|(i, weight)| sample(*i) * weight).sum()
    }
}

/// One direction: `MASK_SIDE` samples become `side` pixels, of which the first `scaled` become `length` pixels.
fn taps(side: usize, scaled: usize, length: usize) -> Vec<Taps> {
    let of_square = |i: usize| bilinear(i, MASK_SIDE, side, MASK_SIDE);
    (0..length)
        .map(|i| {
            let [(low, low_weight), (high, high_weight)] = bilinear(i, scaled, length, scaled);
            let [a, b] = of_square(low).map(|(at, weight)| (at, weight * low_weight));
            let [c, d] = of_square(high).map(|(at, weight)| (at, weight * high_weight));
            Taps([a, b, c, d])
        })
        .collect()
}

/// The two samples of `count` that pixel `i` lies between when `from` of them become `to` pixels.
fn bilinear(i: usize, from: usize, to: usize, count: usize) -> [(usize, f32); 2] {
    let at = ((i as f64 + 0.5) * (from as f64 / to as f64) - 0.5).max(0.0);
    let low = (at as usize).min(count - 1);
    let part = (at - low as f64) as f32;
    [(low, 1.0 - part), ((low + 1).min(count - 1), part)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_of_a_half_plane_is_smooth_over_one_pixel_and_lies_where_the_logits_change_sign() {
        let logits: Vec<f32> = (0..MASK_SIDE * MASK_SIDE).map(|i| (i % MASK_SIDE) as f32 - 99.75).collect();
        for picture in [(256, 256), (1024, 700), (1500, 2000), (300, 1)] {
            let fit = EncoderFit::new(picture, 1024).expect("pixels");
            let mask = coverage(&logits, &fit);
            assert_eq!(mask.dimensions(), picture);
            // The sample 99.75 lies at 401 of 1024 pixels of the square.
            let edge = 401.0 / f64::from(fit.scaled.0) * f64::from(picture.0);
            for (x, _, pixel) in mask.enumerate_pixels() {
                let covered = (f64::from(x) + 1.0 - edge).clamp(0.0, 1.0) * 255.0;
                assert!((f64::from(pixel.0[0]) - covered).abs() < 12.0, "{picture:?} {x}: {pixel:?} {covered}");
            }
        }
    }

    #[test]
    fn a_mask_of_one_sign_is_empty_or_everything() {
        let fit = EncoderFit::new((70, 33), 1024).expect("pixels");
        let of = |logit: f32| coverage(&[logit; MASK_SIDE * MASK_SIDE], &fit);
        assert!(of(-3.0).pixels().all(|pixel| pixel.0[0] == 0) && of(2.0).pixels().all(|pixel| pixel.0[0] == 255));
    }
}
