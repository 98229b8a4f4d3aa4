//! The LoRAs in a prompt, which some servers take beside it and not as words in it.

/// A prompt without its LoRAs, and those with their weights: `<lora:name:0.8>`.
pub(super) fn without_loras(prompt: &str) -> (String, Vec<(String, f64)>) {
    let (mut text, mut loras, mut rest) = (String::new(), Vec::new(), prompt);
    while let Some((before, tag)) = rest.split_once("<lora:") {
        let Some((inside, after)) = tag.split_once('>') else { break };
        text.push_str(before);
        let mut parts = inside.split(':');
        let name = parts.next().unwrap_or_default().to_owned();
        let weight = parts.next().and_then(|weight| weight.trim().parse().ok()).unwrap_or(1.0);
        loras.push((name, weight));
        rest = after;
    }
    text.push_str(rest);
    (text.trim().to_owned(), loras)
}

/// What the prompt holds that ComfyUI would take for ordinary words, as one word for it.
pub(super) fn foreign_syntax(prompt: &str) -> Option<&'static str> {
    let has_word = |wanted: &str| prompt.split_whitespace().any(|word| word == wanted);
    let in_brackets = |mark: char| {
        prompt.match_indices('[').any(|(at, _)| {
            let inside = prompt[at + 1..].split([']', '[']).next().unwrap_or_default();
            prompt[at + 1..].contains(']') && inside.contains(mark)
        })
    };
    if has_word("AND") {
        Some("AND")
    } else if has_word("BREAK") {
        Some("BREAK")
    } else if in_brackets(':') || in_brackets('|') {
        Some("a prompt that changes over the steps")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loras_are_taken_out_and_foreign_syntax_is_found() {
        let (text, loras) = without_loras("an apple <lora:Ink Wash:0.8>, <lora:b> red");
        assert_eq!(text, "an apple ,  red");
        assert_eq!(loras, [("Ink Wash".into(), 0.8), ("b".into(), 1.0)]);
        assert_eq!(without_loras("a <lora:open"), ("a <lora:open".into(), vec![]));
        assert_eq!(foreign_syntax("a cat (big:1.2) [small] and [x"), None);
        assert_eq!(foreign_syntax("a cat AND a dog"), Some("AND"));
        assert_eq!(foreign_syntax("a BREAK b"), Some("BREAK"));
        assert!(foreign_syntax("a [cat:dog:0.5]").is_some() && foreign_syntax("a [cat|dog]").is_some());
    }
}
