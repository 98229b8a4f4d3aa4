//! The document file, `.underpaint`: one piece of work with all its rounds, in one SQLite database.
//!
//! [`Store`] opens and writes one; [`Changes`] go in, a [`StoredDocument`] comes out. What belongs together
//! is one transaction: a round with its start image, a result with its picture and thumbnail. A commit is on
//! the disk when it returns (a write-ahead log with full syncing). Opening a file of this version changes
//! nothing in it. Only this folder knows SQLite.
//!
//! - `schema.rs` and `migrations/` are the versions of the file, [`check`](check()) and [`salvage`](salvage())
//!   look after damaged ones.
//! - `write.rs` and `read.rs` turn changes into rows and rows into a document.
//! - `layer_rows.rs` writes and reads layers and their pixels.
//! - `queue_rows.rs` writes and reads the rounds that wait to be made.
//! - [`DocumentFile`] is the file of a document whether it exists already or not; [`NewDocument`] holds a name
//!   until there is something to write.
//! - `steps.rs` keeps the canvas after each commit, for time-lapses; `start_image.rs` reads the canvas that a round
//!   started from.
//! - `new_file.rs` writes whole files: new ones and copies. `rename.rs` moves one.
//! - `header.rs` and `connection.rs` open files without trusting them.
//! - `early_result.rs` commits a finished picture at once. `summary.rs` says what a file holds in a few numbers.
//! - `lock.rs` keeps two windows from writing to one file.

mod changes;
mod check;
mod connection;
mod document_file;
mod early_result;
mod error;
mod hash;
mod header;
mod layer_rows;
mod lock;
mod new_document;
mod new_file;
mod queue_rows;
mod read;
mod rename;
mod salvage;
mod salvage_layers;
mod schema;
mod start_image;
mod steps;
mod stored;
mod summary;
mod tile_bytes;
mod write;

pub use changes::{ChangedLayers, ChangedTile, Changes, Committed, LayerTile};
pub use check::{CheckReport, check};
pub use document_file::DocumentFile;
pub use error::StoreError;
pub use hash::BlobHash;
pub use new_document::NewDocument;
pub use salvage::{SalvageReport, salvage};
pub use steps::StoredStep;
pub use stored::{StoredDocument, StoredJob, StoredLayer, StoredResult, StoredRound, StoredStart, StoredState};
pub use summary::{DocumentSummary, is_document, summary};
pub(super) use write::{now, thumbnail};

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use lock::DocumentLock;

/// The ending of document files, without its dot.
pub const DOCUMENT_ENDING: &str = "underpaint";

/// Why a document file can only be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnlyReason {
    /// Another window or command writes to it.
    InUse,
    /// A newer version of the program made it.
    Newer,
    /// The file or its folder cannot be written.
    NotWritable,
}

/// An open document file.
pub struct Store {
    path: PathBuf,
    connection: Connection,
    /// Held for as long as the file may be written.
    lock: Option<DocumentLock>,
    read_only: Option<ReadOnlyReason>,
    /// Which file it is, to notice that it was removed or replaced while it is open.
    identity: Option<header::FileIdentity>,
    /// Whether the connection is set up for writing.
    is_prepared: bool,
    /// Pictures that are in the file although their changes have not arrived.
    early: early_result::EarlyResults,
}

impl Store {
    /// Makes a new document file with its first changes, which must hold the whole canvas. The folder is made
    /// if it is missing.
    ///
    /// # Errors
    /// As for [`NewDocument::claim`] and [`NewDocument::create`].
    pub fn create(path: &Path, changes: &Changes) -> Result<Self, StoreError> {
        NewDocument::claim(path)?.create(changes).map(|(store, _)| store)
    }

    /// Opens a document file to read and write it. Where it can only be read, it is opened for that;
    /// [`Store::read_only`] says why. Nothing in the file changes, unless it is of an older version: then it is
    /// brought up to the present one.
    ///
    /// # Errors
    /// A missing file, one that is no document, is damaged, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        header::look_at(path)?;
        match DocumentLock::claim(path) {
            Ok(Some(lock)) => Self::open_with(path, Some(lock), None).map_err(|(_, error)| error),
            Ok(None) => Self::open_reading(path, ReadOnlyReason::InUse),
            Err(_) => Self::open_reading(path, ReadOnlyReason::NotWritable),
        }
    }

    /// Opens a document file to read it, whoever writes to it meanwhile. Nothing in it changes.
    ///
    /// # Errors
    /// A missing file, one that is no document, is damaged, or cannot be read.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        header::look_at(path)?;
        match DocumentLock::claim(path) {
            // Nobody writes to it, and nobody does while the lock is held: SQLite need not make files beside it.
            Ok(Some(lock)) if connection::can_be_frozen(path) => {
                Self::open_with(path, Some(lock), Some(ReadOnlyReason::InUse)).map_err(|(_, error)| error)
            }
            _ => Self::open_reading(path, ReadOnlyReason::InUse),
        }
    }

    fn open_reading(path: &Path, reason: ReadOnlyReason) -> Result<Self, StoreError> {
        Self::open_with(path, None, Some(reason)).map_err(|(_, error)| error)
    }

    /// Opens a file that was looked at; one that is only read, and whose lock is held, as one that nobody
    /// changes. Hands the lock back if that fails.
    fn open_with(
        path: &Path,
        lock: Option<DocumentLock>,
        read_only: Option<ReadOnlyReason>,
    ) -> Result<Self, (Option<DocumentLock>, StoreError)> {
        let is_frozen = read_only.is_some() && lock.is_some();
        match Self::connect(path, read_only, is_frozen) {
            Ok((connection, read_only)) => {
                let identity = header::FileIdentity::of(path);
                // Another window may write to a file that this one only reads.
                let lock = lock.filter(|_| read_only.is_none() || is_frozen);
                Ok(Self {
                    path: path.to_path_buf(),
                    connection,
                    lock,
                    read_only,
                    identity,
                    is_prepared: false,
                    early: HashMap::new(),
                })
            }
            Err(error) => Err((lock, error)),
        }
    }

    fn connect(
        path: &Path,
        mut read_only: Option<ReadOnlyReason>,
        is_frozen: bool,
    ) -> Result<(Connection, Option<ReadOnlyReason>), StoreError> {
        let fail = |error: rusqlite::Error| StoreError::read(path, &error);
        let opened = match is_frozen {
            true => connection::frozen(path).and_then(with_version),
            false => connected(path, read_only.is_some()),
        };
        let (mut connection, mut version) = match opened {
            Err(_) if read_only.is_some() && connection::can_be_frozen(path) => {
                connection::frozen(path).and_then(with_version).map_err(fail)?
            }
            opened => opened.map_err(fail)?,
        };
        if version < 1 {
            return Err(StoreError::damaged(path, "its version is missing"));
        }
        if version > schema::VERSION {
            read_only = Some(ReadOnlyReason::Newer);
        } else if read_only.is_none() && connection.is_readonly(rusqlite::MAIN_DB).map_err(fail)? {
            read_only = Some(ReadOnlyReason::NotWritable);
        }
        if version < schema::VERSION && read_only.is_none() {
            schema::migrate(&mut connection).map_err(|error| StoreError::write(path, &error))?;
            version = schema::VERSION;
        }
        // Before anything is read by the names of columns: a damaged schema can hold any bytes, and one that
        // somebody made can hold code.
        match schema::is_intact(&connection, version) {
            Ok(true) => Ok((connection, read_only)),
            Ok(false) => Err(StoreError::damaged(path, "its tables are not those of a document")),
            Err(error) => Err(fail(error)),
        }
    }

    /// Whether another window or command has taken this name for a document. Looking takes the lock for a
    /// moment.
    pub fn is_taken(path: &Path) -> bool {
        matches!(DocumentLock::claim(path), Ok(None))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why the file can only be read; `None` if it can be written.
    pub fn read_only(&self) -> Option<ReadOnlyReason> {
        self.read_only
    }

    /// Reads everything but the pictures of rounds.
    ///
    /// # Errors
    /// What cannot be read, as one sentence.
    pub fn load(&self) -> Result<StoredDocument, StoreError> {
        read::document(&self.connection).map_err(|error| error.in_file(&self.path))
    }

    /// Writes changes as one transaction; they are on the disk when this returns. If the file was removed while
    /// it was open, it is written again whole.
    ///
    /// # Errors
    /// Why nothing was written, as one sentence; the same changes can be committed again.
    pub fn commit(&mut self, changes: &Changes) -> Result<Committed, StoreError> {
        self.make_ready()?;
        let committed = write::commit(&mut self.connection, &self.path, changes, &self.early)?;
        for (id, _) in &committed.pictures {
            self.early.remove(id);
        }
        Ok(committed)
    }

    /// A PNG of the file: a result with its settings text, or a start image.
    ///
    /// # Errors
    /// If it is missing or its bytes are not those that were written.
    pub fn picture(&self, hash: BlobHash) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT bytes FROM blob WHERE hash = ?1";
        let bytes: Option<Vec<u8>> = self
            .connection
            .query_row(sql, [hash.to_string()], |row| row.get(0))
            .optional()
            .map_err(|error| StoreError::read(&self.path, &error))?;
        match bytes {
            Some(bytes) if BlobHash::of(&bytes) == hash => Ok(bytes),
            Some(_) => Err(StoreError::damaged(&self.path, "a picture is not what was written")),
            None => Err(StoreError::damaged(&self.path, "a picture is missing")),
        }
    }

    /// The canvas after every commit that is still known, in their order, for a time-lapse; `visit` returns
    /// whether to go on. Where the file had grown too large, several commits are one step.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn replay(&self, visit: &mut dyn FnMut(&StoredStep, &image::RgbImage) -> bool) -> Result<(), StoreError> {
        steps::replay(&self.connection, &self.path, visit)
    }

    /// The steps that [`Store::replay`] goes through, the first one first.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn steps(&self) -> Result<Vec<StoredStep>, StoreError> {
        steps::all(&self.connection, &self.path)
    }

    /// The thumbnail of a result, a PNG of at most 160 pixels a side; `None` if there is no such result.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn thumbnail(&self, id: super::ResultId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT thumbnail FROM result WHERE round = ?1 AND image = ?2";
        self.connection
            .query_row(sql, [id.round as i64, id.image as i64], |row| row.get(0))
            .optional()
            .map_err(|error| StoreError::read(&self.path, &error))
    }

    /// Writes a copy of the whole file and opens that in place of this one. A file of that name is replaced.
    ///
    /// # Errors
    /// If the name is taken by another window, the copy cannot be written, or this file is of a newer version;
    /// this file then stays open.
    pub fn save_as(&mut self, path: &Path) -> Result<(), StoreError> {
        if self.read_only == Some(ReadOnlyReason::Newer) {
            return Err(StoreError::ReadOnly { reason: ReadOnlyReason::Newer.sentence(&self.path) });
        }
        let is_this_file = self.identity.is_some() && header::FileIdentity::of(path) == self.identity;
        if is_this_file && self.read_only.is_none() {
            return Ok(());
        }
        let lock = DocumentLock::claim(path).map_err(|error| StoreError::write_io(path, &error))?;
        let lock = lock.ok_or_else(|| StoreError::Write {
            path: path.to_path_buf(),
            reason: "another window has this document open; choose another name".into(),
        })?;
        new_file::copy(&self.connection, path)?;
        *self = Self::open_with(path, Some(lock), None).map_err(|(_, error)| error)?;
        Ok(())
    }

    /// Writes a copy of the whole file, whatever its version, and keeps this one open. A file of that name is
    /// replaced.
    ///
    /// # Errors
    /// If the name is this file's or taken by another window, or the copy cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let taken = |reason: &str| StoreError::Write { path: path.to_path_buf(), reason: reason.into() };
        if self.identity.is_some() && header::FileIdentity::of(path) == self.identity {
            return Err(taken("it is the document itself; choose another name"));
        }
        let lock = DocumentLock::claim(path).map_err(|error| StoreError::write_io(path, &error))?;
        let _held = lock.ok_or_else(|| taken("another window has this document open; choose another name"))?;
        new_file::copy(&self.connection, path)
    }

    /// Sets the connection up for writing, once. The log is a property of the file, so that this writes.
    fn prepare(&mut self) -> rusqlite::Result<()> {
        if !self.is_prepared {
            let mode: String =
                self.connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
            if mode != "wal" {
                // Some network file systems cannot share memory; a rollback journal is as safe and slower.
                tracing::warn!("{} is written with the journal mode {mode}", self.path.display());
            }
            self.connection.pragma_update(None, "synchronous", "FULL")?;
            self.connection.pragma_update(None, "foreign_keys", true)?;
            self.is_prepared = true;
        }
        Ok(())
    }

    /// Writes the file again if it is gone: what is open still holds all of it, and would vanish with the
    /// program.
    fn bring_back(&mut self) -> Result<(), StoreError> {
        let there = header::FileIdentity::of(&self.path);
        if there == self.identity {
            return Ok(());
        }
        if there.is_some() {
            return Err(StoreError::Write {
                path: self.path.clone(),
                reason: "another file has taken its place. Save the document under another name".into(),
            });
        }
        new_file::copy(&self.connection, &self.path)?;
        tracing::warn!("{} was removed while it was open and is written again", self.path.display());
        let lock = match self.lock.take() {
            Some(lock) => Some(lock),
            None => DocumentLock::claim(&self.path).map_err(|error| StoreError::write_io(&self.path, &error))?,
        };
        match Self::open_with(&self.path, lock, None) {
            Ok(store) => {
                *self = store;
                Ok(())
            }
            Err((lock, error)) => {
                self.lock = lock;
                Err(error)
            }
        }
    }

    /// Lets the file grow to this many pages at most, as a full disk would.
    #[cfg(test)]
    pub(super) fn limit_pages(&mut self, pages: i64) {
        self.connection
            .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))
            .expect("limits");
    }
}

impl ReadOnlyReason {
    /// One sentence that says why, and what to do.
    pub fn sentence(self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::InUse => format!(
                "{path} is open in another window, so it can only be looked at here. Save it under another name to change it."
            ),
            Self::Newer => format!(
                "{path} was made by a newer underpaint, so it can only be looked at here. Use that version to change it."
            ),
            Self::NotWritable => format!(
                "{path} cannot be written, so it can only be looked at here. Save it under another name to change it."
            ),
        }
    }
}

/// A connection to a file that exists, and the version of the file.
fn connected(path: &Path, read_only: bool) -> rusqlite::Result<(Connection, i32)> {
    with_version(connection::open(path, read_only)?)
}

fn with_version(connection: Connection) -> rusqlite::Result<(Connection, i32)> {
    let version = schema::version_of(&connection)?;
    Ok((connection, version))
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
