//! What is committed to a document file at once.

use std::sync::Arc;

use super::{BlobHash, StoredJob, StoredLayer, StoredState};
use crate::document::{ResultId, RoundChange, RoundId};
use crate::paint::{Canvas, LayerId, Tile, TilePlace};

/// Everything that changed in a document since its last commit, taken at one moment. Taking it copies no pixels: it
/// shares them with the document. Copying, encoding and writing happen in [`Store::commit`](super::Store::commit).
pub struct Changes {
    /// What belongs to the canvas, and prompt and settings; always whole.
    pub state: StoredState,
    /// The tiles of the canvas that changed; all of them after a change of its size.
    pub tiles: Vec<ChangedTile>,
    /// What changed in the layers, if anything did.
    pub layers: Option<ChangedLayers>,
    /// What happened to rounds and results, in order.
    pub rounds: Vec<RoundChange>,
    /// All rounds that wait to be made, if anything about them changed.
    pub queue: Option<Vec<StoredJob>>,
}

/// One tile of the canvas.
pub struct ChangedTile {
    /// Which tile.
    pub place: TilePlace,
    /// The canvas, which shares its pixels with that of the document.
    pub canvas: Arc<Canvas>,
}

impl ChangedTile {
    /// The RGB bytes of its pixels, row by row.
    pub fn rgb(&self) -> Vec<u8> {
        self.canvas.tile_rgb(self.place)
    }
}

/// What changed in the layers.
pub struct ChangedLayers {
    /// Whether `tiles` are all that there are, and what the file holds is of no use.
    pub is_whole: bool,
    /// All layers, each group before its layers.
    pub rows: Vec<StoredLayer>,
    /// The tiles that changed.
    pub tiles: Vec<LayerTile>,
}

/// One tile of a layer.
pub struct LayerTile {
    /// The layer.
    pub layer: LayerId,
    /// Which of its tiles.
    pub place: TilePlace,
    /// The pixels; `None` if the tile is transparent.
    pub pixels: Option<Arc<Tile>>,
}

/// Changes are in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Under which hash each finished picture of the changes can be read again.
    pub pictures: Vec<(ResultId, BlobHash)>,
    /// Under which hash the start image of each round of the changes can be read again.
    pub starts: Vec<(RoundId, BlobHash)>,
}
