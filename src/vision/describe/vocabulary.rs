//! Tokens back to text: BERT's vocabulary of word pieces (Devlin et al. 2019).

use std::path::Path;

use serde::Deserialize;

use crate::engine::Error;

/// The most tokens that a vocabulary may have.
const MOST: usize = 1 << 20;

/// How a piece begins that continues a word.
const INSIDE_A_WORD: &str = "##";

/// The tokens of a network, by number.
#[derive(Debug, PartialEq)]
pub(super) struct Vocabulary {
    /// Empty where there is no token.
    tokens: Vec<String>,
}

#[derive(Deserialize)]
struct TokenizerFile {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: std::collections::BTreeMap<String, usize>,
}

impl Vocabulary {
    /// Reads `tokenizer.json` of a folder, or `vocab.txt` where there is none.
    ///
    /// # Errors
    /// If there is neither, or it makes no sense.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let (json, list) = (folder.join("tokenizer.json"), folder.join("vocab.txt"));
        let text_of = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_path_buf(), source })
        };
        if json.is_file() {
            let malformed = |reason: String| Error::Malformed { path: json.clone(), reason };
            let file: TokenizerFile =
                serde_json::from_str(&text_of(&json)?).map_err(|error| malformed(error.to_string()))?;
            let count = file.model.vocab.values().max().map_or(0, |last| last.saturating_add(1));
            if count > MOST {
                return Err(malformed(format!("it has a token of the number {count}")));
            }
            let mut tokens = vec![String::new(); count];
            for (token, number) in file.model.vocab {
                tokens[number] = token;
            }
            return Ok(Self { tokens });
        }
        if list.is_file() {
            let tokens: Vec<String> = text_of(&list)?.lines().map(|line| line.trim_end().to_owned()).collect();
            return Ok(Self { tokens });
        }
        Err(Error::Missing { what: "vocabulary (tokenizer.json or vocab.txt)", path: json })
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The text of some tokens: words with spaces between them, none before punctuation and around apostrophes. Tokens that are
    /// no text, such as `[SEP]`, are left out.
    pub fn text(&self, tokens: &[u32]) -> String {
        let mut text = String::new();
        for token in tokens {
            let Some(word) = self.tokens.get(*token as usize) else { continue };
            let is_special = word.starts_with('[') && word.ends_with(']') && word.len() > 2;
            if word.is_empty() || is_special {
                continue;
            }
            match word.strip_prefix(INSIDE_A_WORD).filter(|_| !text.is_empty()) {
                Some(piece) => text += piece,
                None => {
                    if !text.is_empty() && !matches!(word.as_str(), "." | "?" | "!" | ",") {
                        text.push(' ');
                    }
                    text += word;
                }
            }
        }
        text.replace(" ' ", "'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::kind_tests::fixture;

    fn tokens() -> Vocabulary {
        Vocabulary::read(&fixture("captioner")).expect("reads")
    }

    #[test]
    fn tokens_become_the_text_that_transformers_writes() {
        #[derive(Deserialize)]
        struct Case {
            ids: Vec<u32>,
            text: String,
        }
        let cases = std::fs::read_to_string(fixture("captioner").join("decoded.json")).expect("reads");
        let cases: Vec<Case> = serde_json::from_str(&cases).expect("JSON");
        assert!(cases.len() >= 5);
        for Case { ids, text } in cases {
            // transformers leaves spaces around apostrophes.
            assert_eq!(tokens().text(&ids), text.replace(" ' ", "'"), "{ids:?}");
        }
        assert_eq!(tokens().text(&[999_999]), "", "a number that stands for no token");
    }

    #[test]
    fn both_kinds_of_files_hold_the_same() {
        let folder = tempfile::tempdir().expect("folder");
        let vocab: std::collections::BTreeMap<String, usize> =
            tokens().tokens.into_iter().enumerate().map(|(number, token)| (token, number)).collect();
        let json = serde_json::json!({"added_tokens": [], "model": {"type": "WordPiece", "vocab": vocab}});
        std::fs::write(folder.path().join("tokenizer.json"), json.to_string()).expect("writes");
        assert_eq!(Vocabulary::read(folder.path()).expect("reads"), tokens());
        std::fs::write(folder.path().join("tokenizer.json"), r#"{"model": {"vocab": {"a": 99999999999}}}"#)
            .expect("writes");
        let huge = Vocabulary::read(folder.path()).expect_err("refused").to_string();
        assert!(huge.contains("tokenizer.json") && huge.contains("100000000000"), "{huge}");
        std::fs::remove_file(folder.path().join("tokenizer.json")).expect("removes");
        let missing = Vocabulary::read(folder.path()).expect_err("missing").to_string();
        assert!(missing.contains("vocab.txt"), "{missing}");
    }
}
