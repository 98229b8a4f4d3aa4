//! What the file system says, in words for people.

use std::io::{Error, ErrorKind};

/// An error of the file system as the end of a sentence, without the path and without its number: the
/// sentence around it names the file.
pub(crate) fn plain_reason(error: &Error) -> String {
    let known = match error.kind() {
        ErrorKind::NotFound => "it does not exist",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::AlreadyExists => "there is something of this name already",
        ErrorKind::NotADirectory => "a part of the path is not a folder",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the disk quota is used up",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        ErrorKind::FileTooLarge => "the file would be too large for this disk",
        ErrorKind::InvalidFilename => "the name is not allowed on this disk",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    // Errors of the temporary file repeat the path; the system's own words do not.
    let text = match error.raw_os_error() {
        Some(number) => Error::from_raw_os_error(number).to_string(),
        None => error.to_string(),
    };
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_neither_numbers_nor_paths() {
        assert_eq!(plain_reason(&Error::from(ErrorKind::StorageFull)), "the disk is full");
        let missing = tempfile::tempfile_in("/no/such/folder").expect_err("missing");
        assert_eq!(plain_reason(&missing), "it does not exist");
        if cfg!(target_os = "linux") {
            // "Numerical argument out of domain", which has no kind of its own.
            let text = plain_reason(&Error::from_raw_os_error(33));
            assert!(!text.is_empty() && !text.contains("33") && !text.ends_with('.'), "{text}");
        }
    }
}
