//! Prompt syntax: emphasis and breaks, as AUTOMATIC1111's web UI reads them.
//!
//! `(more)` is weighted 1.1×, `[less]` 1/1.1×, `(this:1.4)` 1.4×, `\(` is a plain bracket, and `BREAK`
//! starts the next chunk of 75 tokens. Brackets that are never closed apply to the end.

/// What `(…)` multiplies by.
const MORE: f32 = 1.1;
/// What `[…]` multiplies by.
const LESS: f32 = 1.0 / 1.1;
/// The largest weight, either way; brackets in brackets without end would become infinite.
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
    let mut reader = Reader::default();
    let mut rest = prompt;
    while let Some(first) = rest.chars().next() {
        let mut used = first.len_utf8();
        match first {
            '\\' => {
                // A backslash keeps the next bracket or backslash plain; alone it is nothing.
                let next = rest[1..].chars().next().filter(|c| "()[]\\".contains(*c));
                used += next.map_or(0, char::len_utf8);
                reader.words(if next.is_some() { &rest[1..2] } else { "" });
            }
            '(' => reader.round.open(),
            '[' => reader.square.open(),
            ':' if reader.round.is_open() && weight(&rest[1..]).is_some() => {
                if let Some((value, length)) = weight(&rest[1..]) {
                    reader.close_round(value);
                    used += length;
                }
            }
            ')' if reader.round.is_open() => reader.close_round(MORE),
            ']' if reader.square.is_open() => reader.close_square(),
            ')' | ']' | ':' => reader.words(&rest[..1]),
            _ => {
                used = rest.find(['\\', '(', ')', '[', ']', ':']).unwrap_or(rest.len());
                split_breaks(&rest[..used], &mut reader);
            }
        }
        rest = &rest[used..];
    }
    reader.pieces()
}

/// A prompt while it is read: its words, each with the brackets around it.
#[derive(Default)]
struct Reader<'a> {
    round: Brackets,
    square: Brackets,
    /// Words with the innermost round and square bracket around them; `None` for a break.
    words: Vec<Option<(&'a str, Inside)>>,
    /// Brackets that were closed.
    closed: usize,
}

/// The innermost brackets of each kind around a word.
#[derive(Clone, Copy, Default, PartialEq)]
struct Inside {
    round: Option<usize>,
    square: Option<usize>,
}

/// All brackets of one kind. They nest; those of the other kind may cross them.
#[derive(Default)]
struct Brackets {
    all: Vec<Bracket>,
    innermost: Option<usize>,
}

struct Bracket {
    around: Option<usize>,
    factor: f32,
    /// Its place in the order in which brackets are closed.
    order: usize,
    /// The product of the factors of this bracket and all around it.
    product: f32,
}

impl Brackets {
    fn open(&mut self) {
        self.all.push(Bracket { around: self.innermost, factor: 1.0, order: 0, product: 1.0 });
        self.innermost = Some(self.all.len() - 1);
    }

    fn is_open(&self) -> bool {
        self.innermost.is_some()
    }

    fn close(&mut self, factor: f32, order: usize) {
        if let Some(bracket) = self.innermost.and_then(|innermost| self.all.get_mut(innermost)) {
            (bracket.factor, bracket.order) = (factor, order);
            self.innermost = bracket.around;
        }
    }

    /// Closes what is open, the outermost first.
    fn close_rest(&mut self, factor: f32, closed: usize) -> usize {
        let mut open = Vec::new();
        while let Some(innermost) = self.innermost {
            open.push(innermost);
            self.innermost = self.all[innermost].around;
        }
        for (i, bracket) in open.iter().rev().enumerate() {
            (self.all[*bracket].factor, self.all[*bracket].order) = (factor, closed + i);
        }
        closed + open.len()
    }

    /// Works out the products; a bracket comes after those around it.
    fn multiply(&mut self) {
        for i in 0..self.all.len() {
            let around = self.all[i].around.map_or(1.0, |around| self.all[around].product);
            self.all[i].product = bounded(around * self.all[i].factor);
        }
    }
}

impl<'a> Reader<'a> {
    fn words(&mut self, text: &'a str) {
        let inside = Inside { round: self.round.innermost, square: self.square.innermost };
        self.words.push(Some((text, inside)));
    }

    fn close_round(&mut self, factor: f32) {
        self.round.close(factor, self.closed);
        self.closed += 1;
    }

    fn close_square(&mut self) {
        self.square.close(LESS, self.closed);
        self.closed += 1;
    }

    /// The pieces, with neighbours of the same weight joined.
    fn pieces(mut self) -> Vec<Piece> {
        let closed = self.round.close_rest(MORE, self.closed);
        self.square.close_rest(LESS, closed);
        self.round.multiply();
        self.square.multiply();
        let mut pieces: Vec<Piece> = Vec::new();
        let (mut before, mut weight) = (Inside::default(), 1.0);
        for word in &self.words {
            let Some((text, inside)) = word else {
                pieces.push(Piece::Break);
                continue;
            };
            if *inside != before {
                (before, weight) = (*inside, self.weight(*inside));
            }
            match pieces.last_mut() {
                Some(Piece::Words(words, same)) if *same == weight => words.push_str(text),
                _ => pieces.push(Piece::Words((*text).to_owned(), weight)),
            }
        }
        if pieces.is_empty() {
            pieces.push(Piece::Words(String::new(), 1.0));
        }
        pieces
    }

    /// The product of the factors around a word, multiplied in the order in which the brackets close.
    fn weight(&self, inside: Inside) -> f32 {
        /// Brackets around a word that are multiplied one by one. The products of deeper ones, multiplied from the
        /// outside, differ in the last digit at most, and take the same time for every word.
        const DEEP: usize = 16;
        let (mut round, mut square) = (inside.round, inside.square);
        let mut weight = 1.0f32;
        for _ in 0..DEEP {
            let (in_round, in_square) = (round.map(|i| &self.round.all[i]), square.map(|i| &self.square.all[i]));
            match (in_round, in_square) {
                (Some(bracket), other) if other.is_none_or(|other| bracket.order < other.order) => {
                    weight = bounded(weight * bracket.factor);
                    round = bracket.around;
                }
                (_, Some(bracket)) => {
                    weight = bounded(weight * bracket.factor);
                    square = bracket.around;
                }
                _ => return weight,
            }
        }
        let rest = |brackets: &Brackets, from: Option<usize>| from.map_or(1.0, |from| brackets.all[from].product);
        bounded(weight * bounded(rest(&self.round, round) * rest(&self.square, square)))
    }
}

fn bounded(weight: f32) -> f32 {
    weight.clamp(-MOST, MOST)
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
fn split_breaks<'a>(text: &'a str, reader: &mut Reader<'a>) {
    const WORD: &str = "BREAK";
    let mut from = 0;
    for (at, _) in text.match_indices(WORD) {
        let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
        if text[..at].chars().next_back().is_some_and(part_of_word)
            || text[at + WORD.len()..].chars().next().is_some_and(part_of_word)
        {
            continue;
        }
        reader.words(text[from..at].trim_end());
        reader.words.push(None);
        let after = &text[at + WORD.len()..];
        from = text.len() - after.trim_start().len();
    }
    reader.words(&text[from..]);
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
    fn brackets_of_the_two_kinds_may_cross() {
        // By the reference's rules: each bracket applies from where it opens to where it closes.
        assert_eq!(read("a (b [c) d] e"), "a @1.000 b @1.100 c@1.000  d@0.909  e@1.000");
        assert_eq!(read("[a (b] c:2)"), "a @0.909 b@1.818  c@2.000");
    }

    #[test]
    fn many_words_in_deep_brackets_are_read_in_little_time() {
        // A word lies inside all brackets that are still open.
        let deep = |count| format!("{}{}", "(a BREAK ".repeat(count), ":1.001)".repeat(count));
        let pieces = parse(&deep(20_000));
        let weights: Vec<f32> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Words(text, weight) => (text == "a").then_some(*weight),
                Piece::Break => None,
            })
            .collect();
        assert_eq!(weights.len(), 20_000);
        for depth in [1, 16, 17, 100, 5000] {
            let wanted = 1.001f64.powi(depth);
            let weight = f64::from(weights[depth as usize - 1]);
            assert!((weight / wanted - 1.0).abs() < 1e-3, "{depth}: {weight} is not {wanted}");
        }
        assert_eq!(weights[19_999], MOST);
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
