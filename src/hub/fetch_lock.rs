//! One program fetches a file, others wait for it.
//!
//! The lock is one of the operating system on an empty file. For blobs of the cache it is the file that the hub's own
//! programs lock (`.locks/REPOSITORY/ETAG.lock`), so that they wait as well.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::progress::ProgressMeter;
use super::{Control, FetchStage, HubError, write_file};

/// How often a lock is tried that another program holds.
const INTERVAL: Duration = Duration::from_millis(100);

/// The right to fetch one file, until it is dropped.
#[derive(Debug)]
pub(super) struct FetchLock {
    /// Locked for as long as it is open; `None` where the file system knows no locks.
    _file: Option<File>,
}

impl FetchLock {
    /// Waits for the lock at `path`, which is made if it is missing.
    ///
    /// # Errors
    /// [`HubError::Cancelled`], or [`HubError::Storage`] where the file cannot be made.
    pub fn wait(path: &Path, control: &Control, meter: &mut ProgressMeter<'_>) -> Result<Self, HubError> {
        if let Some(folder) = path.parent() {
            write_file::make_folder(folder)?;
        }
        loop {
            control.check()?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
            let file = file.map_err(|error| HubError::written(path, &error))?;
            match file.try_lock() {
                // Other programs remove the file when they are done; a lock on a removed one locks nobody out.
                Ok(()) if is_still_at(&file, path) => return Ok(Self { _file: Some(file) }),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    meter.enter(FetchStage::Waiting, 0, None);
                    std::thread::sleep(INTERVAL);
                }
                Err(TryLockError::Error(error)) => {
                    tracing::warn!("{} could not be locked: {error}", path.display());
                    return Ok(Self { _file: None });
                }
            }
        }
    }
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still_at(_: &File, _: &Path) -> bool {
    // An open file cannot be removed here.
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_program_waits_and_can_be_cancelled() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("locks/a.lock");
        let control = Control::default();
        let held = FetchLock::wait(&path, &control, &mut ProgressMeter::new(&mut |_| ())).expect("is free");
        let waiting = control.clone();
        // Cancelling from inside the progress needs no clock.
        let mut tell = |progress: crate::hub::Progress| {
            assert_eq!(progress.stage, FetchStage::Waiting);
            waiting.cancel();
        };
        let second = FetchLock::wait(&path, &control, &mut ProgressMeter::new(&mut tell));
        assert_eq!(second.expect_err("is held"), HubError::Cancelled);
        drop(held);
        assert!(FetchLock::wait(&path, &Control::default(), &mut ProgressMeter::new(&mut |_| ())).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_on_a_removed_file_is_none() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.lock");
        let file = File::create(&path).expect("makes");
        assert!(is_still_at(&file, &path));
        std::fs::remove_file(&path).expect("removes");
        assert!(!is_still_at(&file, &path));
        File::create(&path).expect("makes");
        assert!(!is_still_at(&file, &path));
    }
}
