//! What the threads report to the window.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::hints::DrawnHint;
use super::{
    CanvasReport, DescribeReport, DocumentId, FetchReport, JobId, LayerPicture, ModelReport, ObjectReport,
    PaletteReport, ResultScores, RunAgainJob,
};
use crate::document::home::OpenedContent;
use crate::document::open_raster::ComposedLayers;
use crate::document::store::Committed;
use crate::document::{Reshaped, ResultId, RoundId, StartImage};
use crate::engine::{Capabilities, Estimator, ModelChoice, ModelInfo, NoisedStart, PresetFiles, Recipe, Stage};
use crate::paint::Surface;
use crate::picture::{Difference, FoundFont, OutputOptions, Parameters, Reproduction};
use crate::prompts::{PromptHistory, StyleList};
use crate::remote::{ServerHealth, ServerUrl};

/// One of the threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerThread {
    /// The one that owns the engine.
    Engine,
    /// The one that reads and writes files.
    Files,
    /// The one that computes edits of a large canvas.
    Canvas,
    /// The one that finds models.
    Models,
    /// The one that fetches models.
    Fetches,
    /// The one that finds the object at a click.
    Objects,
    /// The one that describes the canvas and estimates depth.
    Vision,
}

/// Anything a thread reports.
#[derive(Debug)]
pub enum Report {
    /// From the engine's thread.
    Engine(EngineReport),
    /// From the file thread.
    File(FileReport),
    /// From the thread that computes edits of a large canvas.
    Canvas(CanvasReport),
    /// From the thread that finds models.
    Models(ModelReport),
    /// From the thread that fetches models.
    Fetch(FetchReport),
    /// From the thread that finds the object at a click.
    Object(ObjectReport),
    /// The canvas was described.
    Described(DescribeReport),
    /// A server was asked what it is and has.
    Server {
        /// Where it is.
        url: ServerUrl,
        /// What it said, or why it cannot be asked.
        health: Result<ServerHealth, String>,
    },
    /// A bug ended a task; the thread has started again and works on.
    Restarted {
        /// Which thread.
        thread: WorkerThread,
        /// The panic's message.
        reason: String,
    },
}

impl From<EngineReport> for Report {
    fn from(report: EngineReport) -> Self {
        Self::Engine(report)
    }
}

impl From<CanvasReport> for Report {
    fn from(report: CanvasReport) -> Self {
        Self::Canvas(report)
    }
}

impl From<FetchReport> for Report {
    fn from(report: FetchReport) -> Self {
        Self::Fetch(report)
    }
}

impl From<ObjectReport> for Report {
    fn from(report: ObjectReport) -> Self {
        Self::Object(report)
    }
}

impl From<DescribeReport> for Report {
    fn from(report: DescribeReport) -> Self {
        Self::Described(report)
    }
}

impl From<FileReport> for Report {
    fn from(report: FileReport) -> Self {
        Self::File(report)
    }
}

/// A report of the engine's thread.
#[derive(Debug)]
pub enum EngineReport {
    /// What the engine can do; reported at the start, when another one is used, and when a server has said more.
    Capabilities(Capabilities),
    /// A model is being loaded.
    Loading {
        /// The job that needs it.
        job: JobId,
        /// The model's name.
        name: String,
    },
    /// More of a model is loaded.
    LoadProgress {
        /// The job that needs it.
        job: JobId,
        /// Which share of it, in `0.0..=1.0`.
        share: f64,
    },
    /// A model is ready.
    Loaded {
        /// The job that needed it.
        job: JobId,
        /// What is known of it.
        info: ModelInfo,
    },
    /// A model could not be loaded; the previous one is still there. A round that needed it then ends
    /// with [`Ending::Failed`].
    LoadFailed {
        /// The job that needed it.
        job: JobId,
        /// Which one.
        model: ModelChoice,
        /// Why, as one sentence.
        reason: String,
    },
    /// What estimates rounds with this model from now on; `None` where that cannot be told.
    Estimator {
        /// The model.
        model: ModelChoice,
        /// Estimates rounds with it.
        estimator: Option<Arc<dyn Estimator>>,
    },
    /// Something the person should know; the job goes on.
    Notice {
        /// The job.
        job: JobId,
        /// One sentence.
        text: String,
    },
    /// Work without steps has begun.
    Stage {
        /// The job.
        job: JobId,
        /// What it is.
        stage: Stage,
    },
    /// A sampling step is done.
    Step {
        /// The job.
        job: JobId,
        /// Place in the batch, from 0.
        image: usize,
        /// Steps done, from 1.
        step: usize,
        /// Steps this image takes in all.
        steps: usize,
        /// The present estimate of the image, small.
        preview: Arc<RgbImage>,
    },
    /// How long one of several engines took for a picture.
    Speed {
        /// Its name: a server's host, or this machine.
        engine: String,
        /// In seconds.
        seconds: f64,
    },
    /// A picture is finished.
    Finished {
        /// The job.
        job: JobId,
        /// Place in the batch, from 0.
        image: usize,
        /// The pixels.
        picture: Arc<RgbImage>,
        /// What made it.
        recipe: Arc<Recipe>,
    },
    /// A start image was encoded; `None` if it cannot be looked at under noise.
    Noised {
        /// The job.
        job: JobId,
        /// The encoded start image.
        start: Option<Arc<dyn NoisedStart>>,
    },
    /// A frame of live painting is over. Every [`EngineTask::Live`](super::EngineTask::Live) ends with exactly one of
    /// these.
    Live {
        /// The job.
        job: JobId,
        /// How it ended.
        how: LiveEnding,
    },
    /// A result was made again.
    RanAgain {
        /// The job.
        job: JobId,
        /// Whether it is the same.
        outcome: Reproduction,
    },
    /// A job is over. Every [`EngineTask::Generate`](super::EngineTask::Generate) and
    /// [`EngineTask::RunAgain`](super::EngineTask::RunAgain) ends with exactly one of these.
    Ended {
        /// The job.
        job: JobId,
        /// How it ended.
        how: Ending,
    },
}

/// How a round ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All pictures are finished.
    Complete,
    /// The person cancelled it.
    Cancelled,
    /// It failed, with one sentence why.
    Failed(String),
}

/// How a frame of live painting ended.
#[derive(Clone, Debug)]
pub enum LiveEnding {
    /// It is finished.
    Finished {
        /// The pixels.
        picture: Arc<RgbImage>,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// Something newer or more urgent came.
    Cancelled,
    /// It failed, with one sentence why.
    Failed(String),
}

/// A report of the file thread.
#[derive(Debug)]
pub enum FileReport {
    /// A picture was opened.
    Opened {
        /// The file.
        path: PathBuf,
        /// The file's name.
        name: String,
        /// Its pixels, all of them.
        picture: Arc<RgbImage>,
        /// What its `parameters` text says.
        parameters: Option<Parameters>,
        /// The start image that it carries.
        start: Option<Arc<RgbImage>>,
    },
    /// The layers of an OpenRaster file of this name were read.
    LayersOpened(String, Box<ComposedLayers>),
    /// Fonts of this machine for characters that were missing, and the first of them that no font has.
    FontsFound(Vec<FoundFont>, Option<char>),
    /// A canvas in another shape was computed.
    Reshaped(Box<Reshaped>),
    /// A picture was scaled to the size of a canvas.
    Fitted {
        /// The picture of the task.
        original: Arc<RgbImage>,
        /// The pixels, of the size asked for.
        picture: RgbImage,
    },
    /// A picture was brought to the size of a canvas, as a layer.
    LayerFitted(LayerPicture, Surface),
    /// A result was brought to the size of a canvas for the clone brush, or no canvas can have its size, as one sentence.
    CloneFitted(ResultId, Result<Surface, String>),
    /// The colours of two pictures were compared.
    Compared {
        /// The first picture of the task.
        a: Arc<RgbImage>,
        /// The second picture of the task.
        b: Arc<RgbImage>,
        /// How far they are apart.
        difference: Box<Difference>,
    },
    /// The lines that a control follows were drawn, or why they could not be, as one sentence. The number is the task's.
    HintDrawn(u64, Result<DrawnHint, String>),
    /// A picture was saved where the person chose.
    Saved(PathBuf),
    /// A result was written to the output folder.
    ResultKept {
        /// The job that made it.
        job: JobId,
        /// Place in the batch, from 0.
        image: usize,
        /// The file.
        path: PathBuf,
        /// What was written, if that is a PNG.
        png: Option<Arc<[u8]>>,
    },
    /// A result could not be written to the output folder; it is still in the window.
    ResultNotKept {
        /// The job that made it.
        job: JobId,
        /// Place in the batch, from 0.
        image: usize,
        /// The folder.
        folder: PathBuf,
        /// Why, as one sentence.
        reason: String,
    },
    /// How results were written at the last launch.
    Output(OutputOptions),
    /// The styles were read.
    Styles(StyleList),
    /// This many styles of a file are among these now.
    StylesImported(StyleList, usize),
    /// Something about palettes or the choices of colours.
    Palettes(PaletteReport),
    /// The prompts of earlier launches were read.
    Prompts(PromptHistory),
    /// A document file was opened.
    DocumentOpened(DocumentId, Box<DocumentReport>),
    /// A document file could not be opened.
    DocumentNotOpened {
        /// Which one.
        document: DocumentId,
        /// Why, as one sentence.
        reason: String,
    },
    /// Changes are in a document's file.
    Committed(DocumentId, Committed),
    /// Changes could not be written into a document's file; they must be committed again.
    NotCommitted {
        /// Which document.
        document: DocumentId,
        /// Why, as one sentence.
        reason: String,
    },
    /// A document has this file from now on.
    DocumentSaved(DocumentId, PathBuf),
    /// A document could not be copied; it has the file that it had.
    DocumentNotSaved {
        /// Which document.
        document: DocumentId,
        /// Why, as one sentence.
        reason: String,
    },
    /// The documents that were used last, the latest first.
    Recent(Vec<PathBuf>),
    /// The pixels of a result were read again.
    ResultDecoded(DocumentId, ResultId, Arc<RgbImage>),
    /// The pixels of a result cannot be read again.
    ResultNotDecoded {
        /// The document.
        document: DocumentId,
        /// Which one.
        id: ResultId,
        /// Why, as one sentence.
        reason: String,
    },
    /// A result can be made again: this was read for it.
    StartFetched(Box<RunAgainJob>),
    /// A result cannot be made again, for a reason in one sentence.
    StartNotFetched(JobId, String),
    /// The start image of a round was read.
    StartRead(DocumentId, RoundId, Box<StartImage>),
    /// The start image of a round cannot be read.
    StartNotRead {
        /// The document.
        document: DocumentId,
        /// The round.
        round: RoundId,
        /// Why, as one sentence.
        reason: String,
    },
    /// Thumbnails were read; `None` for those that cannot be.
    Thumbnails(DocumentId, Vec<(ResultId, Option<RgbImage>)>),
    /// A result was scored.
    Scored(DocumentId, ResultId, ResultScores),
    /// How far a result is from its start image where nothing was painted, in false colours.
    DriftDrawn(DocumentId, ResultId, Box<RgbImage>),
    /// A result was encoded as PNG.
    ResultEncoded(DocumentId, ResultId, Arc<[u8]>),
    /// The LoRAs and textual inversions there are.
    Extras(Extras),
    /// A task failed, as one sentence.
    Failed(String),
}

/// An opened document file.
#[derive(Debug)]
pub struct DocumentReport {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub content: OpenedContent,
    /// Why it can only be read, as one sentence; `None` if it can be written.
    pub read_only: Option<String>,
    /// What went wrong on the way, as one sentence.
    pub trouble: Option<String>,
}

/// What can be added to prompts, by name, and where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// LoRA files without their endings.
    pub loras: Vec<String>,
    /// Textual inversions without their endings.
    pub embeddings: Vec<String>,
    /// What presets use of them.
    pub presets: PresetFiles,
    /// The folder of LoRAs.
    pub lora_folder: PathBuf,
    /// The folder of textual inversions.
    pub embedding_folder: PathBuf,
}
