//! Whether a model's files are still those that were looked at.

use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

/// How many files of a folder are looked at.
const MOST: usize = 10_000;

/// Size and time of change of a file, or of a model folder's files. Two equal stamps of one path mean that nothing
/// was replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes of the file, or of the files in the folder and its subfolders' first level.
    pub size: u64,
    /// When it was changed, in nanoseconds since 1970; of a folder the latest change of a file in it. 0 where the
    /// file system does not say.
    pub changed: u64,
}

impl Stamp {
    /// The stamp of a file, or of the files in a folder, two levels deep. `None` if there is nothing at the path,
    /// or it cannot be looked at.
    pub fn of(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        let mut stamp = Self::default();
        if about.is_dir() {
            let mut left = MOST;
            stamp.add_folder(path, 2, &mut left);
        } else {
            stamp.add(&about);
        }
        Some(stamp)
    }

    fn add(&mut self, about: &std::fs::Metadata) {
        let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let changed = changed.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0);
        self.size = self.size.saturating_add(about.len());
        self.changed = self.changed.max(changed);
    }

    fn add_folder(&mut self, folder: &Path, depth: usize, left: &mut usize) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if *left == 0 {
                return;
            }
            *left -= 1;
            let path = entry.path();
            // Links are followed: the files of the hub's cache are links.
            match std::fs::metadata(&path) {
                Ok(about) if about.is_file() => self.add(&about),
                Ok(about) if about.is_dir() && depth > 1 => self.add_folder(&path, depth - 1, left),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_changes_the_stamp_of_the_file_and_of_its_folder() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::create_dir(folder.path().join("unet")).expect("folder");
        let file = folder.path().join("unet/weights.safetensors");
        std::fs::write(&file, "one").expect("writes");
        let (one, all) = (Stamp::of(&file), Stamp::of(folder.path()));
        assert_eq!(one.map(|stamp| stamp.size), Some(3));
        assert_eq!((one, all), (Stamp::of(&file), Stamp::of(folder.path())));
        std::fs::write(&file, "three").expect("writes");
        assert_ne!(one, Stamp::of(&file));
        assert_ne!(all, Stamp::of(folder.path()));
        assert_eq!(Stamp::of(&folder.path().join("none")), None);
    }
}
