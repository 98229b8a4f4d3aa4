//! The tiny autoencoder in tiles, which are strips of rows: the same numbers to the bit in less memory. Only its
//! layers at full size are divided; below, four times fewer pixels are kept.

use candle_core::Tensor;

use super::{MAGNITUDE, TinyAutoencoder, TinyLayer, run};
use crate::diffusion::networks::layers::{StripSize, to_channels_first, to_channels_last};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::WINOGRAD_ROWS;

/// About as many numbers as a pixel has between the layers at full size.
const CHANNELS: usize = 64;

impl TinyAutoencoder {
    /// As [`TinyAutoencoder::encode`], in tiles.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two layers, or shapes that do not fit.
    pub fn encode_tiled(&self, image: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        let (full, below) = self.encoder.split_at(self.at_full_size);
        if full.is_empty() {
            return self.encode(image, watch);
        }
        let image = to_channels_last(&((image + 1.0)? / 2.0)?)?;
        let (height, width) = (image.dim(1)?, image.dim(2)?);
        if height % 2 == 1 {
            return Err(Error::Tensor(format!("a picture of {height} rows cannot be halved")));
        }
        let margin = reach(full);
        let rows = size.rows(width, CHANNELS);
        let halves = in_strips(height, rows, margin, |(from, to), (first, last)| {
            let made = run(full, image.narrow(1, from, to - from)?, watch)?;
            Ok(made.narrow(1, (first - from) / 2, (last - first) / 2)?)
        })?;
        Ok((to_channels_first(&run(below, halves, watch)?)? * self.scale)?)
    }

    /// As [`TinyAutoencoder::decode`], in tiles.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two layers, or shapes that do not fit.
    pub fn decode_tiled(&self, latent: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        let (below, full) = self.decoder.split_at(self.below_full_size);
        if full.is_empty() {
            return self.decode(latent, watch);
        }
        let bounded = ((latent / (self.scale * MAGNITUDE))?.tanh()? * MAGNITUDE)?;
        let halves = run(below, to_channels_last(&bounded)?, watch)?;
        let (height, width) = (halves.dim(1)?, halves.dim(2)?);
        let rows = size.rows(2 * width, CHANNELS).div_ceil(2).next_multiple_of(WINOGRAD_ROWS);
        let image = in_strips(height, rows, reach(full), |(from, to), (first, last)| {
            let made = run(full, halves.narrow(1, from, to - from)?, watch)?;
            Ok(made.narrow(1, 2 * (first - from), 2 * (last - first))?)
        })?;
        Ok(((to_channels_first(&image)? * 2.0)? - 1.0)?)
    }
}

/// How many rows beyond its own a row depends on at most, rounded up to whole blocks of Winograd's convolution.
fn reach(layers: &[TinyLayer]) -> usize {
    let convs = layers.iter().map(|layer| match layer {
        TinyLayer::Conv(_) => 1,
        TinyLayer::Relu => 0,
        TinyLayer::TinyBlock(_) => 3,
    });
    (convs.sum::<usize>() + 1).next_multiple_of(WINOGRAD_ROWS)
}

/// Puts together what `make` makes of strips of rows. It is given the rows to work on, with `margin` more on either
/// side, and those of them whose result is wanted.
fn in_strips(
    height: usize,
    rows: usize,
    margin: usize,
    make: impl Fn((usize, usize), (usize, usize)) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    let mut strips = Vec::new();
    for first in (0..height).step_by(rows.max(1)) {
        let last = (first + rows).min(height);
        let around = (first.saturating_sub(margin), (last + margin).min(height));
        // A copy, so that the rows around it are not kept.
        strips.push(make(around, (first, last))?.force_contiguous()?);
    }
    Ok(Tensor::cat(&strips, 1)?)
}
