//! Captions: BLIP (Li et al. 2022) says what is in a picture.
//!
//! Both halves of the network, a vision transformer and a text decoder, are those of `candle-transformers`. The caption is found
//! by greedy decoding: the likeliest token at each step, which is how transformers decodes these models by default. The files are
//! those of `Salesforce/blip-image-captioning-base` and `-large`: `config.json`, `model.safetensors` (or `pytorch_model.bin`,
//! which is never executed), and `tokenizer.json` or `vocab.txt`.

mod config;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::{Device, Module, Tensor};
use candle_transformers::models::blip::BlipForConditionalGeneration;
use image::RgbImage;

use super::prepare::{CLIP, prepared};
use super::weights;
use crate::diffusion::{WeightFile, captioner_refusal};
use crate::engine::{Cancel, Error};
use config::CaptionerConfig;
use vocabulary::Vocabulary;

/// What the files are called in messages.
const NETWORK: &str = "BLIP";

/// The most tokens of a caption; a word has one or a few.
pub const MOST_TOKENS: usize = 30;

/// The files of weights that are looked for in a folder.
const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// A decoder's output and input of tokens share one matrix, which most files hold once.
const OUTPUT: &str = "text_decoder.cls.predictions.decoder.weight";
const INPUT: &str = "text_decoder.bert.embeddings.word_embeddings.weight";

/// A loaded network that describes pictures.
pub struct Captioner {
    network: BlipForConditionalGeneration,
    config: CaptionerConfig,
    words: Vocabulary,
}

impl Captioner {
    /// Loads BLIP from its folder, or from the file of weights in it.
    ///
    /// # Errors
    /// A file that is missing, damaged or not BLIP's, or [`Error::Cancelled`].
    pub fn load(path: &Path, cancel: &Cancel) -> Result<Self, Error> {
        let file = weights_at(path)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let weights = WeightFile::open(&file)?;
        if let Some(reason) = captioner_refusal(&|name| weights.has(name)) {
            return Err(Error::File(format!(
                "{} {reason}, or fetch it: underpaint models fetch blip.",
                file.display()
            )));
        }
        let config = CaptionerConfig::read(&folder.join("config.json"))?;
        let words = Vocabulary::read(folder)?;
        config.check_vocabulary(words.len(), folder)?;
        let is_tied = !weights.has(OUTPUT);
        let network = weights::build(&file, weights, NETWORK, cancel, |vb| {
            let vb =
                if is_tied { vb.rename_f(|name| if name == OUTPUT { INPUT.into() } else { name.into() }) } else { vb };
            BlipForConditionalGeneration::new(&config.network(), vb)
        })?;
        Ok(Self { network, config, words })
    }

    /// Says in a few words what is in a picture, in lower case and without a full stop: `a boat on the sea`. The same picture
    /// always gets the same words. A cancellation takes effect between tokens.
    ///
    /// # Errors
    /// A picture without pixels, numbers that are none, or [`Error::Cancelled`].
    pub fn caption(&mut self, picture: &RgbImage, cancel: &Cancel) -> Result<String, Error> {
        cancel.check()?;
        let side = self.config.side() as u32;
        let begun = Instant::now();
        let embedding = self.embed(&prepared(picture, (side, side), CLIP)?)?;
        let seen = begun.elapsed().as_secs_f64();
        let tokens = self.decode(&embedding, cancel);
        self.network.reset_kv_cache();
        let tokens = tokens?;
        let decoded = begun.elapsed().as_secs_f64() - seen;
        tracing::debug!(tokens = tokens.len(), "looked at a picture in {seen:.2} s, described it in {decoded:.2} s");
        Ok(self.words.text(&tokens))
    }

    /// What the vision transformer makes of a prepared picture, `[1, patches + 1, width]`.
    fn embed(&self, pixels: &Tensor) -> Result<Tensor, Error> {
        Ok(self.network.vision_model().forward(pixels)?)
    }

    /// The likeliest token after each other, without those at the start and at the end.
    fn decode(&mut self, embedding: &Tensor, cancel: &Cancel) -> Result<Vec<u32>, Error> {
        self.network.reset_kv_cache();
        let (mut tokens, mut last) = (Vec::new(), self.config.start());
        while tokens.len() < MOST_TOKENS.min(self.config.most_positions()) {
            cancel.check()?;
            let logits = self.logits(last, embedding)?;
            if logits.iter().any(|logit| !logit.is_finite()) {
                return Err(Error::NonFinite { during: "describing a picture" });
            }
            // Of equal ones the first, as PyTorch's argmax has it.
            let likeliest = (0..logits.len()).rev().max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap_or(0);
            last = likeliest as u32;
            if last == self.config.end() {
                break;
            }
            tokens.push(last);
        }
        Ok(tokens)
    }

    /// How likely each token is after `token` and those that were given before it.
    fn logits(&mut self, token: u32, embedding: &Tensor) -> Result<Vec<f32>, Error> {
        let input = Tensor::new(&[[token]], &Device::Cpu)?;
        Ok(self.network.text_decoder().forward(&input, embedding)?.flatten_all()?.to_vec1()?)
    }
}

/// The file of weights that a path stands for.
fn weights_at(path: &Path) -> Result<PathBuf, Error> {
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    let inside = WEIGHTS.map(|name| path.join(name)).into_iter().find(|file| file.is_file());
    inside.ok_or_else(|| {
        Error::File(format!(
            "There is no model to describe pictures with at {}. Choose the folder of BLIP, or fetch it: underpaint models \
             fetch blip.",
            path.display()
        ))
    })
}
