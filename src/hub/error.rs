//! What can go wrong with the hub, each as one sentence a person can act on.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// An error of the hub or its cache. Its text is shown to people as it is: what happened, then what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// The person cancelled it. What was fetched is kept for the next time.
    #[error("Cancelled.")]
    Cancelled,
    /// A text names neither a repository of the hub nor a link. The whole sentence.
    #[error("{0}")]
    Place(String),
    /// Something is not on this machine and nothing may be fetched.
    #[error("{what} is not on this machine, and nothing is fetched while working offline; allow it and try again.")]
    Offline {
        /// What was asked for.
        what: String,
    },
    /// Something that should be removed is not in the cache.
    #[error("{what} is not in the hub's cache on this machine.")]
    NotHere {
        /// What was asked for.
        what: String,
    },
    /// The cache or another folder could not be read or written.
    #[error("{} could not be {verb}: {reason}; {advice}.", path.display())]
    Storage {
        /// The file or folder.
        path: PathBuf,
        /// `read`, `written` or `removed`.
        verb: &'static str,
        /// Why, without the system's error number.
        reason: String,
        /// What would help.
        advice: &'static str,
    },
}

impl HubError {
    /// The error for a file or folder that could not be read.
    pub(super) fn read(path: &Path, error: &std::io::Error) -> Self {
        let advice = "check the folder's permissions";
        Self::Storage { path: path.to_path_buf(), verb: "read", reason: plain(error), advice }
    }

    /// The error for a file or folder that could not be removed.
    pub(super) fn removal(path: &Path, error: &std::io::Error) -> Self {
        let advice = "close the programs that use it and check its permissions";
        Self::Storage { path: path.to_path_buf(), verb: "removed", reason: plain(error), advice }
    }
}

/// A file system error as the end of a sentence, without the system's error number.
fn plain(error: &std::io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the disk quota is used up",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        ErrorKind::NotADirectory => "a part of the path is not a folder",
        ErrorKind::FileTooLarge => "the file is too large for this disk",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).trim_end_matches('.').to_owned()
}
