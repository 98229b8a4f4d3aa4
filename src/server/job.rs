//! A job for the engine, and how it ends.

use crate::engine::{Cancel, Error, ModelChoice, Recipe, Request, Runtime};

/// What a client wants of the engine.
pub(super) enum Work {
    /// Pictures.
    Pictures(Box<PictureWork>),
    /// A model in memory.
    Load(ModelChoice),
}

/// Pictures to make.
pub(super) struct PictureWork {
    pub request: Request,
    /// Where and with what, if that is not as usual.
    pub runtime: Option<Runtime>,
    /// `txt2img` or `img2img`.
    pub name: &'static str,
}

/// A job that waits or is worked on.
pub(super) struct Job {
    pub id: u64,
    pub work: Work,
    pub cancel: Cancel,
    pub answer: tokio::sync::oneshot::Sender<Outcome>,
}

/// How a job ends.
pub(super) type Outcome = Result<Done, NotDone>;

/// What a job made.
pub(super) enum Done {
    /// Pictures.
    Pictures {
        /// Fewer than asked for if the job was interrupted or some were skipped.
        made: Vec<MadePicture>,
        /// Why not all were made, where that is not what a client asked for.
        trouble: Option<String>,
    },
    /// The model is in memory.
    Loaded,
}

/// A finished picture.
pub(super) struct MadePicture {
    pub recipe: Recipe,
    /// The PNG file with the settings text.
    pub png: Vec<u8>,
}

/// Why a job made nothing.
#[derive(Debug)]
pub(super) enum NotDone {
    /// The server ends.
    Stopping,
    /// The engine says why.
    Engine(Error),
    /// A picture could not be written.
    Encode(String),
}
