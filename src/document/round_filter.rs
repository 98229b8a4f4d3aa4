//! Which rounds are listed.

use super::Round;

/// Lists only some rounds. The default lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundFilter {
    /// Words that must all occur in the prompt or in a note, in any order; case does not count.
    pub text: String,
    /// Whether a result must have a star.
    pub starred: bool,
    /// The name of the model that must have made it.
    pub model: Option<String>,
}

impl RoundFilter {
    /// Whether it lists all rounds.
    pub fn is_empty(&self) -> bool {
        !self.starred && self.model.is_none() && self.text.trim().is_empty()
    }

    /// Whether a round is listed.
    pub fn matches(&self, round: &Round) -> bool {
        let has_star = || round.results().any(|(_, result)| result.starred);
        self.model.as_ref().is_none_or(|model| *model == round.model)
            && (!self.starred || has_star())
            && self.has_words(round)
    }

    fn has_words(&self, round: &Round) -> bool {
        if self.text.trim().is_empty() {
            return true;
        }
        let mut text = round.settings.prompt.to_lowercase();
        for (_, result) in round.results().filter(|(_, result)| !result.note.is_empty()) {
            text.push('\n');
            text.push_str(&result.note.to_lowercase());
        }
        self.text.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{document, make_round};

    #[test]
    fn rounds_are_found_by_star_model_and_the_words_of_prompt_and_note() {
        let mut document = document();
        document.settings_mut().batch = 1;
        document.settings_mut().prompt = "A green ÄPFEL on a table".into();
        let id = make_round(&mut document, 1);
        document.rounds_mut().note(id, "the best so far");
        let found = |document: &crate::document::Document, filter: RoundFilter| {
            filter.matches(document.rounds().get(1).expect("made"))
        };
        let text = |text: &str| RoundFilter { text: text.into(), ..RoundFilter::default() };
        assert!(RoundFilter::default().is_empty() && text("  ").is_empty() && !text("a").is_empty());
        for (words, is_found) in
            [("", true), (" table  äpfel", true), ("BEST green", true), ("pear", false), ("table pear", false)]
        {
            assert_eq!(found(&document, text(words)), is_found, "{words}");
        }
        let starred = RoundFilter { starred: true, ..RoundFilter::default() };
        assert!(!found(&document, starred.clone()));
        document.rounds_mut().star(id, true);
        assert!(found(&document, starred));
        for (model, is_found) in [("m", true), ("n", false)] {
            assert_eq!(found(&document, RoundFilter { model: Some(model.into()), ..text("best") }), is_found);
        }
    }
}
