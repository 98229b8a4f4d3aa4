//! Prompts to token ids, with CLIP's byte-pair vocabulary.

use std::sync::Arc;

use tokenizers::Tokenizer;

use candle_core::Tensor;

use crate::diffusion::files::embedding::Embedding;
use crate::diffusion::files::source::{Source, clip_tokenizer};
use crate::diffusion::text::composition::compose;
use crate::diffusion::text::prompt::{Piece, parse};
use crate::diffusion::text::schedule::PromptSchedule;
use crate::diffusion::text::tags::without_tags;
use crate::diffusion::text::whole_words::find_word;
use crate::engine::Error;
use crate::engine::{TokenCount, TokenCounter};

/// The size of CLIP's vocabulary, by which it is recognised.
const CLIP_VOCABULARY: usize = 49_408;

/// Turns a prompt into the fixed number of token ids a text encoder reads.
pub(in crate::diffusion) struct Tokens {
    tokenizer: Tokenizer,
    start: u32,
    end: u32,
    pad: u32,
    comma: Option<u32>,
    length: usize,
}

/// As many token ids as the text encoder has positions, and the weight of each.
#[derive(Clone, Debug)]
pub(in crate::diffusion) struct Chunk {
    pub ids: Vec<u32>,
    pub weights: Vec<f32>,
    /// Vectors `[n, width]` that replace tokens' embeddings, from the given position on.
    pub inserted: Vec<(usize, Tensor)>,
}

impl Chunk {
    /// Whether every token has weight 1.
    pub fn is_even(&self) -> bool {
        self.weights.iter().all(|weight| *weight == 1.0)
    }
}

/// How many tokens back a comma is looked for, so that a phrase is not split between two chunks.
const COMMA_REACH: usize = 20;

impl Tokens {
    /// Reads `tokenizer/tokenizer.json`; older folders have only vocab.json and merges.txt, which
    /// hold the vocabulary that the program carries itself.
    pub fn load(source: &Source, vocabulary: usize, length: usize) -> Result<Self, Error> {
        const FILE: &str = "tokenizer/tokenizer.json";
        let own = source.bytes(FILE)?;
        if own.is_none() && vocabulary != CLIP_VOCABULARY {
            return Err(Error::Missing { what: "tokenizer", path: source.path(FILE) });
        }
        let bytes = own.as_deref().unwrap_or(clip_tokenizer());
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|e| source.malformed(FILE, e))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| source.malformed(FILE, e))?;
        let id = |token: &str| {
            tokenizer
                .token_to_id(token)
                .filter(|id| (*id as usize) < vocabulary)
                .ok_or_else(|| source.malformed(FILE, format!("it does not know {token}")))
        };
        let (start, end) = (id("<|startoftext|>")?, id("<|endoftext|>")?);
        let pad = match padding_word(source)? {
            Some(word) => id(&word)?,
            None => end,
        };
        let comma = tokenizer.token_to_id(",</w>");
        Ok(Self { tokenizer, start, end, pad, comma, length })
    }

    /// A prompt as chunks, at least one: a prompt of any length is read, `length - 2` tokens at a
    /// time, and a phrase that would be torn moves to the next chunk from its last comma on. The words
    /// of `embeddings`, longer ones first, become their vectors.
    pub fn encode(&self, prompt: &str, embeddings: &[Embedding]) -> Result<Vec<Chunk>, Error> {
        self.encode_pieces(parse(prompt), embeddings)
    }

    /// As [`Tokens::encode`], for a prompt whose emphasis has been read.
    pub fn encode_pieces(&self, pieces: Vec<Piece>, embeddings: &[Embedding]) -> Result<Vec<Chunk>, Error> {
        let mut filling = Filling { tokens: self, chunks: Vec::new(), open: Vec::new(), after_comma: None };
        for piece in pieces {
            let (text, weight) = match piece {
                Piece::Words(text, weight) => (text, weight),
                Piece::Break => {
                    filling.close();
                    continue;
                }
            };
            let names = embeddings.iter().map(|embedding| embedding.word.as_str());
            let mut from = 0;
            while let Some((index, place)) = find_word(&text, from, names.clone()) {
                filling.add(&self.words(&text[from..place.start])?, weight);
                filling.insert(&embeddings[index].vectors, weight)?;
                from = place.end;
            }
            filling.add(&self.words(&text[from..])?, weight);
        }
        if !filling.open.is_empty() || filling.chunks.is_empty() {
            filling.close();
        }
        Ok(filling.chunks)
    }

    /// A chunk without words, to bring two prompts to the same length.
    pub fn empty(&self) -> Chunk {
        self.chunk(Vec::new())
    }

    fn words(&self, text: &str) -> Result<Vec<u32>, Error> {
        let encoding = self
            .tokenizer
            .encode(text, false)
            .map_err(|e| Error::Setting(format!("The prompt could not be split into words: {e}.")))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// A chunk of the start token, the words, the end token and padding.
    fn chunk(&self, words: Vec<TokenSlot>) -> Chunk {
        let mut chunk = Chunk { ids: vec![self.start], weights: vec![1.0], inserted: Vec::new() };
        for TokenSlot { id, weight, vectors } in words {
            chunk.inserted.extend(vectors.map(|vectors| (chunk.ids.len(), vectors)));
            chunk.ids.push(id);
            chunk.weights.push(weight);
        }
        chunk.ids.push(self.end);
        chunk.ids.resize(self.length, self.pad);
        chunk.weights.resize(self.length, 1.0);
        chunk
    }
}

/// A position in a chunk.
struct TokenSlot {
    id: u32,
    weight: f32,
    /// Vectors that begin at this position; the positions after it are placeholders.
    vectors: Option<Tensor>,
}

/// Chunks while they are being filled.
struct Filling<'a> {
    tokens: &'a Tokens,
    chunks: Vec<Chunk>,
    open: Vec<TokenSlot>,
    /// Position of the phrase after the last comma.
    after_comma: Option<usize>,
}

impl Filling<'_> {
    fn room(&self) -> usize {
        self.tokens.length - 2
    }

    fn close(&mut self) {
        self.chunks.push(self.tokens.chunk(std::mem::take(&mut self.open)));
        self.after_comma = None;
    }

    /// Closes a full chunk before the next token; what follows a recent comma moves to the next chunk.
    fn make_room(&mut self, id: u32) {
        if Some(id) == self.tokens.comma {
            self.after_comma = Some(self.open.len() + 1);
        } else if let Some(at) = self.after_comma
            && self.open.len() == self.room()
            && self.open.len() + 1 - at <= COMMA_REACH
        {
            let later = self.open.split_off(at);
            self.close();
            self.open = later;
        }
        if self.open.len() == self.room() {
            self.close();
        }
    }

    fn add(&mut self, ids: &[u32], weight: f32) {
        for &id in ids {
            self.make_room(id);
            self.open.push(TokenSlot { id, weight, vectors: None });
        }
    }

    fn insert(&mut self, vectors: &Tensor, weight: f32) -> Result<(), Error> {
        let count = vectors.dim(0)?;
        if self.open.len() + count > self.room() {
            self.close();
        }
        for i in 0..count.min(self.room()) {
            self.open.push(TokenSlot { id: 0, weight, vectors: (i == 0).then(|| vectors.clone()) });
        }
        Ok(())
    }
}

/// Over how many steps a prompt that changes is counted.
const COUNTED_STEPS: usize = 20;
/// How many bytes of a prompt's texts are counted, whatever else it says; the first text is counted whole.
const COUNTED_BYTES: usize = 20_000;
/// As how many bytes more each text counts there: a short one takes time too.
const SHORTEST_TEXT: usize = 200;

/// Counts a prompt's tokens with the tokenizer of a loaded model: those of its longest text, where it changes over the
/// steps or is joined with others.
pub(in crate::diffusion) struct ModelTokenCounter(pub Arc<Tokens>);

impl TokenCounter for ModelTokenCounter {
    fn count(&self, prompt: &str) -> TokenCount {
        let prompt = without_tags(prompt);
        let (mut most, mut read) = (TokenCount::default(), 0);
        for part in compose(&prompt) {
            for text in PromptSchedule::parse(part.text).each_text(COUNTED_STEPS) {
                if read > COUNTED_BYTES {
                    return most;
                }
                let count = self.count_text(&text.text);
                if read == 0 || count.used > most.used {
                    most = count;
                }
                read += text.text.len() + SHORTEST_TEXT;
            }
        }
        most
    }
}

impl ModelTokenCounter {
    fn count_text(&self, text: &str) -> TokenCount {
        let tokens = &self.0;
        let Ok(chunks) = tokens.encode(text, &[]) else { return TokenCount::default() };
        let room = tokens.length - 2;
        let last = chunks.last().and_then(|chunk| chunk.ids.iter().position(|id| *id == tokens.end));
        TokenCount {
            used: chunks.len().saturating_sub(1) * room + last.unwrap_or(1).saturating_sub(1),
            room: chunks.len() * room,
        }
    }
}

impl std::fmt::Debug for ModelTokenCounter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ModelTokenCounter")
    }
}

/// The padding token, where a model names another than the end of text (2.x pads with "!").
fn padding_word(source: &Source) -> Result<Option<String>, Error> {
    #[derive(serde::Deserialize)]
    struct SpecialTokensMap {
        pad_token: Option<serde_json::Value>,
    }
    let map: Option<SpecialTokensMap> = source.json("tokenizer/special_tokens_map.json")?;
    Ok(map.and_then(|m| m.pad_token).and_then(|token| {
        let text = token.get("content").unwrap_or(&token);
        text.as_str().map(String::from)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starter() -> Tokens {
        Tokens::load(&Source::Starter, CLIP_VOCABULARY, 77).expect("the starter's tokenizer")
    }

    #[test]
    fn the_default_prompt_has_the_ids_open_clip_gives_it() {
        // open_clip.tokenize of the same words, padding apart.
        let expected = [49406, 1125, 539, 1878, 1901, 3055, 593, 6761, 267, 1573, 1494, 43230, 267, 11240, 5799, 49407];
        let chunks = starter().encode(&crate::engine::Settings::default().prompt, &[]).expect("encodes");
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].ids[..16], expected);
        assert!(chunks[0].ids[16..].iter().all(|id| *id == 49407));
        assert!(chunks[0].ids.len() == 77 && chunks[0].is_even());
    }

    #[test]
    fn a_long_prompt_goes_on_in_the_next_chunk() {
        let chunks = starter().encode(&"apple ".repeat(80), &[]).expect("encodes");
        assert_eq!(chunks.len(), 2);
        let words = |chunk: &Chunk| chunk.ids.iter().filter(|id| **id == 3055).count();
        assert_eq!((words(&chunks[0]), words(&chunks[1])), (75, 5));
        assert_eq!((chunks[0].ids[76], chunks[1].ids[0], chunks[1].ids[6]), (49407, 49406, 49407));
    }

    #[test]
    fn a_phrase_that_would_be_torn_moves_on_from_its_comma() {
        let prompt = format!("{}, {}", "apple ".repeat(64), "pear ".repeat(15));
        let chunks = starter().encode(&prompt, &[]).expect("encodes");
        assert_eq!(chunks.len(), 2);
        assert_eq!(chunks[0].ids.iter().filter(|id| **id == 3055).count(), 64);
        let pear = chunks[1].ids[1];
        assert_eq!(chunks[1].ids.iter().filter(|id| **id == pear).count(), 15);
    }

    #[test]
    fn emphasis_reaches_the_tokens_it_covers() {
        let chunks = starter().encode("a (red apple:1.5) BREAK (pear)", &[]).expect("encodes");
        assert_eq!(chunks.len(), 2);
        assert_eq!(chunks[0].weights[..5], [1.0, 1.0, 1.5, 1.5, 1.0]);
        assert_eq!(chunks[1].weights[..3], [1.0, 1.1, 1.0]);
    }

    #[test]
    fn the_word_of_a_file_becomes_its_vectors() {
        let vectors = Tensor::zeros((3, 8), candle_core::DType::F32, &candle_core::Device::Cpu).expect("zeros");
        let file = Embedding { word: "ink-style".into(), vectors };
        let tokens = starter();
        let chunks = tokens.encode("an apple, (Ink-Style:1.2), red", std::slice::from_ref(&file)).expect("encodes");
        let chunk = &chunks[0];
        // start, an, apple, comma, three vectors, comma, red, end
        assert_eq!((chunk.inserted.len(), chunk.inserted[0].0), (1, 4));
        assert_eq!(chunk.weights[3..8], [1.0, 1.2, 1.2, 1.2, 1.0]);
        assert_eq!(chunk.ids[9], 49407);
        // Vectors are never torn: they move on whole.
        let long = format!("{} ink-style", "apple ".repeat(74));
        let chunks = tokens.encode(&long, std::slice::from_ref(&file)).expect("encodes");
        assert_eq!((chunks.len(), chunks[0].inserted.len(), chunks[1].inserted[0].0), (2, 0, 1));
    }

    #[test]
    fn the_counter_counts_words_and_the_room_they_take() {
        let tokens = ModelTokenCounter(Arc::new(starter()));
        let counter = |prompt: &str| {
            let TokenCount { used, room } = tokens.count(prompt);
            (used, room)
        };
        assert_eq!(counter(""), (0, 75));
        assert_eq!(counter(&crate::engine::Settings::default().prompt), (14, 75));
        assert_eq!(counter("(red apple:1.3) <lora:ink:0.5>"), (2, 75));
        assert_eq!(counter(&"apple ".repeat(75)), (75, 75));
        assert_eq!(counter(&"apple ".repeat(80)), (80, 150));
        assert_eq!(counter("red BREAK blue"), (76, 150));
        assert_eq!(counter("a [red apple:pear:0.5] AND a pear, an apple"), (5, 75));
        assert_eq!(counter("[apple|red green apple|pear]"), (3, 75));
    }

    #[test]
    fn odd_text_is_taken() {
        for text in ["", "\0\n\t", "🍏 æøå 苹果", "<|endoftext|>", "((((", "BREAK BREAK"] {
            assert!(starter().encode(text, &[]).expect(text).iter().all(|chunk| chunk.ids.len() == 77));
        }
    }
}
