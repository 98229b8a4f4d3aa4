//! Prompts to conditioning: the text encoder's states of every chunk, with emphasis.

use std::collections::HashMap;

use candle_core::{Device, Tensor};

use crate::diffusion::files::embedding::Embedding;
use crate::diffusion::text::encoder::TextEncoder;
use crate::diffusion::text::prompt::{Piece, parse};
use crate::diffusion::text::tokens::{Chunk, Tokens};
use crate::diffusion::watch::Watch;
use crate::engine::{Emphasis, Error};

/// What turns a model's prompts into conditioning.
pub(in crate::diffusion) struct PromptEncoder<'a> {
    pub tokens: &'a Tokens,
    pub text: &'a TextEncoder,
    pub device: &'a Device,
    /// How many of the text encoder's last layers are left out.
    pub skip: usize,
    /// The textual inversions that prompts may name.
    pub embeddings: &'a [Embedding],
    /// What emphasis does.
    pub emphasis: Emphasis,
}

impl PromptEncoder<'_> {
    /// Conditioning `[prompts, 77·chunks, d]`; shorter prompts are filled up with empty chunks.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between chunks, or a prompt that cannot be split into tokens.
    pub fn encode(&self, prompts: &[&str], watch: &Watch) -> Result<Tensor, Error> {
        self.encode_each(prompts.iter().copied(), watch)?.rows(prompts)
    }

    /// The states of every text, each computed once.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between chunks, or a text that cannot be split into tokens.
    pub fn encode_each<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t str>,
        watch: &Watch,
    ) -> Result<EncodedTexts, Error> {
        let mut encoded = EncodedTexts::default();
        for text in texts {
            if encoded.states.contains_key(text) {
                continue;
            }
            let chunks = self.tokens.encode_pieces(self.pieces(text), self.embeddings)?;
            let states = chunks.iter().map(|chunk| self.states(chunk, watch)).collect::<Result<Vec<_>, _>>()?;
            encoded.states.insert(text.to_owned(), Tensor::cat(&states, 1)?);
        }
        let lengths = || encoded.states.values().map(|states| states.dims()[1]);
        if lengths().min() != lengths().max() {
            encoded.empty = Some(self.states(&self.tokens.empty(), watch)?);
        }
        Ok(encoded)
    }

    /// The pieces of a text.
    fn pieces(&self, text: &str) -> Vec<Piece> {
        let mut pieces = match self.emphasis {
            Emphasis::None => return vec![Piece::Words(text.into(), 1.0)],
            _ => parse(text),
        };
        if self.emphasis == Emphasis::Ignore {
            for piece in &mut pieces {
                if let Piece::Words(_, weight) = piece {
                    *weight = 1.0;
                }
            }
        }
        pieces
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
        if self.emphasis == Emphasis::NoNorm {
            return Ok(scaled);
        }
        let (before, after) = (mean(&states)?, mean(&scaled)?);
        let back = f64::from(before) / f64::from(after);
        Ok(if back.is_finite() { (scaled * back)? } else { scaled })
    }
}

/// The states of texts that were encoded.
#[derive(Debug, Default)]
pub(in crate::diffusion) struct EncodedTexts {
    /// `[1, 77·chunks, d]` for each text.
    states: HashMap<String, Tensor>,
    /// The states of a chunk without words, `[1, 77, d]`, where texts differ in length.
    empty: Option<Tensor>,
}

impl EncodedTexts {
    /// The states of these texts, `[texts, 77·chunks, d]`; shorter ones are filled up with empty chunks.
    ///
    /// # Errors
    /// A text that was not encoded.
    pub fn rows(&self, texts: &[&str]) -> Result<Tensor, Error> {
        let missing = || Error::Internal("a prompt was not encoded".into());
        let found =
            texts.iter().map(|text| self.states.get(*text).ok_or_else(missing)).collect::<Result<Vec<_>, _>>()?;
        let longest = found.iter().map(|states| states.dims()[1]).max().unwrap_or(0);
        let mut rows = Vec::with_capacity(found.len());
        for states in found {
            let (mut row, mut length) = (vec![states], states.dims()[1]);
            while length < longest {
                let empty = self.empty.as_ref().ok_or_else(missing)?;
                row.push(empty);
                length += empty.dims()[1];
            }
            rows.push(Tensor::cat(&row, 1)?);
        }
        Ok(Tensor::cat(&rows, 0)?)
    }
}
