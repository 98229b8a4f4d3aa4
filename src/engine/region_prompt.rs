//! Prompts of parts of a picture.

use serde::{Deserialize, Serialize};

use super::{Error, Settings};

/// The prompt of a part of the picture. Which part it is says a mask of the round's [`Plan`](super::Plan).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionPrompt {
    /// What that part shows. The prompt of the whole picture is added behind it.
    pub prompt: String,
    /// The layer that covers the part, by its number in the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<u64>,
}

impl RegionPrompt {
    /// How many regions a round has at most.
    pub const MOST: usize = 16;

    /// The whole text that the part follows: its own prompt, and behind it that of the whole picture.
    pub fn with_root(&self, root: &str) -> String {
        let own = self.prompt.trim();
        if root.trim().is_empty() { own.to_owned() } else { format!("{own}, {root}") }
    }
}

/// Checks the regions of a round.
///
/// # Errors
/// [`Error::Setting`] naming the first thing that is wrong.
pub(super) fn check_all(regions: &[RegionPrompt]) -> Result<(), Error> {
    if regions.len() > RegionPrompt::MOST {
        return Err(Error::Setting(format!(
            "A round has {} regions and may have {}.",
            regions.len(),
            RegionPrompt::MOST
        )));
    }
    let long = regions.iter().map(|region| region.prompt.chars().count()).find(|count| *count > Settings::MAX_PROMPT);
    match long {
        Some(count) => Err(Error::Setting(format!(
            "The prompt of a region has {count} characters, and at most {} are read; shorten it.",
            Settings::MAX_PROMPT
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_follows_its_prompt_and_that_of_the_picture() {
        let region = RegionPrompt { prompt: " a red apple ".into(), layer: None };
        assert_eq!(region.with_root("still life"), "a red apple, still life");
        assert_eq!(region.with_root(" "), "a red apple");
        check_all(&vec![region.clone(); 16]).expect("good");
        assert!(check_all(&vec![region; 17]).expect_err("too many").to_string().contains("17 regions"));
        let long = RegionPrompt { prompt: "x".repeat(Settings::MAX_PROMPT + 1), layer: None };
        assert!(check_all(&[long]).expect_err("too long").to_string().contains("50001 characters"));
    }
}
