//! The hub's cache on this machine, in the layout that the hub's own programs use, so that all share its files.
//!
//! ```text
//! models--OWNER--NAME/blobs/ETAG               contents, named by their hash
//! models--OWNER--NAME/refs/main                the commit that `main` was when it was last fetched
//! models--OWNER--NAME/snapshots/COMMIT/PATH    links into blobs/; copies where links cannot be made
//! ```

mod contents;
mod removal;
mod snapshot;

use std::path::{Path, PathBuf};

pub use contents::{CachedFile, CachedRepository, CachedRevision, IncompleteFile};

use super::repository::is_commit;
use super::{HubError, Repository, repository_path};

/// The ending of the file that holds what is fetched of a blob so far. The hub's own programs continue a `.incomplete`
/// file at its end; this one has gaps, so its name is another.
pub(super) const PART_ENDING: &str = ".underpaint-part";

/// The ending of the file that says which bytes of it are here.
pub(super) const RECORD_ENDING: &str = ".underpaint-ranges";

/// The cache's folder, which need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// The cache in this folder, as in [`Environment::cache`](super::Environment::cache).
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder that holds one folder a repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every model repository in the cache, in order of their names. Only names and sizes are read. A cache that does
    /// not exist is empty.
    ///
    /// # Errors
    /// [`HubError::Storage`] where the cache's folder cannot be listed; a repository that cannot be is left out.
    pub fn repositories(&self) -> Result<Vec<CachedRepository>, HubError> {
        contents::repositories(&self.root)
    }

    /// One repository, whatever the revision; `None` where nothing of it is in the cache.
    pub fn repository(&self, repository: &Repository) -> Option<CachedRepository> {
        contents::repository(&self.folder_of(repository))
    }

    /// The folder of a repository's files at its revision; `None` where nothing of that revision is in the cache.
    pub fn snapshot(&self, repository: &Repository) -> Option<PathBuf> {
        let snapshots = self.folder_of(repository).join("snapshots");
        let folder = snapshots.join(self.commit_of(repository)?);
        folder.is_dir().then_some(folder)
    }

    /// The file with this path inside a repository at its revision; `None` where it is not complete in the cache.
    pub fn path_of(&self, repository: &Repository, file: &str) -> Option<PathBuf> {
        if !repository_path::is_safe(file) {
            return None;
        }
        let path = self.snapshot(repository)?.join(file);
        // Following the link: one whose blob is missing is no file.
        path.is_file().then_some(path)
    }

    /// Removes one revision of a repository, or all of it where `revision` is `None`, and returns how many bytes that
    /// freed. Contents that another revision uses stay.
    ///
    /// # Errors
    /// [`HubError::Storage`] where something cannot be removed, [`HubError::NotHere`] where there is nothing.
    pub fn remove(&self, repository: &Repository, revision: Option<&str>) -> Result<u64, HubError> {
        removal::remove(self, repository, revision)
    }

    /// The repository's folder, which need not exist.
    pub(super) fn folder_of(&self, repository: &Repository) -> PathBuf {
        self.root.join(repository.folder_name())
    }

    /// The commit that a repository's revision meant when it was last fetched.
    pub(super) fn commit_of(&self, repository: &Repository) -> Option<String> {
        let revision = repository.revision();
        let kept = std::fs::read_to_string(self.folder_of(repository).join("refs").join(revision)).ok();
        let commit = kept.map(|text| text.trim().to_owned()).unwrap_or_else(|| revision.to_owned());
        is_commit(&commit).then_some(commit)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
    pub const OLDER: &str = "fedcba9876543210fedcba9876543210fedcba98";

    /// A cache as the hub's own programs leave it: `a/b` at two commits that share one file, one of them with a link
    /// to a blob that is missing, and a file that is still incomplete.
    #[cfg(unix)]
    pub fn example(root: &Path) -> Cache {
        let folder = root.join("models--a--b");
        let write = |path: PathBuf, bytes: &[u8]| {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, bytes).expect("writes");
        };
        let link = |commit: &str, path: &str, blob: &str| {
            let at = folder.join("snapshots").join(commit).join(path);
            std::fs::create_dir_all(at.parent().expect("a folder")).expect("folders");
            let up = "../".repeat(2 + path.matches('/').count());
            std::os::unix::fs::symlink(format!("{up}blobs/{blob}"), at).expect("links");
        };
        write(folder.join("refs/main"), COMMIT.as_bytes());
        write(folder.join("blobs/shared"), &[1; 100]);
        write(folder.join("blobs/new"), &[2; 20]);
        write(folder.join("blobs/old"), &[3; 3]);
        write(folder.join("blobs/half.incomplete"), &[4; 50]);
        link(COMMIT, "unet/model.safetensors", "shared");
        link(COMMIT, "config.json", "new");
        link(OLDER, "unet/model.safetensors", "shared");
        link(OLDER, "config.json", "old");
        link(OLDER, "lost.bin", "nowhere");
        write(root.join("version.txt"), b"1");
        std::fs::create_dir_all(root.join("datasets--a--b")).expect("folders");
        Cache::new(root.to_path_buf())
    }

    fn repository() -> Repository {
        Repository::new("a/b").expect("a repository")
    }

    #[cfg(unix)]
    #[test]
    fn a_files_path_is_found_by_branch_and_by_commit() {
        let folder = tempfile::tempdir().expect("folder");
        let cache = example(folder.path());
        let path = cache.path_of(&repository(), "unet/model.safetensors").expect("is here");
        assert_eq!(path, folder.path().join("models--a--b/snapshots").join(COMMIT).join("unet/model.safetensors"));
        let older = repository().at(OLDER).expect("a revision");
        assert!(cache.path_of(&older, "config.json").is_some());
        assert_eq!(cache.path_of(&older, "lost.bin"), None, "the blob is missing");
        assert_eq!(cache.path_of(&repository(), "other.bin"), None);
        assert_eq!(cache.path_of(&repository(), "../../refs/main"), None);
        assert_eq!(cache.path_of(&repository().at("v9").expect("a revision"), "config.json"), None);
    }

    #[test]
    fn a_cache_that_does_not_exist_is_empty() {
        let cache = Cache::new("/no/such/cache".into());
        assert_eq!(cache.repositories().expect("lists"), []);
        assert_eq!(cache.path_of(&repository(), "config.json"), None);
        assert_eq!(cache.repository(&repository()), None);
    }
}
