//! Putting a fetched blob where its revision's files are looked for.

use std::io;
use std::path::{Path, PathBuf};

use super::Cache;
use crate::hub::repository::is_commit;
use crate::hub::{HubError, Repository, write_file};

/// Where one file of a repository belongs in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub) struct CachePlaces {
    /// The content.
    pub blob: PathBuf,
    /// The file of the revision.
    pub pointer: PathBuf,
    /// The lock that programs share.
    pub lock: PathBuf,
    /// From the pointer's folder to the blob.
    relative: PathBuf,
}

impl Cache {
    /// Where a file with this content belongs.
    pub(in crate::hub) fn places(&self, repository: &Repository, commit: &str, file: &str, etag: &str) -> CachePlaces {
        let folder = self.folder_of(repository);
        let up = "../".repeat(file.matches('/').count().saturating_add(2));
        CachePlaces {
            blob: folder.join("blobs").join(etag),
            pointer: folder.join("snapshots").join(commit).join(file),
            lock: self.root.join(".locks").join(repository.folder_name()).join(format!("{etag}.lock")),
            relative: PathBuf::from(format!("{up}blobs/{etag}")),
        }
    }

    /// Notes which commit a branch or tag is.
    ///
    /// # Errors
    /// [`HubError::Storage`] where that cannot be written.
    pub(in crate::hub) fn note_ref(&self, repository: &Repository, commit: &str) -> Result<(), HubError> {
        let revision = repository.revision();
        if is_commit(revision) || self.commit_of(repository).as_deref() == Some(commit) {
            return Ok(());
        }
        write_file::whole(&self.folder_of(repository).join("refs").join(revision), commit.as_bytes())
    }
}

impl CachePlaces {
    /// Whether the file is here with this size, as a blob or, where links cannot be made, as a copy.
    pub fn is_here(&self, size: Option<u64>) -> bool {
        [&self.blob, &self.pointer].into_iter().any(|path| {
            std::fs::metadata(path).is_ok_and(|about| about.is_file() && size.is_none_or(|size| about.len() == size))
        })
    }

    /// Makes the revision's file lead to the blob.
    ///
    /// # Errors
    /// [`HubError::Storage`] where that is not possible.
    pub fn link(&self) -> Result<(), HubError> {
        self.link_with(make_link)
    }

    fn link_with(&self, make_link: impl Fn(&Path, &Path) -> io::Result<()>) -> Result<(), HubError> {
        let failed = |error: &io::Error| HubError::written(&self.pointer, error);
        let folder = self.pointer.parent().unwrap_or_else(|| Path::new("."));
        write_file::make_folder(folder)?;
        if !self.blob.is_file() {
            // It is a copy already.
            return Ok(());
        }
        if std::fs::read_link(&self.pointer).is_ok_and(|target| target == self.relative) {
            return Ok(());
        }
        // Under another name first, so that a file that is there stays until this one takes its place.
        let fresh =
            tempfile::Builder::new().prefix(".underpaint-").make_in(folder, |path| make_link(&self.relative, path));
        match fresh {
            Ok(link) => {
                link.into_temp_path().persist(&self.pointer).map_err(|error| failed(&error.error))?;
            }
            Err(error) => {
                // As the hub's own programs do on Windows, where links need a right.
                tracing::debug!(%error, "no link can be made, so the file is moved");
                std::fs::rename(&self.blob, &self.pointer).map_err(|error| failed(&error))?;
            }
        }
        write_file::sync_folder_of(&self.pointer);
        Ok(())
    }
}

#[cfg(unix)]
fn make_link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(windows)]
fn make_link(target: &Path, at: &Path) -> io::Result<()> {
    let target: PathBuf = target.components().collect();
    std::os::windows::fs::symlink_file(target, at)
}

#[cfg(test)]
mod tests {
    use super::super::tests::COMMIT;
    use super::*;

    fn places(root: &Path) -> (Cache, Repository, CachePlaces) {
        let (cache, repository) = (Cache::new(root.to_path_buf()), Repository::new("a/b").expect("a repository"));
        let places = cache.places(&repository, COMMIT, "unet/x.bin", "etag");
        std::fs::create_dir_all(places.blob.parent().expect("a folder")).expect("folders");
        std::fs::write(&places.blob, b"content").expect("writes");
        (cache, repository, places)
    }

    #[test]
    fn a_file_leads_to_its_blob() {
        let folder = tempfile::tempdir().expect("folder");
        let (cache, repository, places) = places(folder.path());
        for _ in 0..2 {
            places.link().expect("links");
        }
        cache.note_ref(&repository, COMMIT).expect("notes");
        let path = cache.path_of(&repository, "unet/x.bin").expect("is here");
        assert_eq!(std::fs::read(path).expect("reads"), b"content");
        assert_eq!(std::fs::read_dir(places.pointer.parent().expect("a folder")).expect("lists").count(), 1);
    }

    #[test]
    fn where_no_link_can_be_made_the_file_is_moved() {
        let folder = tempfile::tempdir().expect("folder");
        let (cache, repository, places) = places(folder.path());
        places.link_with(|_, _| Err(io::ErrorKind::PermissionDenied.into())).expect("moves");
        assert!(!places.blob.exists() && places.is_here(Some(7)) && !places.is_here(Some(8)));
        places.link_with(|_, _| Err(io::ErrorKind::PermissionDenied.into())).expect("stays");
        cache.note_ref(&repository, COMMIT).expect("notes");
        let path = cache.path_of(&repository, "unet/x.bin").expect("is here");
        assert_eq!(std::fs::read(path).expect("reads"), b"content");
        let found = cache.repository(&repository).expect("is here");
        assert_eq!((found.size, found.revisions[0].files[0].blob.as_deref()), (7, None));
    }
}
