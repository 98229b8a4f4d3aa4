//! Edits of a large canvas, which another thread computes.

use std::fmt;

use super::{Document, Edit, EditError, Queue, Rounds, Settings, SlowEdit};
use crate::paint::{Canvas, History, LayerId};

/// An edit, and all that it needs of the document. It shares its pixels with the document, so making and sending it copies
/// none.
///
/// The rule for what happens meanwhile: the edit counts only for the canvas that it was planned on. Whoever plans one lets
/// other edits of the canvas wait until it is put in place; if the canvas was changed all the same,
/// [`Document::put_edit`] refuses it.
pub struct PlannedEdit {
    edit: SlowEdit,
    copy: Box<Document>,
    of: Stamp,
    settings: Settings,
}

/// A computed edit, for [`Document::put_edit`].
pub struct ComputedEdit {
    copy: Box<Document>,
    of: Stamp,
    /// The settings that it was planned with.
    settings: Settings,
    outcome: Result<bool, EditError>,
    steps: Steps,
}

/// What a canvas must still be for an edit that was computed meanwhile.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    canvas: u64,
    marks: u64,
    layer: LayerId,
    undo: usize,
    redo: usize,
}

/// What becomes of the steps of undo.
enum Steps {
    /// These were made, the oldest first. What could be redone no longer can, if there are any.
    Made(Vec<Edit>),
    /// The latest step was undone; this makes it again.
    Undone(Edit),
    /// The step that was undone last was made again; this undoes it.
    Redone(Edit),
}

impl PlannedEdit {
    /// What is being done, for the person who waits.
    pub fn progress(&self) -> &'static str {
        self.edit.progress()
    }

    /// Computes it, which takes up to a second for a very large canvas.
    pub fn run(self) -> ComputedEdit {
        let Self { edit, mut copy, of, settings } = self;
        // With something lifted, undo puts that back, and redo puts it down, after which nothing can be redone.
        let walks = !copy.is_transforming();
        let (undoes, redoes) = (walks && edit == SlowEdit::Undo, walks && edit == SlowEdit::Redo);
        let before = copy.history.undo_count();
        let outcome = copy.edit(edit);
        let undone = undoes && copy.history.undo_count() < before;
        let redone = redoes && copy.history.undo_count() > before;
        let steps = if undone && let Some(step) = copy.history.take_redo() {
            Steps::Undone(step)
        } else if redone && let Some(step) = copy.history.take_undo() {
            Steps::Redone(step)
        } else {
            let count = copy.history.undo_count().saturating_sub(before);
            let mut made: Vec<Edit> = (0..count).filter_map(|_| copy.history.take_undo()).collect();
            made.reverse();
            Steps::Made(made)
        };
        ComputedEdit { copy, of, settings, outcome, steps }
    }
}

impl Document {
    /// Plans an edit for another thread. A stroke that is being painted ends.
    pub fn plan_edit(&mut self, edit: SlowEdit) -> PlannedEdit {
        self.end_painting();
        let rounds = edit.round().map(|round| self.rounds.only(round)).unwrap_or_default();
        let copy = Box::new(self.copy_of_canvas(rounds));
        PlannedEdit { edit, copy, of: self.stamp(), settings: self.settings.clone() }
    }

    /// Puts a computed edit in place: the canvas, and the steps of undo that it made. Returns what [`Document::edit`] would
    /// have; `None`, and nothing happens, if the canvas is not the one that the edit was planned on, or if the edit changes
    /// prompt and settings and these were changed meanwhile.
    pub fn put_edit(&mut self, computed: ComputedEdit) -> Option<Result<bool, EditError>> {
        let ComputedEdit { copy, of, settings, outcome, steps } = computed;
        let size = |settings: &Settings| (settings.width, settings.height);
        let resized = |settings: &Settings| Settings {
            width: copy.settings.width,
            height: copy.settings.height,
            ..settings.clone()
        };
        // Going back to a round changes all settings, unless they were changed here meanwhile.
        let all = (resized(&settings) != copy.settings).then(|| copy.settings.clone());
        if of != self.stamp() || self.is_stroking() || all.is_some() && self.settings != settings {
            return None;
        }
        if let Some(all) = all {
            self.settings = all;
        } else if size(&copy.settings) != size(&settings) {
            self.settings = resized(&self.settings);
        }
        self.take_canvas_of(*copy);
        match steps {
            Steps::Made(made) => made.into_iter().for_each(|edit| self.history.record(edit)),
            Steps::Undone(inverse) => {
                self.history.take_undo();
                self.history.put_redo(inverse);
            }
            Steps::Redone(inverse) => {
                self.history.take_redo();
                self.history.put_undo(inverse);
            }
        }
        Some(outcome)
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            canvas: self.canvas_revision,
            marks: self.marks_revision,
            layer: self.layers.current(),
            undo: self.history.undo_count(),
            redo: self.history.redo_count(),
        }
    }

    /// A document of the same canvas with these rounds, in which nothing counts as changed. The next steps of undo and redo
    /// are in it, because some edits go on with them.
    pub(super) fn copy_of_canvas(&self, rounds: Rounds) -> Self {
        let unchanged = |canvas: &Canvas| {
            let mut canvas = canvas.clone();
            canvas.take_dirty();
            canvas.take_changed_tiles();
            canvas
        };
        // The document itself keeps within its budget when the steps are recorded.
        let mut history = History::new(usize::MAX);
        if let Some(step) = self.history.next_undo() {
            history.put_undo(step.clone());
        }
        if let Some(step) = self.history.next_redo() {
            history.put_redo(step.clone());
        }
        Self {
            layers: self.layers.clone(),
            canvas: unchanged(&self.canvas),
            screen: self.screen.as_ref().map(unchanged),
            paper: self.paper,
            ancestry: self.ancestry.clone(),
            origin: self.origin,
            unpainted: self.unpainted.clone(),
            settings: self.settings.clone(),
            model: None,
            rounds,
            queue: Queue::default(),
            shown_round: None,
            view: self.view.clone(),
            stroke: None,
            underlays: Vec::new(),
            composed: None,
            composed_screen: None,
            marking: None,
            floating: self.floating.clone(),
            marks: self.marks.clone(),
            marks_revision: self.marks_revision,
            history,
            canvas_revision: self.canvas_revision,
            opened_canvas_revision: self.canvas_revision,
            revision: 0,
            taken_revision: None,
            taken_layers: None,
        }
    }

    /// Takes the canvas of a copy over, with all that belongs to it but the settings.
    fn take_canvas_of(&mut self, copy: Self) {
        let Self { layers, canvas, screen, paper, ancestry, origin, unpainted, .. } = copy;
        let Self { floating, marks, marks_revision, canvas_revision, revision, .. } = copy;
        self.layers = layers;
        self.canvas.become_changed(canvas);
        match (&mut self.screen, screen) {
            (Some(now), Some(screen)) => now.become_changed(screen),
            (now, screen) => *now = screen,
        }
        (self.paper, self.ancestry, self.origin, self.unpainted) = (paper, ancestry, origin, unpainted);
        (self.floating, self.marks, self.marks_revision) = (floating, marks, marks_revision);
        self.canvas_revision = canvas_revision;
        self.underlays.clear();
        // In the copy it began at 0.
        self.revision += revision;
    }
}

impl fmt::Debug for ComputedEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "computed edit of {:?}: {:?}", self.copy.canvas, self.outcome)
    }
}

#[cfg(test)]
mod tests;
