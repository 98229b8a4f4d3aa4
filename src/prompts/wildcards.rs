//! Wildcards: `__name__` in a prompt stands for a line of the text file `name.txt`, chosen by the picture's seed.

use std::path::{Component, Path, PathBuf};

/// The folder of wildcards inside the data folder.
pub const WILDCARD_FOLDER: &str = "wildcards";

/// What stands before and after a name.
const MARK: &str = "__";
/// How deep lines may name further wildcards.
const DEEPEST: usize = 8;
/// How many wildcards of a prompt are replaced, nested ones included.
const MOST: usize = 200;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// The longest line that is chosen, in bytes; a prompt is not longer either.
const LONGEST_LINE: usize = 50_000;
/// How many bytes all chosen lines of a prompt have at most.
const MOST_BYTES: usize = 200_000;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 120;

/// The folder of text files that wildcards are taken from; each has one choice a line. Empty lines and lines that begin
/// with `#` are no choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wildcards {
    folder: Option<PathBuf>,
}

/// A prompt with its wildcards replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The prompt.
    pub text: String,
    /// The wildcards that were not replaced, with the reason, each as one sentence and once.
    pub problems: Vec<String>,
}

impl Wildcards {
    /// The wildcards of a folder, which may be missing.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder: Some(folder) }
    }

    /// Whether a text may hold wildcards: whether there is a name between two pairs of underscores.
    pub fn are_in(text: &str) -> bool {
        next_name(text).is_some()
    }

    /// Replaces every wildcard of a text. The same seed, text and files give the same choices. A wildcard that cannot be
    /// replaced stays as it is.
    pub fn expand(&self, text: &str, seed: u64) -> Expanded {
        let mut expansion =
            Expansion { wildcards: self, choices: Choices(seed), replaced: 0, bytes: 0, problems: Vec::new() };
        let text = expansion.of(text, 0);
        Expanded { text, problems: expansion.problems }
    }

    fn lines(&self, name: &str) -> Result<Vec<String>, String> {
        let missing = || {
            format!(
                "There is no wildcard __{name}__: put a file {name}.txt with one choice a line into the folder wildcards."
            )
        };
        let folder = self.folder.as_ref().ok_or_else(missing)?;
        let relative = PathBuf::from(format!("{name}.txt"));
        // The name is a stranger's, as it may come from a picture: nothing outside the folder is read.
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(missing());
        }
        let path = folder.join(relative);
        let real = path.canonicalize().map_err(|_| missing())?;
        let inside = folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
        let size = std::fs::metadata(&real).ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
        match size {
            Some(size) if inside && size <= LARGEST => {
                lines_of(&real).ok_or_else(missing).and_then(|lines| match lines.is_empty() {
                    true => Err(format!(
                        "The wildcard __{name}__ has no choices: write one a line into {}.",
                        path.display()
                    )),
                    false => Ok(lines),
                })
            }
            Some(size) if size > LARGEST => {
                Err(format!("The wildcard __{name}__ is not used: {} is too large.", path.display()))
            }
            _ => Err(missing()),
        }
    }
}

fn lines_of(path: &Path) -> Option<Vec<String>> {
    let bytes = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    Some(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect())
}

/// The first wildcard of a text: where it begins and ends, and its name.
fn next_name(text: &str) -> Option<(usize, usize, &str)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find(MARK) {
        let begin = from + found;
        let inside = text.get(begin + MARK.len()..)?;
        let end = inside.find(MARK);
        if let Some(end) = end
            && let Some(name) = inside.get(..end)
            && is_name(name)
        {
            return Some((begin, begin + MARK.len() + end + MARK.len(), name));
        }
        // The second underscore may begin a name.
        from = begin + 1;
    }
    None
}

fn is_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '/' | ' ' | '.');
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.chars().all(allowed)
        && name.starts_with(char::is_alphanumeric)
        && name.ends_with(char::is_alphanumeric)
}

struct Expansion<'a> {
    wildcards: &'a Wildcards,
    choices: Choices,
    replaced: usize,
    bytes: usize,
    problems: Vec<String>,
}

impl Expansion<'_> {
    fn of(&mut self, text: &str, depth: usize) -> String {
        let (mut done, mut rest) = (String::new(), text);
        while let Some((begin, end, name)) = next_name(rest) {
            let (before, wildcard, after) = (&rest[..begin], &rest[begin..end], &rest[end..]);
            done.push_str(before);
            match self.choice(name, depth) {
                Ok(line) => done.push_str(&self.of(&line, depth + 1)),
                Err(problem) => {
                    done.push_str(wildcard);
                    if !self.problems.contains(&problem) {
                        self.problems.push(problem);
                    }
                }
            }
            rest = after;
        }
        done.push_str(rest);
        done
    }

    fn choice(&mut self, name: &str, depth: usize) -> Result<String, String> {
        // Drawn whether it is used or not, so that a missing file changes no other choice.
        let number = self.choices.next();
        if depth >= DEEPEST || self.replaced >= MOST || self.bytes > MOST_BYTES {
            return Err(
                "The wildcards of this prompt name each other without an end, so some were not replaced.".into()
            );
        }
        let mut lines = self.wildcards.lines(name)?;
        self.replaced += 1;
        let at = ((u128::from(number) * lines.len() as u128) >> 64) as usize;
        let line = lines.swap_remove(at.min(lines.len().saturating_sub(1)));
        if line.len() > LONGEST_LINE {
            return Err(format!("The wildcard __{name}__ is not used: a line of it is longer than a prompt may be."));
        }
        self.bytes = self.bytes.saturating_add(line.len());
        Ok(line)
    }
}

/// Random numbers that follow from a seed: SplitMix64 (Steele, Lea and Flood 2014).
struct Choices(u64);

impl Choices {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Wildcards) {
        let folder = tempfile::tempdir().expect("folder");
        let inside = folder.path().join(WILDCARD_FOLDER);
        for (name, text) in files {
            let path = inside.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, text).expect("writes");
        }
        let wildcards = Wildcards::in_folder(inside);
        (folder, wildcards)
    }

    #[test]
    fn lines_that_grow_without_bound_are_not_used() {
        let (_folder, wildcards) =
            folder(&[("long.txt", &"__long__ ".repeat(20_000)), ("wide.txt", &"__wide__ ".repeat(5_000))]);
        let long = wildcards.expand("__long__", 1);
        assert_eq!(long.text, "__long__");
        assert!(long.problems.iter().any(|problem| problem.contains("longer than a prompt")), "{:?}", long.problems);
        let wide = wildcards.expand("__wide__", 1);
        assert!(wide.text.len() < 2_000_000, "{}", wide.text.len());
        assert!(wide.problems.iter().any(|problem| problem.contains("without an end")));
    }

    #[test]
    fn a_seed_always_makes_the_same_choice_and_seeds_make_all_of_them() {
        let (_folder, wildcards) = folder(&[
            ("fruit.txt", "\u{feff}# fruit\napple\n\n pear \r\nplum"),
            ("sets/my table.txt", "an old __wood__ table"),
            ("wood.txt", "oak"),
        ]);
        let texts: BTreeSet<String> =
            (0..40).map(|seed| wildcards.expand("a __fruit__ on __sets/my table__", seed).text).collect();
        assert_eq!(
            texts.iter().map(String::as_str).collect::<Vec<_>>(),
            ["a apple on an old oak table", "a pear on an old oak table", "a plum on an old oak table"]
        );
        for seed in 0..40 {
            assert_eq!(wildcards.expand("__fruit__ __fruit__", seed), wildcards.expand("__fruit__ __fruit__", seed));
        }
        let two = |seed| wildcards.expand("__fruit__ __fruit__", seed).text;
        assert!(
            (0..40).any(|seed| {
                let text = two(seed);
                text.split(' ').next() != text.split(' ').nth(1)
            }),
            "each place chooses"
        );
        assert!(wildcards.expand("__fruit__", 1).problems.is_empty());
    }

    #[test]
    fn what_cannot_be_replaced_stays_and_is_told_once() {
        let (_folder, wildcards) = folder(&[("empty.txt", "# nothing\n"), ("a.txt", "x __b__"), ("b.txt", "y __a__")]);
        for (text, told) in
            [("__nothing__ and __nothing__", "There is no wildcard __nothing__"), ("__empty__", "has no choices")]
        {
            let expanded = wildcards.expand(text, 5);
            assert_eq!(expanded.text, text);
            assert!(expanded.problems.len() == 1 && expanded.problems[0].contains(told), "{:?}", expanded.problems);
        }
        let endless = wildcards.expand("__a__", 5);
        assert!(endless.text.len() < 100 && endless.problems[0].contains("without an end"), "{endless:?}");
        let wide = (0..9).map(|_| "__w__ ").collect::<String>();
        let (_folder, wide_files) = folder(&[("w.txt", &wide)]);
        assert!(wide_files.expand("__w__", 1).text.len() < 10_000, "bounded");
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let (folder, wildcards) = folder(&[("in.txt", "inside")]);
        std::fs::write(folder.path().join("secret.txt"), "secret").expect("writes");
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("secret.txt"), folder.path().join("wildcards/link.txt"))
            .expect("links");
        let absolute = folder.path().join("secret").display().to_string();
        for name in ["../secret", "a/../../secret", "link", &absolute, "./../secret"] {
            let text = wildcards.expand(&format!("__{name}__"), 1).text;
            assert!(!text.contains("secret") || text.contains("__"), "{name}: {text}");
        }
        assert_eq!(wildcards.expand("__in__", 1).text, "inside");
    }

    #[test]
    fn underscores_without_a_name_are_text() {
        assert!(!Wildcards::are_in("snake_case __ and ____ or __?__ or __a") && Wildcards::are_in("x__a__y"));
        let wildcards = Wildcards::default();
        for text in ["", "_", "__", "___", "____", "_____", "__é", "é__ß", "a __ b __ c"] {
            assert_eq!(wildcards.expand(text, 1).text, text);
        }
    }
}
