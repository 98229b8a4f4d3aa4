//! The documents that were used last, in `recent.json` in the data folder.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::picture::write_atomically;

/// How many documents are listed.
const MOST: usize = 10;

/// The documents that were used last, the latest first; those that cannot be read are left out. Files may have
/// been removed since.
pub fn read(folder: &Path) -> Vec<PathBuf> {
    let Ok(text) = std::fs::read_to_string(folder.join("recent.json")) else { return Vec::new() };
    let Ok(Value::Array(list)) = serde_json::from_str(&text) else { return Vec::new() };
    list.iter().filter_map(Value::as_str).map(PathBuf::from).filter(|path| path.is_absolute()).take(MOST).collect()
}

/// Puts a document at the head of the list and returns the list. A list that cannot be written is no reason to
/// disturb anybody.
pub fn note(folder: &Path, document: &Path) -> Vec<PathBuf> {
    let document = std::path::absolute(document).unwrap_or_else(|_| document.to_path_buf());
    let mut list = read(folder);
    if list.first() == Some(&document) {
        return list;
    }
    list.retain(|known| *known != document);
    list.insert(0, document);
    list.truncate(MOST);
    write(folder, &list);
    list
}

fn write(folder: &Path, list: &[PathBuf]) {
    // A path that is not UTF-8 cannot be written as JSON.
    let paths: Vec<&str> = list.iter().filter_map(|path| path.to_str()).collect();
    let json = serde_json::to_string_pretty(&paths).unwrap_or_default();
    if let Err(error) = write_atomically(&folder.join("recent.json"), json.as_bytes()) {
        tracing::warn!("the list of recent documents was not written: {error}");
    }
}

/// Puts a renamed document at the head of the list, without its old name, and returns the list.
pub fn renamed(folder: &Path, old: &Path, new: &Path) -> Vec<PathBuf> {
    let old = std::path::absolute(old).unwrap_or_else(|_| old.to_path_buf());
    let mut list = note(folder, new);
    if list.contains(&old) {
        list.retain(|known| *known != old);
        write(folder, &list);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_comes_first_each_once_and_ten_at_most() {
        let folder = tempfile::tempdir().expect("folder");
        assert!(read(folder.path()).is_empty());
        for number in 0..12 {
            note(folder.path(), Path::new(&format!("/paintings/{number}.underpaint")));
        }
        let list = note(folder.path(), Path::new("/paintings/5.underpaint"));
        assert_eq!(list.len(), 10);
        assert_eq!(list[..2], [PathBuf::from("/paintings/5.underpaint"), PathBuf::from("/paintings/11.underpaint")]);
        assert_eq!(read(folder.path()), list);
    }

    #[test]
    fn a_renamed_document_is_listed_under_its_new_name_alone() {
        let folder = tempfile::tempdir().expect("folder");
        for name in ["/a", "/b", "/c"] {
            note(folder.path(), Path::new(name));
        }
        let list = renamed(folder.path(), Path::new("/b"), Path::new("/new"));
        assert_eq!(list, ["/new", "/c", "/a"].map(PathBuf::from));
        assert_eq!(read(folder.path()), list);
    }

    #[test]
    fn a_damaged_list_is_as_good_as_none() {
        let folder = tempfile::tempdir().expect("folder");
        for text in ["", "{", "{\"a\": 1}", "[1, null, \"relative\", \"/good\"]", "\u{0}"] {
            std::fs::write(folder.path().join("recent.json"), text).expect("writes");
            assert!(read(folder.path()).len() <= 1, "{text}");
        }
        assert_eq!(note(folder.path(), Path::new("/a"))[0], Path::new("/a"));
    }
}
