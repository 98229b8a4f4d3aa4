//! What can go wrong with the hub, each as one sentence a person can act on.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An error of the hub, of its cache or of fetching. Its text is shown to people as it is: what happened, then what to
/// do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// The person cancelled it. What was fetched is kept for the next time.
    #[error("Cancelled.")]
    Cancelled,
    /// A text names neither a repository of the hub nor a link. The whole sentence.
    #[error("{0}")]
    Place(String),
    /// Something is not on this machine and nothing may be fetched.
    #[error("{what} is not on this machine, and nothing is fetched while offline; go online and try again.")]
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
    /// A server did not answer, or stopped answering, however often it was asked.
    #[error("{host} could not be reached: {reason}; check the connection and try again. What was fetched is kept.")]
    Unreachable {
        /// The server's name.
        host: String,
        /// What happened last.
        reason: String,
        /// How long the server asks to wait, where it says so.
        wait: Option<Duration>,
    },
    /// The hub wants to know who asks, or that its terms are accepted.
    #[error("{sentence}")]
    Access {
        /// What to do, as a whole sentence.
        sentence: String,
        /// The page where that is done.
        page: String,
    },
    /// There is no such repository, revision or file. The whole sentence.
    #[error("{0}")]
    NotFound(String),
    /// A server's answer makes no sense. The whole sentence.
    #[error("{0}")]
    Answer(String),
    /// What arrived is not what was asked for, and was thrown away. The whole sentence.
    #[error("{0}")]
    Damaged(String),
    /// The disk has too little room.
    #[error(
        "{what} needs {} of disk space and {} has {}; make room and try again.",
        bytes(*needed), folder.display(), bytes(*free)
    )]
    Space {
        /// What would be fetched.
        what: String,
        /// How many bytes it needs.
        needed: u64,
        /// How many bytes are free.
        free: u64,
        /// The folder that it would be fetched to.
        folder: PathBuf,
    },
    /// A file of this name is there already and is another one.
    #[error("{} is there already and is another file; rename or move it and try again.", .0.display())]
    Exists(PathBuf),
    /// The way to the network is set up wrongly. The whole sentence.
    #[error("{0}")]
    Setup(String),
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
    /// The error for a file that is another one than the catalogue or list says.
    pub(super) fn other_than_expected(name: &str) -> Self {
        Self::Damaged(format!(
            "{name} is not the file that was expected, as its size or checksum shows, so it was not kept; it may have been replaced since."
        ))
    }

    /// The error for a file or folder that could not be read.
    pub(super) fn read(path: &Path, error: &std::io::Error) -> Self {
        let advice = "check the folder's permissions";
        Self::Storage { path: path.to_path_buf(), verb: "read", reason: plain(error), advice }
    }

    /// The error for a file or folder that could not be written.
    pub(super) fn written(path: &Path, error: &std::io::Error) -> Self {
        let advice = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room and try again; what was fetched is kept",
            _ => "check the folder's permissions, or choose another with HF_HUB_CACHE",
        };
        Self::Storage { path: path.to_path_buf(), verb: "written", reason: plain(error), advice }
    }

    /// The error for a file or folder that could not be removed.
    pub(super) fn removal(path: &Path, error: &std::io::Error) -> Self {
        let advice = "close the programs that use it and check its permissions";
        Self::Storage { path: path.to_path_buf(), verb: "removed", reason: plain(error), advice }
    }
}

/// A number of bytes as people read it, such as `2.1 GB`.
pub(super) fn bytes(count: u64) -> String {
    let (unit, name) = match count {
        1_000_000_000.. => (1e9, "GB"),
        1_000_000.. => (1e6, "MB"),
        1_000.. => (1e3, "kB"),
        _ => return format!("{count} bytes"),
    };
    format!("{:.1} {name}", count as f64 / unit)
}

/// A file system error as the end of a sentence, without the system's error number.
pub(super) fn plain(error: &std::io::Error) -> String {
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
    let text = text.split(" (os error").next().unwrap_or(&text).trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
