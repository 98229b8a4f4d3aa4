//! What the cache holds: repositories, their revisions, and the files of each.

use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{HubError, PART_ENDING};

/// How deep folders inside a repository are followed.
const DEEPEST: usize = 16;

/// One repository in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedRepository {
    /// `owner/name`; old repositories have a name alone.
    pub id: String,
    /// The repository's folder.
    pub folder: PathBuf,
    /// The revisions that files were fetched of; those with a branch or tag come first.
    pub revisions: Vec<CachedRevision>,
    /// What was not fetched to its end.
    pub incomplete: Vec<IncompleteFile>,
    /// How many bytes the folder's files take, each counted once.
    pub size: u64,
}

/// One revision of a repository in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedRevision {
    /// The commit, 40 hexadecimal digits.
    pub commit: String,
    /// The branches and tags that were this commit when they were last fetched.
    pub refs: Vec<String>,
    /// The folder of the files, in the repository's own layout.
    pub folder: PathBuf,
    /// The files in order of their paths.
    pub files: Vec<CachedFile>,
}

/// One file of a revision in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedFile {
    /// The path inside the repository, with `/` between folders.
    pub path: String,
    /// The file on this machine, below the revision's folder; most often a link.
    pub location: PathBuf,
    /// The size in bytes; `None` where the content is missing.
    pub size: Option<u64>,
    /// The name of the content below `blobs/`, which is the file's sha256 for large files; `None` for a copy.
    pub blob: Option<String>,
}

/// A file that was not fetched to its end, by this or another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes so far; a file with gaps takes less of the disk.
    pub size: u64,
}

pub(super) fn repositories(root: &Path) -> Result<Vec<CachedRepository>, HubError> {
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(HubError::read(root, &error)),
    };
    let mut found: Vec<CachedRepository> = entries.flatten().filter_map(|entry| repository(&entry.path())).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

pub(super) fn repository(folder: &Path) -> Option<CachedRepository> {
    let id = folder.file_name()?.to_str()?.strip_prefix("models--")?.replacen("--", "/", 1);
    if id.is_empty() || !folder.is_dir() {
        return None;
    }
    let refs = refs(&folder.join("refs"));
    let mut size = 0_u64;
    let mut incomplete = Vec::new();
    for entry in entries(&folder.join("blobs")) {
        let Ok(about) = entry.metadata() else { continue };
        if !about.is_file() {
            continue;
        }
        size = size.saturating_add(about.len());
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".incomplete") || name.ends_with(PART_ENDING) {
            incomplete.push(IncompleteFile { path: entry.path(), size: about.len() });
        }
    }
    incomplete.sort_by(|a, b| a.path.cmp(&b.path));
    let mut revisions = Vec::new();
    for entry in entries(&folder.join("snapshots")).into_iter().filter(|entry| entry.path().is_dir()) {
        let commit = entry.file_name().to_string_lossy().into_owned();
        let mut files = Vec::new();
        list_files(&entry.path(), "", 0, &mut files);
        files.sort_by(|a: &CachedFile, b| a.path.cmp(&b.path));
        // Copies take room of their own; links do not.
        size = files
            .iter()
            .filter(|file| file.blob.is_none())
            .filter_map(|file| file.size)
            .fold(size, u64::saturating_add);
        let refs = refs.get(&commit).cloned().unwrap_or_default();
        revisions.push(CachedRevision { commit, refs, folder: entry.path(), files });
    }
    revisions.sort_by(|a, b| (a.refs.is_empty(), &a.commit).cmp(&(b.refs.is_empty(), &b.commit)));
    Some(CachedRepository { id, folder: folder.to_path_buf(), revisions, incomplete, size })
}

/// The branches and tags below `refs/`, by the commit that each names.
pub(super) fn refs(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut files = Vec::new();
    list_files(folder, "", 0, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut refs = BTreeMap::<String, Vec<String>>::new();
    for file in files.into_iter().filter(|file| file.size.is_some_and(|size| size <= 256)) {
        if let Ok(commit) = std::fs::read_to_string(&file.location) {
            refs.entry(commit.trim().to_owned()).or_default().push(file.path);
        }
    }
    refs
}

/// Every file below a folder. Links to folders are not followed.
fn list_files(folder: &Path, below: &str, depth: usize, files: &mut Vec<CachedFile>) {
    if depth > DEEPEST {
        return;
    }
    for entry in entries(folder) {
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let location = entry.path();
        if kind.is_dir() {
            list_files(&location, &path, depth.saturating_add(1), files);
            continue;
        }
        let size = std::fs::metadata(&location).ok().filter(std::fs::Metadata::is_file).map(|about| about.len());
        let blob = kind.is_symlink().then(|| blob_of(&location)).flatten();
        files.push(CachedFile { path, location, size, blob });
    }
}

/// The name of the blob that a link leads to.
fn blob_of(link: &Path) -> Option<String> {
    let target = std::fs::read_link(link).ok()?;
    let is_blob = target.parent().and_then(Path::file_name).is_some_and(|folder| folder == "blobs");
    Some(target.file_name().filter(|_| is_blob)?.to_string_lossy().into_owned())
}

/// The entries of a folder; none where it cannot be listed.
fn entries(folder: &Path) -> Vec<DirEntry> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.flatten().collect(),
        Err(error) => {
            if error.kind() != ErrorKind::NotFound {
                tracing::warn!(folder = %folder.display(), %error, "a folder of the hub's cache could not be listed");
            }
            Vec::new()
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::super::tests::{COMMIT, OLDER, example};
    use super::*;

    #[test]
    fn repositories_revisions_and_files_are_listed() {
        let folder = tempfile::tempdir().expect("folder");
        let found = example(folder.path()).repositories().expect("lists");
        assert_eq!(found.len(), 1, "data sets and other files are none");
        let CachedRepository { id, revisions, incomplete, size, .. } = &found[0];
        assert_eq!((id.as_str(), *size), ("a/b", 173));
        let commits: Vec<(&str, &[String])> = revisions.iter().map(|r| (r.commit.as_str(), &r.refs[..])).collect();
        assert_eq!(commits, [(COMMIT, &["main".to_owned()][..]), (OLDER, &[][..])]);
        let files: Vec<_> =
            revisions[1].files.iter().map(|file| (file.path.as_str(), file.size, file.blob.as_deref())).collect();
        assert_eq!(
            files,
            [
                ("config.json", Some(3), Some("old")),
                ("lost.bin", None, Some("nowhere")),
                ("unet/model.safetensors", Some(100), Some("shared"))
            ]
        );
        assert_eq!(incomplete.len(), 1);
        assert_eq!((incomplete[0].size, incomplete[0].path.ends_with("half.incomplete")), (50, true));
    }

    #[test]
    fn copies_count_and_circles_of_links_end() {
        let folder = tempfile::tempdir().expect("folder");
        let cache = example(folder.path());
        let snapshot = folder.path().join("models--a--b/snapshots").join(COMMIT);
        std::fs::write(snapshot.join("copy.json"), [0; 7]).expect("writes");
        std::os::unix::fs::symlink("..", snapshot.join("circle")).expect("links");
        let found = cache.repositories().expect("lists");
        assert_eq!(found[0].size, 180);
        let circle = found[0].revisions[0].files.iter().find(|file| file.path == "circle").expect("is listed");
        assert_eq!((circle.size, circle.blob.as_deref()), (None, None));
    }
}
