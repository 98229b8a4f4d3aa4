//! A document as its file holds it: rows, without the pixels of results.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::BlobHash;
use crate::document::{Ancestry, PaintedPixels, QueuedJob, ResultId, RoundId, Settings, ViewState};
use crate::engine::{ModelChoice, Plan, Recipe};
use crate::paint::{Canvas, LayerId, LayerProperties, LayerStack, Region, Rgb, Selection, Size};
use crate::picture::Fit;

/// Everything in a document file but the pictures of rounds, which are read when they are looked at.
#[derive(Debug)]
pub struct StoredDocument {
    /// What belongs to the canvas, and the next round's prompt and settings.
    pub state: StoredState,
    /// The pixels of the canvas.
    pub canvas: Canvas,
    /// The layers that give them; `None` in a file of a version that had none.
    pub layers: Option<LayerStack>,
    /// All rounds, oldest first.
    pub rounds: Vec<StoredRound>,
    /// The rounds that wait to be made, in that order; one that is being made comes first.
    pub queue: Vec<StoredJob>,
}

/// One row: what belongs to the canvas, and the next round's prompt and settings.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredState {
    /// The size of the canvas.
    pub size: Size,
    /// What the eraser paints.
    pub paper: Rgb,
    /// The seeds whose noise is in the canvas.
    pub ancestry: Ancestry,
    /// The result that the canvas came from.
    pub origin: Option<ResultId>,
    /// The pixels that were painted since the canvas was last replaced.
    pub painted: PaintedPixels,
    /// The pixels that the next round may change; `None` if no mask decides that.
    pub mask: Option<Selection>,
    /// What is selected; `None` if nothing is.
    pub selection: Option<Selection>,
    /// The part of the canvas that the next round is made from; `None` for all of it.
    pub frame: Option<Region>,
    /// Prompt and settings of the next round.
    pub settings: Settings,
    /// The name of the model that the settings were chosen for.
    pub model: Option<String>,
    /// The number that the next round gets.
    pub next_round: RoundId,
    /// The round that was shown last.
    pub shown_round: Option<RoundId>,
    /// How the window looked.
    pub view: ViewState,
}

/// One layer, without its pixels and the layers in it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLayer {
    /// Its number.
    pub id: LayerId,
    /// The group that it is in; `None` for the outermost layers.
    pub parent: Option<LayerId>,
    /// Its place there, counted from the bottom.
    pub place: usize,
    /// Whether it is a group.
    pub is_group: bool,
    /// Its name and how it is drawn.
    pub properties: LayerProperties,
    /// Whether it is the one that is painted on.
    pub is_current: bool,
}

/// What a round was asked for with, and its results.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRound {
    /// Its number.
    pub id: RoundId,
    /// When it was begun, in seconds since 1970 (UTC).
    pub begun: i64,
    /// Its settings, with the drawn seed.
    pub settings: Arc<Settings>,
    /// What it asked for besides.
    pub plan: Arc<Plan>,
    /// The name of the model.
    pub model: String,
    /// The result that its start image came from.
    pub parent: Option<ResultId>,
    /// The seeds whose noise was in its start image.
    pub ancestry: Ancestry,
    /// The part of the canvas that it was made from; `None` for all of it.
    pub place: Option<Region>,
    /// The canvas that it started from; `None` if it started from noise alone.
    pub start: Option<StoredStart>,
    /// Whether it is marked as deleted.
    pub deleted: bool,
    /// Its finished pictures, in the order of the batch.
    pub results: Vec<StoredResult>,
}

/// The canvas that a round started from.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredStart {
    /// The PNG, in the canvas' size.
    pub picture: BlobHash,
    /// How it was brought to the size of the results.
    pub fit: Fit,
    /// What fills the rest where the whole canvas shows.
    pub paper: Rgb,
}

/// A finished picture.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredResult {
    /// Which one.
    pub id: ResultId,
    /// When it was finished, in seconds since 1970 (UTC).
    pub finished: i64,
    /// The PNG, with the settings text inside.
    pub picture: BlobHash,
    /// What made it.
    pub recipe: Arc<Recipe>,
    /// Where it was saved besides.
    pub file: Option<PathBuf>,
    /// Whether it has a star.
    pub starred: bool,
    /// Its note; empty without one.
    pub note: String,
    /// Whether it is marked as deleted.
    pub deleted: bool,
}

/// A round that waits to be made. What it was asked for with is in its [`StoredRound`].
#[derive(Clone, Debug, PartialEq)]
pub struct StoredJob {
    /// The round.
    pub round: RoundId,
    /// The model that makes it.
    pub model: ModelChoice,
    /// Places in the batch that are not wanted any more.
    pub skipped: BTreeSet<usize>,
    /// Whether the making had begun.
    pub is_begun: bool,
}

impl From<&QueuedJob> for StoredJob {
    fn from(job: &QueuedJob) -> Self {
        let QueuedJob { round, model, skipped, is_begun, .. } = job;
        Self { round: *round, model: model.clone(), skipped: skipped.clone(), is_begun: *is_begun }
    }
}
