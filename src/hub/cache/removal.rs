//! Removing what the cache holds of a repository.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use super::{Cache, CachedRepository, CachedRevision};
use crate::hub::{HubError, Repository};

pub(super) fn remove(cache: &Cache, repository: &Repository, revision: Option<&str>) -> Result<u64, HubError> {
    let not_here = || HubError::NotHere { what: repository.id().to_owned() };
    let found = cache.repository(repository).ok_or_else(not_here)?;
    let Some(revision) = revision else {
        remove_folder(&found.folder)?;
        return Ok(found.size);
    };
    let named = |kept: &&CachedRevision| kept.commit == revision || kept.refs.iter().any(|name| name == revision);
    let removed = found.revisions.iter().find(named).ok_or_else(not_here)?;
    if found.revisions.len() == 1 {
        remove_folder(&found.folder)?;
        return Ok(found.size);
    }
    remove_revision(&found, removed)
}

/// Removes one of several revisions, and the contents that no other uses.
fn remove_revision(found: &CachedRepository, removed: &CachedRevision) -> Result<u64, HubError> {
    let others: BTreeSet<&String> = found
        .revisions
        .iter()
        .filter(|other| other.commit != removed.commit)
        .flat_map(|other| other.files.iter().filter_map(|file| file.blob.as_ref()))
        .collect();
    let mut freed = 0_u64;
    let mut blobs = BTreeSet::new();
    for file in &removed.files {
        let size = file.size.unwrap_or(0);
        match &file.blob {
            Some(blob) if !others.contains(blob) && blobs.insert(blob) => freed = freed.saturating_add(size),
            Some(_) => {}
            None => freed = freed.saturating_add(size),
        }
    }
    // The names go first: a file that can be found is then always whole.
    for name in &removed.refs {
        remove_file(&found.folder.join("refs").join(name))?;
    }
    remove_folder(&removed.folder)?;
    for blob in blobs {
        remove_file(&found.folder.join("blobs").join(blob))?;
    }
    Ok(freed)
}

fn remove_folder(folder: &Path) -> Result<(), HubError> {
    std::fs::remove_dir_all(folder).map_err(|error| HubError::removal(folder, &error))
}

fn remove_file(file: &Path) -> Result<(), HubError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(HubError::removal(file, &error)),
        _ => Ok(()),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::super::tests::{COMMIT, OLDER, example};
    use super::*;

    fn repository() -> Repository {
        Repository::new("a/b").expect("a repository")
    }

    #[test]
    fn what_another_revision_uses_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let cache = example(folder.path());
        assert_eq!(cache.remove(&repository(), Some("main")).expect("removes"), 20);
        let blobs = folder.path().join("models--a--b/blobs");
        assert!(blobs.join("shared").exists() && blobs.join("old").exists() && !blobs.join("new").exists());
        let left = cache.repository(&repository()).expect("is here");
        assert_eq!(left.revisions.iter().map(|r| r.commit.as_str()).collect::<Vec<_>>(), [OLDER]);
        assert_eq!(cache.path_of(&repository(), "config.json"), None);
        // The last one takes the folder with it.
        assert_eq!(cache.remove(&repository(), Some(OLDER)).expect("removes"), 153);
        assert_eq!(cache.repository(&repository()), None);
    }

    #[test]
    fn a_whole_repository_is_removed_and_what_is_not_there_is_said() {
        let folder = tempfile::tempdir().expect("folder");
        let cache = example(folder.path());
        let unknown = cache.remove(&repository(), Some("v9")).expect_err("is not here").to_string();
        assert!(unknown.contains("a/b"), "{unknown}");
        assert!(cache.path_of(&repository().at(COMMIT).expect("a revision"), "config.json").is_some());
        assert_eq!(cache.remove(&repository(), None).expect("removes"), 173);
        assert!(cache.remove(&repository(), None).is_err());
    }
}
