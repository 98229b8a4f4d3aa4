//! The files in which a window keeps its document, held by that window alone.
//!
//! The first window keeps its drawing as `drawing.png` with `drawing.json` beside it, the second as
//! `drawing-2.png`, and so on. Which names are taken is known from locks on `drawing.lock`,
//! `drawing-2.lock` and so on. The system frees a lock when its program ends, however it ends; the
//! lock files stay, because removing one could take it away from under another window.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::picture::{SaveError, write_atomically};

/// How many windows can keep their drawings at the same time.
const MOST_WINDOWS: usize = 99;

/// The files of one window, until it is dropped.
#[derive(Debug)]
pub struct Place {
    picture: PathBuf,
    /// Locked for as long as it is open; `None` where the file system knows no locks.
    _lock: Option<File>,
}

impl Place {
    /// Claims the files for a drawing, or those of the next number if another window holds them. The
    /// folder is made if it is missing.
    ///
    /// # Errors
    /// If the folder or a lock file cannot be made, or 99 windows are open.
    pub fn claim(drawing: &Path) -> Result<Self, SaveError> {
        let failed = |path: &Path, error: std::io::Error| SaveError::file(path, &error);
        if let Some(folder) = drawing.parent() {
            std::fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        }
        for number in 1..=MOST_WINDOWS {
            let picture = if number == 1 { drawing.to_path_buf() } else { beside(drawing, &format!("-{number}")) };
            let path = picture.with_extension("lock");
            let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
            let lock = lock.map_err(|source| failed(&path, source))?;
            match lock.try_lock() {
                Ok(()) => return Ok(Self { picture, _lock: Some(lock) }),
                Err(TryLockError::WouldBlock) => {}
                // Some network file systems know no locks; keeping the drawing matters more.
                Err(TryLockError::Error(error)) => {
                    tracing::warn!("{} could not be locked: {error}", path.display());
                    return Ok(Self { picture, _lock: None });
                }
            }
        }
        Err(failed(drawing, io::Error::other("too many windows are open")))
    }

    /// The file of the pixels.
    pub fn picture(&self) -> &Path {
        &self.picture
    }

    /// The file of everything else.
    pub fn state(&self) -> PathBuf {
        self.picture.with_extension("json")
    }

    /// Copies what lies in the files to names that are free, so that it can be written over. Returns
    /// the copy of the picture, or of the state where there is no picture; `None` if there is neither.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn set_aside(&self) -> Result<Option<PathBuf>, SaveError> {
        let Some(free) = (1..)
            .map(|n| beside(&self.picture, &format!("-before-{n}")))
            .find(|picture| !picture.exists() && !picture.with_extension("json").exists())
        else {
            return Ok(None);
        };
        let mut copied = None;
        for (from, to) in [(self.state(), free.with_extension("json")), (self.picture.clone(), free.clone())] {
            match std::fs::read(&from) {
                Ok(bytes) => {
                    write_atomically(&to, &bytes)?;
                    copied = Some(to);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(SaveError::file(&from, &error)),
            }
        }
        Ok(copied)
    }
}

/// `drawing.png` and `-2` become `drawing-2.png`.
fn beside(path: &Path, addition: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(addition);
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_windows_never_share_a_file_and_a_closed_one_frees_its_own() {
        let folder = tempfile::tempdir().expect("folder");
        let drawing = folder.path().join("kept").join("drawing.png");
        let first = Place::claim(&drawing).expect("claims");
        let second = Place::claim(&drawing).expect("claims");
        assert_eq!(first.picture(), drawing);
        assert_eq!(second.picture(), folder.path().join("kept").join("drawing-2.png"));
        assert_eq!(second.state(), folder.path().join("kept").join("drawing-2.json"));
        drop(first);
        assert_eq!(Place::claim(&drawing).expect("claims").picture(), drawing);
    }

    #[test]
    fn a_lock_file_left_by_a_crash_holds_nobody_up() {
        let folder = tempfile::tempdir().expect("folder");
        let drawing = folder.path().join("drawing.png");
        std::fs::write(drawing.with_extension("lock"), "left over").expect("writes");
        assert_eq!(Place::claim(&drawing).expect("claims").picture(), drawing);
    }

    #[test]
    fn what_is_set_aside_is_copied_and_copies_are_never_written_over() {
        let folder = tempfile::tempdir().expect("folder");
        let place = Place::claim(&folder.path().join("drawing.png")).expect("claims");
        assert_eq!(place.set_aside().expect("nothing there"), None);
        for text in ["one", "two"] {
            std::fs::write(place.picture(), text).expect("writes");
            std::fs::write(place.state(), text).expect("writes");
            let copy = place.set_aside().expect("copies").expect("there");
            assert_eq!(std::fs::read_to_string(&copy).expect("reads"), text);
            assert_eq!(std::fs::read_to_string(copy.with_extension("json")).expect("reads"), text);
        }
        assert_eq!(std::fs::read_to_string(folder.path().join("drawing-before-1.png")).expect("reads"), "one");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("writes");
        let text = Place::claim(&file.join("drawing.png")).expect_err("refused").to_string();
        assert!(text.contains("file"), "{text}");
    }
}
