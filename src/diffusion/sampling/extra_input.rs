//! What a model is given besides the noisy latent, and the guidance of models that edit pictures.

use candle_core::Tensor;

use super::deep_features::{DeepFeatures, Row};
use super::denoiser::{Denoiser, NoiseLevel, Pass, towards};
use super::prompt_rows::PromptRows;
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

/// How many prompts of an edit model go through the UNet at once after the first pass.
const ROWS: usize = 3;

impl Denoiser<'_> {
    /// The estimate of the clean latent of a model that edits pictures, with guidance by prompts and by the picture
    /// (Brooks et al. 2023): from neither through the picture to both,
    /// `none + image_scale·(picture − none) + Σ weightᵢ·scale·(bothᵢ − picture)`. The first two and the first prompt go
    /// through the UNet in one batch, further prompts three at a time.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks of the UNet, or shapes that do not fit.
    pub(super) fn denoise_edit(
        &self,
        x: &Tensor,
        level: NoiseLevel,
        prompts: &PromptRows,
        (image, image_scale): (&Tensor, f64),
        features: &mut DeepFeatures,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let scaled = (x / (level.sigma * level.sigma + 1.0).sqrt())?;
        let row = |index| prompts.states.narrow(0, index, 1);
        // Each row: its prompt, and whether the picture is shown with it.
        let mut inputs = vec![(row(0)?, image.zeros_like()?), (row(0)?, image.clone())];
        let mut rows = vec![Row::Nothing, Row::Negative];
        for prompt in 1..prompts.states.dim(0)? {
            inputs.push((row(prompt)?, image.clone()));
            rows.push(Row::Prompt(prompt - 1));
        }
        let reuses = features.are_reused_for(&rows);
        let mut clean = Vec::with_capacity(rows.len());
        for (inputs, rows) in inputs.chunks(ROWS).zip(rows.chunks(ROWS)) {
            let (states, pictures): (Vec<_>, Vec<_>) = inputs.iter().map(|(states, picture)| (states, picture)).unzip();
            let latents = Tensor::cat(&vec![&scaled; rows.len()], 0)?;
            let input = Tensor::cat(&[&latents, &Tensor::cat(&pictures, 0)?], 1)?;
            let states = Tensor::cat(&states, 0)?;
            let pass = Pass { latents: &latents, input: &input, level, texts: (&states, None), rows };
            let output = self.evaluate(&pass, features, reuses, watch)?;
            for row in 0..rows.len() {
                clean.push(self.clean(x, &output.narrow(0, row, 1)?, level.sigma)?);
            }
        }
        let [none, picture, both @ ..] = &clean[..] else {
            return Err(Error::Internal("there is no prompt".into()));
        };
        let by_picture = (none + ((picture - none)? * image_scale)?)?;
        towards(&by_picture, picture, both, &prompts.weights, self.cfg_scale)
    }
}
