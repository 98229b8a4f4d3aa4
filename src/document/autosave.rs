//! Decides when a document's changes are committed to its file.
//!
//! Nothing here waits for a disk. The window calls [`Autosave::when_due`] in every frame, hands the changes to
//! another thread, and reports what became of them. Changes that could not be committed go back to the
//! document and are among the next ones.

use std::sync::Arc;

use super::Document;
use super::store::{Changes, Committed};

/// Seconds that a change of the canvas or the settings waits for more to come before it is committed.
pub const PAUSE: f64 = 0.5;

/// The longest that a failed commit waits before it is tried again, in seconds.
const LONGEST_PAUSE: f64 = 60.0;

/// Knows which changes of a document are on their way to its file.
pub struct Autosave {
    file: FileState,
    /// What is being committed.
    pending: Option<Arc<Changes>>,
    /// When the first change since then was seen, in seconds of the caller's clock.
    changed: Option<f64>,
    /// Failed commits in a row.
    failures: u32,
}

/// What can be done with the document's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// There is none: nothing is ever written.
    None,
    /// It is being opened.
    Opening,
    /// It can only be read.
    ReadOnly,
    /// It can be written.
    Writable,
}

/// Whether changes must be committed.
pub enum Due {
    /// Not before something changes.
    No,
    /// Ask again in so many seconds.
    In(f64),
    /// Now: hand these to another thread, and report what became of them with [`Autosave::committed`] or
    /// [`Autosave::failed`].
    Now(Arc<Changes>),
}

impl Autosave {
    /// For a document whose file is being opened; for one without a file if `is_wanted` is false.
    pub fn new(is_wanted: bool) -> Self {
        let file = if is_wanted { FileState::Opening } else { FileState::None };
        Self { file, pending: None, changed: None, failures: 0 }
    }

    /// What can be done with the file.
    pub fn file(&self) -> FileState {
        self.file
    }

    /// Whether it is not known yet what the file holds.
    pub fn is_opening(&self) -> bool {
        self.file == FileState::Opening
    }

    /// Goes on with another file, or with the same one in another state. Nothing of it is on its way.
    pub fn use_file(&mut self, file: FileState) {
        *self = Self { file, pending: None, changed: None, failures: 0 };
    }

    /// Whether everything in the document is in its file.
    pub fn is_settled(&self, document: &Document) -> bool {
        self.pending.is_none() && !document.has_changes()
    }

    /// Whether changes must be committed at `now`, in seconds of any clock that only goes forward. A stroke
    /// that is being painted is no reason to wait; rounds and results do not wait at all.
    pub fn when_due(&mut self, document: &mut Document, now: f64) -> Due {
        // One commit at a time: its report brings the next question.
        if self.file != FileState::Writable || self.pending.is_some() {
            return Due::No;
        }
        if !document.has_changes() {
            self.changed = None;
            return Due::No;
        }
        let due = *self.changed.get_or_insert(now) + self.pause(document.has_changed_rounds());
        if now < due {
            return Due::In(due - now);
        }
        self.now(document).map_or(Due::No, Due::Now)
    }

    /// What must be committed before the window closes or goes on with another document, without any pause.
    pub fn now(&mut self, document: &mut Document) -> Option<Arc<Changes>> {
        if self.file != FileState::Writable || self.pending.is_some() || !document.has_changes() {
            return None;
        }
        let changes = Arc::new(document.take_changes());
        self.changed = None;
        self.pending = Some(Arc::clone(&changes));
        Some(changes)
    }

    /// Changes are in the file.
    pub fn committed(&mut self, document: &mut Document, committed: &Committed) {
        self.pending = None;
        self.failures = 0;
        document.committed(committed);
    }

    /// Changes could not be committed; they are tried again after a longer pause. Returns whether that should
    /// be told: not when it was told already and nothing was committed since.
    pub fn failed(&mut self, document: &mut Document) -> bool {
        if let Some(changes) = self.pending.take() {
            document.return_changes(&changes);
        }
        self.changed = None;
        self.failures = self.failures.saturating_add(1);
        self.failures == 1
    }

    /// What became of the changes will never be known, because the thread that wrote them crashed; they are
    /// committed again, which does no harm if they are in the file already.
    pub fn lost(&mut self, document: &mut Document) {
        if self.pending.is_some() {
            self.failed(document);
        }
    }

    fn pause(&self, is_round: bool) -> f64 {
        match (self.failures, is_round) {
            (0, true) => 0.0,
            (failures, _) => (PAUSE * f64::from(failures.min(10)).exp2()).min(LONGEST_PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::store::Store;
    use crate::document::tests::{document, dot, make_round, noise, state_of};
    use crate::paint::{Brush, PenSample};

    fn changes(due: Due) -> Option<Arc<Changes>> {
        match due {
            Due::Now(changes) => Some(changes),
            Due::No | Due::In(_) => None,
        }
    }

    fn writable() -> Autosave {
        let mut autosave = Autosave::new(true);
        autosave.use_file(FileState::Writable);
        autosave
    }

    #[test]
    fn a_change_is_committed_once_within_a_second_though_the_brush_is_down() {
        let mut document = document();
        let mut autosave = writable();
        assert!(changes(autosave.when_due(&mut document, 0.0)).is_none(), "not at once");
        let first = changes(autosave.when_due(&mut document, PAUSE)).expect("a new document has no file yet");
        assert_eq!(first.tiles.len(), 1);
        autosave.committed(&mut document, &Committed::default());
        assert!(autosave.is_settled(&document));
        document.begin_stroke(Brush::default(), PenSample::mouse(20.0, 20.0, 0.0));
        assert!(matches!(autosave.when_due(&mut document, 2.0), Due::In(seconds) if seconds <= 1.0));
        let second = changes(autosave.when_due(&mut document, 3.0)).expect("due while the brush is down");
        assert_eq!(second.tiles.len(), 1);
        document.stroke_to(PenSample::mouse(30.0, 30.0, 0.0));
        assert!(changes(autosave.when_due(&mut document, 50.0)).is_none(), "one at a time");
        assert!(autosave.now(&mut document).is_none());
        autosave.committed(&mut document, &Committed::default());
        assert!(!autosave.is_settled(&document), "the stroke went on");
    }

    #[test]
    fn a_round_does_not_wait() {
        let mut document = document();
        let mut autosave = writable();
        autosave.now(&mut document).expect("new");
        autosave.committed(&mut document, &Committed::default());
        make_round(&mut document, 7);
        let round = changes(autosave.when_due(&mut document, 0.0)).expect("at once");
        assert_eq!(round.rounds.len(), 2, "begun and finished");
    }

    #[test]
    fn nowhere_to_write_is_never_due() {
        let mut document = document();
        dot(&mut document, 9.0, 9.0);
        for file in [FileState::None, FileState::Opening, FileState::ReadOnly] {
            let mut autosave = Autosave::new(true);
            autosave.use_file(file);
            assert!(matches!(autosave.when_due(&mut document, 99.0), Due::No));
            assert!(autosave.now(&mut document).is_none());
            assert!(document.has_changes(), "they are kept in memory");
        }
    }

    #[test]
    fn a_failed_commit_is_told_once_and_everything_is_in_the_next_one() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.underpaint");
        let mut document = document();
        let mut store = Store::create(&path, &document.take_changes()).expect("creates");
        let mut autosave = writable();
        document.open_picture(noise(700), vec![]);
        make_round(&mut document, 7);
        store.limit_pages(1);
        let first = autosave.now(&mut document).expect("changed");
        store.commit(&first).expect_err("full");
        assert!(autosave.failed(&mut document), "told once");
        dot(&mut document, 500.0, 50.0);
        assert!(matches!(autosave.when_due(&mut document, 0.0), Due::In(seconds) if seconds == 2.0 * PAUSE));
        let second = changes(autosave.when_due(&mut document, 2.0 * PAUSE)).expect("tried again");
        store.commit(&second).expect_err("still full");
        assert!(!autosave.failed(&mut document), "and not told again");
        // The thread that commits may also crash.
        autosave.now(&mut document).expect("changed");
        autosave.lost(&mut document);
        store.limit_pages(1 << 30);
        let last = autosave.now(&mut document).expect("changed");
        let committed = store.commit(&last).expect("commits");
        assert_eq!(committed.pictures.len(), 1);
        autosave.committed(&mut document, &committed);
        assert!(autosave.is_settled(&document));
        drop(store);
        assert!(state_of(&read(&path)) == state_of(&document));
        assert_eq!(read(&path).rounds().count(), 1);
    }

    fn read(path: &Path) -> Document {
        Document::from_stored(Store::open(path).expect("opens").load().expect("loads"))
    }
}
