//! The prompts that were used, the latest first, and how one is found again.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::picture::{SaveError, write_atomically};

/// The file in the data folder that keeps the prompts.
pub const HISTORY_FILE: &str = "prompts.json";

/// How many prompts are kept.
const MOST: usize = 500;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// A prompt that was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PastPrompt {
    /// The prompt.
    pub prompt: String,
    /// The negative prompt.
    pub negative: String,
}

impl PastPrompt {
    /// Whether all words of a search occur in it, in any order; case does not count.
    pub fn matches(&self, words: &str) -> bool {
        let text = format!("{}\n{}", self.prompt, self.negative).to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.prompt.trim().is_empty() && self.negative.trim().is_empty()
    }
}

/// The prompts that were used in all documents, each once, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromptHistory {
    prompts: Vec<PastPrompt>,
}

impl PromptHistory {
    /// Reads what is kept in the data folder. A file that cannot be read counts as none: nothing in it cannot be typed
    /// again.
    pub fn read(folder: &Path) -> Self {
        let path = folder.join(HISTORY_FILE);
        let is_small = std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
        let text = if is_small { std::fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        let entries = value.get("prompts").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut history = Self::default();
        // The first one is noted last.
        for entry in entries.into_iter().take(MOST).rev() {
            if let Ok(prompt) = serde_json::from_value(entry) {
                history.note(prompt);
            }
        }
        history
    }

    /// Keeps the prompts in the data folder.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn keep(&self, folder: &Path) -> Result<(), SaveError> {
        let text = serde_json::to_string_pretty(&json!({ "prompts": self.prompts })).unwrap_or_default();
        write_atomically(&folder.join(HISTORY_FILE), text.as_bytes())
    }

    /// Notes that a prompt was used: it comes first, and is not listed twice. Returns whether that changed anything.
    pub fn note(&mut self, prompt: PastPrompt) -> bool {
        if prompt.is_empty() || self.prompts.first() == Some(&prompt) {
            return false;
        }
        self.prompts.retain(|known| *known != prompt);
        self.prompts.insert(0, prompt);
        self.prompts.truncate(MOST);
        true
    }

    /// All prompts, the latest first.
    pub fn all(&self) -> &[PastPrompt] {
        &self.prompts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(text: &str) -> PastPrompt {
        PastPrompt { prompt: text.into(), negative: "blurry".into() }
    }

    #[test]
    fn the_latest_comes_first_and_none_twice() {
        let mut history = PromptHistory::default();
        for text in ["a pear", "an apple", "a pear", "  "] {
            history.note(PastPrompt { prompt: text.into(), ..PastPrompt::default() });
        }
        let texts: Vec<&str> = history.all().iter().map(|past| past.prompt.as_str()).collect();
        assert_eq!(texts, ["a pear", "an apple"]);
        for number in 0..MOST + 9 {
            history.note(prompt(&number.to_string()));
        }
        assert_eq!(history.all().len(), MOST);
    }

    #[test]
    fn words_in_any_order_find_a_prompt() {
        let past = prompt("A green ÄPFEL on a table");
        assert!(past.matches("") && past.matches("table äpfel") && past.matches("BLURRY green"));
        assert!(!past.matches("pear"));
    }

    #[test]
    fn what_is_kept_comes_back_and_a_damaged_file_is_empty() {
        let folder = tempfile::tempdir().expect("folder");
        let mut history = PromptHistory::default();
        for text in ["a", "b", "c"] {
            history.note(prompt(text));
        }
        history.keep(folder.path()).expect("writes");
        assert_eq!(PromptHistory::read(folder.path()), history);
        for text in ["", "{", "[]", r#"{"prompts": 3}"#] {
            std::fs::write(folder.path().join(HISTORY_FILE), text).expect("writes");
            assert_eq!(PromptHistory::read(folder.path()), PromptHistory::default(), "{text}");
        }
        std::fs::write(folder.path().join(HISTORY_FILE), r#"{"prompts": [7, {"prompt": "x", "new": 1}]}"#)
            .expect("writes");
        assert_eq!(PromptHistory::read(folder.path()).all().len(), 1);
    }
}
