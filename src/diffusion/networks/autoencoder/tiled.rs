//! The autoencoder in tiles, which are strips of rows: the same numbers to the bit in a fraction of the memory.
//!
//! Only levels that are larger than a strip are divided. Between its residual blocks the picture is kept once;
//! what a doubling or the first convolution makes is computed again wherever it is read.

use candle_core::Tensor;

use super::{Autoencoder, Decoder, Encoder};
use crate::diffusion::networks::layers::{StripSize, StripSource, Strips, to_channels_first, to_channels_last};
use crate::diffusion::watch::Watch;
use crate::engine::Error;

impl Autoencoder {
    /// As [`Autoencoder::encode`], in tiles.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two tiles of a block, or shapes that do not fit.
    pub fn encode_tiled(&self, image: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        one_by_one(image, |image| {
            let moments = self.encoder.forward_tiled(&to_channels_last(image)?, size, watch)?;
            self.mean_of(moments, watch)
        })
    }

    /// As [`Autoencoder::decode`], in tiles.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two tiles of a block, or shapes that do not fit.
    pub fn decode_tiled(&self, latent: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        one_by_one(latent, |latent| {
            let x = self.unscaled(latent, watch)?;
            Ok(to_channels_first(&self.decoder.forward_tiled(&x, size, watch)?)?)
        })
    }
}

/// Each picture of a batch alone, put together again.
fn one_by_one(batch: &Tensor, one: impl Fn(&Tensor) -> Result<Tensor, Error>) -> Result<Tensor, Error> {
    let images = (0..batch.dim(0)?).map(|i| one(&batch.narrow(0, i, 1)?)).collect::<Result<Vec<_>, _>>()?;
    if let [only] = &images[..] { Ok(only.clone()) } else { Ok(Tensor::cat(&images, 0)?) }
}

impl Encoder {
    fn forward_tiled(&self, image: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        let mut x = StripSource::Convolved(&self.conv_in, Strips::whole(image.clone())?, self.first_width);
        for (resnets, shrink) in &self.levels {
            for resnet in resnets {
                x = StripSource::Kept(resnet.forward_in_strips(x, size, watch)?);
            }
            if let Some(shrink) = shrink {
                x = StripSource::Kept(x.halved(shrink, size, watch)?);
            }
        }
        let x = self.mid.forward(&x.join(watch)?, watch)?;
        StripSource::Kept(Strips::whole(x)?).norm_and_conv(&self.norm_out, &self.conv_out, size, watch)
    }
}

impl Decoder {
    fn forward_tiled(&self, latent: &Tensor, size: StripSize, watch: &Watch) -> Result<Tensor, Error> {
        let mut x = Strips::whole(self.mid.forward(&self.conv_in.forward(latent, watch)?, watch)?)?;
        let mut grown = None;
        for (resnets, grow) in &self.levels {
            for resnet in resnets {
                let source = match grown.take() {
                    Some(grow) => StripSource::Doubled(grow, x),
                    None => StripSource::Kept(x),
                };
                x = resnet.forward_in_strips(source, size, watch)?;
            }
            grown = grow.as_ref();
        }
        StripSource::Kept(x).norm_and_conv(&self.norm_out, &self.conv_out, size, watch)
    }
}
