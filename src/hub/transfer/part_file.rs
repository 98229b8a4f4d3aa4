//! What is here of a file that is not complete: its bytes, and beside them a record of which those are.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Source;
use super::done_ranges::DoneRanges;
use crate::hub::cache::{PART_ENDING, RECORD_ENDING};
use crate::hub::{HubError, write_file};

/// The record is written after this much is new,
const RECORD_BYTES: u64 = 16 << 20;
/// or this long after the first byte that is in no record.
const RECORD_TIME: Duration = Duration::from_secs(1);

/// What the record says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// The hub's name for the content, or a hash of the address of a file elsewhere.
    content: String,
    /// What `If-Range` needs, if the server gave it.
    validator: Option<String>,
    /// The size of the whole file in bytes.
    size: u64,
    /// Which bytes are here.
    done: DoneRanges,
}

/// A file that is being fetched.
pub(in crate::hub) struct PartFile {
    path: PathBuf,
    record_path: PathBuf,
    file: File,
    record: Record,
    /// How many bytes are in no record yet, and since when.
    unrecorded: u64,
    unrecorded_since: Option<Instant>,
}

impl PartFile {
    /// Opens what is here of the file `target`, and keeps what of it belongs to this content; a file elsewhere goes on
    /// only where `validator` is what it was.
    ///
    /// # Errors
    /// [`HubError::Storage`] where it cannot be made.
    pub fn open(target: &Path, source: &Source, validator: Option<&str>) -> Result<Self, HubError> {
        let (path, record_path) = (with_ending(target, PART_ENDING), with_ending(target, RECORD_ENDING));
        let failed = |error| HubError::written(&path, &error);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let content = source.identity.clone().unwrap_or_else(|| source.address.fingerprint());
        let fresh = Record {
            content,
            validator: validator.map(str::to_owned),
            size: source.size.unwrap_or(0),
            done: DoneRanges::default(),
        };
        let kept = std::fs::read(&record_path).ok().and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
        let goes_on = |kept: &Record| {
            let is_same = kept.content == fresh.content && kept.size == fresh.size && source.size.is_some();
            let is_unchanged = source.identity.is_some() || (validator.is_some() && kept.validator == fresh.validator);
            is_same && is_unchanged && kept.done.fits(kept.size) && kept.done.end() <= length
        };
        let record = kept.filter(goes_on).unwrap_or(fresh);
        let mut part = Self { path, record_path, file, record, unrecorded: 0, unrecorded_since: None };
        if part.record.done.count() == 0 && length > 0 {
            part.clear()?;
        }
        Ok(part)
    }

    /// How many bytes are here.
    pub fn count(&self) -> u64 {
        self.record.done.count()
    }

    /// What is missing, in pieces of at most `piece` bytes.
    pub fn missing(&self, piece: u64) -> Vec<std::ops::Range<u64>> {
        self.record.done.missing(self.record.size, piece)
    }

    /// What `If-Range` needs, if the server gave it.
    pub fn validator(&self) -> Option<&str> {
        self.record.validator.as_deref()
    }

    /// Sets what `If-Range` needs from now on.
    pub fn set_validator(&mut self, validator: Option<String>) {
        self.record.validator = validator;
    }

    /// The file itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes bytes at their place.
    ///
    /// # Errors
    /// [`HubError::Storage`], as on a full disk.
    pub fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), HubError> {
        let written = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.write_all(bytes));
        written.map_err(|error| HubError::written(&self.path, &error))?;
        let count = bytes.len() as u64;
        self.record.done.add(at, at.saturating_add(count));
        self.unrecorded = self.unrecorded.saturating_add(count);
        self.unrecorded_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Throws away what is here.
    ///
    /// # Errors
    /// [`HubError::Storage`] where that is not possible.
    pub fn clear(&mut self) -> Result<(), HubError> {
        // Without the record first: it must never speak of bytes that are gone.
        let removed = remove_if_there(&self.record_path).and_then(|()| self.file.set_len(0));
        removed.map_err(|error| HubError::written(&self.path, &error))?;
        self.record.done = DoneRanges::default();
        (self.unrecorded, self.unrecorded_since) = (0, None);
        Ok(())
    }

    /// Writes the record where that is due.
    ///
    /// # Errors
    /// [`HubError::Storage`], as on a full disk.
    pub fn record_if_due(&mut self) -> Result<(), HubError> {
        let is_late = self.unrecorded_since.is_some_and(|since| since.elapsed() >= RECORD_TIME);
        if is_late || self.unrecorded >= RECORD_BYTES { self.record() } else { Ok(()) }
    }

    /// Writes the record of everything that is here.
    ///
    /// # Errors
    /// [`HubError::Storage`], as on a full disk.
    pub fn record(&mut self) -> Result<(), HubError> {
        if self.unrecorded_since.is_none() {
            return Ok(());
        }
        // The record must not be on the disk before the bytes that it speaks of.
        self.file.sync_data().map_err(|error| HubError::written(&self.path, &error))?;
        let text = serde_json::to_vec(&self.record).unwrap_or_default();
        write_file::whole(&self.record_path, &text)?;
        (self.unrecorded, self.unrecorded_since) = (0, None);
        Ok(())
    }

    /// Gives the file its name; one of that name is replaced.
    ///
    /// # Errors
    /// [`HubError::Storage`] where that is not possible.
    pub fn finish(self, target: &Path) -> Result<(), HubError> {
        self.file.sync_all().map_err(|error| HubError::written(&self.path, &error))?;
        drop(self.file);
        std::fs::rename(&self.path, target).map_err(|error| HubError::written(target, &error))?;
        write_file::sync_folder_of(target);
        remove_if_there(&self.record_path).map_err(|error| HubError::removal(&self.record_path, &error))
    }

    /// Removes the file and its record.
    pub fn remove(self) {
        drop(self.file);
        for path in [&self.record_path, &self.path] {
            if let Err(error) = remove_if_there(path) {
                tracing::warn!(path = %path.display(), %error, "what was fetched could not be removed");
            }
        }
    }
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::Repository;
    use crate::hub::http::{Address, Asked};

    fn source(identity: Option<&str>, size: u64) -> Source {
        Source {
            address: Address::parse("http://hub.test/x").expect("an address"),
            asked: Asked::Repository(Repository::new("a/b").expect("a repository")),
            identity: identity.map(str::to_owned),
            size: Some(size),
            has_ranges: true,
        }
    }

    #[test]
    fn what_is_here_of_the_same_content_is_kept() {
        let folder = tempfile::tempdir().expect("folder");
        let target = folder.path().join("blob");
        let open =
            |identity, size, validator| PartFile::open(&target, &source(identity, size), validator).expect("opens");
        let mut part = open(Some("x"), 10, None);
        part.write(6, b"cd").expect("writes");
        part.write(0, b"ab").expect("writes");
        part.record().expect("records");
        part.write(2, b"lost").expect("writes");
        drop(part);
        assert_eq!(open(Some("x"), 10, None).missing(100), [2..6, 8..10], "what is in no record is not trusted");
        assert_eq!(open(Some("y"), 10, None).count(), 0, "another content");
        assert_eq!(open(Some("x"), 10, None).count(), 0, "and what was here of the first is gone");
    }

    #[test]
    fn a_file_elsewhere_goes_on_only_where_its_validator_is_the_same() {
        let folder = tempfile::tempdir().expect("folder");
        let target = folder.path().join("file");
        let open = |validator| PartFile::open(&target, &source(None, 10), validator).expect("opens");
        let write = |validator| {
            let mut part = open(validator);
            part.write(0, b"ab").and_then(|()| part.record()).expect("writes");
        };
        write(Some("\"1\""));
        assert_eq!(open(Some("\"1\"")).count(), 2);
        assert_eq!(open(Some("\"2\"")).count(), 0);
        write(None);
        assert_eq!(open(None).count(), 0, "nothing says that it is the same");
    }

    #[test]
    fn a_damaged_record_or_a_shorter_file_begins_again() {
        let folder = tempfile::tempdir().expect("folder");
        let target = folder.path().join("blob");
        let open = || PartFile::open(&target, &source(Some("x"), 10), None).expect("opens");
        let mut part = open();
        part.write(0, b"abcd").and_then(|()| part.record()).expect("writes");
        let (bytes, record) = (part.path.clone(), part.record_path.clone());
        drop(part);
        std::fs::write(&bytes, b"ab").expect("writes");
        assert_eq!(open().count(), 0);
        std::fs::write(&record, b"{\"content\":").expect("writes");
        assert_eq!(open().count(), 0);
    }
}
