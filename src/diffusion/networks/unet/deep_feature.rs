//! What the UNet's deep blocks made, kept to be used again.

use candle_core::{Result, Tensor};

/// The feature `[batch, h, w, c]` at the full size of the latent that all but the outermost layers of a UNet lead to.
#[derive(Clone, Debug)]
pub(in crate::diffusion) struct DeepFeature(pub(super) Tensor);

impl DeepFeature {
    /// The feature of one latent of the batch, `[1, h, w, c]`.
    ///
    /// # Errors
    /// A batch without this row.
    pub fn row(&self, row: usize) -> Result<Self> {
        Ok(Self(self.0.narrow(0, row, 1)?))
    }

    /// The features of several latents as those of one batch.
    ///
    /// # Errors
    /// No features, or features of different shapes.
    pub fn batch(features: &[&Self]) -> Result<Self> {
        let tensors: Vec<&Tensor> = features.iter().map(|feature| &feature.0).collect();
        Ok(Self(Tensor::cat(&tensors, 0)?))
    }
}
