//! Keeps what was not painted: outside the mask the latent is held to the start image's at each step (blended latent
//! diffusion, Avrahami, Fried and Lischinski 2022), and the finished picture is blended with the start image.

use candle_core::{Device, Tensor};
use image::RgbImage;

use super::hook::{StepHook, StepInfo};
use crate::engine::{Error, Mask};

/// What all pictures of a job with a mask share.
pub(super) struct Anchor {
    /// How much of the new picture each pixel takes, row by row.
    weights: Vec<f32>,
    /// 1 where a place of the latent reaches a pixel that changes, `[1, 1, h, w]`.
    free: Tensor,
    /// The start image's latent, `[1, c, h, w]`.
    kept: Tensor,
}

impl Anchor {
    /// `kept` is the start image's latent, with `factor` pixels a side for each place.
    pub fn new(mask: &Mask, feather: usize, kept: Tensor, factor: usize, device: &Device) -> Result<Self, Error> {
        let weights = mask.weights(feather);
        let (_, _, height, width) = kept.dims4()?;
        let across = mask.size().0 as usize;
        let mut free = vec![0u8; width * height];
        for (row, y) in weights.chunks_exact(across.max(1)).zip(0..) {
            for (weight, x) in row.iter().zip(0..) {
                if let (true, Some(place)) = (*weight > 0.0, free.get_mut(y / factor * width + x / factor)) {
                    *place = 1;
                }
            }
        }
        let free = Tensor::from_vec(free, (1, 1, height, width), device)?;
        Ok(Self { weights, free, kept })
    }

    /// What holds the latent of one picture, whose noise this is.
    pub fn hold(&self, noise: Tensor) -> HeldLatent<'_> {
        HeldLatent { anchor: self, noise }
    }

    /// Takes each pixel that is kept from the start image, and mixes both at the mask's soft edge.
    pub fn blend(&self, picture: &mut RgbImage, start: &RgbImage) {
        for ((new, old), weight) in picture.pixels_mut().zip(start.pixels()).zip(&self.weights) {
            for (new, old) in new.0.iter_mut().zip(old.0) {
                let (from, to) = (f32::from(old), f32::from(*new));
                *new = (from + (to - from) * weight).round() as u8;
            }
        }
    }
}

/// Holds the latent of one picture outside the mask.
pub(super) struct HeldLatent<'a> {
    anchor: &'a Anchor,
    /// The noise that the picture started with, `[1, c, h, w]`.
    noise: Tensor,
}

impl StepHook for HeldLatent<'_> {
    fn change_latent(&self, step: &StepInfo, latent: Tensor) -> Result<Tensor, Error> {
        let held = (&self.anchor.kept + (&self.noise * step.next)?)?;
        let free = self.anchor.free.broadcast_as(latent.shape())?.contiguous()?;
        Ok(free.where_cond(&latent, &held)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(feather: usize) -> Anchor {
        let kept = Tensor::zeros((1, 4, 8, 8), candle_core::DType::F32, &Device::Cpu).expect("zeros");
        let mask = Mask::from_fn(64, 64, |x, y| x < 9 && y < 8);
        Anchor::new(&mask, feather, kept, 8, &Device::Cpu).expect("an anchor")
    }

    #[test]
    fn places_of_the_latent_are_free_where_a_pixel_changes_and_held_elsewhere() {
        let anchor = anchor(0);
        let ones = Tensor::ones((1, 4, 8, 8), candle_core::DType::F32, &Device::Cpu).expect("ones");
        let step = StepInfo { image: 0, step: 0, steps: 4, sigma: 9.0, next: 0.5 };
        let latent = anchor.hold(ones.clone()).change_latent(&step, (ones * 7.0).expect("sevens")).expect("changes");
        let values: Vec<f32> = latent.flatten_all().and_then(|t| t.to_vec1()).expect("values");
        // Nine pixels reach into the second place.
        for (i, value) in values.iter().enumerate() {
            let is_free = i % 64 == 0 || i % 64 == 1;
            assert_eq!(*value, if is_free { 7.0 } else { 0.5 }, "{i}");
        }
    }

    #[test]
    fn pixels_beyond_the_feather_are_those_of_the_start_image() {
        let start = RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8, y as u8, 7]));
        let mut picture = RgbImage::from_pixel(64, 64, image::Rgb([200; 3]));
        anchor(4).blend(&mut picture, &start);
        assert_eq!(picture.get_pixel(3, 3).0, [200; 3]);
        let edge = picture.get_pixel(10, 3).0;
        assert!(edge[0] > 10 && edge[0] < 200, "{edge:?}");
        for (x, y, pixel) in picture.enumerate_pixels().filter(|(x, y, _)| *x >= 13 || *y >= 12) {
            assert_eq!(pixel, start.get_pixel(x, y), "{x}, {y}");
        }
    }
}
