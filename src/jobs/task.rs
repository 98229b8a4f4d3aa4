//! What the window can ask of each thread.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;
use image::{RgbImage, RgbaImage};

use super::{HintTask, LiveJob, PaletteTask, ScoreTask};
use crate::document::open_raster::OpenRaster;
use crate::document::store::Changes;
use crate::document::{CanvasPart, ClonePicture, Reshaping, ResultId, ResultImage, RoundId, TimeLapse};
use crate::engine::{Cancel, ControlHint, Mask, ModelChoice, Plan, Recipe, Runtime, Settings, Sheet};
use crate::models::{DownloadsFile, KeptDownloads};
use crate::picture::{Fit, OutputOptions};
use crate::prompts::{PromptHistory, StyleList, Wildcards};
use crate::remote::{EngineChoice, KeptServers};

/// Tells the reports about one job from those about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(pub(super) u64);

#[cfg(test)]
impl JobId {
    /// A job that no thread knows.
    pub fn for_test(number: u64) -> Self {
        Self(number)
    }
}

/// Tells the reports about one open document from those about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocumentId(pub(super) u64);

/// A task for the thread that owns the engine.
pub enum EngineTask {
    /// Work with this runtime from now on.
    Configure(Runtime),
    /// Make pictures with these engines from now on. What was loaded is freed; the next model is loaded there.
    Use(EngineChoice),
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
    /// Encode a start image, to look at it under noise. Nothing is loaded for it.
    Noise(Box<NoiseJob>),
    /// Make a frame of live painting.
    Live(Box<LiveJob>),
    /// Make one picture again and compare it.
    RunAgain(Box<RunAgainJob>),
}

/// A start image that is to be looked at under noise.
pub struct NoiseJob {
    /// Repeated in the report about it.
    pub job: JobId,
    /// The model that encodes it, if it is loaded.
    pub model: ModelChoice,
    /// The settings of the round that would start from it, with a drawn seed.
    pub settings: Settings,
    /// The part of the canvas that it is, and how that meets the size in the settings.
    pub start: CanvasPart,
    /// Stops it.
    pub cancel: Cancel,
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
    /// Where `__name__` in the prompts is looked up.
    pub wildcards: Wildcards,
    /// Where results are written as they are finished.
    pub folder: PathBuf,
    /// As what they are written.
    pub saving: ResultSaving,
}

/// A picture that is to become a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerPicture {
    /// A result. It is scaled until it fills the canvas in one direction.
    Result(ResultId),
    /// A pasted picture, and the name of its layer. It keeps its size unless it is larger than the canvas.
    Pasted(String),
    /// A picture file, and the name of its layer. It keeps its size unless it is larger than the canvas.
    File(String),
}

/// Where the pixels of a picture are.
#[derive(Clone, Debug)]
pub enum LayerPixels {
    /// In memory.
    Memory(Arc<RgbaImage>),
    /// In memory, without alpha.
    Opaque(Arc<RgbImage>),
    /// In a picture file; of an OpenRaster file, all layers as one.
    File(PathBuf),
}

/// A result to be made again.
#[derive(Clone, Debug)]
pub struct RunAgainJob {
    /// Repeated in every report about it.
    pub job: JobId,
    /// The model that made it.
    pub model: ModelChoice,
    /// The result.
    pub picture: Arc<RgbImage>,
    /// What made it.
    pub recipe: Arc<Recipe>,
    /// Its start image, in the size of the result.
    pub start: Option<Arc<RgbImage>>,
    /// Which pixels of the start image were not kept, in the size of the result; `None` if all could change.
    pub mask: Option<Mask>,
    /// The pictures that its controls followed.
    pub hints: Vec<ControlHint>,
    /// How those of another size meet the start image, and the paper around them.
    pub hint_fit: (Fit, [u8; 3]),
    /// Where its regions counted.
    pub regions: Vec<Mask>,
    /// Stops it.
    pub cancel: Cancel,
}

/// How the results of a round are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultSaving {
    /// The kind of file, its name and what is inside.
    pub options: OutputOptions,
    /// The number of the round, for its name.
    pub round: RoundId,
    /// The document that the results are committed to at once; `None` where they are in it already.
    pub document: Option<DocumentId>,
}

/// Where the start image of a result is.
#[derive(Clone, Debug)]
pub enum ResultStart {
    /// There is none, or it is not wanted.
    None,
    /// Here, as it was given to the model.
    Pixels(Arc<RgbImage>),
    /// In the document's file, with this round; it is brought to the size of the result.
    Stored(DocumentId, RoundId),
    /// In the document's file, with this round, in a size of its own: a second pass enlarged it.
    Unscaled(DocumentId, RoundId),
}

/// A task for the thread that reads and writes files.
pub enum FileTask {
    /// Read a picture file, or the layers of an OpenRaster file.
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
    /// Compute a canvas in another shape.
    Reshape(Box<Reshaping>),
    /// Bring a picture to the size of a canvas, as a layer of it.
    FitLayer {
        /// Which picture it is; repeated in the report.
        picture: LayerPicture,
        /// Its pixels.
        pixels: LayerPixels,
        /// Width and height of the canvas in pixels.
        size: (u32, u32),
    },
    /// Bring a result to the size of a canvas, for the clone brush.
    FitClone(ClonePicture),
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
        /// The start image that a PNG carries, of a result.
        start: ResultStart,
        /// Where the regions lie that its text names.
        regions: Vec<Mask>,
        /// JPEG's quality, `1..=100`.
        jpeg_quality: u8,
        /// The file.
        path: PathBuf,
    },
    /// Write the canvas where the person chose.
    SaveCanvas {
        /// The canvas.
        canvas: CanvasPart,
        /// JPEG's quality, `1..=100`.
        jpeg_quality: u8,
        /// The file.
        path: PathBuf,
    },
    /// Write layers as an OpenRaster file; one of this name is replaced.
    SaveLayers(Box<OpenRaster>, PathBuf),
    /// Write the finished pictures of a sheet as one labelled picture.
    SaveSheet {
        /// The document of the round.
        document: DocumentId,
        /// What varies over the pictures.
        sheet: Sheet,
        /// The finished pictures, each with its place on the sheet, from 0.
        pictures: Vec<(usize, ResultImage)>,
        /// JPEG's quality, `1..=100`.
        jpeg_quality: u8,
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
        /// As what it is written.
        saving: ResultSaving,
        /// Its start image.
        start: ResultStart,
        /// Where its regions lie.
        regions: Vec<Mask>,
    },
    /// Keep the styles for the next launch.
    KeepStyles(StyleList),
    /// Add the styles of a file to these, and keep all of them.
    ImportStyles(StyleList, PathBuf),
    /// Keep the prompts that were used for the next launch.
    KeepPrompts(PromptHistory),
    /// Keep what a person chose about the window for the next launch.
    KeepChoices {
        /// The name of the file in the data folder.
        file: &'static str,
        /// What it holds from now on.
        json: String,
    },
    /// Keep what is being fetched for the next launch, in this file.
    KeepDownloads(KeptDownloads, Arc<DownloadsFile>),
    /// Keep the servers that a person named, for the next launch.
    KeepServers(KeptServers),
    /// Keep how results are written for the next launch.
    KeepOutput(OutputOptions),
    /// Do something with palettes or the choices of colours.
    Palettes(PaletteTask),
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
    /// Move a document's file to another name, which must be free.
    RenameDocument(DocumentId, PathBuf),
    /// Close a document's file, so that another window can write to it.
    CloseDocument(DocumentId),
    /// Read the pixels of a result that are not in memory any more.
    DecodeResult(DocumentId, ResultId, ResultImage),
    /// Draw the results of a round as one picture.
    ContactSheet {
        /// The document.
        document: DocumentId,
        /// What stands at the top.
        title: String,
        /// The results.
        results: Vec<ContactResult>,
        /// The file; one of this name is replaced.
        path: PathBuf,
    },
    /// Make an animation of how a document came to be.
    TimeLapse {
        /// The document.
        document: DocumentId,
        /// How long and how large.
        lapse: TimeLapse,
        /// The file; one of this name is replaced.
        path: PathBuf,
    },
    /// Read the start image of a round, to make a result of it again.
    FetchStart(DocumentId, RoundId, Box<RunAgainJob>),
    /// Read the start image of a round from its document's file.
    ReadStart(DocumentId, RoundId),
    /// Read the thumbnails of results, or make those that are not in the document's file yet.
    ReadThumbnails(DocumentId, Vec<(ResultId, ResultImage)>),
    /// Compute how well a result follows its start image.
    Score(DocumentId, ResultId, ScoreTask),
    /// Draw how far a result is from its start image where nothing was painted.
    DrawDrift(DocumentId, ResultId, ScoreTask),
    /// Draw the lines that a control follows.
    DrawHint(Box<HintTask>),
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

/// A result on a contact sheet.
#[derive(Clone, Debug)]
pub struct ContactResult {
    /// The picture, in the form that is at hand.
    pub picture: ResultImage,
    /// What made it.
    pub recipe: Arc<Recipe>,
    /// Its place in the batch, from 0.
    pub image: usize,
}

/// The name under which a document is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveName {
    /// This one, which the person chose.
    Chosen(PathBuf),
    /// The next free one in the folder of untitled documents.
    Untitled,
}
