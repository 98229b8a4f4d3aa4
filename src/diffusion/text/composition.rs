//! Prompts joined with `AND` (composable diffusion, Liu et al. 2022), each with a weight after a colon.
//!
//! The rules are those of AUTOMATIC1111's web UI: the word counts wherever it stands, inside brackets too, and a
//! prompt that is not joined to another may have a weight as well.

/// A prompt of a composition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::diffusion) struct ComposedPrompt<'a> {
    pub text: &'a str,
    /// What its guidance is multiplied by.
    pub weight: f64,
}

/// The prompts that a prompt is made of, at least one.
pub(in crate::diffusion) fn compose(prompt: &str) -> Vec<ComposedPrompt<'_>> {
    const WORD: &str = "AND";
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, _) in prompt.match_indices(WORD) {
        let end = at + WORD.len();
        let inside = prompt[..at].chars().next_back().is_some_and(part_of_word)
            || prompt[end..].chars().next().is_some_and(part_of_word);
        if !inside {
            parts.push(weighted(&prompt[from..at]));
            from = end;
        }
    }
    parts.push(weighted(&prompt[from..]));
    parts
}

/// Takes the weight off the end of a prompt.
fn weighted(prompt: &str) -> ComposedPrompt<'_> {
    let text = prompt.trim_end();
    let found = text.rsplit_once(':').and_then(|(text, weight)| Some((text.trim_end(), number(weight.trim_start())?)));
    let (text, weight) = found.unwrap_or((text, 1.0));
    // The reference's pattern does not reach over the end of a line, so a prompt of several lines has no weight.
    if text.trim_start().contains('\n') {
        return ComposedPrompt { text: prompt, weight: 1.0 };
    }
    ComposedPrompt { text, weight }
}

/// A weight: `2`, `2.`, `0.5`, `.5` or `-1`.
fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = unsigned.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts as `text@weight`.
    fn read(prompt: &str) -> Vec<String> {
        compose(prompt).iter().map(|part| format!("{}@{}", part.text, part.weight)).collect()
    }

    #[test]
    fn and_joins_prompts_with_weights() {
        assert_eq!(read("an apple"), ["an apple@1"]);
        assert_eq!(read(""), ["@1"]);
        assert_eq!(read("cats AND dogs"), ["cats@1", " dogs@1"]);
        assert_eq!(read("cats:1.2 AND dogs : .5 AND \nmice :-1."), ["cats@1.2", " dogs@0.5", " \nmice@-1"]);
        assert_eq!(read("AND"), ["@1", "@1"]);
        assert_eq!(read("(a AND b)"), ["(a@1", " b)@1"]);
        assert_eq!(read("[a:b:2] AND c"), ["[a:b:2]@1", " c@1"]);
    }

    #[test]
    fn what_is_no_and_or_no_weight_stays_text() {
        for prompt in
            ["BAND ANDES R_AND", "and", "(a:1.2)", "a:b", "a:1e3", "a:inf", "a:", "a:1.2.3", ":x", "a:+", "a:."]
        {
            assert_eq!(read(prompt), [format!("{prompt}@1")], "{prompt}");
        }
        assert_eq!(read("16:9"), ["16@9"]);
        assert_eq!(read("a\nb:2"), ["a\nb:2@1"]);
        assert_eq!(read("a:2\n"), ["a@2"]);
        assert_eq!(read("苹AND é"), ["苹AND é@1"]);
    }
}
