//! The settings text of AUTOMATIC1111 and of all who write it too: a prompt, a negative prompt, and a line
//! of `Name: value` pairs.

use super::Parameters;

/// Names of which a line of settings has at least one.
const USUAL: [&str; 6] = ["steps", "sampler", "seed", "cfg scale", "size", "model"];
/// A line of settings has at least this many pairs.
const FEWEST: usize = 3;

/// Reads a text. The line of settings is the last one that begins with `Steps:`, or else the last line of
/// all if it reads like settings; the lines before it are the prompt, and from `Negative prompt:` on the
/// negative prompt. Lines after it belong to extensions.
pub(super) fn read(text: &str) -> Parameters {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    let begins = |line: &&str| line.starts_with("Steps:") && is_settings(line);
    let at = match lines.iter().rposition(begins) {
        Some(at) => Some(at),
        None => lines.last().filter(|line| is_settings(line)).map(|_| lines.len() - 1),
    };
    let (words, fields, extra) = match at {
        Some(at) => (&lines[..at], fields(lines[at]), &lines[at + 1..]),
        None => (&lines[..], Vec::new(), &[][..]),
    };
    let (mut prompt, mut negative, mut within) = (Vec::new(), Vec::new(), false);
    for line in words {
        match line.strip_prefix("Negative prompt:") {
            Some(rest) => {
                within = true;
                negative.push(rest.trim());
            }
            None if within => negative.push(line),
            None => prompt.push(*line),
        }
    }
    Parameters {
        prompt: prompt.join("\n").trim().to_owned(),
        negative: negative.join("\n").trim().to_owned(),
        fields,
        extra_lines: extra.iter().filter(|line| !line.is_empty()).map(|line| (*line).to_owned()).collect(),
        ..Parameters::default()
    }
}

fn is_settings(line: &str) -> bool {
    let fields = fields(line);
    fields.len() >= FEWEST && fields.iter().any(|(name, _)| USUAL.contains(&name.to_ascii_lowercase().as_str()))
}

/// `Name: value, Name: "quoted, value", …` as pairs.
fn fields(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = line.trim_start();
    while let Some((name, after)) = rest.split_once(':') {
        // What stands before the name belongs to no field.
        let name = name.rsplit(',').next().unwrap_or(name).trim();
        let after = after.trim_start();
        let (value, end) = match quoted(after) {
            Some((value, length)) => (value, length),
            None => {
                let length = after.find(',').unwrap_or(after.len());
                (after[..length].trim().to_owned(), length)
            }
        };
        let plain = |c: char| c.is_alphanumeric() || " -_/".contains(c);
        if name.len() > 1 && name.chars().all(plain) {
            found.push((name.to_owned(), value));
        }
        rest = after[end..].trim_start().strip_prefix(',').unwrap_or(&after[end..]).trim_start();
    }
    found
}

/// A JSON string at the start of the text, and how long it is there.
fn quoted(text: &str) -> Option<(String, usize)> {
    if !text.starts_with('"') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}
