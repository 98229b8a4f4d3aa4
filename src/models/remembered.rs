//! What is known of files from earlier searches, by path, size and time of change.
//!
//! Kept in one JSON file in the program's data folder. A damaged file counts as empty: everything in it can be found
//! out again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::inspected::InspectedFile;
use super::kept_json;
use super::stamp::Stamp;
use crate::engine::Error;

/// The file in the data folder.
const FILE: &str = "models-seen.json";
/// How many files are remembered.
const MOST: usize = 50_000;
/// Another version of the program may say something else of a file; hashes stay true.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is known of files, with the file that keeps it.
#[derive(Debug, Default)]
pub struct Remembered {
    file: Option<PathBuf>,
    entries: BTreeMap<PathBuf, Entry>,
    /// The paths whose entries are not in the file yet.
    changed: BTreeSet<PathBuf>,
}

/// What is known of one file or folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    stamp: Stamp,
    /// What its header says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inspected: Option<InspectedFile>,
    /// The trigger words in its header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    words: Vec<String>,
    /// The hash of all its bytes, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl Remembered {
    /// Reads what the data folder keeps. Damaged entries are left out. With `None` nothing is kept.
    pub fn open(folder: Option<&Path>) -> Self {
        let file = folder.map(|folder| folder.join(FILE));
        let entries = file.as_deref().map(read).unwrap_or_default();
        Self { file, entries, changed: BTreeSet::new() }
    }

    /// What the header of a file says, and the trigger words in it, if the file is still the one that was looked at.
    pub fn inspected(&self, path: &Path, stamp: Stamp) -> Option<(&InspectedFile, &[String])> {
        let entry = self.entry(path, stamp)?;
        Some((entry.inspected.as_ref()?, &entry.words))
    }

    /// The hash of a file, 64 hexadecimal digits, if the file is still the one that was read.
    pub fn sha256(&self, path: &Path, stamp: Stamp) -> Option<&str> {
        self.entry(path, stamp)?.sha256.as_deref()
    }

    /// Keeps what the header of a file says.
    pub fn note_inspected(&mut self, path: &Path, stamp: Stamp, inspected: InspectedFile, words: Vec<String>) {
        self.change(path, stamp, |entry| (entry.inspected, entry.words) = (Some(inspected), words));
    }

    /// Keeps the hash of a file, 64 hexadecimal digits.
    pub fn note_sha256(&mut self, path: &Path, stamp: Stamp, sha256: String) {
        self.change(path, stamp, |entry| entry.sha256 = Some(sha256));
    }

    /// Forgets a file that was removed.
    pub fn forget(&mut self, path: &Path) {
        self.entries.remove(path);
        self.changed.insert(path.to_path_buf());
    }

    /// Writes what was noted since it was opened, beside what another program wrote meanwhile.
    ///
    /// # Errors
    /// What the file system reports, as one sentence. Everything is still known.
    pub fn save(&mut self) -> Result<(), Error> {
        let Some(file) = self.file.as_deref().filter(|_| !self.changed.is_empty()) else { return Ok(()) };
        let mut all = read(file);
        for path in &self.changed {
            match self.entries.get(path) {
                Some(entry) => all.insert(path.clone(), entry.clone()),
                None => all.remove(path),
            };
        }
        let files: Vec<Value> = all
            .iter()
            // A path that is not UTF-8 cannot be written as JSON.
            .filter_map(|(path, entry)| Some((path.to_str()?, serde_json::to_value(entry).ok()?)))
            .take(MOST)
            .map(|(path, mut entry)| {
                entry["path"] = path.into();
                entry
            })
            .collect();
        kept_json::write(file, &json!({"program": VERSION, "files": files}))?;
        self.entries = all;
        self.changed.clear();
        Ok(())
    }

    fn entry(&self, path: &Path, stamp: Stamp) -> Option<&Entry> {
        self.entries.get(path).filter(|entry| entry.stamp == stamp)
    }

    fn change(&mut self, path: &Path, stamp: Stamp, change: impl FnOnce(&mut Entry)) {
        let entry = self.entries.entry(path.to_path_buf()).or_insert_with(|| Entry::new(stamp));
        if entry.stamp != stamp {
            *entry = Entry::new(stamp);
        }
        change(entry);
        self.changed.insert(path.to_path_buf());
    }
}

impl Entry {
    fn new(stamp: Stamp) -> Self {
        Self { stamp, inspected: None, words: Vec::new(), sha256: None }
    }
}

/// The entries of a file; those that are damaged are left out.
fn read(file: &Path) -> BTreeMap<PathBuf, Entry> {
    let value = kept_json::read(file).unwrap_or_default();
    let is_of_this_version = value["program"] == VERSION;
    let Value::Array(files) = &value["files"] else { return BTreeMap::new() };
    let entry = |value: &Value| {
        let path = PathBuf::from(value["path"].as_str()?);
        let mut entry: Entry = serde_json::from_value(value.clone()).ok()?;
        entry.sha256 = entry.sha256.filter(|hash| super::hash::is_sha256(hash));
        if !is_of_this_version {
            (entry.inspected, entry.words) = (None, Vec::new());
        }
        Some((path, entry))
    };
    files.iter().take(MOST).filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { size: 7, changed: 9 };

    fn hash(digit: &str) -> String {
        digit.repeat(64)
    }

    #[test]
    fn what_was_noted_is_known_at_the_next_start_while_the_file_is_the_same() {
        let folder = tempfile::tempdir().expect("folder");
        let path = Path::new("/models/dream.safetensors");
        let mut first = Remembered::open(Some(folder.path()));
        let inspected = InspectedFile { usable: true, precision: "f16".into(), ..InspectedFile::default() };
        first.note_inspected(path, STAMP, inspected.clone(), vec!["ink".into()]);
        first.note_sha256(path, STAMP, hash("a"));
        first.save().expect("writes");
        let second = Remembered::open(Some(folder.path()));
        assert_eq!(second.inspected(path, STAMP), Some((&inspected, &["ink".to_owned()][..])));
        assert_eq!(second.sha256(path, STAMP), Some(hash("a").as_str()));
        let replaced = Stamp { changed: 10, ..STAMP };
        assert_eq!((second.inspected(path, replaced), second.sha256(path, replaced)), (None, None));
    }

    #[test]
    fn two_programs_that_write_at_once_keep_what_both_found() {
        let folder = tempfile::tempdir().expect("folder");
        let (mut one, mut other) = (Remembered::open(Some(folder.path())), Remembered::open(Some(folder.path())));
        one.note_sha256(Path::new("/a"), STAMP, hash("a"));
        other.note_sha256(Path::new("/b"), STAMP, hash("b"));
        one.save().expect("writes");
        other.save().expect("writes");
        let both = Remembered::open(Some(folder.path()));
        assert!(both.sha256(Path::new("/a"), STAMP).is_some() && both.sha256(Path::new("/b"), STAMP).is_some());
        let mut third = Remembered::open(Some(folder.path()));
        third.forget(Path::new("/a"));
        third.save().expect("writes");
        assert_eq!(Remembered::open(Some(folder.path())).sha256(Path::new("/a"), STAMP), None);
    }

    #[test]
    fn a_damaged_file_counts_as_empty_and_another_version_keeps_only_hashes() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join(FILE);
        let good = json!({"path": "/a", "size": 7, "changed": 9, "sha256": hash("c"), "inspected": {"usable": true}});
        for text in ["", "{", "[]", r#"{"files": 3}"#, r#"{"files": [3, {"path": 4}, {"path": "/a", "size": "x"}]}"#] {
            std::fs::write(&file, text).expect("writes");
            assert!(Remembered::open(Some(folder.path())).entries.is_empty(), "{text}");
        }
        let bad = json!({"path": "/b", "size": 7, "changed": 9, "sha256": "../../etc"});
        std::fs::write(&file, json!({"program": "0", "files": [good, bad]}).to_string()).expect("writes");
        let read = Remembered::open(Some(folder.path()));
        assert_eq!(read.sha256(Path::new("/a"), STAMP), Some(hash("c").as_str()));
        assert_eq!(read.inspected(Path::new("/a"), STAMP), None);
        assert_eq!(read.sha256(Path::new("/b"), STAMP), None);
    }
}
