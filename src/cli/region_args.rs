//! `--region`: prompts for parts of the picture.

use std::path::PathBuf;

use super::control_args::pairs;
use super::mask_file::MaskFile;
use crate::engine::{Mask, RegionPrompt};
use crate::picture::Fit;

/// A region as it is typed: `mask=PNG,prompt=TEXT`.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionArg {
    mask: PathBuf,
    prompt: String,
}

/// The names that can be given.
const KEYS: [&str; 2] = ["mask", "prompt"];

/// Reads a region as it is typed. A comma that no known name follows belongs to the value, so prompts have commas.
///
/// # Errors
/// The end of a sentence: what is missing.
pub(super) fn region(text: &str) -> Result<RegionArg, String> {
    let pairs = pairs(text, &KEYS).map_err(|_| "write mask=PNG,prompt=TEXT".to_owned())?;
    let of = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    match (of("mask"), of("prompt")) {
        (Some(mask), Some(prompt)) if !mask.is_empty() && !prompt.trim().is_empty() => {
            Ok(RegionArg { mask: mask.into(), prompt })
        }
        _ => Err("write mask=PNG,prompt=TEXT".into()),
    }
}

/// The regions with their masks in this size, white where they count.
///
/// # Errors
/// A mask that cannot be read, as one sentence.
pub(super) fn regions(
    given: &[RegionArg],
    size: (u32, u32),
    how: Fit,
) -> anyhow::Result<(Vec<RegionPrompt>, Vec<Mask>)> {
    let read = |arg: &RegionArg| -> anyhow::Result<(RegionPrompt, Mask)> {
        let mask = MaskFile::open(&arg.mask)?.levels_in(size, how);
        Ok((RegionPrompt { prompt: arg.prompt.clone(), layer: None }, mask))
    };
    Ok(given.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?.into_iter().unzip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_belong_to_the_prompt() {
        let arg = region("mask=/a, b.png,prompt=a red apple, glossy, size=big").expect("reads");
        assert_eq!(arg.mask, PathBuf::from("/a, b.png"));
        assert_eq!(arg.prompt, "a red apple, glossy, size=big");
        for text in ["", "apple.png", "mask=a.png", "prompt=x", "mask=a.png,prompt= "] {
            assert!(region(text).expect_err(text).contains("mask=PNG,prompt=TEXT"));
        }
    }
}
