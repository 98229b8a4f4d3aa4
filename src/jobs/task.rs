//! What the window can ask of each thread.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;
use image::RgbImage;

use super::ScoreTask;
use crate::document::store::Changes;
use crate::document::{ResultId, ResultImage, RoundId};
use crate::engine::{Cancel, ModelChoice, Plan, Recipe, Runtime, Settings, Sheet};
use crate::picture::Fit;

/// Tells the reports about one job from those about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(pub(super) u64);

/// Tells the reports about one open document from those about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocumentId(pub(super) u64);

/// A task for the thread that owns the engine.
pub enum EngineTask {
    /// Work with this runtime from now on.
    Configure(Runtime),
    /// Load a model now, so that the first round need not wait for it.
    Load {
        /// Repeated in every report about it.
        job: JobId,
        /// Which one.
        model: ModelChoice,
        /// Stops it.
        cancel: Cancel,
    },
    /// Make a round of pictures.
    Generate(Box<GenerateJob>),
}

/// One round for the engine's thread.
pub struct GenerateJob {
    /// Repeated in every report about it.
    pub job: JobId,
    /// The model that makes it; loaded first where it is not.
    pub model: ModelChoice,
    /// What to make, with a drawn seed.
    pub settings: Settings,
    /// What to make besides.
    pub plan: Plan,
    /// The picture to start from, of any size.
    pub start: Option<Arc<RgbImage>>,
    /// How a start image of another size meets the size in the settings.
    pub fit: Fit,
    /// The paper's colour, around a start image that shows whole.
    pub paper: [u8; 3],
    /// Stops it.
    pub cancel: Cancel,
    /// Where results are written as they are finished.
    pub folder: PathBuf,
}

/// A task for the thread that reads and writes files.
pub enum FileTask {
    /// Read a picture file.
    Open(PathBuf),
    /// Scale a picture to the size of a canvas.
    Fit {
        /// The picture; repeated in the report.
        original: Arc<RgbImage>,
        /// Whether it fills the canvas or shows whole.
        fit: Fit,
        /// Width and height of the canvas in pixels.
        size: (u32, u32),
        /// The paper's colour, around a picture that shows whole.
        paper: [u8; 3],
    },
    /// Compare the colours of two pictures.
    Compare {
        /// The picture whose size counts; repeated in the report, as is the other.
        a: Arc<RgbImage>,
        /// The other picture, of any size.
        b: Arc<RgbImage>,
    },
    /// Write a picture where the person chose.
    SaveAs {
        /// The pixels.
        picture: Arc<RgbImage>,
        /// The `parameters` text, of a result.
        infotext: Option<String>,
        /// The file.
        path: PathBuf,
    },
    /// Write the finished pictures of a sheet as one labelled picture.
    SaveSheet {
        /// The document of the round.
        document: DocumentId,
        /// What varies over the pictures.
        sheet: Sheet,
        /// The finished pictures, each with its place on the sheet, from 0.
        pictures: Vec<(usize, ResultImage)>,
        /// The file.
        path: PathBuf,
    },
    /// Write a result into the output folder, under a number of its own.
    KeepResult {
        /// The job that made it.
        job: JobId,
        /// Place in the batch, from 0.
        image: usize,
        /// The pixels.
        picture: Arc<RgbImage>,
        /// What made it.
        recipe: Arc<Recipe>,
        /// The folder; made when missing.
        folder: PathBuf,
    },
    /// Open what a window starts with, in the folder where untitled documents are kept.
    OpenHome {
        /// Repeated in every report about it.
        id: DocumentId,
        /// The folder.
        folder: PathBuf,
        /// The document that was asked for on the command line.
        asked: Option<PathBuf>,
    },
    /// Open a document file.
    OpenDocument(DocumentId, PathBuf),
    /// Take the name of a new untitled document.
    NewDocument(DocumentId),
    /// Write changes into a document's file.
    Commit(DocumentId, Arc<Changes>),
    /// Copy a document's file and go on with the copy.
    SaveDocument(DocumentId, SaveName),
    /// Close a document's file, so that another window can write to it.
    CloseDocument(DocumentId),
    /// Read the pixels of a result that are not in memory any more.
    DecodeResult(DocumentId, ResultId, ResultImage),
    /// Compute how well a result follows its start image.
    Score(DocumentId, ResultId, ScoreTask),
    /// Draw how far a result is from its start image where nothing was painted.
    DrawDrift(DocumentId, ResultId, ScoreTask),
    /// Read the start image of a round from its document's file.
    ReadStart(DocumentId, RoundId),
    /// Encode a result, so that its pixels need not stay in memory.
    EncodeResult(DocumentId, ResultId, Arc<RgbImage>),
    /// Show a folder in the system's file manager; it is made when missing.
    ShowFolder(PathBuf),
    /// List the LoRAs and textual inversions in these folders.
    ListExtras {
        /// The folder of LoRAs.
        loras: PathBuf,
        /// The folder of textual inversions.
        embeddings: PathBuf,
    },
    /// Answer once every task before this one is done.
    Flush(Sender<()>),
}

/// The name under which a document is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveName {
    /// This one, which the person chose.
    Chosen(PathBuf),
    /// The next free one in the folder of untitled documents.
    Untitled,
}
