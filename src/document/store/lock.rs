//! Who may write to a document file: the window or command that holds its lock.
//!
//! The lock is one of the operating system, on an empty hidden file beside the document, `.NAME.lock`. The
//! system frees it when the program ends, however it ends. The lock file stays: removing one could take it
//! away from under another window.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The right to write to a document file, until it is dropped.
#[derive(Debug)]
pub(super) struct DocumentLock {
    /// Locked for as long as it is open; `None` where the file system knows no locks.
    _file: Option<File>,
}

impl DocumentLock {
    /// The lock of a document on a file system that knows no locks.
    pub fn none() -> Self {
        Self { _file: None }
    }

    /// Takes the lock of a document, which need not exist yet; `None` if another window or command holds it.
    ///
    /// # Errors
    /// If the lock file cannot be made, as in a folder that cannot be written.
    pub fn claim(document: &Path) -> io::Result<Option<Self>> {
        let path = lock_path(document);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some network file systems know no locks; keeping the work matters more.
            Err(TryLockError::Error(error)) => {
                tracing::warn!("{} could not be locked: {error}", path.display());
                Ok(Some(Self::none()))
            }
        }
    }
}

fn lock_path(document: &Path) -> PathBuf {
    // Two ways to one file must lead to one lock.
    let document = document.canonicalize().unwrap_or_else(|_| document.to_path_buf());
    let mut name = std::ffi::OsString::from(".");
    name.push(document.file_name().unwrap_or_default());
    name.push(".lock");
    document.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_and_freed_when_dropped() {
        let folder = tempfile::tempdir().expect("folder");
        let document = folder.path().join("a.underpaint");
        let first = DocumentLock::claim(&document).expect("claims");
        assert!(first.is_some());
        assert!(DocumentLock::claim(&document).expect("asks").is_none());
        assert!(DocumentLock::claim(&folder.path().join("b.underpaint")).expect("claims").is_some());
        drop(first);
        assert!(DocumentLock::claim(&document).expect("claims").is_some());
        assert!(DocumentLock::claim(&folder.path().join("missing/a.underpaint")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_document_has_the_documents_lock() {
        let folder = tempfile::tempdir().expect("folder");
        let document = folder.path().join("a.underpaint");
        std::fs::write(&document, "").expect("writes");
        let link = folder.path().join("link.underpaint");
        std::os::unix::fs::symlink(&document, &link).expect("links");
        let _held = DocumentLock::claim(&document).expect("claims").expect("free");
        assert!(DocumentLock::claim(&link).expect("asks").is_none());
    }
}
