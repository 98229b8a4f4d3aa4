//! Why an OpenRaster file cannot be used, each as one sentence.

use std::path::{Path, PathBuf};

use crate::paint::{LayerError, SizeError};
use crate::picture::{SaveError, plain_reason};

/// Why an OpenRaster file could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum OpenRasterError {
    /// The file system refused to read it.
    #[error("{} could not be read: {reason}.", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It is no OpenRaster file, or a damaged one.
    #[error("{name} could not be opened as an OpenRaster picture: {reason}.")]
    Damaged {
        /// What it is called.
        name: String,
        /// What is wrong, as the end of a sentence.
        reason: String,
    },
    /// It is larger than this program opens.
    #[error("{name} could not be opened: it is too large ({reason}). Make it smaller in another program first.")]
    TooLarge {
        /// What it is called.
        name: String,
        /// How large it is, and how large it may be.
        reason: String,
    },
    /// It has more layers or deeper groups than a document can have, or a size that no canvas can have.
    #[error("{name} could not be opened. {reason}")]
    Limits {
        /// What it is called.
        name: String,
        /// Why, as one sentence.
        reason: String,
    },
    /// It could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// The layers could not be encoded.
    #[error("The layers could not be written as an OpenRaster picture: {reason}.")]
    Encode {
        /// Why.
        reason: String,
    },
}

/// What is wrong with a file, without its name.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is damaged, or something else: the end of a sentence.
    Damaged(String),
    /// It is too large: how large it is, and how large it may be.
    TooLarge(String),
    /// It has something that a document cannot have: a whole sentence.
    Limits(String),
}

impl Trouble {
    pub fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged(reason.into())
    }

    /// The error about the file of this name.
    pub fn of(self, name: &str) -> OpenRasterError {
        let name = name.to_owned();
        match self {
            Self::Damaged(reason) => OpenRasterError::Damaged { name, reason },
            Self::TooLarge(reason) => OpenRasterError::TooLarge { name, reason },
            Self::Limits(reason) => OpenRasterError::Limits { name, reason },
        }
    }
}

impl From<LayerError> for Trouble {
    fn from(error: LayerError) -> Self {
        Self::Limits(error.to_string())
    }
}

impl From<SizeError> for Trouble {
    fn from(error: SizeError) -> Self {
        Self::Limits(error.to_string())
    }
}

impl OpenRasterError {
    pub(super) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_path_buf(), reason: plain_reason(error) }
    }
}
