//! Which file of a repository is wanted.

use super::{Repository, RepositoryFile};

/// A file of a repository, and what is known of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequest {
    /// The repository at a revision.
    pub repository: Repository,
    /// The file's path inside it, with `/` between folders.
    pub file: String,
    /// What the content must be.
    pub expected: Expected,
}

/// What a file's content must be; what is `None` is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The size in bytes.
    pub size: Option<u64>,
    /// The sha256 in hexadecimal digits.
    pub sha256: Option<String>,
}

impl FileRequest {
    /// A request for whatever the hub has under this path.
    pub fn new(repository: Repository, file: &str) -> Self {
        Self { repository, file: file.to_owned(), expected: Expected::default() }
    }

    /// A request for a file of a list, with the content that the list names.
    pub fn listed(repository: Repository, file: &RepositoryFile) -> Self {
        let expected = Expected { size: file.size, sha256: file.sha256.clone() };
        Self { repository, file: file.path.clone(), expected }
    }
}
