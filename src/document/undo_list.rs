//! The steps that undo and redo walk, to be listed.

use super::{Document, Edit, EditKind, UNDO_BUDGET};

impl Document {
    /// How much memory the steps may take, in bytes. When they take more, the oldest are forgotten.
    pub const UNDO_BYTES: usize = UNDO_BUDGET;

    /// How many steps can be undone, without a stroke that is being painted.
    pub fn undo_count(&self) -> usize {
        self.history.undo_count()
    }

    /// How many steps can be undone or redone.
    pub fn step_count(&self) -> usize {
        self.history.undo_count().saturating_add(self.history.redo_count())
    }

    /// What a step did, by its place among all steps, from 0 for the oldest. Those from [`Document::undo_count`] on are
    /// undone.
    pub fn step(&self, at: usize) -> Option<EditKind> {
        self.history.get(at).map(Edit::kind)
    }

    /// Whether there were older steps that are forgotten.
    pub fn has_forgotten_steps(&self) -> bool {
        self.history.has_forgotten()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, dot};
    use super::*;
    use crate::paint::Rgb;

    #[test]
    fn steps_keep_their_place_while_undo_and_redo_walk_them() {
        let mut document = document();
        dot(&mut document, 20.0, 20.0);
        document.fill(5, 5, Rgb::BLACK);
        document.add_layer().expect("added");
        let steps = |document: &Document| (0..document.step_count()).map(|at| document.step(at)).collect::<Vec<_>>();
        let all = [EditKind::Stroke, EditKind::Fill, EditKind::AddLayer].map(Some);
        for undone in 0..=3 {
            assert_eq!((steps(&document), document.undo_count()), (all.to_vec(), 3 - undone));
            document.undo();
        }
        document.redo();
        assert_eq!((steps(&document), document.undo_count()), (all.to_vec(), 1));
        dot(&mut document, 40.0, 40.0);
        assert_eq!(steps(&document), [Some(EditKind::Stroke); 2], "what was undone is gone");
        assert!(!document.has_forgotten_steps() && document.step(2).is_none());
    }
}
