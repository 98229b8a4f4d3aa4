//! The prompts that one evaluation of the model follows, as rows of hidden states.

use candle_core::Tensor;

/// The prompts that one evaluation of the model follows.
#[derive(Clone, Debug)]
pub(in crate::diffusion) struct PromptRows {
    /// `[rows, tokens, d]`: the negative prompt where there is one, then the prompts.
    pub states: Tensor,
    /// Whether the first row is the negative prompt, towards which there is guidance.
    pub with_negative: bool,
    /// What the guidance of each prompt is multiplied by; one for each prompt.
    pub weights: Vec<f64>,
}

impl PromptRows {
    /// One prompt and, where `with_negative`, a negative prompt before it.
    #[cfg(test)]
    pub fn plain(states: Tensor, with_negative: bool) -> Self {
        Self { states, with_negative, weights: vec![1.0] }
    }

    /// Without the negative prompt.
    ///
    /// # Errors
    /// Shapes that do not fit.
    pub fn without_negative(&self) -> candle_core::Result<Self> {
        if !self.with_negative {
            return Ok(self.clone());
        }
        let states = self.states.narrow(0, 1, self.weights.len())?;
        Ok(Self { states, with_negative: false, weights: self.weights.clone() })
    }
}
