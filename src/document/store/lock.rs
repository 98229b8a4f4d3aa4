//! Who may write to a document file: the window or command that holds its lock.
//!
//! The lock is one of the operating system, on an empty hidden file beside the document, `.NAME.lock`. The
//! system frees it when the program ends, however it ends. On Unix the file is removed when the lock is given up; whoever
//! opened it meanwhile notices that what he locked is not under that name any more, and takes the lock again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::header::FileIdentity;

/// How often a lock file that is removed at the same moment is made again.
const MOST_TRIES: usize = 20;

/// The right to write to a document file, until it is dropped.
#[derive(Debug)]
pub(super) struct DocumentLock {
    /// Locked for as long as it is open, with its path; `None` where the file system knows no locks.
    held: Option<(File, PathBuf)>,
}

impl DocumentLock {
    /// The lock of a document on a file system that knows no locks.
    pub fn none() -> Self {
        Self { held: None }
    }

    /// Takes the lock of a document, which need not exist yet; `None` if another window or command holds it.
    ///
    /// # Errors
    /// If the lock file cannot be made, as in a folder that cannot be written.
    pub fn claim(document: &Path) -> io::Result<Option<Self>> {
        let path = lock_path(document);
        for _ in 0..MOST_TRIES {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            match file.try_lock() {
                // Else its holder removed it after it was opened here.
                Ok(()) if FileIdentity::of(&path) == FileIdentity::of_open(&file) => {
                    return Ok(Some(Self { held: Some((file, path)) }));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                // Some network file systems know no locks; keeping the work matters more.
                Err(TryLockError::Error(error)) => {
                    tracing::warn!("{} could not be locked: {error}", path.display());
                    return Ok(Some(Self::none()));
                }
            }
        }
        Ok(None)
    }
}

impl Drop for DocumentLock {
    fn drop(&mut self) {
        // Elsewhere an open file cannot be removed without getting in the way of whoever opens it next.
        if cfg!(unix)
            && let Some((file, path)) = &self.held
            && FileIdentity::of(path) == FileIdentity::of_open(file)
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::debug!("{} was not removed: {error}", path.display());
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

    #[cfg(unix)]
    #[test]
    fn a_lock_that_is_given_up_leaves_no_file_and_two_never_hold_it() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let folder = tempfile::tempdir().expect("folder");
        let document = folder.path().join("a.underpaint");
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..300 {
                        let Some(held) = DocumentLock::claim(&document).expect("asks") else { continue };
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two hold it");
                        taken.fetch_add(1, Ordering::SeqCst);
                        std::thread::yield_now();
                        holders.fetch_sub(1, Ordering::SeqCst);
                        drop(held);
                    }
                });
            }
        });
        assert!(taken.load(Ordering::SeqCst) > 0);
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0);
    }
}
