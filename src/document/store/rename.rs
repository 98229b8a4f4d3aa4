//! Moves a document file to another name.

use std::path::Path;

use super::lock::DocumentLock;
use super::{Store, StoreError, header, new_file};

impl Store {
    /// Moves the file to another name, which must be free, and goes on with it there. The new file is whole on the
    /// disk before the old one is removed, so that nothing is lost whenever this is interrupted.
    ///
    /// # Errors
    /// If the file can only be read, there is something of that name, another window has taken it, or it cannot be
    /// written; the document then keeps its name.
    pub fn rename(&mut self, path: &Path) -> Result<(), StoreError> {
        if let Some(reason) = self.read_only {
            return Err(StoreError::ReadOnly { reason: reason.sentence(&self.path) });
        }
        let refused = |reason: &str| StoreError::Write { path: path.to_path_buf(), reason: reason.into() };
        if path.try_exists().unwrap_or(true) {
            return Err(refused("there is something of this name already; choose another name"));
        }
        self.bring_back()?;
        let lock = DocumentLock::claim(path).map_err(|error| StoreError::write_io(path, &error))?;
        let lock = lock.ok_or_else(|| refused("another window has taken this name; choose another"))?;
        new_file::persist(&self.connection, path, false)?;
        let moved = Self::open_with(path, Some(lock), None).map_err(|(_, error)| error)?;
        let old = std::mem::replace(self, moved);
        // Closing it puts its log into it. The lock is held until it is gone.
        let Self { path: old_path, connection, lock: _lock, identity, .. } = old;
        if let Err((_, error)) = connection.close() {
            tracing::warn!("{} was not closed: {error}", old_path.display());
        }
        if header::FileIdentity::of(&old_path) == identity
            && let Err(error) = std::fs::remove_file(&old_path)
        {
            tracing::warn!("{} was not removed after its document was renamed: {error}", old_path.display());
        }
        Ok(())
    }
}
