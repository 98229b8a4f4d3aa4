//! What is committed to a document file at once.

use super::{BlobHash, StoredJob, StoredState};
use crate::document::{ResultId, RoundChange, RoundId};
use crate::paint::TilePlace;

/// Everything that changed in a document since its last commit, taken at one moment. Taking it copies the
/// changed tiles and shares the pictures; encoding and writing happen in [`Store::commit`](super::Store::commit).
pub struct Changes {
    /// What belongs to the canvas, and prompt and settings; always whole.
    pub state: StoredState,
    /// The tiles of the canvas that changed; all of them after a change of its size.
    pub tiles: Vec<ChangedTile>,
    /// What happened to rounds and results, in order.
    pub rounds: Vec<RoundChange>,
    /// All rounds that wait to be made, if anything about them changed.
    pub queue: Option<Vec<StoredJob>>,
}

/// The pixels of one tile.
pub struct ChangedTile {
    /// Which tile.
    pub place: TilePlace,
    /// Its RGB bytes, row by row.
    pub rgb: Vec<u8>,
}

/// Changes are in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Under which hash each finished picture of the changes can be read again.
    pub pictures: Vec<(ResultId, BlobHash)>,
    /// Under which hash the start image of each round of the changes can be read again.
    pub starts: Vec<(RoundId, BlobHash)>,
}
