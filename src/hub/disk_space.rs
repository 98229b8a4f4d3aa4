//! Whether there is room for a file before it is fetched.

use std::path::Path;

use super::HubError;

/// What must stay free for the rest of the system, in bytes.
const RESERVE: u64 = 64 << 20;

/// Checks that `needed` more bytes fit into a folder that exists.
///
/// # Errors
/// [`HubError::Space`] where they do not.
pub(super) fn check(folder: &Path, what: &str, needed: u64) -> Result<(), HubError> {
    match fs4::available_space(folder) {
        Ok(free) if needed > 0 && free < needed.saturating_add(RESERVE) => {
            Err(HubError::Space { what: what.to_owned(), needed, free, folder: folder.to_path_buf() })
        }
        Ok(_) => Ok(()),
        Err(error) => {
            // Writing says so itself when the disk is full.
            tracing::debug!(folder = %folder.display(), %error, "free space is not known");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_does_not_fit_is_refused_with_both_sizes() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(check(folder.path(), "a/b:c", 1), Ok(()));
        let text = check(folder.path(), "a/b:c", u64::MAX).expect_err("does not fit").to_string();
        assert!(text.starts_with("a/b:c needs 18446744073.7 GB of disk space") && text.contains(" has "), "{text}");
    }
}
