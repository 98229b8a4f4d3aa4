//! The check of channel counts that all networks' configs share.

use crate::engine::Error;

/// Refuses a list of channel counts that is empty, longer than 8, or not divisible into norm groups.
///
/// # Errors
/// [`Error::Unsupported`] naming `part` and the list.
pub(super) fn check_widths(part: &str, widths: &[usize], groups: usize) -> Result<(), Error> {
    if !(1..=8).contains(&widths.len()) {
        return Err(Error::Unsupported(format!("its {part} has {} levels, and 1 to 8 are read", widths.len())));
    }
    match widths.iter().find(|width| !(1..=8192).contains(*width)) {
        Some(width) => Err(Error::Unsupported(format!("its {part} has a level {width} channels wide"))),
        None => match widths.iter().find(|width| !width.is_multiple_of(groups)) {
            Some(width) => Err(Error::Unsupported(format!(
                "its {part} has a level of {width} channels, which cannot be divided into {groups} norm groups"
            ))),
            None => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_names_what_is_wrong() {
        check_widths("UNet", &[320, 640], 32).expect("fits");
        for (widths, groups, says) in [
            (&[][..], 32, "its VAE has 0 levels"),
            (&[32; 9], 32, "its VAE has 9 levels"),
            (&[32, 0], 32, "a level 0 channels wide"),
            (&[32, 48], 32, "a level of 48 channels, which cannot be divided into 32 norm groups"),
            (&[32], 0, "into 0 norm groups"),
        ] {
            let text = check_widths("VAE", widths, groups).expect_err(says).to_string();
            assert!(text.contains(says), "{text}");
        }
    }
}
