//! Whether a model's files are still those that were loaded.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::engine::ModelChoice;

/// Sizes and times of change of a model's files. Two equal stamps mean that nothing was replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileStamp(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl FileStamp {
    /// The stamp of the file, or of every file in the folder and its subfolders' first level. Files that
    /// cannot be looked at are left out: loading says what is wrong with them.
    pub fn of(choice: &ModelChoice) -> Self {
        let mut files = Vec::new();
        if let ModelChoice::Path(path) = choice {
            collect(path, 2, &mut files);
        }
        files.sort();
        Self(files)
    }

    /// The files with their lengths in bytes.
    pub fn files(&self) -> impl Iterator<Item = (&Path, u64)> {
        self.0.iter().map(|(path, length, _)| (path.as_path(), *length))
    }
}

fn collect(path: &Path, depth: usize, files: &mut Vec<(PathBuf, u64, Option<SystemTime>)>) {
    let Ok(about) = std::fs::metadata(path) else { return };
    if about.is_file() {
        files.push((path.to_path_buf(), about.len(), about.modified().ok()));
    } else if depth > 0 {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            collect(&entry.path(), depth - 1, files);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_changes_the_stamp() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::create_dir(folder.path().join("unet")).expect("folder");
        let file = folder.path().join("unet/weights");
        std::fs::write(&file, "one").expect("writes");
        let choice = ModelChoice::Path(folder.path().into());
        let before = FileStamp::of(&choice);
        assert_eq!(before, FileStamp::of(&choice));
        std::fs::write(&file, "three").expect("writes");
        assert_ne!(before, FileStamp::of(&choice));
        assert_eq!(FileStamp::of(&ModelChoice::Starter), FileStamp::default());
    }
}
