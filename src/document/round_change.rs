//! What happened to rounds and results since the document was last committed to its file.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::{Ancestry, ResultId, RoundId, Settings, StartImage};
use crate::engine::{Plan, Recipe};
use crate::paint::Region;

/// One change to the rounds of a document, in the form that its file takes.
#[derive(Clone)]
pub enum RoundChange {
    /// A round was begun.
    Begun(BegunRound),
    /// A picture was finished.
    Finished {
        /// Which one.
        id: ResultId,
        /// Its pixels.
        picture: Arc<RgbImage>,
        /// What made it.
        recipe: Arc<Recipe>,
    },
    /// A result was written to a file of its own.
    Saved(ResultId, PathBuf),
    /// A result was marked with a star, or the star was taken away.
    Starred(ResultId, bool),
    /// A result got this note; an empty one is none.
    Noted(ResultId, String),
    /// A result was marked as deleted, or is shown again.
    Deleted(ResultId, bool),
    /// A round was marked as deleted, or is shown again. Its results keep their own marks.
    RoundDeleted(RoundId, bool),
}

/// What a round was asked for with.
#[derive(Clone)]
pub struct BegunRound {
    /// Its number.
    pub id: RoundId,
    /// Its settings, with the drawn seed.
    pub settings: Arc<Settings>,
    /// What it asks for besides.
    pub plan: Arc<Plan>,
    /// The result that its start image came from.
    pub parent: Option<ResultId>,
    /// The seeds whose noise was in its start image.
    pub ancestry: Ancestry,
    /// The part of the canvas that it is made from; `None` for all of it.
    pub place: Option<Region>,
    /// The canvas it starts from; `None` if it starts from noise alone.
    pub start: Option<StartImage>,
    /// The name of the model.
    pub model: String,
    /// When, in seconds since 1970 (UTC).
    pub begun: i64,
}
