//! What a model is given besides the noisy latent, and the guidance of models that edit pictures.

use candle_core::Tensor;

use super::denoiser::Denoiser;
use crate::diffusion::networks::unet::Conditions;
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// What a model is given besides the noisy latent, the same at every step.
#[derive(Clone, Debug)]
pub(in crate::diffusion) enum ExtraInput {
    /// Nothing.
    None,
    /// For an inpainting model: the mask and the latent of the masked picture, `[1, 1 + c, h, w]`.
    Inpainting(Tensor),
    /// For a model that edits pictures.
    Edit {
        /// The latent of the picture, unscaled, `[1, c, h, w]`.
        image: Tensor,
        /// How strongly the picture is followed.
        scale: f64,
    },
}

impl ExtraInput {
    /// The scaled latent `x` `[batch, c, h, w]` with what the model is given besides.
    ///
    /// # Errors
    /// Shapes that do not fit.
    pub fn beside(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::None => Ok(x.clone()),
            Self::Inpainting(more) | Self::Edit { image: more, .. } => {
                let more = Tensor::cat(&vec![more; x.dim(0)?], 0)?;
                Tensor::cat(&[x, &more], 1)
            }
        }
    }
}

impl Denoiser<'_> {
    /// The estimate of the clean latent of a model that edits pictures, with guidance by the prompt and by the picture
    /// (Brooks et al. 2023): from neither through the picture to both,
    /// `none + image_scale·(picture − none) + scale·(both − picture)`. The three go through the UNet in one batch.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks of the UNet, or shapes that do not fit.
    pub(super) fn denoise_edit(
        &self,
        x: &Tensor,
        (sigma, timestep): (f64, f64),
        (image, image_scale): (&Tensor, f64),
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let scaled = (x / (sigma * sigma + 1.0).sqrt())?;
        let latents = Tensor::cat(&[&scaled, &scaled, &scaled], 0)?;
        let (negative, prompt) = (self.states.narrow(0, 0, 1)?, self.states.narrow(0, 1, 1)?);
        let states = Tensor::cat(&[&negative, &negative, &prompt], 0)?;
        let pictures = Tensor::cat(&[&image.zeros_like()?, image, image], 0)?;
        let alone = Conditions { timestep, states: &states, cfg_scale: self.cfg_scale, residuals: None };
        let residuals = self.control.map(|control| control.residuals(&latents, &alone, 2, watch)).transpose()?;
        let conditions = Conditions { residuals: residuals.as_ref(), ..alone };
        let output = self.unet.forward(&Tensor::cat(&[&latents, &pictures], 1)?, &conditions, watch)?;
        let clean = |place| self.clean(x, &output.narrow(0, place, 1)?, sigma);
        let (none, picture, both) = (clean(0)?, clean(1)?, clean(2)?);
        let by_picture = ((&picture - &none)? * image_scale)?;
        let by_prompt = ((both - picture)? * self.cfg_scale)?;
        Ok(((none + by_picture)? + by_prompt)?)
    }
}
