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
/// shapes, and to its way down. An adapter has only the last, a ControlNet only the others, and only those of the first
/// skip connections for an evaluation that reuses what the deep blocks made before.
#[derive(Default)]
pub(in crate::diffusion) struct Residuals {
    /// One `[batch, h, w, c]` for each skip connection, from the input on: after the first convolution, then
    /// in each level after each residual block (and its attention) and after the convolution that halves the
    /// size. Stable Diffusion 1.x has twelve. Empty where nothing is added to them.
    pub skips: Vec<Tensor>,
    /// `[batch, h, w, c]`, added to the output of the middle block; `None` where only the first layers run.
    pub middle: Option<Tensor>,
    /// `[batch, h, w, c]` for each level from the top, added after its last block on the way down, so that the skip
    /// connection and all that follows have it. Empty where nothing is added.
    pub levels: Vec<Tensor>,
}

impl Residuals {
    /// The sum of two networks' residuals.
    ///
    /// # Errors
    /// Residuals of networks of other shapes.
    pub fn plus(&self, other: &Self) -> Result<Self, Error> {
        let sum = |one: &[Tensor], other: &[Tensor]| -> candle_core::Result<Vec<Tensor>> {
            match (one, other) {
                ([], only) | (only, []) => Ok(only.to_vec()),
                (one, other) => one.iter().zip(other).map(|(one, other)| one + other).collect(),
            }
        };
        let middle = match (&self.middle, &other.middle) {
            (Some(one), Some(other)) => Some((one + other)?),
            (one, other) => one.as_ref().or(other.as_ref()).cloned(),
        };
        Ok(Self { skips: sum(&self.skips, &other.skips)?, middle, levels: sum(&self.levels, &other.levels)? })
    }

    /// Adds the skip connections' part.
    ///
    /// # Errors
    /// Another number of skip connections, or other shapes, than the UNet has.
    pub(super) fn add_to_skips(&self, skips: &mut [Tensor]) -> Result<(), Error> {
        if self.skips.is_empty() {
            return Ok(());
        }
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
