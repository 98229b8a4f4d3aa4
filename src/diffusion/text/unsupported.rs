//! Prompt syntax of AUTOMATIC1111 that is not carried out yet, so that it can be said.
//!
//! `[from:to:when]` changes the prompt in the course of the steps, `[a|b]` alternates between prompts from
//! step to step, and `AND` composes several prompts. The rules for what counts as each are those of its
//! prompt grammar.

/// What a prompt uses and is read as plain words instead: one sentence for each kind.
pub(in crate::diffusion) fn notices(prompt: &str, negative: bool) -> Vec<String> {
    let name = if negative { "The negative prompt" } else { "The prompt" };
    let mut notices = Vec::new();
    let found = brackets(prompt);
    if let Some(example) = found.editing {
        notices.push(format!(
            "{name} uses prompt editing, {example}, which is not supported yet: all of it is read as plain words from the first step on."
        ));
    }
    if let Some(example) = found.alternation {
        notices.push(format!(
            "{name} alternates words, {example}, which is not supported yet: all of it is read as plain words in every step."
        ));
    }
    if !negative && composes(prompt) {
        notices.push(
            "The prompt joins parts with AND, which is not supported yet: it is read as one prompt with the word \"and\"."
                .into(),
        );
    }
    notices
}

/// The first of each kind, with its brackets.
#[derive(Default)]
struct UnsupportedSyntax<'a> {
    editing: Option<&'a str>,
    alternation: Option<&'a str>,
}

/// A bracket that is open, and what has been seen directly inside it.
struct Open {
    round: bool,
    at: usize,
    colons: usize,
    last_colon: usize,
    bars: usize,
}

fn brackets(prompt: &str) -> UnsupportedSyntax<'_> {
    let mut found = UnsupportedSyntax::default();
    let mut open: Vec<Open> = Vec::new();
    let mut characters = prompt.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            // The next character is plain.
            '\\' => {
                characters.next();
            }
            '(' | '[' => open.push(Open { round: c == '(', at, colons: 0, last_colon: at, bars: 0 }),
            ':' => {
                if let Some(top) = open.last_mut() {
                    top.colons += 1;
                    top.last_colon = at;
                }
            }
            '|' => {
                if let Some(top) = open.last_mut() {
                    top.bars += 1;
                }
            }
            ')' | ']' => {
                let round = c == ')';
                // A bracket of the other kind that was never closed is plain text.
                let Some(index) = open.iter().rposition(|open| open.round == round) else { continue };
                let top = open.swap_remove(index);
                open.truncate(index);
                let text = &prompt[top.at..=at];
                if round {
                    continue;
                }
                if top.bars > 0 {
                    found.alternation.get_or_insert(text);
                } else if (1..=2).contains(&top.colons) && is_number(&prompt[top.last_colon + 1..at]) {
                    found.editing.get_or_insert(text);
                }
            }
            _ => {}
        }
    }
    found
}

/// A number such as `0.5`, `.5`, `10` or `1e1`, space around it allowed.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c))
        && text.parse::<f64>().is_ok()
}

/// Whether the word AND stands anywhere, as a word of its own.
fn composes(prompt: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    prompt.match_indices("AND").any(|(at, word)| {
        !prompt[..at].chars().next_back().is_some_and(part_of_word)
            && !prompt[at + word.len()..].chars().next().is_some_and(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(prompt: &str) -> String {
        let letter = |notice: &String| {
            [("editing", 'e'), ("alternates", 'a'), ("AND", '&')]
                .into_iter()
                .find(|(word, _)| notice.contains(word))
                .map(|(_, c)| c)
        };
        notices(prompt, false).iter().filter_map(letter).collect()
    }

    #[test]
    fn each_kind_is_told_as_the_grammar_has_it() {
        for (prompt, expected) in [
            ("an apple", ""),
            ("[an apple]", ""),
            ("(an apple:1.3)", ""),
            ("[apple:pear:0.5]", "e"),
            ("[pear:10]", "e"),
            ("[apple::10]", "e"),
            ("[apple:pear: 0.5 ]", "e"),
            ("[(red:1.2) apple:pear:.5]", "e"),
            ("[[apple:pear:0.2]:plum:0.6]", "e"),
            ("[apple:pear]", ""),
            ("[a:b:c:0.5]", ""),
            ("[(a:0.5)]", ""),
            (r"\[apple:pear:0.5\]", ""),
            ("[apple:pear:0.5", ""),
            ("[apple|pear]", "a"),
            ("[apple|]", "a"),
            ("apple|pear", ""),
            ("(apple|pear)", ""),
            ("[a|b] [c:d:2] e AND f", "ea&"),
            ("cats AND dogs", "&"),
            ("cats AND\ndogs:0.5", "&"),
            ("AND", "&"),
            ("BAND, ANDES and R_AND", ""),
            ("((([[[", ""),
            (")]:|", ""),
            ("[苹果:é:0.5]", "e"),
        ] {
            assert_eq!(kinds(prompt), expected, "{prompt}");
        }
    }

    #[test]
    fn the_sentence_shows_the_place_and_which_prompt_it_is_in() {
        let text = notices("an [apple:pear:0.5] here", true).remove(0);
        assert!(text.starts_with("The negative prompt") && text.contains(", [apple:pear:0.5],"), "{text}");
        // A composition has no meaning in the negative prompt, so nothing is missed there.
        assert_eq!(notices("cats AND dogs", true), Vec::<String>::new());
    }
}
