//! Words to token ids: CLIP's byte-pair vocabulary.

use tokenizers::Tokenizer;

use super::Error;
use super::weights::{Source, clip_tokenizer};

/// The size of CLIP's vocabulary, by which it is recognised.
const CLIP_VOCABULARY: usize = 49_408;

/// Turns a prompt into the fixed number of token ids a text encoder reads.
pub(super) struct Tokens {
    tokenizer: Tokenizer,
    start: u32,
    end: u32,
    pad: u32,
    length: usize,
}

/// Token ids of one prompt, and how many of its tokens found no room.
pub(super) struct Encoded {
    /// Exactly as many ids as the text encoder has positions.
    pub ids: Vec<u32>,
    /// Tokens beyond them, left out.
    pub left_out: usize,
}

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
        Ok(Self { tokenizer, start, end, pad, length })
    }

    /// Ids of one prompt: start, up to `length - 2` words, end, padding.
    pub fn encode(&self, prompt: &str) -> Result<Encoded, Error> {
        let encoding = self
            .tokenizer
            .encode(prompt, false)
            .map_err(|e| Error::Setting(format!("The prompt could not be split into words: {e}.")))?;
        let room = self.length - 2;
        let words = encoding.get_ids();
        let mut ids = Vec::with_capacity(self.length);
        ids.push(self.start);
        ids.extend(words.iter().take(room));
        ids.push(self.end);
        ids.resize(self.length, self.pad);
        Ok(Encoded { ids, left_out: words.len().saturating_sub(room) })
    }
}

/// The padding token, where a model names another than the end of text (2.x pads with "!").
fn padding_word(source: &Source) -> Result<Option<String>, Error> {
    #[derive(serde::Deserialize)]
    struct Map {
        pad_token: Option<serde_json::Value>,
    }
    let map: Option<Map> = source.json("tokenizer/special_tokens_map.json")?;
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
        let encoded = starter().encode(&crate::diffusion::Settings::default().prompt).expect("encodes");
        assert_eq!(encoded.ids[..16], expected);
        assert!(encoded.ids[16..].iter().all(|id| *id == 49407));
        assert_eq!((encoded.ids.len(), encoded.left_out), (77, 0));
    }

    #[test]
    fn a_long_prompt_is_cut_and_says_by_how_much() {
        let encoded = starter().encode(&"apple ".repeat(80)).expect("encodes");
        assert_eq!((encoded.ids.len(), encoded.left_out), (77, 5));
        assert_eq!(encoded.ids[76], 49407);
    }

    #[test]
    fn odd_text_is_taken() {
        for text in ["", "\0\n\t", "🍏 æøå 苹果", "<|endoftext|>"] {
            assert_eq!(starter().encode(text).expect(text).ids.len(), 77);
        }
    }
}
