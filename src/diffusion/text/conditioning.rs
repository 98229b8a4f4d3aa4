//! Prompts to conditioning: the text encoder's states of every chunk, with emphasis.

use candle_core::{Device, Tensor};

use crate::diffusion::files::embedding::Embedding;
use crate::diffusion::text::encoder::TextEncoder;
use crate::diffusion::text::tokens::{Chunk, Tokens};
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// What turns a model's prompts into conditioning.
pub(in crate::diffusion) struct PromptEncoder<'a> {
    pub tokens: &'a Tokens,
    pub text: &'a TextEncoder,
    pub device: &'a Device,
    /// How many of the text encoder's last layers are left out.
    pub skip: usize,
    /// The textual inversions that prompts may name.
    pub embeddings: &'a [Embedding],
}

impl PromptEncoder<'_> {
    /// Conditioning `[prompts, 77·chunks, d]`; shorter prompts are filled up with empty chunks.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between chunks, or a prompt that cannot be split into tokens.
    pub fn encode(&self, prompts: &[&str], watch: &Watch) -> Result<Tensor, Error> {
        let mut chunks =
            prompts.iter().map(|p| self.tokens.encode(p, self.embeddings)).collect::<Result<Vec<_>, _>>()?;
        let longest = chunks.iter().map(Vec::len).max().unwrap_or(1);
        let mut rows = Vec::new();
        for chunks in &mut chunks {
            chunks.resize(longest, self.tokens.empty());
            let states = chunks.iter().map(|chunk| self.states(chunk, watch)).collect::<Result<Vec<_>, _>>()?;
            rows.push(Tensor::cat(&states, 1)?);
        }
        Ok(Tensor::cat(&rows, 0)?)
    }

    /// Hidden states `[1, 77, d]` of a chunk. Emphasis scales a token's state; then all are scaled so that
    /// their mean is what it was, as AUTOMATIC1111 does.
    fn states(&self, chunk: &Chunk, watch: &Watch) -> Result<Tensor, Error> {
        watch.check()?;
        let states = self.text.forward(&chunk.ids, &chunk.inserted, self.skip, self.device)?;
        if chunk.is_even() {
            return Ok(states);
        }
        let mean = |t: &Tensor| t.mean_all()?.to_scalar::<f32>();
        let weights = Tensor::from_slice(&chunk.weights, (1, chunk.weights.len(), 1), self.device)?;
        let scaled = states.broadcast_mul(&weights)?;
        let (before, after) = (mean(&states)?, mean(&scaled)?);
        let back = f64::from(before) / f64::from(after);
        Ok(if back.is_finite() { (scaled * back)? } else { scaled })
    }
}
