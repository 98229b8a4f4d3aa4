//! The prompts that one evaluation of the model follows, as rows of hidden states.

use std::sync::Arc;

use candle_core::Tensor;

use crate::diffusion::networks::unet::{RegionMasks, RegionTexts};

/// The prompts that one evaluation of the model follows.
#[derive(Clone, Debug)]
pub(in crate::diffusion) struct PromptRows {
    /// `[rows, tokens, d]`: the negative prompt where there is one, then the prompts.
    pub states: Tensor,
    /// Whether the first row is the negative prompt, towards which there is guidance.
    pub with_negative: bool,
    /// What the guidance of each prompt is multiplied by; one for each prompt.
    pub weights: Vec<f64>,
    /// The texts of the regions, where there are any.
    pub regions: Option<RegionRows>,
}

/// The texts of regions, as rows of hidden states.
#[derive(Clone)]
pub(in crate::diffusion) struct RegionRows {
    /// `[rows, tokens, d]` for each region, with the rows of [`PromptRows::states`].
    pub states: Vec<Tensor>,
    /// Where each of them counts.
    pub masks: Arc<RegionMasks>,
}

impl RegionRows {
    /// Those of so many rows from one on, of which the first `negatives` are of negative prompts.
    ///
    /// # Errors
    /// Fewer rows than that.
    pub fn texts(&self, from: usize, count: usize, negatives: usize) -> candle_core::Result<RegionTexts> {
        let states = self.states.iter().map(|states| states.narrow(0, from, count)).collect::<Result<_, _>>()?;
        Ok(RegionTexts { states, negatives, masks: Arc::clone(&self.masks) })
    }
}

impl std::fmt::Debug for RegionRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegionRows of {} regions", self.states.len())
    }
}

impl PromptRows {
    /// One prompt and, where `with_negative`, a negative prompt before it.
    #[cfg(test)]
    pub fn plain(states: Tensor, with_negative: bool) -> Self {
        Self { states, with_negative, weights: vec![1.0], regions: None }
    }

    /// Without the negative prompt.
    ///
    /// # Errors
    /// Shapes that do not fit.
    pub fn without_negative(&self) -> candle_core::Result<Self> {
        if !self.with_negative {
            return Ok(self.clone());
        }
        let count = self.weights.len();
        let states = self.states.narrow(0, 1, count)?;
        let regions = match &self.regions {
            Some(regions) => {
                let states =
                    regions.states.iter().map(|states| states.narrow(0, 1, count)).collect::<Result<_, _>>()?;
                Some(RegionRows { states, masks: Arc::clone(&regions.masks) })
            }
            None => None,
        };
        Ok(Self { states, with_negative: false, weights: self.weights.clone(), regions })
    }
}
