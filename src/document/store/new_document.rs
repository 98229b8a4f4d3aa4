//! A name for a document file that does not exist yet.

use std::path::{Path, PathBuf};

use super::lock::DocumentLock;
use super::{Changes, Committed, Store, StoreError, new_file};

/// The right to make a document file of a name. Nothing is written but a lock file beside it until there is
/// something to write.
pub struct NewDocument {
    path: PathBuf,
    /// Handed to the store once the file is there.
    lock: Option<DocumentLock>,
}

impl NewDocument {
    /// Takes the name for a new document file. The folder is made if it is missing.
    ///
    /// # Errors
    /// If there is a file of that name, another window has taken it, or the folder cannot be written.
    pub fn claim(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::write_io(folder, &error))?;
        }
        let lock = DocumentLock::claim(path).map_err(|error| StoreError::write_io(path, &error))?;
        let refused = |reason: &str| StoreError::Write { path: path.to_path_buf(), reason: reason.into() };
        let lock = lock.ok_or_else(|| refused("another window has this document open"))?;
        if path.try_exists().unwrap_or(true) {
            return Err(refused("there is something of this name already"));
        }
        Ok(Self { path: path.to_path_buf(), lock: Some(lock) })
    }

    /// The name that was taken.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file with its first changes, which must hold the whole canvas. Call it again with the same
    /// changes if it failed.
    ///
    /// # Errors
    /// Why there is no file, as one sentence.
    pub fn create(&mut self, changes: &Changes) -> Result<(Store, Committed), StoreError> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::write_io(folder, &error))?;
        }
        let committed = new_file::create(&self.path, changes)?;
        match Store::open_with(&self.path, self.lock.take(), None) {
            Ok(store) => Ok((store, committed)),
            Err((lock, error)) => {
                self.lock = lock;
                Err(error)
            }
        }
    }
}
