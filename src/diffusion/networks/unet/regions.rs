//! Regions of a picture that follow prompts of their own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};
use image::GrayImage;

/// How much each position follows the root prompt and each region's, at any resolution.
///
/// A region covers a position by the share `aᵣ` in 0..1, the mean of its mask there (adaptive average pooling). What counts are
/// `mᵣ = aᵣ / max(1, Σ aᵢ)` and, for the root prompt, `m₀ = 1 − Σ mᵣ`, so that all sum to one everywhere.
pub(in crate::diffusion) struct RegionMasks {
    masks: Vec<GrayImage>,
    device: Device,
    /// By height and width.
    shares: Mutex<HashMap<(usize, usize), Shares>>,
}

/// The shares of the root prompt and of each region, each `[1, h·w, 1]`.
type Shares = Arc<Vec<Tensor>>;

impl RegionMasks {
    /// Masks of one size, white where a region covers the picture.
    pub fn new(masks: Vec<GrayImage>, device: &Device) -> Self {
        Self { masks, device: device.clone(), shares: Mutex::default() }
    }

    /// The shares of the root prompt and of each region at this resolution, each `[1, h·w, 1]`.
    ///
    /// # Errors
    /// A device without memory.
    pub fn shares(&self, (height, width): (usize, usize)) -> candle_core::Result<Shares> {
        let mut known = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shares) = known.get(&(height, width)) {
            return Ok(Arc::clone(shares));
        }
        let covered: Vec<Vec<f32>> = self.masks.iter().map(|mask| pooled(mask, height, width)).collect();
        let sums: Vec<f32> = (0..height * width).map(|at| covered.iter().map(|region| region[at]).sum()).collect();
        let of_region = |region: &Vec<f32>| -> Vec<f32> {
            region.iter().zip(&sums).map(|(covered, sum)| covered / sum.max(1.0)).collect()
        };
        let root = sums.iter().map(|sum| 1.0 - sum.min(1.0)).collect();
        let all = std::iter::once(root).chain(covered.iter().map(of_region));
        let tensor = |share: Vec<f32>| Tensor::from_vec(share, (1, height * width, 1), &self.device);
        let shares = Arc::new(all.map(tensor).collect::<candle_core::Result<Vec<_>>>()?);
        known.insert((height, width), Arc::clone(&shares));
        Ok(shares)
    }
}

/// The texts of the regions for the rows of one evaluation, and where they count.
#[derive(Clone)]
pub(in crate::diffusion) struct RegionTexts {
    /// For each region the hidden states of every row, `[rows, tokens, d]`. Those of negative prompts are not looked at.
    pub states: Vec<Tensor>,
    /// How many rows from the first on are of negative prompts, which count everywhere.
    pub negatives: usize,
    /// Where each region counts.
    pub masks: Arc<RegionMasks>,
}

impl RegionTexts {
    /// What every position attends to: `Σ mᵣ·attn(x, cᵣ)`, the root prompt's among them, for the rows behind the negative ones.
    /// `root` is what all rows `[rows, h·w, width]` made of the prompt alone; `attend` gives the same for the rows from
    /// [`RegionTexts::negatives`] on with these states.
    ///
    /// # Errors
    /// Those of `attend`, and shapes that do not fit.
    pub fn mixed<E: From<candle_core::Error>>(
        &self,
        root: &Tensor,
        size: (usize, usize),
        mut attend: impl FnMut(&Tensor) -> Result<Tensor, E>,
    ) -> Result<Tensor, E> {
        let (rows, ..) = root.dims3()?;
        let count = rows - self.negatives;
        if count == 0 {
            return Ok(root.clone());
        }
        let (shares, kind) = (self.masks.shares(size)?, root.dtype());
        let share = |index: usize| shares[index].to_dtype(DType::F32);
        let wide = root.narrow(0, self.negatives, count)?.to_dtype(DType::F32)?;
        let mut sum = wide.broadcast_mul(&share(0)?)?;
        for (index, states) in self.states.iter().enumerate() {
            let region = attend(&states.narrow(0, self.negatives, count)?)?.to_dtype(DType::F32)?;
            sum = (sum + region.broadcast_mul(&share(index + 1)?)?)?;
        }
        let mixed = sum.to_dtype(kind)?;
        if self.negatives == 0 {
            return Ok(mixed);
        }
        Ok(Tensor::cat(&[&root.narrow(0, 0, self.negatives)?, &mixed], 0)?)
    }
}

/// The means of a mask over `height` by `width` areas, in 0..1, row by row: adaptive average pooling, as PyTorch has it.
fn pooled(mask: &GrayImage, height: usize, width: usize) -> Vec<f32> {
    let (w, h) = (mask.width() as usize, mask.height() as usize);
    let range = |at: usize, of: usize, side: usize| at * side / of..((at + 1) * side).div_ceil(of);
    let mut means = Vec::with_capacity(height * width);
    for y in 0..height {
        for x in 0..width {
            let (rows, columns) = (range(y, height, h), range(x, width, w));
            let count = (rows.len() * columns.len()).max(1) as f32;
            let levels = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
            let sum: u32 = levels.map(|(x, y)| u32::from(mask.get_pixel(x as u32, y as u32).0[0])).sum();
            means.push(sum as f32 / (255.0 * count));
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    fn numbers(shares: &[Tensor]) -> Vec<Vec<f32>> {
        shares.iter().map(|share| share.flatten_all().and_then(|t| t.to_vec1()).expect("numbers")).collect()
    }

    #[test]
    fn the_shares_sum_to_one_and_the_root_has_what_is_left() {
        let left = GrayImage::from_fn(8, 4, |x, _| Luma([if x < 4 { 255 } else { 0 }]));
        let half = GrayImage::from_fn(8, 4, |x, _| Luma([if x < 6 { 255 } else { 0 }]));
        let masks = RegionMasks::new(vec![left, half], &Device::Cpu);
        let shares = numbers(&masks.shares((1, 4)).expect("shares"));
        assert_eq!(shares, [[0.0, 0.0, 0.0, 1.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 1.0, 0.0]]);
        let coarse = numbers(&masks.shares((1, 1)).expect("shares"));
        assert_eq!(coarse, [[0.0], [0.4], [0.6]]);
        // Three columns of a picture of eight overlap by a pixel.
        let thirds = numbers(&masks.shares((2, 3)).expect("shares"));
        for at in 0..6 {
            let sum: f32 = thirds.iter().map(|share| share[at]).sum();
            assert!((sum - 1.0).abs() < 1e-6);
        }
    }
}
