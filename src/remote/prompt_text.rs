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

/// A prompt whose weights are written as ComfyUI reads them. There `[word]` is no weight and an inner weight replaces that
/// around it, while here `[word]` counts 1.1 times less and weights multiply. So each part gets its own weight, without one
/// inside another: `((a) [b:1.2)` and so on are read by the rules of AUTOMATIC1111's `parse_prompt_attention`.
pub(super) fn flat_weights(prompt: &str) -> String {
    let mut text = String::new();
    for (part, weight) in weighted_parts(prompt) {
        let part = part.replace('(', "\\(").replace(')', "\\)");
        match (weight - 1.0).abs() < 1e-9 {
            true => text += &part,
            false => text += &format!("({part}:{})", (weight * 1e4).round() / 1e4),
        }
    }
    text
}

/// The parts of a prompt with the weight of each; neighbours differ in weight.
fn weighted_parts(prompt: &str) -> Vec<(String, f64)> {
    const STEP: f64 = 1.1;
    let mut parts: Vec<(String, f64)> = Vec::new();
    // Where brackets that are still open began, and which they are.
    let mut open: Vec<(usize, char)> = Vec::new();
    let weigh = |parts: &mut Vec<(String, f64)>, from: usize, factor: f64| {
        parts.iter_mut().skip(from).for_each(|part| part.1 *= factor);
    };
    // Each bracket begins a new part, so that what it weighs can be told apart.
    let mut is_new = true;
    let add = |parts: &mut Vec<(String, f64)>, is_new: &mut bool, text: &str| match parts.last_mut() {
        Some(last) if !*is_new => last.0.push_str(text),
        _ => {
            parts.push((text.to_owned(), 1.0));
            *is_new = false;
        }
    };
    let mut rest = prompt;
    while let Some(sign) = rest.chars().next() {
        let after = &rest[sign.len_utf8()..];
        let close = |open: &mut Vec<(usize, char)>, bracket: char| {
            let at = open.iter().rposition(|(_, kind)| *kind == bracket)?;
            Some(open.remove(at).0)
        };
        match sign {
            '\\' if after.starts_with(['(', ')', '[', ']', '\\']) => {
                add(&mut parts, &mut is_new, &after[..1]);
                rest = &after[1..];
                continue;
            }
            '(' | '[' => {
                open.push((parts.len(), sign));
                is_new = true;
            }
            ')' => match close(&mut open, '(') {
                Some(from) => {
                    weigh(&mut parts, from, STEP);
                    is_new = true;
                }
                None => add(&mut parts, &mut is_new, ")"),
            },
            ']' => match close(&mut open, '[') {
                Some(from) => {
                    weigh(&mut parts, from, 1.0 / STEP);
                    is_new = true;
                }
                None => add(&mut parts, &mut is_new, "]"),
            },
            ':' => {
                // The number of `(words:1.2)`.
                let number = after.split_once(')').and_then(|(number, after)| Some((weight_of(number.trim())?, after)));
                match number.and_then(|(weight, after)| Some((weight, after, close(&mut open, '(')?))) {
                    Some((weight, after, from)) => {
                        weigh(&mut parts, from, weight);
                        is_new = true;
                        rest = after;
                        continue;
                    }
                    None => add(&mut parts, &mut is_new, ":"),
                }
            }
            _ => add(&mut parts, &mut is_new, &rest[..sign.len_utf8()]),
        }
        rest = after;
    }
    for (from, bracket) in open {
        weigh(&mut parts, from, if bracket == '(' { STEP } else { 1.0 / STEP });
    }
    let mut merged: Vec<(String, f64)> = Vec::new();
    for (text, weight) in parts {
        match merged.last_mut() {
            Some(last) if (last.1 - weight).abs() < 1e-9 => last.0 += &text,
            _ => merged.push((text, weight)),
        }
    }
    merged
}

/// The weight before a closing bracket: digits, dots and a sign.
fn weight_of(text: &str) -> Option<f64> {
    let is_number =
        !text.is_empty() && text.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, '.' | '+' | '-'));
    text.parse().ok().filter(|weight: &f64| is_number && weight.is_finite())
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
    /// The expected weights are those of AUTOMATIC1111's `parse_prompt_attention` for these prompts.
    #[test]
    fn weights_are_written_flat() {
        for (prompt, flat) in [
            ("a red apple", "a red apple"),
            ("a (red:1.3) apple, [house]", "a (red:1.3) apple, (house:0.9091)"),
            ("a ((red)) apple", "a (red:1.21) apple"),
            ("(a (red:1.2) apple:1.5)", "(a :1.5)(red:1.8)( apple:1.5)"),
            ("an (unbalanced [word", "an (unbalanced :1.1)word"),
            (r"a \(literal\) bracket", r"a \(literal\) bracket"),
            (r"(\(x\):0.5)", r"(\(x\):0.5)"),
            ("12:30) late", r"12:30\) late"),
            ("(a:b) c]", "(a:b:1.1) c]"),
            ("", ""),
        ] {
            assert_eq!(flat_weights(prompt), flat, "{prompt}");
        }
    }
}
