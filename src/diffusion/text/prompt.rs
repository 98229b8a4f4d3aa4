//! Prompt syntax: emphasis and breaks, as AUTOMATIC1111's web UI reads them.
//!
//! `(more)` is weighted 1.1×, `[less]` 1/1.1×, `(this:1.4)` 1.4×, `\(` is a plain bracket, and `BREAK`
//! starts the next chunk of 75 tokens. Brackets that are never closed apply to the end.

/// What `(…)` multiplies by.
const MORE: f32 = 1.1;
/// What `[…]` multiplies by.
const LESS: f32 = 1.0 / 1.1;
/// The largest weight; brackets in brackets without end would become infinite.
const MOST: f32 = 1e4;

/// A piece of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) enum Piece {
    /// Words and their weight.
    Words(String, f32),
    /// The next chunk of tokens begins here.
    Break,
}

/// Splits a prompt into pieces; neighbours of the same weight are one piece. Never empty.
pub(in crate::diffusion) fn parse(prompt: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut round, mut square) = (Vec::new(), Vec::new());
    let mut rest = prompt;
    while let Some(first) = rest.chars().next() {
        let mut used = first.len_utf8();
        match first {
            '\\' => {
                // A backslash keeps the next bracket or backslash plain; alone it is nothing.
                let next = rest[1..].chars().next().filter(|c| "()[]\\".contains(*c));
                used += next.map_or(0, char::len_utf8);
                pieces.push(Piece::Words(next.map(String::from).unwrap_or_default(), 1.0));
            }
            '(' => round.push(pieces.len()),
            '[' => square.push(pieces.len()),
            ':' if !round.is_empty() && weight(&rest[1..]).is_some() => {
                if let (Some((value, length)), Some(from)) = (weight(&rest[1..]), round.pop()) {
                    multiply(&mut pieces[from..], value);
                    used += length;
                }
            }
            ')' if !round.is_empty() => {
                if let Some(from) = round.pop() {
                    multiply(&mut pieces[from..], MORE);
                }
            }
            ']' if !square.is_empty() => {
                if let Some(from) = square.pop() {
                    multiply(&mut pieces[from..], LESS);
                }
            }
            ')' | ']' | ':' => pieces.push(Piece::Words(first.into(), 1.0)),
            _ => {
                used = rest.find(['\\', '(', ')', '[', ']', ':']).unwrap_or(rest.len());
                split_breaks(&rest[..used], &mut pieces);
            }
        }
        rest = &rest[used..];
    }
    for from in round {
        multiply(&mut pieces[from..], MORE);
    }
    for from in square {
        multiply(&mut pieces[from..], LESS);
    }
    joined(pieces)
}

/// The number and closing bracket right after a colon, and how long they are.
fn weight(text: &str) -> Option<(f32, usize)> {
    let body = text.trim_start();
    let number = body.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c))).map(|end| &body[..end])?;
    let after = body[number.len()..].trim_start();
    if !after.starts_with(')') {
        return None;
    }
    let value = number.parse::<f32>().ok().filter(|v| v.is_finite())?;
    Some((value, text.len() - after.len() + 1))
}

/// Splits words at every free-standing BREAK; the space around it is dropped.
fn split_breaks(text: &str, pieces: &mut Vec<Piece>) {
    const WORD: &str = "BREAK";
    let mut from = 0;
    for (at, _) in text.match_indices(WORD) {
        let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
        if text[..at].chars().next_back().is_some_and(part_of_word)
            || text[at + WORD.len()..].chars().next().is_some_and(part_of_word)
        {
            continue;
        }
        pieces.push(Piece::Words(text[from..at].trim_end().into(), 1.0));
        pieces.push(Piece::Break);
        let after = &text[at + WORD.len()..];
        from = text.len() - after.trim_start().len();
    }
    pieces.push(Piece::Words(text[from..].into(), 1.0));
}

fn multiply(pieces: &mut [Piece], by: f32) {
    for piece in pieces {
        if let Piece::Words(_, weight) = piece {
            *weight = (*weight * by).clamp(-MOST, MOST);
        }
    }
}

fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), piece) {
            (Some(Piece::Words(text, weight)), Piece::Words(more, same)) if *weight == same => text.push_str(&more),
            (_, piece) => out.push(piece),
        }
    }
    if out.is_empty() {
        out.push(Piece::Words(String::new(), 1.0));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as `text@weight`, breaks as `|`.
    fn read(prompt: &str) -> String {
        let show = |piece: &Piece| match piece {
            Piece::Words(text, weight) => format!("{text}@{weight:.3}"),
            Piece::Break => "|".into(),
        };
        parse(prompt).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_examples_in_the_reference_read_the_same() {
        // From the doctest of AUTOMATIC1111's prompt_parser.parse_prompt_attention.
        assert_eq!(read("normal text"), "normal text@1.000");
        assert_eq!(read("an (important) word"), "an @1.000 important@1.100  word@1.000");
        assert_eq!(read("(unbalanced"), "unbalanced@1.100");
        assert_eq!(read(r"\(literal\]"), "(literal]@1.000");
        assert_eq!(read("(unnecessary)(parens)"), "unnecessaryparens@1.100");
        assert_eq!(
            read("a (((house:1.3)) [on] a (hill:0.5), sun, (((sky)))."),
            "a @1.000 house@1.573  @1.100 on@1.000  a @1.100 hill@0.550 , sun, @1.100 sky@1.464 .@1.100"
        );
    }

    #[test]
    fn breaks_stand_alone_and_take_the_space_around_them() {
        assert_eq!(read("red BREAK blue"), "red@1.000 | blue@1.000");
        assert_eq!(read("(red\nBREAK  blue:2)"), "red@2.000 | blue@2.000");
        assert_eq!(read("BREAKFAST unBREAK"), "BREAKFAST unBREAK@1.000");
        assert_eq!(read("BREAK"), "@1.000 | @1.000");
    }

    #[test]
    fn odd_text_keeps_its_characters() {
        assert_eq!(read(""), "@1.000");
        assert_eq!(read("a: b) c]"), "a: b) c]@1.000");
        assert_eq!(read("(a:b)"), "a:b@1.100");
        assert_eq!(read("(a:1.2.3)"), "a:1.2.3@1.100");
        assert_eq!(read(&format!("{}a{}", "(".repeat(1000), ")".repeat(1000))), "a@10000.000");
        assert_eq!(read("(a : 1.2 )"), "a @1.200");
        assert_eq!(read("(苹果:1.5) é"), "苹果@1.500  é@1.000");
        assert_eq!(read(r"C:\dir"), "C:dir@1.000");
    }
}
