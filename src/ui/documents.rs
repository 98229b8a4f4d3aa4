//! Which document the window shows, whether it is in its file, and the way to another document.
//!
//! Another document is shown only after everything in the present one is in its file. A document that can only
//! be read is copied to an untitled one as soon as it is worked on.

use std::path::{Path, PathBuf};

use egui::ViewportCommand;

use super::commands::{Services, keep_object, show_as_left};
use super::events::follow;
use super::result_memory::ResultMemory;
use super::results::Gallery;
use super::state::WindowState;
use crate::document::autosave::Due;
use crate::document::home::OpenedContent;
use crate::document::store::Committed;
use crate::document::{Autosave, Document, FileState, ViewState, Viewpoint};
use crate::jobs::{DocumentId, DocumentReport, FileTask, SaveName};
use crate::paint::{Rgb, Size};

/// The file of the document that the window shows.
pub(super) struct ShownDocument {
    /// What the file thread calls it.
    pub id: DocumentId,
    /// Its file; `None` until that is known, and where nothing is kept.
    pub path: Option<PathBuf>,
    /// Whether the file can only be read.
    pub is_read_only: bool,
    /// Why the latest changes are not in the file, as one sentence.
    pub not_committed: Option<String>,
    /// The document that is shown next.
    pub next: Option<NextDocument>,
    /// The documents that were used last, the latest first.
    pub recent: Vec<PathBuf>,
    /// Whether a copy of a document that can only be read was asked for.
    copying: bool,
    /// The title that the window was given.
    title: String,
}

/// A document on its way into the window.
pub(super) enum NextDocument {
    /// It is being opened.
    Asked(DocumentId),
    /// It waits until the present one is in its file.
    Ready(DocumentId, Box<DocumentReport>),
}

impl ShownDocument {
    /// A document whose file is not known yet.
    pub fn new(id: DocumentId) -> Self {
        Self {
            id,
            path: None,
            is_read_only: false,
            not_committed: None,
            next: None,
            recent: Vec::new(),
            copying: false,
            title: String::new(),
        }
    }

    /// The window's title.
    fn title(&self) -> String {
        match &self.path {
            None => "underpaint".into(),
            Some(path) if self.is_read_only => format!("{} (read-only) – underpaint", name_of(path)),
            Some(path) => format!("{} – underpaint", name_of(path)),
        }
    }
}

/// The name of a document file as it is shown: without its ending.
pub(super) fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A document file was opened.
pub(super) fn opened(
    state: &mut WindowState,
    services: &Services,
    autosave: &mut Autosave,
    id: DocumentId,
    report: Box<DocumentReport>,
) {
    let is_asked = matches!(state.shown.next, Some(NextDocument::Asked(asked)) if asked == id);
    if is_asked {
        state.shown.next = Some(NextDocument::Ready(id, report));
    } else if id == state.shown.id && autosave.is_opening() {
        at_launch(state, services, autosave, *report);
    } else {
        services.jobs.files(FileTask::CloseDocument(id));
    }
}

/// What the window starts with. Whoever was quicker than the disk and has painted already keeps that.
fn at_launch(state: &mut WindowState, services: &Services, autosave: &mut Autosave, report: DocumentReport) {
    let has_painted = state.document.has_unsaved_work();
    match report.content {
        OpenedContent::Stored(_) if has_painted => {
            services.jobs.files(FileTask::CloseDocument(state.shown.id));
            state.shown.id = services.jobs.next_document();
            services.jobs.files(FileTask::NewDocument(state.shown.id));
            state.status.say(format!(
                "You have painted already, so this is a new document. {} is as it was.",
                name_of(&report.path)
            ));
        }
        _ => {
            if let OpenedContent::Imported(kept) = report.content {
                if has_painted {
                    state.status.say("You have painted already. Your last drawing is still in drawing.png.");
                } else {
                    state.document.restore(*kept);
                    state.status.say("Your last drawing is on the canvas.");
                }
                use_file(state, autosave, report.path, report.read_only, report.trouble);
            } else {
                let DocumentReport { path, content, read_only, trouble } = report;
                show(state, content, &path);
                use_file(state, autosave, path, read_only, trouble);
            }
            follow_model(state);
        }
    }
}

/// A document file could not be opened.
pub(super) fn not_opened(state: &mut WindowState, autosave: &mut Autosave, id: DocumentId, reason: &str) {
    if matches!(state.shown.next, Some(NextDocument::Asked(asked)) if asked == id) {
        state.shown.next = None;
        state.status.fail(reason);
    } else if id == state.shown.id && autosave.is_opening() {
        autosave.use_file(FileState::None);
        state.status.fail(format!("What you paint will not be kept for the next launch. {reason}"));
    }
}

/// Changes are in the file.
pub(super) fn committed(state: &mut WindowState, autosave: &mut Autosave, id: DocumentId, committed: &Committed) {
    if id == state.shown.id {
        autosave.committed(&mut state.document, committed);
        state.shown.not_committed = None;
    }
}

/// Changes could not be written. They stay in the document, and are tried again.
pub(super) fn not_committed(
    state: &mut WindowState,
    services: &Services,
    autosave: &mut Autosave,
    id: DocumentId,
    reason: String,
) {
    if id != state.shown.id {
        return;
    }
    autosave.failed(&mut state.document);
    if let Some(next) = state.shown.next.take() {
        let (NextDocument::Ready(id, _) | NextDocument::Asked(id)) = next;
        services.jobs.files(FileTask::CloseDocument(id));
        state.status.fail("The other document was not opened, because this one is not in its file yet.");
    }
    state.shown.not_committed = Some(reason);
}

/// The document has another file.
pub(super) fn saved(state: &mut WindowState, autosave: &mut Autosave, id: DocumentId, path: PathBuf) {
    if id != state.shown.id {
        return;
    }
    state.status.say(format!("This document is {} now.", path.display()));
    state.shown.path = Some(path);
    state.shown.is_read_only = false;
    state.shown.copying = false;
    state.naming = None;
    if autosave.file() == FileState::ReadOnly {
        autosave.use_file(FileState::Writable);
    }
}

/// Commits what is due, and shows the next document once this one is in its file. Runs once a frame.
pub(super) fn update(state: &mut WindowState, services: &Services, autosave: &mut Autosave, now: f64) {
    let shown = state.gallery.shown();
    state.document.note_shown_round(shown.round);
    state.document.note_view(ViewState {
        result: shown.image,
        history: state.history.chosen(),
        styles: state.prompting.chosen.clone(),
        canvas: state.canvas.viewpoint(),
        results: state.gallery.view(),
    });
    let has_work = state.document.has_unsaved_work();
    if autosave.file() == FileState::ReadOnly && has_work && !state.shown.copying {
        state.shown.copying = true;
        services.jobs.files(FileTask::SaveDocument(state.shown.id, SaveName::Untitled));
    }
    if matches!(state.shown.next, Some(NextDocument::Ready(..))) && !state.document.is_stroking() {
        let is_kept = match autosave.file() {
            FileState::Writable => autosave.is_settled(&state.document),
            FileState::ReadOnly => !has_work,
            FileState::None => true,
            FileState::Opening => false,
        };
        if !is_kept {
            commit_now(state, services, autosave);
        } else if let Some(NextDocument::Ready(id, report)) = state.shown.next.take() {
            replace(state, services, autosave, id, *report);
        }
    }
    match autosave.when_due(&mut state.document, now) {
        Due::No => {}
        Due::In(seconds) => services.ctx.request_repaint_after_secs(seconds as f32),
        Due::Now(changes) => services.jobs.files(FileTask::Commit(state.shown.id, changes)),
    }
    let title = state.shown.title();
    if state.shown.title != title {
        services.ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
        state.shown.title = title;
    }
}

/// Commits everything that is not in the file yet.
pub(super) fn commit_now(state: &mut WindowState, services: &Services, autosave: &mut Autosave) {
    if let Some(changes) = autosave.now(&mut state.document) {
        services.jobs.files(FileTask::Commit(state.shown.id, changes));
    }
}

/// Shows another document in place of the present one, which is in its file.
fn replace(
    state: &mut WindowState,
    services: &Services,
    autosave: &mut Autosave,
    id: DocumentId,
    report: DocumentReport,
) {
    services.jobs.files(FileTask::CloseDocument(state.shown.id));
    state.shown.id = id;
    // The document goes, so that an edit which takes back a transform is of no use.
    let _ = state.canvas.abandon_stroke(&mut state.document);
    let DocumentReport { path, content, read_only, trouble } = report;
    if matches!(content, OpenedContent::New) {
        state.status.say("This is a new document. The previous one is under Open recent.");
        // Prompt and settings are likely to be wanted again.
        let settings = state.document.settings().clone();
        let model = state.document.model().map(str::to_owned);
        let size = Size::new(settings.width, settings.height).unwrap_or(Size::DEFAULT);
        state.document = Document::new(size, Rgb::WHITE, settings);
        if let Some(model) = model {
            state.document.set_model(model);
        }
    }
    state.rounds_of_jobs.clear();
    state.queue.leave_document();
    state.work.forget();
    keep_object(state);
    state.live.leave_canvas();
    (state.last_seed, state.offered, state.placed, state.replacing, state.unsaved) = (None, None, None, None, None);
    state.offered_start = None;
    state.naming = None;
    state.layers.forget();
    state.result_memory = ResultMemory::default();
    let results = state.gallery.view();
    state.gallery = Gallery::default();
    // Of a new document nobody has chosen how its results are shown.
    state.gallery.use_view(results);
    state.canvas.use_viewpoint(Viewpoint::default());
    state.compare.forget();
    state.history.forget();
    state.refine.reset();
    show(state, content, &path);
    use_file(state, autosave, path, read_only, trouble);
    follow_model(state);
}

/// Makes what was read from a file the window's document.
fn show(state: &mut WindowState, content: OpenedContent, path: &Path) {
    if let OpenedContent::Stored(stored) = content {
        state.document = Document::from_stored(*stored);
        // An error, such as a model that is missing, counts for more.
        if !state.status.is_error() {
            state.status.say(format!("{} is open as it was left.", name_of(path)));
        }
        state.history.forget();
        show_as_left(state);
    }
}

fn use_file(
    state: &mut WindowState,
    autosave: &mut Autosave,
    path: PathBuf,
    read_only: Option<String>,
    trouble: Option<String>,
) {
    autosave.use_file(if read_only.is_some() { FileState::ReadOnly } else { FileState::Writable });
    if read_only.is_some() {
        state.document.leave_queue_to_others();
    }
    state.shown.is_read_only = read_only.is_some();
    state.shown.copying = false;
    state.shown.not_committed = None;
    if let Some(sentence) = trouble.or(read_only) {
        state.status.fail(sentence);
    }
    state.shown.path = Some(path);
}

/// Settings that were chosen for another model follow the one that is loaded.
fn follow_model(state: &mut WindowState) {
    if let Some(model) = &state.model.loaded {
        follow(&mut state.document, model.name(), state.model.recommended, None);
    }
}
