//! Why a document file cannot be used, each as one sentence.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why a document file could not be opened, read or written, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file system refused to read it.
    #[error("{} could not be opened: {reason}.", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It is something else than a document file.
    #[error("{} could not be opened: it is {what} and not an underpaint document.", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// It is a document file, and damaged.
    #[error("{} is damaged ({reason}). underpaint check with --salvage writes what can still be read into a new file.", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It could not be written.
    #[error("{} could not be written: {reason}.", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It is open for reading only.
    #[error("{reason}")]
    ReadOnly {
        /// Why, as one sentence.
        reason: String,
    },
}

impl StoreError {
    /// What SQLite reported while a file was read.
    pub(super) fn read(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match code(error) {
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::Open { path, reason: "permission denied, or the folder cannot be written".into() }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Open { path, reason: "another program is using it".into() }
            }
            Some(ErrorCode::SystemIoFailure) => Self::Open { path, reason: "the disk could not be read".into() },
            Some(ErrorCode::OutOfMemory) => Self::Open { path, reason: "there is not enough memory".into() },
            _ => Self::Damaged { path, reason: plain(error) },
        }
    }

    /// What SQLite reported while a file was written.
    pub(super) fn write(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        let reason = match code(error) {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                return Self::Damaged { path, reason: plain(error) };
            }
            Some(ErrorCode::DiskFull) => "the disk is full".into(),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "permission denied".into(),
            Some(ErrorCode::CannotOpen) => "its folder cannot be written".into(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program is using it".into(),
            Some(ErrorCode::SystemIoFailure) => "the disk reports an error".into(),
            _ => plain(error),
        };
        Self::Write { path, reason }
    }

    /// What the file system reported while a file was written.
    pub(super) fn write_io(path: &Path, error: &io::Error) -> Self {
        Self::Write { path: path.to_path_buf(), reason: crate::picture::plain_reason(error) }
    }

    /// What the file system reported while a file was opened.
    pub(super) fn open_io(path: &Path, error: &io::Error) -> Self {
        Self::Open { path: path.to_path_buf(), reason: crate::picture::plain_reason(error) }
    }

    pub(super) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_path_buf(), reason: reason.into() }
    }
}

fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.code),
        _ => None,
    }
}

/// What SQLite reported, in plain words without a full stop, for the middle of a sentence. Its own words follow only where
/// nothing else is known.
fn plain(error: &rusqlite::Error) -> String {
    tracing::debug!("SQLite reported: {error}");
    let text = match error {
        rusqlite::Error::QueryReturnedNoRows => "a part that every document has is missing".into(),
        rusqlite::Error::InvalidColumnType(_, name, _) => format!("the value {name} has the wrong type"),
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::Utf8Error(..) => {
            "a value cannot be understood".into()
        }
        other => match code(other) {
            Some(ErrorCode::DatabaseCorrupt) => "parts of it are not what was written".into(),
            Some(ErrorCode::NotADatabase) => "it does not begin as a document does".into(),
            Some(ErrorCode::ConstraintViolation) => "it holds something that cannot be in a document".into(),
            Some(ErrorCode::TooBig) => "a value is too large".into(),
            _ => format!("SQLite reports: {other}"),
        },
    };
    // It may quote the file, which can be long and hold anything.
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let short: String = words.join(" ").chars().take(200).collect();
    short.trim_end_matches('.').to_owned()
}
