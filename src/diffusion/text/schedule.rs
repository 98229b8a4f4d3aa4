//! Prompts that change over the steps: `[from:to:when]`, `[to:when]`, `[from::when]` and `[a|b]`.
//!
//! Brackets count by the grammar of AUTOMATIC1111's web UI (modules/prompt_parser.py):
//!
//! - `( … )`, `( … : … )` and `[ … ]` are emphasis and stay in the text;
//! - `[ … : when]` and `[ … : … : when]`, where `when` is a number, change at a step;
//! - `[ … | … ]`, with one bar or more, goes through its alternatives, one a step;
//! - inside a bracket every other bracket and colon must belong to one of these; outside, they are plain text;
//! - a backslash makes the next character plain;
//! - a bar outside of `[ … | … ]`, or a backslash before a line's or the prompt's end, makes the whole prompt plain.
//!
//! Reading and evaluating take time in proportion to the prompt's length, and need no recursion.

/// A text, and the last step that it is used at, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::diffusion) struct ScheduledText {
    pub until: usize,
    pub text: String,
}

/// A prompt that has been read.
#[derive(Debug)]
pub(in crate::diffusion) struct PromptSchedule<'a> {
    tokens: Vec<Token<'a>>,
    groups: Vec<Group>,
    /// The first bracket that would change the prompt, if a character elsewhere made all of it plain.
    ignored: Option<&'a str>,
}

/// What a bracket does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Group {
    /// The alternatives of `[a|b]`, how many there are.
    Alternate(usize),
    /// `[to:when]`.
    From(When),
    /// `[from:to:when]`.
    Change(When),
}

/// When a prompt changes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// After a step.
    Step(f64),
    /// After a share of the steps.
    Share(f64),
}

impl When {
    /// A number with a decimal point is a share of the steps, any other a step; beyond the last step is the last.
    fn step(self, steps: usize) -> i64 {
        // Fractions are cut off: seven tenths of ten steps, 7.000…1 in floating point, are seven.
        let step = match self {
            Self::Step(step) => step,
            Self::Share(share) => share * steps as f64,
        };
        (step as i64).min(steps as i64)
    }
}

/// A piece of a prompt.
#[derive(Debug)]
struct Token<'a> {
    text: &'a str,
    role: Role,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    /// Part of the text.
    Text,
    /// Begins a group.
    Open(usize),
    /// Between two branches of the innermost group.
    Next,
    /// Ends the innermost group.
    Close,
}

/// A bracket that is open while reading.
struct Open {
    token: usize,
    round: bool,
    colons: usize,
    bars: usize,
    /// The last colon or bar directly inside, which leads to the earlier ones.
    last: Option<usize>,
}

impl<'a> PromptSchedule<'a> {
    /// Reads a prompt.
    pub fn parse(prompt: &'a str) -> Self {
        Reader::default().read(prompt)
    }

    /// Why the prompt does not change though it has a bracket that would change it; one sentence.
    pub fn notice(&self, name: &str) -> Option<String> {
        let bracket = shortened(self.ignored?);
        Some(format!(
            "{name} does not change over the steps, though it has {bracket}: a | outside of [ | ], or a \\ at the end of a line, makes all of it plain text. Write \\| for a plain bar."
        ))
    }

    /// The prompt's texts over this number of steps, in order; the last one is used to the end.
    pub fn texts(&self, steps: usize) -> Vec<ScheduledText> {
        let mut texts: Vec<ScheduledText> = Vec::new();
        for next in self.each_text(steps) {
            match texts.last_mut().filter(|last| last.text == next.text) {
                Some(last) => last.until = next.until,
                None => texts.push(next),
            }
        }
        texts
    }

    /// As [`PromptSchedule::texts`], each put together when it is asked for; neighbours may be the same.
    pub fn each_text(&self, steps: usize) -> impl Iterator<Item = ScheduledText> {
        let mut ends = vec![false; steps + 1];
        ends[steps] = true;
        for group in &self.groups {
            match group {
                Group::Alternate(_) => ends.fill(true),
                Group::From(when) | Group::Change(when) => {
                    if let Ok(step @ 1..) = usize::try_from(when.step(steps)) {
                        ends[step] = true;
                    }
                }
            }
        }
        let ends = (1..=steps).filter(move |step| ends[*step]);
        ends.map(move |until| ScheduledText { until, text: self.text_at(until, steps) })
    }

    /// The text of a step, counted from 1.
    fn text_at(&self, step: usize, steps: usize) -> String {
        let mut text = String::new();
        let mut open: Vec<Branches> = Vec::new();
        let mut shown = true;
        for token in &self.tokens {
            match token.role {
                Role::Text if shown => text.push_str(token.text),
                Role::Text => {}
                Role::Open(group) => {
                    let branch = match self.groups[group] {
                        Group::Alternate(count) => (step - 1) % count,
                        Group::From(when) | Group::Change(when) if step as i64 <= when.step(steps) => 0,
                        Group::From(_) | Group::Change(_) => 1,
                    };
                    // `[to:when]` has no text for the earlier steps.
                    let first = usize::from(matches!(self.groups[group], Group::From(_)));
                    let branches = Branches { chosen: branch, at: first, around: shown };
                    shown = branches.shown();
                    open.push(branches);
                }
                Role::Next => {
                    if let Some(branches) = open.last_mut() {
                        branches.at += 1;
                        shown = branches.shown();
                    }
                }
                Role::Close => {
                    if let Some(branches) = open.pop() {
                        shown = branches.around;
                    }
                }
            }
        }
        text
    }
}

/// An open group while a text is put together.
struct Branches {
    chosen: usize,
    at: usize,
    /// Whether what is around the group is part of the text.
    around: bool,
}

impl Branches {
    fn shown(&self) -> bool {
        self.around && self.at == self.chosen
    }
}

/// What has been read of a prompt.
#[derive(Default)]
struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    /// Where each token begins in the prompt.
    starts: Vec<usize>,
    /// For each token, the colon or bar before it in its bracket.
    earlier: Vec<Option<usize>>,
    groups: Vec<Group>,
    open: Vec<Open>,
    /// Bars that have not found their brackets.
    loose_bars: usize,
}

impl<'a> Reader<'a> {
    fn read(mut self, prompt: &'a str) -> PromptSchedule<'a> {
        let whole = self.split(prompt);
        for index in 0..self.tokens.len() {
            match self.tokens[index].text {
                bracket @ ("(" | "[") => {
                    self.open.push(Open { token: index, round: bracket == "(", colons: 0, bars: 0, last: None });
                }
                separator @ (":" | "|") => {
                    self.loose_bars += usize::from(separator == "|");
                    if let Some(open) = self.open.last_mut() {
                        open.colons += usize::from(separator == ":");
                        open.bars += usize::from(separator == "|");
                        self.earlier[index] = open.last.replace(index);
                    }
                }
                bracket @ (")" | "]") => {
                    let matching = self.open.pop().filter(|open| open.round == (bracket == ")"));
                    if !matching.is_some_and(|open| self.close(prompt, &open, index)) {
                        // The bracket is plain text, which no bracket around it may hold.
                        self.open.clear();
                    }
                }
                _ => {}
            }
        }
        if whole && self.loose_bars == 0 {
            return PromptSchedule { tokens: self.tokens, groups: self.groups, ignored: None };
        }
        let ignored = self.first_group(prompt);
        let tokens = vec![Token { text: prompt, role: Role::Text }];
        PromptSchedule { tokens, groups: Vec::new(), ignored }
    }

    /// Splits a prompt at brackets, colons and bars. False if a backslash stands before nothing.
    fn split(&mut self, prompt: &'a str) -> bool {
        let most = 2 * prompt.bytes().filter(|byte| b"()[]:|".contains(byte)).count() + 1;
        self.tokens.reserve(most);
        self.starts.reserve(most);
        self.earlier.reserve(most);
        let mut whole = true;
        let mut from = 0;
        let mut characters = prompt.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' => whole &= characters.next().is_some_and(|(_, next)| next != '\n'),
                '(' | ')' | '[' | ']' | ':' | '|' => {
                    self.push(prompt, from..at);
                    self.push(prompt, at..at + 1);
                    from = at + 1;
                }
                _ => {}
            }
        }
        self.push(prompt, from..prompt.len());
        whole
    }

    fn push(&mut self, prompt: &'a str, range: std::ops::Range<usize>) {
        if !range.is_empty() {
            self.starts.push(range.start);
            self.earlier.push(None);
            self.tokens.push(Token { text: &prompt[range], role: Role::Text });
        }
    }

    /// Ends a bracket at the token `index`; false if its content fits no kind.
    fn close(&mut self, prompt: &str, open: &Open, index: usize) -> bool {
        if open.round {
            return open.bars == 0 && open.colons <= 1;
        }
        let group = match (open.colons, open.bars, open.last) {
            (0, 0, _) => return true,
            (0, bars, _) => Group::Alternate(bars + 1),
            (colons @ 1..=2, 0, Some(colon)) => {
                let Some(when) = when(&prompt[self.starts[colon] + 1..self.starts[index]]) else { return false };
                if colons == 1 { Group::From(when) } else { Group::Change(when) }
            }
            _ => return false,
        };
        self.loose_bars -= open.bars;
        let mut separator = open.last;
        while let Some(token) = separator {
            self.tokens[token].role = Role::Next;
            separator = self.earlier[token];
        }
        self.tokens[open.token].role = Role::Open(self.groups.len());
        self.tokens[index].role = Role::Close;
        self.groups.push(group);
        true
    }

    /// The first bracket that changes the prompt.
    fn first_group(&self, prompt: &'a str) -> Option<&'a str> {
        let first = self.tokens.iter().position(|token| matches!(token.role, Role::Open(_)))?;
        let mut depth = 0usize;
        let end = self.tokens[first..].iter().position(|token| {
            match token.role {
                Role::Open(_) => depth += 1,
                Role::Close => depth -= 1,
                Role::Text | Role::Next => {}
            }
            depth == 0
        })?;
        Some(&prompt[self.starts[first]..=self.starts[first + end]])
    }
}

/// The number that says when a prompt changes, such as `10`, `0.5`, `.5`, `-1` or `1e1`, with space around it.
fn when(text: &str) -> Option<When> {
    let text = text.trim();
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(unsigned);
    let (fraction, rest) = match unsigned[whole..].strip_prefix('.') {
        Some(rest) => (digits(rest), &rest[digits(rest)..]),
        None => (0, &unsigned[whole..]),
    };
    let exponent = rest.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    let ends = match exponent {
        Some(exponent) => !exponent.is_empty() && digits(exponent) == exponent.len(),
        None => rest.is_empty(),
    };
    if whole + fraction == 0 || !ends {
        return None;
    }
    let number = text.parse().ok()?;
    Some(if text.contains('.') { When::Share(number) } else { When::Step(number) })
}

/// A bracket as it is shown in a sentence.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// The text of every step.
    fn every_step(prompt: &str, steps: usize) -> Vec<String> {
        let texts = PromptSchedule::parse(prompt).texts(steps);
        assert_eq!(texts.last().map(|last| last.until), Some(steps), "{prompt}");
        (1..=steps).map(|step| texts.iter().find(|text| step <= text.until).expect("a text").text.clone()).collect()
    }

    #[derive(Deserialize)]
    struct Reference {
        prompt: String,
        /// For each number of steps, the texts with the last step of each.
        steps: std::collections::BTreeMap<usize, Vec<(usize, String)>>,
    }

    #[test]
    fn every_step_of_a_hundred_prompts_reads_as_the_grammar_says() {
        // Written by tests/fixtures/prompt_schedules.py.
        let reference: Vec<Reference> =
            serde_json::from_str(include_str!("../../../tests/fixtures/prompt_schedules.json")).expect("the fixture");
        assert!(reference.len() >= 100);
        let mut changing = 0;
        for Reference { prompt, steps } in reference {
            for (steps, texts) in steps {
                let wanted: Vec<&String> = (1..=steps)
                    .map(|step| &texts.iter().find(|(until, _)| step <= *until).expect("a text").1)
                    .collect();
                changing += usize::from(texts.len() > 1);
                assert_eq!(
                    every_step(&prompt, steps).iter().collect::<Vec<_>>(),
                    wanted,
                    "{prompt:?} in {steps} steps"
                );
            }
        }
        assert!(changing > 100, "{changing}");
    }

    #[test]
    fn the_examples_of_the_reference_read_the_same() {
        // From the doctest of AUTOMATIC1111's prompt_parser, at 10 steps.
        for (prompt, runs) in [
            ("test", &[(10, "test")][..]),
            ("a [b:3]", &[(3, "a "), (10, "a b")]),
            ("a [[[b]]:2]", &[(2, "a "), (10, "a [[b]]")]),
            ("[(a:2):3]", &[(3, ""), (10, "(a:2)")]),
            ("a [b : c : 1] d", &[(1, "a b  d"), (10, "a  c  d")]),
            ("a[b:[c:d:2]:1]e", &[(1, "abe"), (2, "ace"), (10, "ade")]),
            ("a [unbalanced", &[(10, "a [unbalanced")]),
            ("a [b:.5] c", &[(5, "a  c"), (10, "a b c")]),
            ("((a][:b:c [d:3]", &[(3, "((a][:b:c "), (10, "((a][:b:c d")]),
        ] {
            let texts = PromptSchedule::parse(prompt).texts(10);
            let texts: Vec<_> = texts.iter().map(|text| (text.until, text.text.as_str())).collect();
            assert_eq!(texts, runs, "{prompt}");
        }
        assert_eq!(every_step("[fe|]male", 4), ["female", "male", "female", "male"]);
    }

    #[test]
    fn a_prompt_that_is_plain_only_because_of_a_bar_or_a_backslash_is_told() {
        let notice = |prompt| PromptSchedule::parse(prompt).notice("The prompt");
        let text = notice("a [b:c:0.5] d | e").expect("told");
        assert!(text.starts_with("The prompt does not change") && text.contains(" [b:c:0.5]:"), "{text}");
        assert!(notice("[a|[b:c:2]] | d").is_some_and(|text| text.contains(" [a|[b:c:2]]:")));
        assert!(notice("[a:b:2]\\").is_some());
        for prompt in ["a | b", "[a:b:2]", "[a|b]", "a\\", "[a:b", r"[a:b:2] \|"] {
            assert_eq!(notice(prompt), None, "{prompt}");
        }
    }

    #[test]
    fn long_and_deep_prompts_are_read_without_recursion() {
        let deep = format!("{}a{}", "[".repeat(25_000), ":b:1]".repeat(25_000));
        let texts = PromptSchedule::parse(&deep).texts(20);
        assert_eq!(texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let texts = PromptSchedule::parse(&"[a|b]".repeat(20_000)).texts(4);
        assert_eq!(texts.len(), 4);
        assert!(texts[1].text.len() == 20_000 && texts[1].text.chars().all(|c| c == 'b'));
    }
}
