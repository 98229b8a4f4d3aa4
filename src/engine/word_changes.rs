//! Which words of a prompt were changed.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

/// After this time the rest of two very long texts counts as replaced.
const PATIENCE: Duration = Duration::from_millis(50);

/// What happened to a word between two prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordChange {
    /// Both prompts have it.
    Kept,
    /// Only the earlier prompt has it.
    Removed,
    /// Only the later prompt has it.
    Added,
}

/// A word or a comma of two prompts that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedWord {
    /// The word as it was typed.
    pub text: String,
    /// Which of the prompts has it.
    pub change: WordChange,
}

/// The words of both prompts in one list, the removed ones before those added in their place. Empty if
/// the prompts have the same words; spaces and line breaks do not count.
pub fn changed_words(before: &str, after: &str) -> Vec<ChangedWord> {
    let (before, after) = (words(before), words(after));
    if before == after {
        return Vec::new();
    }
    let deadline = Instant::now().checked_add(PATIENCE);
    let mut list = Vec::new();
    let mut add = |words: Option<&[&str]>, change| {
        let words = words.unwrap_or_default().iter();
        list.extend(words.map(|word| ChangedWord { text: (*word).to_owned(), change }));
    };
    for part in capture_diff_slices_deadline(Algorithm::Myers, &before, &after, deadline) {
        let (tag, old, new) = part.as_tag_tuple();
        if tag == DiffTag::Equal {
            add(before.get(old), WordChange::Kept);
        } else {
            add(before.get(old), WordChange::Removed);
            add(after.get(new), WordChange::Added);
        }
    }
    list
}

/// The words of a prompt; a comma is a word of its own, so that `apple,` and `apple` count as the same word.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().flat_map(|word| word.split_inclusive(',').flat_map(without_comma)).collect()
}

/// A word, and the comma behind it.
fn without_comma(word: &str) -> impl Iterator<Item = &str> {
    let (word, comma) = match word.strip_suffix(',') {
        Some(start) => (start, Some(",")),
        None => (word, None),
    };
    (!word.is_empty()).then_some(word).into_iter().chain(comma)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Removed words as `-word`, added ones as `+word`.
    fn marked(before: &str, after: &str) -> String {
        let mark = |word: &ChangedWord| match word.change {
            WordChange::Kept => word.text.clone(),
            WordChange::Removed => format!("-{}", word.text),
            WordChange::Added => format!("+{}", word.text),
        };
        changed_words(before, after).iter().map(mark).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn replaced_added_and_removed_words_are_marked() {
        for (before, after, expected) in [
            ("a red apple", "a green apple", "a -red +green apple"),
            ("a red apple", "a red apple, on a table", "a red apple +, +on +a +table"),
            ("photo, a pear", "a pear", "-photo -, a pear"),
            ("", "a pear", "+a +pear"),
            ("(apple:1.2),, x", "(apple:1.4),, x", "-(apple:1.2) +(apple:1.4) , , x"),
        ] {
            assert_eq!(marked(before, after), expected);
        }
    }

    #[test]
    fn spaces_do_not_count() {
        assert!(changed_words(" a  pear,\nripe ", "a pear , ripe").is_empty());
        assert!(changed_words("", "  ").is_empty());
    }

    #[test]
    fn both_prompts_can_be_read_off_the_list_however_long_they_are() {
        let text = |step: usize| (0..20_000).map(|i| format!("w{} ", i * step % 7919)).collect::<String>();
        let (before, after) = (text(3), text(5));
        let begun = Instant::now();
        let list = changed_words(&before, &after);
        assert!(begun.elapsed() < Duration::from_secs(5));
        let without = |change| {
            let kept = list.iter().filter(|word| word.change != change);
            kept.map(|word| word.text.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(without(WordChange::Added), words(&before));
        assert_eq!(without(WordChange::Removed), words(&after));
    }
}
