//! What rounds are called.

use crate::document::{Deletable, ResultId, Round, RoundId, RoundOrigin, RoundRow};

/// A round at the start of a sentence: `Round 3`.
pub(in crate::ui) fn round_name(round: RoundId) -> String {
    format!("Round {round}")
}

/// What was deleted, inside a sentence: `round 3`, `result 2 of round 3`.
pub(in crate::ui) fn name_of_deleted(item: Deletable) -> String {
    match item {
        Deletable::Round(round) => format!("round {round}"),
        Deletable::Result(ResultId { round, image }) => format!("result {} of round {round}", image + 1),
    }
}

/// What a round started from, in as few letters as possible: `2.1` is result 1 of round 2.
pub(super) fn short_origin(origin: RoundOrigin) -> String {
    match origin {
        RoundOrigin::Noise | RoundOrigin::Canvas => String::new(),
        RoundOrigin::Result { deleted: true, .. } => "deleted".into(),
        RoundOrigin::Result { id, .. } => format!("{}.{}", id.round, id.image + 1),
    }
}

/// What a round started from, inside a sentence.
pub(super) fn long_origin(origin: RoundOrigin) -> String {
    match origin {
        RoundOrigin::Noise => "from noise alone".into(),
        RoundOrigin::Canvas => "from a drawing".into(),
        RoundOrigin::Result { id, deleted } => {
            let result = format!("from result {} of round {}", id.image + 1, id.round);
            if deleted { format!("{result}, which was deleted") } else { result }
        }
    }
}

/// A row for assistive technology.
pub(super) fn spoken(row: &RoundRow) -> String {
    let star = if row.starred { ", starred" } else { "" };
    format!("Round {}, {}{star}", row.round, long_origin(row.origin))
}

/// Everything about a round that has no room in its row.
pub(super) fn tooltip(row: &RoundRow, round: &Round, go_back_keys: &str) -> String {
    let count = round.results().count();
    let results = if count == 1 { "1 result".into() } else { format!("{count} results") };
    let mut text = format!("Round {}, {}. {results} by {}.", row.round, long_origin(row.origin), round.model);
    let prompt = round.settings.prompt.trim();
    if !prompt.is_empty() {
        text += &format!("\n{}", shortened(prompt));
    }
    for (image, result) in round.results().filter(|(_, result)| !result.note.is_empty()) {
        text += &format!("\nNote on result {}: {}", image + 1, shortened(&result.note));
    }
    text += &format!("\nDouble click to go back to canvas, prompt and settings of this round. ({go_back_keys})");
    text
}

/// A text that fits into a tooltip.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_says_when_it_was_deleted() {
        let id = ResultId { round: 2, image: 0 };
        let origin = |deleted| RoundOrigin::Result { id, deleted };
        assert_eq!((short_origin(origin(false)), short_origin(origin(true))), ("2.1".into(), "deleted".into()));
        assert_eq!(long_origin(origin(true)), "from result 1 of round 2, which was deleted");
        assert_eq!(long_origin(RoundOrigin::Noise), "from noise alone");
    }

    #[test]
    fn long_prompts_are_cut_between_letters() {
        let long = "ä".repeat(1000);
        assert_eq!(shortened(&long).chars().count(), 301);
        assert_eq!(shortened("short"), "short");
    }
}
