//! Patterns that make the names of picture files, such as `{date}-{prompt}-{seed}`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::NameWords;

/// The longest name that a pattern makes, in bytes and without its ending. File systems allow 255 bytes; the
/// rest is for a number and the ending.
const MAX_NAME: usize = 180;

/// The words that a pattern can hold, and what they stand for.
const WORDS: [(&str, Word); 13] = [
    ("number", Word::Number),
    ("date", Word::Date),
    ("time", Word::Time),
    ("prompt", Word::Prompt),
    ("seed", Word::Seed),
    ("index", Word::Index),
    ("round", Word::Round),
    ("model", Word::Model),
    ("sampler", Word::Sampler),
    ("steps", Word::Steps),
    ("cfg", Word::Cfg),
    ("strength", Word::Strength),
    ("size", Word::Size),
];

/// A word of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Number,
    Date,
    Time,
    Prompt,
    Seed,
    Index,
    Round,
    Model,
    Sampler,
    Steps,
    Cfg,
    Strength,
    Size,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Word(Word),
}

/// How the names of picture files are made: text with words in braces that stand for what made the picture.
/// The names have no ending and no folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamePattern {
    text: String,
    parts: Vec<Part>,
}

/// Why a text is no pattern, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A word in braces is unknown.
    #[error("{{{word}}} is not a word of file names; the words are {}.", NamePattern::words())]
    UnknownWord {
        /// The word, shortened.
        word: String,
    },
    /// A brace has no partner.
    #[error("A brace in the file name has no partner; write a word as {{seed}}.")]
    OpenBrace,
    /// There is nothing in it.
    #[error("The file name is empty; write for example {{date}}-{{seed}}.")]
    Empty,
}

impl NamePattern {
    /// The names of results: `00001-7`.
    pub const RESULTS: &str = "{number}-{seed}";
    /// The names of the results of a document: `round-001-result-1-seed-7`.
    pub const EXPORT: &str = "round-{round}-result-{index}-seed-{seed}";

    /// Reads a pattern.
    ///
    /// # Errors
    /// An unknown word, a brace without its partner, or an empty text.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some(after) = brace.strip_prefix('{') else { return Err(PatternError::OpenBrace) };
            let (word, after) = after.split_once('}').ok_or(PatternError::OpenBrace)?;
            if word.contains('{') {
                return Err(PatternError::OpenBrace);
            }
            let known = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word.trim()));
            let (_, known) =
                known.ok_or_else(|| PatternError::UnknownWord { word: word.chars().take(40).collect() })?;
            parts.push(Part::Word(*known));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        if parts.is_empty() {
            return Err(PatternError::Empty);
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All words in braces, for help texts: `{number}, {date}, …`.
    pub fn words() -> String {
        let words: Vec<String> = WORDS.iter().map(|(word, _)| format!("{{{word}}}")).collect();
        words.join(", ")
    }

    /// Whether the names count up with the files in their folder.
    pub fn has_number(&self) -> bool {
        self.parts.contains(&Part::Word(Word::Number))
    }

    /// Whether the names begin with that number.
    pub(super) fn starts_with_number(&self) -> bool {
        self.parts.first() == Some(&Part::Word(Word::Number))
    }

    /// The name of a picture, without an ending: characters that some file system does not allow are replaced,
    /// and a long name is cut. `number` stands for `{number}`.
    pub fn name(&self, words: &NameWords, number: u64) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => allowed(text),
            Part::Word(word) => allowed(&value(*word, words, number)),
        });
        usable(&parts.collect::<String>())
    }
}

impl Default for NamePattern {
    fn default() -> Self {
        let parts = vec![Part::Word(Word::Number), Part::Text("-".into()), Part::Word(Word::Seed)];
        Self { text: Self::RESULTS.into(), parts }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for NamePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        Self::new(&text)
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> Self {
        pattern.text
    }
}

fn value(word: Word, words: &NameWords, number: u64) -> String {
    match word {
        Word::Number => format!("{number:05}"),
        Word::Date => words.time.format("%Y-%m-%d").to_string(),
        Word::Time => words.time.format("%H-%M-%S").to_string(),
        Word::Prompt => words.prompt.clone(),
        Word::Seed => words.seed.to_string(),
        Word::Index => words.index.to_string(),
        Word::Round => format!("{:03}", words.round),
        Word::Model => words.model.clone(),
        Word::Sampler => words.sampler.clone(),
        Word::Steps => words.steps.to_string(),
        Word::Cfg => words.cfg_scale.to_string(),
        Word::Strength => words.strength.to_string(),
        Word::Size => format!("{}x{}", words.width, words.height),
    }
}

/// A text with the characters replaced that Windows, macOS or a shell would trip over, and those that turn the
/// direction of writing.
fn allowed(text: &str) -> String {
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if is_bad(c) { '_' } else { c }).collect()
}

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// A name that every file system takes: neither empty, hidden, a device's, too long, nor with a dot or space at
/// its end.
fn usable(name: &str) -> String {
    let mut end = name.len().min(MAX_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let name = name[..end].trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let first = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_port = |name: &str| {
        matches!(name.get(..3), Some("com" | "lpt"))
            && name.chars().count() == 4
            && !name.ends_with(char::is_alphabetic)
    };
    match name {
        "" => "picture".into(),
        name if DEVICES.contains(&first.as_str()) || is_port(&first) => format!("_{name}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> NameWords {
        NameWords { prompt: "a green apple".into(), seed: 7, round: 12, index: 3, ..NameWords::example() }
    }

    fn name(pattern: &str, words: &NameWords) -> String {
        NamePattern::new(pattern).expect(pattern).name(words, 5)
    }

    #[test]
    fn every_word_stands_for_what_made_the_picture() {
        let all =
            "{number} {date} {time} {prompt} {seed} {index} {round} {model} {sampler} {steps} {cfg} {strength} {size}";
        assert_eq!(
            name(all, &words()),
            "00005 2026-03-14 15-09-26 a green apple 7 3 012 starter dpm++2m 20 11 0.75 512x512"
        );
        assert!(WORDS.iter().all(|(word, _)| all.contains(word)) && NamePattern::words().contains("{cfg}"));
        assert_eq!(name("{ SEED }", &words()), "7", "in any case");
    }

    #[test]
    fn the_usual_patterns_are_read() {
        assert_eq!(NamePattern::new(NamePattern::RESULTS), Ok(NamePattern::default()));
        assert_eq!(name(NamePattern::RESULTS, &words()), "00005-7");
        assert_eq!(name(NamePattern::EXPORT, &words()), "round-012-result-3-seed-7");
    }

    #[test]
    fn what_is_no_pattern_is_told_in_one_sentence() {
        let text = |pattern: &str| NamePattern::new(pattern).expect_err(pattern).to_string();
        assert!(
            text("{promt}-{seed}").starts_with("{promt} is not a word of file names; the words are {number}, {date}")
        );
        for pattern in ["{seed", "seed}", "{{seed}}", "a{b{seed}"] {
            assert!(text(pattern).contains("no partner"), "{pattern}");
        }
        assert!(text("  ").contains("empty"));
        assert!(text(&format!("{{{}}}", "x".repeat(10_000))).len() < 400);
        assert!(serde_json::from_str::<NamePattern>("\"{seed}\"").is_ok());
        assert!(serde_json::from_str::<NamePattern>("\"{nonsense}\"").is_err());
    }

    #[test]
    fn names_are_such_that_every_file_system_takes_them() {
        let with = |prompt: &str| name("{prompt}", &NameWords { prompt: prompt.into(), ..words() });
        assert_eq!(with("a/b\\c:d*e?f\"g<h>i|j\nk\u{202e}l"), "a_b_c_d_e_f_g_h_i_j_k_l");
        assert_eq!(with("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(with("..."), "picture");
        assert_eq!(with("ends with a dot. "), "ends with a dot");
        for device in ["con", "NUL", "aux.x", "com1", "Lpt9", "con .x"] {
            assert!(with(device).starts_with('_'), "{device}");
        }
        assert_eq!(
            (with("console"), with("comb"), with("computer")),
            ("console".into(), "comb".into(), "computer".into())
        );
        for long in ["x".repeat(5000), "苹".repeat(5000), "🍏é".repeat(999)] {
            let long = with(&long);
            assert!(long.len() <= MAX_NAME && long.len() > MAX_NAME - 4);
        }
    }
}
