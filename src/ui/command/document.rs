//! Documents.

use std::path::PathBuf;

/// Commands about documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentCommand {
    /// Begin a new document without a name.
    New,
    /// Show this document file.
    Open(PathBuf),
    /// Ask where to copy the document.
    ChooseSaveAs,
    /// Copy the document to this file and go on with the copy.
    SaveAs(PathBuf),
    /// Ask for another name.
    ChooseName,
    /// Give the document this name; its file stays in its folder.
    Rename(String),
    /// Dismiss the question about another name.
    KeepName,
}
