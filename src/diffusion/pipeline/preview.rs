//! Cheap previews: a linear map from latent channels to colours, fitted to the model.
//!
//! When a model is loaded, a small colour chart is encoded, and least squares give the map that best turns
//! its latents back into its colours. That works for any autoencoder, without tables.

use candle_core::{Device, Tensor};
use image::imageops::{self, FilterType};
use image::{Rgb, Rgb32FImage, RgbImage};

use crate::diffusion::networks::vae::Vae;
use crate::diffusion::sampling::linear_system::solve;
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// Latent positions along one side of the chart.
const CHART: usize = 16;

/// How many pixels of a preview a latent position becomes at most in each direction. Enlarged by the graphics card alone, which
/// interpolates between two neighbours, a preview would show a pattern of squares.
const ENLARGED: u32 = 4;

#[derive(Clone, Debug)]
pub(in crate::diffusion) struct Preview {
    /// One row for each of red, green, blue: a weight per channel, then a constant.
    rows: [Vec<f64>; 3],
    /// How many pixels a latent position becomes in each direction; not more than it becomes in the picture.
    enlarged: u32,
}

impl Preview {
    /// Fits the map to an autoencoder.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or an autoencoder that fails on the chart.
    pub fn fit(vae: &Vae, device: &Device, watch: &Watch) -> Result<Self, Error> {
        let factor = vae.factor;
        let side = CHART * factor;
        let plane = |channel: usize| {
            (0..side * side).map(move |i| {
                let (x, y) = ((i % side) / factor, (i / side) / factor);
                chart_color(x, y)[channel]
            })
        };
        let values: Vec<f32> = (0..3).flat_map(plane).collect();
        let image = Tensor::from_vec(values, (1, 3, side, side), device)?;
        let latent = vae.encode(&image, watch)?.squeeze(0)?;
        let channels = latent.dim(0)?;
        let latent: Vec<f32> = latent.flatten_all()?.to_vec1()?;
        let size = channels + 1;
        let mut normal = vec![vec![0.0; size]; size];
        let mut targets = [vec![0.0; size], vec![0.0; size], vec![0.0; size]];
        for position in 0..CHART * CHART {
            let inputs: Vec<f64> =
                (0..channels).map(|c| f64::from(latent[c * CHART * CHART + position])).chain([1.0]).collect();
            let color = chart_color(position % CHART, position / CHART);
            for i in 0..size {
                for j in 0..size {
                    normal[i][j] += inputs[i] * inputs[j];
                }
                for (target, value) in targets.iter_mut().zip(color) {
                    target[i] += inputs[i] * f64::from(value);
                }
            }
        }
        for (i, row) in normal.iter_mut().enumerate() {
            row[i] += 1e-3; // keeps the weights of channels that the chart does not change finite
        }
        let rows = targets.map(|target| solve(normal.clone(), target));
        Ok(Self { rows, enlarged: ENLARGED.min(factor as u32).max(1) })
    }

    /// A latent `[1, c, h, w]` as a picture of up to four times `w` by `h` pixels, smooth between latent positions.
    pub fn draw(&self, latent: &Tensor) -> Result<RgbImage, Error> {
        let (_, channels, h, w) = latent.dims4()?;
        let values: Vec<f32> = latent.flatten_all()?.to_vec1()?;
        let colors = Rgb32FImage::from_fn(w as u32, h as u32, |x, y| {
            let at = y as usize * w + x as usize;
            Rgb([0, 1, 2].map(|rgb| {
                let row = &self.rows[rgb];
                let sum: f64 = (0..channels).map(|c| row[c] * f64::from(values[c * h * w + at])).sum();
                ((sum + row[channels] + 1.0) * 0.5).clamp(0.0, 1.0) as f32
            }))
        });
        let smooth =
            imageops::resize(&colors, w as u32 * self.enlarged, h as u32 * self.enlarged, FilterType::CatmullRom);
        Ok(RgbImage::from_fn(smooth.width(), smooth.height(), |x, y| {
            Rgb(smooth.get_pixel(x, y).0.map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8))
        }))
    }
}

/// The chart's colour in -1..1 at a latent position: all 64 colours of a 4×4×4 cube, 2×2 positions each.
fn chart_color(x: usize, y: usize) -> [f32; 3] {
    let index = (y / 2) * (CHART / 2) + x / 2;
    [index % 4, index / 4 % 4, index / 16 % 4].map(|level| level as f32 / 1.5 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_smooth_between_latent_positions() {
        let rows = [0, 1, 2].map(|rgb| (0..4).map(|at| if at == rgb { 1.0 } else { 0.0 }).collect());
        let preview = Preview { rows, enlarged: ENLARGED };
        // Black at the left, white at the right.
        let row = [-1.0_f32, -1.0, 1.0, 1.0];
        let values: Vec<f32> = (0..3 * 4).flat_map(|_| row).collect();
        let latent = Tensor::from_vec(values, (1, 3, 4, 4), &Device::Cpu).expect("a tensor");
        let picture = preview.draw(&latent).expect("draws");
        assert_eq!(picture.dimensions(), (4 * ENLARGED, 4 * ENLARGED));
        let shades: Vec<u8> = (0..16).map(|x| picture.get_pixel(x, 8).0[0]).collect();
        assert_eq!((shades[0], shades[15]), (0, 255), "{shades:?}");
        let steps = shades.windows(2).map(|two| i32::from(two[1]) - i32::from(two[0]));
        assert!(steps.clone().all(|step| (0..100).contains(&step)), "{shades:?}");
        assert!(steps.filter(|step| *step > 0).count() >= 4, "{shades:?}");
    }
}
