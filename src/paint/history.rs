//! The edits behind and ahead of the present state, within a budget of memory.

use std::collections::VecDeque;

/// What a history can keep: anything that says how much memory it takes.
pub trait Bytes {
    /// How much memory it takes, in bytes; small fixed costs need not be counted.
    fn bytes(&self) -> usize;
}

/// A stack of edits to undo and one of edits to redo.
///
/// The history applies nothing itself, so that its owner decides what an edit means: take an edit,
/// apply it, and put its inverse on the other stack.
pub struct History<E> {
    undo: VecDeque<E>,
    redo: Vec<E>,
    budget: usize,
    bytes: usize,
    has_forgotten: bool,
}

impl<E: Bytes> History<E> {
    /// An empty history that keeps at most `budget` bytes, and always the latest edit.
    pub fn new(budget: usize) -> Self {
        Self { undo: VecDeque::new(), redo: Vec::new(), budget, bytes: 0, has_forgotten: false }
    }

    /// Keeps the inverse of an edit that was just made. What had been undone before can no longer be
    /// redone; if the budget is exceeded, the oldest edits can no longer be undone.
    pub fn record(&mut self, inverse: E) {
        self.bytes -= self.redo.drain(..).map(|edit| edit.bytes()).sum::<usize>();
        self.put_undo(inverse);
    }

    /// Takes the latest edit to undo. The caller applies it and hands the inverse to
    /// [`History::put_redo`].
    pub fn take_undo(&mut self) -> Option<E> {
        let edit = self.undo.pop_back()?;
        self.bytes -= edit.bytes();
        Some(edit)
    }

    /// Takes the latest edit to redo. The caller applies it and hands the inverse to
    /// [`History::put_undo`].
    pub fn take_redo(&mut self) -> Option<E> {
        let edit = self.redo.pop()?;
        self.bytes -= edit.bytes();
        Some(edit)
    }

    /// Puts back the inverse of an edit that was redone.
    pub fn put_undo(&mut self, inverse: E) {
        self.bytes += inverse.bytes();
        self.undo.push_back(inverse);
        self.forget_oldest();
    }

    /// Puts back the inverse of an edit that was undone.
    pub fn put_redo(&mut self, inverse: E) {
        self.bytes += inverse.bytes();
        self.redo.push(inverse);
        self.forget_oldest();
    }

    /// The edit that would be undone next.
    pub fn next_undo(&self) -> Option<&E> {
        self.undo.back()
    }

    /// The edit that would be redone next.
    pub fn next_redo(&self) -> Option<&E> {
        self.redo.last()
    }

    /// How many edits can be undone.
    pub fn undo_count(&self) -> usize {
        self.undo.len()
    }

    /// How many edits can be redone.
    pub fn redo_count(&self) -> usize {
        self.redo.len()
    }

    /// An edit by its place among all that can be undone or redone, from 0 for the oldest.
    pub fn get(&self, at: usize) -> Option<&E> {
        match at.checked_sub(self.undo.len()) {
            None => self.undo.get(at),
            Some(after) => self.redo.iter().nth_back(after),
        }
    }

    /// Whether edits were forgotten because the budget was exceeded.
    pub fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    fn forget_oldest(&mut self) {
        while self.bytes > self.budget && self.undo.len() > 1 {
            if let Some(oldest) = self.undo.pop_front() {
                self.bytes -= oldest.bytes();
                self.has_forgotten = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edit of so many bytes.
    impl Bytes for usize {
        fn bytes(&self) -> usize {
            *self
        }
    }

    #[test]
    fn the_oldest_edits_are_forgotten_when_the_budget_is_exceeded() {
        let mut history = History::new(100);
        for bytes in [30, 40, 50] {
            history.record(bytes);
        }
        assert!(history.has_forgotten());
        assert_eq!(history.take_undo(), Some(50));
        history.put_redo(50);
        assert_eq!((history.undo_count(), history.redo_count()), (1, 1));
        assert_eq!((history.get(0), history.get(1), history.get(2)), (Some(&40), Some(&50), None));
        assert_eq!(history.take_undo(), Some(40));
        history.put_redo(40);
        assert_eq!(history.take_undo(), None, "the 30 bytes were forgotten");
        assert_eq!(history.take_redo(), Some(40));
    }

    #[test]
    fn the_latest_edit_is_kept_however_large_it_is() {
        let mut history = History::new(100);
        history.record(10);
        history.record(1000);
        assert_eq!(history.take_undo(), Some(1000));
        assert_eq!(history.take_undo(), None);
    }

    #[test]
    fn a_new_edit_ends_what_could_be_redone() {
        let mut history = History::new(100);
        history.record(60);
        history.take_undo();
        history.put_redo(60);
        assert!(history.can_redo() && !history.can_undo());
        history.record(60);
        assert!(!history.can_redo());
        history.record(40);
        assert_eq!((history.take_undo(), history.take_undo()), (Some(40), Some(60)), "the 60 redone bytes were freed");
    }
}
