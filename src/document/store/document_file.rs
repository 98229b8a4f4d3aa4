//! The file of a document, whether it exists already or is only a name so far.

use std::path::Path;

use super::{Changes, Committed, NewDocument, ReadOnlyReason, Store, StoreError, StoredDocument};

/// The file of a document: open, or a name that was taken for it.
pub enum DocumentFile {
    /// Nothing is written yet. The first commit makes the file.
    New(NewDocument),
    /// The file is there.
    Open(Box<Store>),
}

impl DocumentFile {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            Self::New(new) => new.path(),
            Self::Open(store) => store.path(),
        }
    }

    /// The open file; `None` before the first commit.
    pub fn store(&self) -> Option<&Store> {
        match self {
            Self::New(_) => None,
            Self::Open(store) => Some(store),
        }
    }

    /// Why the file can only be read; `None` if it can be written.
    pub fn read_only(&self) -> Option<ReadOnlyReason> {
        self.store().and_then(Store::read_only)
    }

    /// What the file holds; `None` before the first commit.
    ///
    /// # Errors
    /// What cannot be read, as one sentence.
    pub fn load(&self) -> Result<Option<StoredDocument>, StoreError> {
        self.store().map(Store::load).transpose()
    }

    /// Writes changes; the first ones must hold the whole canvas.
    ///
    /// # Errors
    /// Why nothing was written, as one sentence; the same changes can be committed again.
    pub fn commit(&mut self, changes: &Changes) -> Result<Committed, StoreError> {
        match self {
            Self::Open(store) => store.commit(changes),
            Self::New(new) => {
                let (store, committed) = new.create(changes)?;
                *self = Self::Open(Box::new(store));
                Ok(committed)
            }
        }
    }
}

impl DocumentFile {
    /// Moves the file to another name, which must be free; where nothing is written yet, the first commit makes the
    /// file under that name.
    ///
    /// # Errors
    /// As for [`Store::rename`] and [`NewDocument::claim`]; the document then keeps its name.
    pub fn rename(&mut self, path: &Path) -> Result<(), StoreError> {
        match self {
            Self::Open(store) => store.rename(path),
            Self::New(_) => {
                *self = Self::New(NewDocument::claim(path)?);
                Ok(())
            }
        }
    }
}

impl From<Store> for DocumentFile {
    fn from(store: Store) -> Self {
        Self::Open(Box::new(store))
    }
}
