//! A finished picture of a round, and the forms in which it is kept.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::ResultId;
use super::store::{BlobHash, Store, StoreError};
use crate::engine::Recipe;
use crate::picture::{self, FileKind, OpenError};

/// A finished picture.
#[derive(Clone, Debug)]
pub struct RoundResult {
    /// The picture, in the form that is at hand.
    pub image: ResultImage,
    /// What made it.
    pub recipe: Arc<Recipe>,
    /// The result that its start image came from; `None` for a drawing, an opened picture, or no start
    /// image.
    pub parent: Option<ResultId>,
    /// Where it was saved, once it was.
    pub file: Option<PathBuf>,
    /// Whether it is marked with a star.
    pub starred: bool,
    /// What somebody wrote about it; empty without a note.
    pub note: String,
    /// Under which hash the document's file has it, once it is there.
    pub(super) stored: Option<BlobHash>,
    /// PNG bytes beside decoded pixels, so that the pixels can be dropped without encoding again.
    pub(super) png: Option<Arc<[u8]>>,
    /// When it was last looked at; larger is later.
    pub(super) used: u64,
}

/// The pixels of a result, or what they can be decoded from.
#[derive(Clone, Debug)]
pub enum ResultImage {
    /// The pixels.
    Pixels(Arc<RgbImage>),
    /// A PNG in memory.
    Encoded(Arc<[u8]>),
    /// A PNG in the document's file.
    Stored(BlobHash),
    /// The file that it was saved to.
    Saved(PathBuf),
}

/// Why a result cannot be shown, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The picture cannot be read.
    #[error(transparent)]
    Picture(#[from] OpenError),
    /// The document's file cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document's file is not open.
    #[error("The result cannot be read because its document is closed. Open the document again.")]
    Closed,
}

impl ResultImage {
    /// The pixels if they need not be decoded.
    pub fn pixels(&self) -> Option<&Arc<RgbImage>> {
        match self {
            Self::Pixels(pixels) => Some(pixels),
            Self::Encoded(_) | Self::Stored(_) | Self::Saved(_) => None,
        }
    }

    /// Decodes the picture, with the help of the document's open file; takes milliseconds to a second, so not
    /// for the window's thread.
    ///
    /// # Errors
    /// If the file cannot be read any more, or is no picture now.
    pub fn decode(&self, store: Option<&Store>) -> Result<Arc<RgbImage>, DecodeError> {
        const NAME: &str = "The result";
        Ok(Arc::new(match self {
            Self::Pixels(pixels) => return Ok(Arc::clone(pixels)),
            Self::Encoded(bytes) => picture::read(bytes, NAME)?,
            Self::Stored(hash) => picture::read(&store.ok_or(DecodeError::Closed)?.picture(*hash)?, NAME)?,
            Self::Saved(path) => picture::open(path)?,
        }))
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Pixels(pixels) => pixels.as_raw().len(),
            Self::Encoded(bytes) => bytes.len(),
            Self::Stored(_) | Self::Saved(_) => 0,
        }
    }
}

impl RoundResult {
    /// The file it was saved to, if the pixels can be read from there as they were.
    pub(super) fn lossless_file(&self) -> Option<&PathBuf> {
        self.file.as_ref().filter(|file| FileKind::from_path(file).is_some_and(FileKind::is_lossless))
    }

    pub(super) fn bytes(&self) -> usize {
        self.image.bytes() + self.png.as_ref().map_or(0, |png| png.len())
    }
}
