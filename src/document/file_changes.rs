//! Between a document and its file: what changed since the last commit, and a document from its file.

use std::sync::Arc;

use super::layer_changes::layer_changes;
use super::marks::{Marks, new_revision};
use super::painted::{PaintedPixels, Unpainted};
use super::queued_rounds::restored;
use super::rounds::Rounds;
use super::store::{ChangedTile, Changes, Committed, StoredDocument, StoredState};
use super::{Document, Queue, UNDO_BUDGET};
use crate::paint::{Canvas, Composition, History, LayerStack, Surface, TilePlace};

impl Document {
    /// The document that a file holds. This is where it begins: there is nothing to undo, and nothing to
    /// commit.
    pub fn from_stored(stored: StoredDocument) -> Self {
        let StoredDocument { state, mut canvas, layers, rounds, queue } = stored;
        // They are in the file.
        canvas.take_changed_tiles();
        let taken_layers = layers.clone();
        let layers = layers.unwrap_or_else(|| LayerStack::of_surface("Layer 1", Surface::from_canvas(&canvas)));
        let screen = layers.shows_references().then(|| Canvas::composed(&layers, state.paper, Composition::Screen));
        let unpainted = Unpainted::with_earlier(&canvas, state.painted.mask());
        let queue = Queue::restored(restored(queue, &rounds));
        let rounds = Rounds::from_stored(rounds, state.next_round, queue.waiting());
        Self {
            layers,
            canvas,
            screen,
            paper: state.paper,
            ancestry: state.ancestry,
            origin: state.origin,
            unpainted,
            settings: state.settings,
            model: state.model,
            shown_round: state.shown_round.filter(|round| rounds.get(*round).is_some()),
            view: state.view,
            rounds,
            queue,
            stroke: None,
            underlays: Vec::new(),
            composed: None,
            composed_screen: None,
            marking: None,
            floating: None,
            marks: Marks { selection: state.selection, mask: state.mask, frame: state.frame },
            marks_revision: new_revision(),
            history: History::new(UNDO_BUDGET),
            canvas_revision: 1,
            opened_canvas_revision: 1,
            revision: 1,
            taken_revision: Some(1),
            taken_layers,
        }
    }

    /// Whether anything happened since [`Document::take_changes`] was last called; true for a document that
    /// has no file yet.
    pub fn has_changes(&self) -> bool {
        self.taken_revision != Some(self.revision) || self.rounds.has_changes() || self.queue.has_changes()
    }

    /// Whether the canvas was painted on or a round was made since the document was opened, as far as it is not
    /// in a file.
    pub fn has_unsaved_work(&self) -> bool {
        self.has_changes() && (self.canvas_revision > self.opened_canvas_revision || self.rounds.has_changes())
    }

    /// Whether a round or a result is among the changes, which should not wait. Stars and notes can.
    pub fn has_changed_rounds(&self) -> bool {
        self.rounds.has_urgent_changes()
    }

    /// What changed since this was last called, a stroke that is being painted included. Pictures,
    /// layers and the canvas are shared, so this takes a few milliseconds at most. What becomes of the changes must be
    /// told with [`Document::committed`] or [`Document::return_changes`].
    pub fn take_changes(&mut self) -> Changes {
        let places = self.canvas.take_changed_tiles();
        self.taken_revision = Some(self.revision);
        let layers = layer_changes(self.taken_layers.as_ref(), &self.layers);
        self.taken_layers = Some(self.layers.clone());
        Changes {
            state: self.stored_state(),
            tiles: self.tiles(places),
            layers,
            rounds: self.rounds.take_changes(),
            queue: self.queue.take_changes(),
        }
    }

    /// Changes are in the file.
    pub fn committed(&mut self, committed: &Committed) {
        for (id, hash) in &committed.pictures {
            self.rounds.stored(*id, *hash);
        }
        for (round, hash) in &committed.starts {
            self.queue.stored(*round, *hash);
        }
    }

    /// Changes could not be committed: they are among the next ones.
    pub fn return_changes(&mut self, changes: &Changes) {
        self.taken_revision = None;
        if changes.layers.is_some() {
            // Whether they are in the file is not known.
            self.taken_layers = None;
        }
        self.rounds.return_changes(&changes.rounds);
        if changes.queue.is_some() {
            self.queue.return_changes();
        }
        for tile in &changes.tiles {
            self.canvas.mark_tile(tile.place);
        }
    }

    fn tiles(&self, places: Vec<TilePlace>) -> Vec<ChangedTile> {
        let canvas = Arc::new(self.canvas.clone());
        places.into_iter().map(|place| ChangedTile { place, canvas: Arc::clone(&canvas) }).collect()
    }

    fn stored_state(&self) -> StoredState {
        StoredState {
            size: self.canvas.size(),
            paper: self.paper,
            ancestry: self.ancestry.clone(),
            origin: self.origin,
            painted: PaintedPixels::Since(self.unpainted.clone(), self.canvas.clone()),
            mask: self.mask().cloned(),
            selection: self.selection().cloned(),
            frame: self.marks.frame,
            settings: self.settings.clone(),
            model: self.model.clone(),
            next_round: self.rounds.next_id(),
            shown_round: self.shown_round,
            view: self.view.clone(),
        }
    }
}
