//! What a file is, from its first bytes: looked at before SQLite opens it, which would make files beside it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::StoreError;
use super::schema::APPLICATION_ID;

/// What every SQLite database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the application id lies in the header, as four bytes, the highest first.
const ID_AT: usize = 68;
/// The length of the header in bytes.
const HEADER: usize = 100;

/// Makes sure that a file is a document file as far as its header says.
///
/// # Errors
/// A missing or unreadable file, a folder, an empty file, or one of another kind.
pub(super) fn look_at(path: &Path) -> Result<(), StoreError> {
    let fail = |error: std::io::Error| StoreError::open_io(path, &error);
    let foreign = |what| Err(StoreError::Foreign { path: path.to_path_buf(), what });
    let metadata = std::fs::metadata(path).map_err(fail)?;
    if metadata.is_dir() {
        return foreign("a folder");
    }
    if !metadata.is_file() {
        return foreign("not a file");
    }
    let mut start = Vec::new();
    File::open(path).map_err(fail)?.take(HEADER as u64).read_to_end(&mut start).map_err(fail)?;
    if start.is_empty() {
        return foreign("empty");
    }
    if !start.starts_with(MAGIC) {
        return foreign("some other file");
    }
    match start.get(ID_AT..ID_AT + 4) {
        None => Err(StoreError::damaged(path, "most of it is missing")),
        Some(id) if id == APPLICATION_ID.to_be_bytes() => Ok(()),
        Some(_) => foreign("a database of another program"),
    }
}

/// Which file lies under a name, as far as the system can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity(u64, u64);

impl FileIdentity {
    /// The file under this name; `None` if there is none.
    pub fn of(path: &Path) -> Option<Self> {
        Some(Self::from_metadata(&std::fs::metadata(path).ok()?))
    }

    /// An open file, whatever lies under its name now; `None` if the system does not tell.
    pub fn of_open(file: &File) -> Option<Self> {
        Some(Self::from_metadata(&file.metadata().ok()?))
    }

    fn from_metadata(metadata: &std::fs::Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Self(metadata.dev(), metadata.ino())
        }
        #[cfg(not(unix))]
        {
            // An open file cannot be removed or replaced here.
            let _ = metadata;
            Self(0, 0)
        }
    }
}
