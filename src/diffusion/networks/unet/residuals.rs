//! What a second network, such as a ControlNet, adds to the UNet's activations.

use candle_core::Tensor;

use crate::engine::Error;

/// Which residuals an evaluation of the UNet takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diffusion) enum ResidualsNeeded {
    /// All of them.
    All,
    /// Those of so many skip connections from the input on, at least one; the middle block does not run.
    FirstSkips(usize),
}

/// Additions to a UNet's skip connections and to its middle block's output, channels-last and of the same
/// shapes; or only to the first skip connections, for an evaluation that reuses what the deep blocks made before.
pub(in crate::diffusion) struct Residuals {
    /// One `[batch, h, w, c]` for each skip connection, from the input on: after the first convolution, then
    /// in each level after each residual block (and its attention) and after the convolution that halves the
    /// size. Stable Diffusion 1.x has twelve.
    pub skips: Vec<Tensor>,
    /// `[batch, h, w, c]`, added to the output of the middle block; `None` where only the first layers run.
    pub middle: Option<Tensor>,
}

impl Residuals {
    /// The sum of two networks' residuals.
    ///
    /// # Errors
    /// Residuals of networks of other shapes.
    pub fn plus(&self, other: &Self) -> Result<Self, Error> {
        let skips = self.skips.iter().zip(&other.skips).map(|(one, other)| one + other);
        let middle = self.middle.as_ref().zip(other.middle.as_ref()).map(|(one, other)| one + other);
        Ok(Self { skips: skips.collect::<candle_core::Result<_>>()?, middle: middle.transpose()? })
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
