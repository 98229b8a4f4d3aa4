//! The folders that the person named, in `models.json` in the program's data folder.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::kept_json;
use crate::engine::Error;

/// The file in the data folder.
pub(super) const FILE: &str = "models.json";
/// How many folders are kept.
const MOST: usize = 100;

/// The folders that the person named for the search, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFolders {
    list: Vec<PathBuf>,
}

impl NamedFolders {
    /// Reads the folders from the data folder. What cannot be understood is left out.
    pub fn read(data: Option<&Path>) -> Self {
        let value = data.and_then(|data| kept_json::read(&data.join(FILE))).unwrap_or_default();
        let texts = value["folders"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut named = Self::default();
        texts.for_each(|text| {
            named.add(Path::new(text));
        });
        named
    }

    /// The folders, in the order in which they were named.
    pub fn list(&self) -> &[PathBuf] {
        &self.list
    }

    /// Adds a folder at the end; `false` if it is there already, is no absolute path, or there are 100.
    pub fn add(&mut self, folder: &Path) -> bool {
        let fits = folder.is_absolute() && !self.list.iter().any(|known| known == folder) && self.list.len() < MOST;
        if fits {
            self.list.push(folder.to_path_buf());
        }
        fits
    }

    /// Takes a folder out; `false` if it is not there.
    pub fn remove(&mut self, folder: &Path) -> bool {
        let before = self.list.len();
        self.list.retain(|known| known != folder);
        self.list.len() < before
    }

    /// Keeps the folders for the next launch. Fields of the file that this version does not know stay.
    ///
    /// # Errors
    /// What the file system reports, as one sentence.
    pub fn keep(&self, data: &Path) -> Result<(), Error> {
        let file = data.join(FILE);
        let mut fields = match kept_json::read(&file) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        // A path that is not UTF-8 cannot be written as JSON.
        let texts: Vec<Value> = self.list.iter().filter_map(|path| Some(path.to_str()?.into())).collect();
        fields.insert("folders".into(), Value::Array(texts));
        kept_json::write(&file, &Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_folders_are_there_at_the_next_launch_and_unknown_fields_stay() {
        let data = tempfile::tempdir().expect("folder");
        let (one, two) = (data.path().join("one"), data.path().join("two"));
        let file = data.path().join(FILE);
        std::fs::write(&file, r#"{"later": {"x": 1}, "folders": ["relative", 3]}"#).expect("writes");
        let mut folders = NamedFolders::read(Some(data.path()));
        assert!(folders.list().is_empty());
        assert!(folders.add(&one) && folders.add(&two) && !folders.add(&one) && !folders.add(Path::new("relative")));
        folders.keep(data.path()).expect("writes");
        assert_eq!(NamedFolders::read(Some(data.path())).list(), [one.clone(), two]);
        assert!(folders.remove(&one) && !folders.remove(&one));
        folders.keep(data.path()).expect("writes");
        let text = std::fs::read_to_string(&file).expect("reads");
        assert!(text.contains(r#""later":{"x":1}"#) && !text.contains("one"), "{text}");
    }

    #[test]
    fn a_damaged_file_names_no_folder_and_can_be_written_again() {
        let data = tempfile::tempdir().expect("folder");
        for text in ["", "{", "[1]", r#"{"folders": {}}"#, "\u{0}"] {
            std::fs::write(data.path().join(FILE), text).expect("writes");
            let mut folders = NamedFolders::read(Some(data.path()));
            assert!(folders.list().is_empty(), "{text}");
            folders.add(data.path());
            folders.keep(data.path()).expect("writes");
            assert_eq!(NamedFolders::read(Some(data.path())), folders);
        }
        assert_eq!(NamedFolders::read(None), NamedFolders::default());
    }
}
