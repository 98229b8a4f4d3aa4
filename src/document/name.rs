//! Checks the name that somebody gives a document.

use std::path::{Path, PathBuf};

use super::store::DOCUMENT_ENDING;

/// The longest name in bytes: file systems allow 255 with the ending, and a lock file's name is longer.
const LONGEST: usize = 200;

/// Names that Windows keeps for devices.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Why no document can have a name, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but spaces.
    #[error("A document needs a name. Type one.")]
    Empty,
    /// A character that some system does not allow in names of files.
    #[error("A name cannot contain {0}. Choose another character.")]
    Character(String),
    /// Over 200 bytes.
    #[error("This name is too long. Use at most {LONGEST} letters.")]
    TooLong,
    /// A leading or trailing dot, or the name of a device.
    #[error("The name {0} is reserved by some systems. Choose another one.")]
    Reserved(String),
}

/// The file beside `present` for a document that is called `name`. The ending of documents is added if it is missing;
/// spaces around the name do not count.
///
/// # Errors
/// If the name cannot be used on every system.
pub fn renamed_file(present: &Path, name: &str) -> Result<PathBuf, NameError> {
    let name = name.trim();
    let ending = format!(".{DOCUMENT_ENDING}");
    let stem = name.strip_suffix(&ending).unwrap_or(name).trim_end();
    if stem.is_empty() {
        return Err(NameError::Empty);
    }
    if let Some(bad) = stem.chars().find(|c| c.is_control() || r#"/\:*?"<>|"#.contains(*c)) {
        let shown = if bad.is_control() { "line breaks and control characters".into() } else { bad.to_string() };
        return Err(NameError::Character(shown));
    }
    if stem.len() > LONGEST {
        return Err(NameError::TooLong);
    }
    let is_device = DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem));
    if stem.starts_with('.') || stem.ends_with('.') || is_device {
        return Err(NameError::Reserved(stem.to_owned()));
    }
    Ok(present.with_file_name(format!("{stem}{ending}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_file_beside_the_present_one() {
        let present = Path::new("/paintings/untitled.underpaint");
        for (name, file) in [
            ("apple", "/paintings/apple.underpaint"),
            ("  a green äpple v1.2 ", "/paintings/a green äpple v1.2.underpaint"),
            ("apple.underpaint", "/paintings/apple.underpaint"),
            ("apple.png", "/paintings/apple.png.underpaint"),
        ] {
            assert_eq!(renamed_file(present, name), Ok(PathBuf::from(file)), "{name}");
        }
    }

    #[test]
    fn names_that_some_system_refuses_are_refused_with_a_sentence() {
        let long = "x".repeat(201);
        for name in ["", "  ", ".underpaint", "a/b", "..", ".hidden", "a\\b", "a\nb", "c:", "nul", "end.", &long] {
            let error = renamed_file(Path::new("/paintings/a.underpaint"), name).expect_err(name).to_string();
            assert!(error.ends_with('.') && error.len() < 400, "{error}");
        }
    }
}
