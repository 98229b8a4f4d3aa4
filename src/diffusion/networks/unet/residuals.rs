//! What a second network, such as a ControlNet, adds to the UNet's activations.

use candle_core::Tensor;

use crate::engine::Error;

/// Additions to a UNet's skip connections and to its middle block's output, channels-last and of the same
/// shapes.
pub(in crate::diffusion) struct Residuals {
    /// One `[batch, h, w, c]` for each skip connection, from the input on: after the first convolution, then
    /// in each level after each residual block (and its attention) and after the convolution that halves the
    /// size. Stable Diffusion 1.x has twelve.
    pub skips: Vec<Tensor>,
    /// `[batch, h, w, c]`, added to the output of the middle block.
    pub middle: Tensor,
}

impl Residuals {
    /// The sum of two networks' residuals.
    ///
    /// # Errors
    /// Residuals of networks of other shapes.
    pub fn plus(&self, other: &Self) -> Result<Self, Error> {
        let skips = self.skips.iter().zip(&other.skips).map(|(one, other)| one + other);
        Ok(Self { skips: skips.collect::<candle_core::Result<_>>()?, middle: (&self.middle + &other.middle)? })
    }

    /// Adds the skip connections' part.
    ///
    /// # Errors
    /// Another number of skip connections, or other shapes, than the UNet has.
    pub(super) fn add_to_skips(&self, skips: &mut [Tensor]) -> Result<(), Error> {
        if skips.len() != self.skips.len() {
            return Err(Error::Tensor(format!(
                "a control network has {} residuals and the UNet {} skip connections",
                self.skips.len(),
                skips.len()
            )));
        }
        for (skip, residual) in skips.iter_mut().zip(&self.skips) {
            *skip = (&*skip + residual)?;
        }
        Ok(())
    }
}
