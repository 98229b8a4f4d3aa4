//! Decides when a document is written to its files, and what happens with what lay there at launch.
//!
//! Nothing here waits for a disk: [`Opened::read`] and [`Snapshot::write`] do, and are called on
//! another thread. The window's part is to call [`Autosave::when_due`] in every frame, to hand out
//! the snapshots, and to report what became of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::saved::{Revisions, Written};
use super::{Document, Kept, KeptState, Place, Snapshot};
use crate::picture::SaveError;

/// Seconds that a change waits for more to come before the document is written.
pub const PAUSE: f64 = 5.0;

/// The longest that a failed write waits before it is tried again, in seconds.
const LONGEST_PAUSE: f64 = 300.0;

/// Knows which state of a document lies in its files.
pub struct Autosave {
    home: Home,
    /// The state that is in the files, as acknowledged.
    written: Revisions,
    /// The state that is being written.
    pending: Option<Revisions>,
    /// When the first change since then was seen, in seconds of the caller's clock.
    changed: Option<f64>,
    /// Whether the files hold something that must not be written over.
    set_aside: bool,
    /// Failed writes in a row.
    failures: u32,
}

/// Where the document is kept.
enum Home {
    /// Nowhere: nothing is ever written.
    None,
    /// It is not known yet what lies there.
    Opening,
    /// Here.
    Open(Arc<Place>),
}

/// Whether a document must be written.
pub enum Due {
    /// Not before something changes.
    No,
    /// Ask again in so many seconds.
    In(f64),
    /// Now: hand this to another thread, and report what became of it with [`Autosave::written`] or
    /// [`Autosave::failed`].
    Now(Box<Snapshot>),
}

/// What a place held at launch. Reading it can take a while.
#[derive(Debug)]
pub struct Opened {
    place: Result<Place, SaveError>,
    kept: Kept,
}

impl Opened {
    /// Claims the files for a drawing and reads them.
    pub fn read(drawing: &Path) -> Self {
        let place = Place::claim(drawing);
        let kept = place.as_ref().map(Kept::read).unwrap_or_default();
        Self { place, kept }
    }
}

/// What became of the document that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// There was none.
    Nothing,
    /// The document is what it was.
    Document {
        /// Whether pixels are back, or only prompt and settings.
        drawing: bool,
        /// What could not be read, as one sentence; it is set aside with the next write.
        trouble: Option<String>,
    },
    /// The canvas was painted on already, so only prompt and settings are what they were; the drawing is
    /// set aside with the next write.
    Painted,
    /// Nothing could be read, or nothing can be written: one sentence.
    Failed(String),
}

impl Autosave {
    /// Keeps documents in the place that [`Autosave::opened`] tells; nowhere if `is_wanted` is false.
    pub fn new(is_wanted: bool) -> Self {
        Self {
            home: if is_wanted { Home::Opening } else { Home::None },
            written: Revisions::default(),
            pending: None,
            changed: None,
            set_aside: false,
            failures: 0,
        }
    }

    /// Whether it is not known yet what the last launch kept.
    pub fn is_opening(&self) -> bool {
        matches!(self.home, Home::Opening)
    }

    /// Takes what was found at launch, and restores it unless the canvas was painted on meanwhile.
    pub fn opened(&mut self, opened: Opened, document: &mut Document) -> Restored {
        let Opened { place, mut kept } = opened;
        match place {
            Ok(place) => self.home = Home::Open(Arc::new(place)),
            Err(error) => {
                self.home = Home::None;
                return Restored::Failed(format!("What you paint will not be restored at the next launch. {error}"));
            }
        }
        let trouble = kept.trouble.take();
        self.set_aside = trouble.is_some();
        if kept.is_empty() {
            return trouble.map_or(Restored::Nothing, Restored::Failed);
        }
        if document.canvas_revision > 0 {
            self.set_aside = true;
            if let Some(state) = kept.state {
                document.restore_settings(state);
            }
            return Restored::Painted;
        }
        let drawing = kept.canvas.as_ref().is_some_and(|canvas| !canvas.is_blank());
        document.restore(kept);
        if trouble.is_none() {
            self.written = Revisions::of(document);
            self.changed = None;
        }
        Restored::Document { drawing, trouble }
    }

    /// Whether the document must be written at `now`, in seconds of any clock that only goes forward.
    pub fn when_due(&mut self, document: &Document, now: f64) -> Due {
        let Home::Open(_) = &self.home else { return Due::No };
        // One write at a time: its acknowledgement brings the next question.
        if self.pending.is_some() {
            return Due::No;
        }
        if Revisions::of(document) == self.written {
            self.changed = None;
            return Due::No;
        }
        let due = *self.changed.get_or_insert(now) + self.pause();
        // The end of the stroke brings the next question.
        if document.is_stroking() {
            return Due::No;
        }
        if now < due {
            return Due::In(due - now);
        }
        self.now(document).map_or(Due::No, |snapshot| Due::Now(Box::new(snapshot)))
    }

    /// What must be written before the window closes, without any pause. A stroke that is being
    /// painted should be ended first.
    pub fn now(&mut self, document: &Document) -> Option<Snapshot> {
        let Home::Open(place) = &self.home else { return None };
        let revisions = Revisions::of(document);
        if revisions == self.written || self.pending == Some(revisions) {
            return None;
        }
        let is_drawn = self.written.canvas != revisions.canvas || self.set_aside;
        self.pending = Some(revisions);
        Some(Snapshot {
            place: Arc::clone(place),
            picture: is_drawn.then(|| document.picture()),
            state: KeptState::of(document),
            set_aside: self.set_aside,
            revisions,
        })
    }

    /// A snapshot was written. Returns where the drawing lies that had to be set aside for it.
    pub fn written(&mut self, revisions: Revisions, written: Written) -> Option<PathBuf> {
        self.written = revisions;
        self.set_aside = false;
        self.failures = 0;
        self.no_longer_pending(revisions);
        written.set_aside
    }

    /// A snapshot could not be written; it is tried again after a longer pause. Returns whether that
    /// should be told: not when it was told already and nothing was written since.
    pub fn failed(&mut self, revisions: Revisions) -> bool {
        self.no_longer_pending(revisions);
        self.failures = self.failures.saturating_add(1);
        self.failures == 1
    }

    /// What became of a snapshot will never be known, because the thread that wrote it crashed; it is
    /// tried again.
    pub fn lost(&mut self) {
        if let Some(revisions) = self.pending {
            self.failed(revisions);
        }
    }

    fn no_longer_pending(&mut self, revisions: Revisions) {
        self.changed = None;
        if self.pending == Some(revisions) {
            self.pending = None;
        }
    }

    fn pause(&self) -> f64 {
        (PAUSE * f64::from(self.failures.min(8)).exp2()).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{document, dot, state_of};
    use crate::paint::{Brush, Rgb};

    fn opened(folder: &Path, document: &mut Document) -> (Autosave, Restored) {
        let mut autosave = Autosave::new(true);
        let restored = autosave.opened(Opened::read(&folder.join("drawing.png")), document);
        (autosave, restored)
    }

    /// Writes a snapshot and acknowledges it.
    fn write(autosave: &mut Autosave, snapshot: &Snapshot) -> Option<PathBuf> {
        let written = snapshot.write().expect("writes");
        autosave.written(snapshot.revisions(), written)
    }

    fn snapshot(due: Due) -> Option<Box<Snapshot>> {
        match due {
            Due::Now(snapshot) => Some(snapshot),
            Due::No | Due::In(_) => None,
        }
    }

    #[test]
    fn a_change_is_written_once_after_a_pause_and_not_during_a_stroke() {
        let folder = tempfile::tempdir().expect("folder");
        let mut document = document();
        let (mut autosave, restored) = opened(folder.path(), &mut document);
        assert_eq!(restored, Restored::Nothing);
        assert!(matches!(autosave.when_due(&document, 0.0), Due::No), "nothing is drawn yet");
        document.begin_stroke(Brush::default(), 20.0, 20.0);
        assert!(matches!(autosave.when_due(&document, 1.0), Due::No));
        assert!(matches!(autosave.when_due(&document, 1.1 + PAUSE), Due::No), "the brush is down");
        document.end_stroke();
        let first = snapshot(autosave.when_due(&document, 1.2 + PAUSE)).expect("due");
        assert!(snapshot(autosave.when_due(&document, 50.0)).is_none(), "it is being written");
        write(&mut autosave, &first);
        assert!(matches!(autosave.when_due(&document, 100.0), Due::No), "it is written");
        document.undo();
        assert!(matches!(autosave.when_due(&document, 200.0), Due::In(seconds) if seconds == PAUSE));
        assert!(autosave.now(&document).is_some(), "when the window closes there is no pause");
        assert!(autosave.now(&document).is_none(), "that state is on its way");
    }

    #[test]
    fn nowhere_to_write_is_never_due() {
        let mut document = document();
        dot(&mut document, 9.0, 9.0);
        let mut autosave = Autosave::new(false);
        assert!(matches!(autosave.when_due(&document, 99.0), Due::No));
        assert!(autosave.now(&document).is_none());
    }

    #[test]
    fn a_failed_write_is_not_taken_for_written_and_is_tried_again() {
        let folder = tempfile::tempdir().expect("folder");
        let mut document = document();
        let (mut autosave, _) = opened(folder.path(), &mut document);
        dot(&mut document, 9.0, 9.0);
        let first = autosave.now(&document).expect("changed");
        // A folder in place of the file cannot be replaced by a file.
        std::fs::create_dir_all(folder.path().join("drawing.png").join("x")).expect("folder");
        assert!(first.write().is_err());
        assert!(autosave.failed(first.revisions()), "told once");
        assert!(matches!(autosave.when_due(&document, 0.0), Due::In(seconds) if seconds == 2.0 * PAUSE));
        let second = snapshot(autosave.when_due(&document, 2.0 * PAUSE)).expect("tried again");
        assert!(!autosave.failed(second.revisions()), "and not told again");
        std::fs::remove_dir_all(folder.path().join("drawing.png")).expect("removes");
        let third = autosave.now(&document).expect("still not written");
        write(&mut autosave, &third);
        assert!(autosave.now(&document).is_none());
        assert!(folder.path().join("drawing.png").is_file());
    }

    #[test]
    fn a_change_of_the_prompt_writes_no_pixels() {
        let folder = tempfile::tempdir().expect("folder");
        let mut document = document();
        let (mut autosave, _) = opened(folder.path(), &mut document);
        dot(&mut document, 9.0, 9.0);
        let first = autosave.now(&document).expect("changed");
        assert!(first.picture.is_some());
        write(&mut autosave, &first);
        document.settings_mut().prompt = "a pear".into();
        let second = autosave.now(&document).expect("changed");
        assert!(second.picture.is_none());
        write(&mut autosave, &second);
        drop((autosave, first, second));
        let mut again = super::super::tests::document();
        let (_, restored) = opened(folder.path(), &mut again);
        assert_eq!(restored, Restored::Document { drawing: true, trouble: None });
        assert_eq!(again.settings().prompt, "a pear");
        assert_eq!(state_of(&again), state_of(&document));
    }

    /// Leaves a black drawing in the folder, as a window that was closed.
    fn leave_a_drawing(folder: &Path) {
        let mut document = document();
        let (mut autosave, _) = opened(folder, &mut document);
        document.new_sheet(Rgb::BLACK);
        document.settings_mut().prompt = "a black hole".into();
        dot(&mut document, 9.0, 9.0);
        document.begin_round(1, "m".into());
        let snapshot = autosave.now(&document).expect("changed");
        write(&mut autosave, &snapshot);
    }

    #[test]
    fn a_stroke_before_the_kept_drawing_was_read_does_not_throw_it_away() {
        let folder = tempfile::tempdir().expect("folder");
        leave_a_drawing(folder.path());
        let kept = std::fs::read(folder.path().join("drawing.png")).expect("kept");
        let mut document = document();
        dot(&mut document, 30.0, 30.0);
        let painted = state_of(&document);
        let (mut autosave, restored) = opened(folder.path(), &mut document);
        assert_eq!(restored, Restored::Painted);
        assert_eq!(state_of(&document), painted, "what was painted stays");
        assert_eq!(document.settings().prompt, "a black hole");
        assert_eq!(document.rounds().next_id(), 2, "numbers go on");
        assert!(document.can_undo());
        let snapshot = autosave.now(&document).expect("changed");
        let aside = write(&mut autosave, &snapshot).expect("set aside");
        assert_eq!(std::fs::read(&aside).expect("reads"), kept);
        assert!(aside.with_extension("json").is_file());
        dot(&mut document, 40.0, 30.0);
        let snapshot = autosave.now(&document).expect("changed");
        assert_eq!(write(&mut autosave, &snapshot), None, "set aside once");
    }

    #[test]
    fn what_could_not_be_read_is_not_written_over() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("drawing.png"), "no picture").expect("writes");
        let mut document = document();
        let (mut autosave, restored) = opened(folder.path(), &mut document);
        assert!(matches!(restored, Restored::Failed(text) if text.contains("drawing.png could not be opened")));
        dot(&mut document, 30.0, 30.0);
        let snapshot = autosave.now(&document).expect("changed");
        let aside = write(&mut autosave, &snapshot).expect("set aside");
        assert_eq!(std::fs::read_to_string(aside).expect("reads"), "no picture");
    }

    #[test]
    fn a_second_window_keeps_its_own_drawing() {
        let folder = tempfile::tempdir().expect("folder");
        leave_a_drawing(folder.path());
        let (mut one, mut two) = (document(), document());
        let (_first, restored) = opened(folder.path(), &mut one);
        assert!(matches!(restored, Restored::Document { drawing: true, .. }));
        let (mut second, restored) = opened(folder.path(), &mut two);
        assert_eq!(restored, Restored::Nothing, "the drawing belongs to the first window");
        let kept = std::fs::read(folder.path().join("drawing.png")).expect("kept");
        dot(&mut two, 9.0, 9.0);
        let snapshot = second.now(&two).expect("changed");
        write(&mut second, &snapshot);
        assert_eq!(std::fs::read(folder.path().join("drawing.png")).expect("kept"), kept);
        assert!(folder.path().join("drawing-2.png").is_file());
    }

    #[test]
    fn a_place_that_cannot_be_used_is_told_once() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("file"), "").expect("writes");
        let mut document = document();
        let (mut autosave, restored) = opened(&folder.path().join("file"), &mut document);
        assert!(matches!(restored, Restored::Failed(text) if text.contains("will not be restored")));
        dot(&mut document, 9.0, 9.0);
        assert!(matches!(autosave.when_due(&document, 99.0), Due::No));
    }
}
