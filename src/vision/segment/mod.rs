//! Select by click: Segment Anything (Kirillov et al. 2023) with MobileSAM's encoder (Zhang et al. 2023).
//!
//! A picture is embedded once, which takes most of the time; then each set of clicks is answered from the
//! [`Embedding`] with a mask. The mask decoder is that of `candle-transformers`, which approximates GELU by tanh where the original has
//! the exact function; the tests compare with both. Its prompt encoder joins the two corners of a box along the wrong dimension, and
//! its encoder is slow, so `prompts.rs` and `encoder.rs` are our own.

mod encoder;
mod fit;
mod mask;
mod prompts;
mod rows;
#[cfg(test)]
mod tests;

use std::path::Path;

use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::segment_anything::mask_decoder::MaskDecoder;
use image::{GrayImage, RgbImage};

use super::weights;
use crate::diffusion::{WeightFile, segmenter_refusal};
use crate::engine::{Cancel, Error};
use crate::kernels::memory::release;
use encoder::Encoder;
use fit::EncoderFit;
use prompts::PromptEncoder;
pub use prompts::{ObjectPrompt, PromptBox, PromptPoint};

/// What the file of weights is called in messages.
const NETWORK: &str = "MobileSAM";

/// Numbers in each vector of the embedding.
const WIDTH: usize = 256;

/// The side of the square picture that the encoder gets, in pixels.
const ENCODER_SIDE: usize = 1024;

/// The side of the embedding, in vectors.
const GRID: usize = 64;

/// A loaded Segment Anything network.
pub struct Segmenter {
    encoder: Encoder,
    prompts: PromptEncoder,
    decoder: MaskDecoder,
}

/// What the network knows of one picture; [`Segmenter::select`] answers from it.
pub struct Embedding {
    /// `[1, 256, 64, 64]`.
    vectors: Tensor,
    fit: EncoderFit,
}

impl Embedding {
    /// Width and height of the picture in pixels.
    pub fn picture_size(&self) -> (u32, u32) {
        self.fit.picture
    }
}

impl Segmenter {
    /// Loads MobileSAM's weights from a safetensors file, or from a PyTorch file, which is never executed.
    ///
    /// # Errors
    /// A file that is missing, damaged or not MobileSAM's, or [`Error::Cancelled`].
    pub fn load(path: &Path, cancel: &Cancel) -> Result<Self, Error> {
        if !path.is_file() {
            return Err(Error::File(format!(
                "There is no model to select with at {}. Choose the file of MobileSAM, or fetch it: underpaint models fetch \
                 mobile-sam.",
                path.display()
            )));
        }
        let file = WeightFile::open(path)?;
        if let Some(reason) = segmenter_refusal(&|name| file.has(name)) {
            return Err(Error::File(format!("{} {reason}.", path.display())));
        }
        weights::build(path, file, NETWORK, cancel, Self::new)
    }

    fn new(vb: VarBuilder<'_>) -> candle_core::Result<Self> {
        Ok(Self {
            encoder: Encoder::new(&vb.pp("image_encoder"))?,
            prompts: PromptEncoder::new(WIDTH, GRID, ENCODER_SIDE, &vb.pp("prompt_encoder"))?,
            decoder: MaskDecoder::new(WIDTH, 3, 3, WIDTH, vb.pp("mask_decoder"))?,
        })
    }

    /// Looks at a picture, once for all clicks on it. The time does not depend on the size of the picture.
    ///
    /// # Errors
    /// A picture without pixels, or [`Error::Cancelled`].
    pub fn embed(&self, picture: &RgbImage, cancel: &Cancel) -> Result<Embedding, Error> {
        let fit = EncoderFit::new(picture.dimensions(), ENCODER_SIDE)
            .ok_or_else(|| Error::Setting("The picture has no pixels; choose another one.".into()))?;
        cancel.check()?;
        let side = ENCODER_SIDE;
        let input = Tensor::from_vec(fit.encoder_input(picture), (1, 3, side, side), &Device::Cpu)?;
        let vectors = self.encoder.forward(&input, cancel);
        drop(input);
        // Hundreds of megabytes were needed, which the rest of the program can have again.
        release();
        Ok(Embedding { vectors: vectors?, fit })
    }

    /// The pixels of the object that the clicks and the box are about, as coverage from 0 to 255 in the picture's size. One
    /// click without a box may mean several nested objects; the answer is the one that the network is surest of.
    ///
    /// # Errors
    /// A prompt that names nothing to select, or [`Error::Cancelled`].
    pub fn select(&self, embedding: &Embedding, prompt: &ObjectPrompt, cancel: &Cancel) -> Result<GrayImage, Error> {
        let logits = self.logits(embedding, prompt, cancel)?;
        Ok(mask::coverage(&logits, &embedding.fit))
    }

    /// The chosen mask as the decoder makes it, `256 × 256` logits over the encoder's square, row by row.
    fn logits(&self, embedding: &Embedding, prompt: &ObjectPrompt, cancel: &Cancel) -> Result<Vec<f32>, Error> {
        prompt.check()?;
        cancel.check()?;
        let prompt = embedding.fit.to_encoder(prompt);
        let (sparse, dense) = self.prompts.encode(&prompt)?;
        let places = self.prompts.grid_places()?;
        let is_ambiguous = prompt.is_ambiguous();
        let (masks, scores) = self.decoder.forward(&embedding.vectors, &places, &sparse, &dense, is_ambiguous)?;
        cancel.check()?;
        let scores = scores.flatten_all()?.to_vec1::<f32>()?;
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
        let logits = masks.get(0)?.get(best)?.flatten_all()?.to_vec1::<f32>()?;
        if logits.iter().any(|logit| !logit.is_finite()) {
            return Err(Error::NonFinite { during: "selecting" });
        }
        Ok(logits)
    }
}
