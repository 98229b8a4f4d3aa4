//! Executes the commands about documents.

use std::path::Path;

use super::Services;
use crate::document::name::renamed_file;
use crate::document::store::DOCUMENT_ENDING;
use crate::jobs::{FileTask, SaveName};
use crate::ui::DocumentCommand;
use crate::ui::documents::{NextDocument, name_of};
use crate::ui::naming::DocumentName;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: DocumentCommand) {
    match command {
        DocumentCommand::New => {
            let document = &state.document;
            if document.canvas().is_blank() && document.rounds().count() == 0 && !document.can_undo() {
                state.status.say("This document is empty already.");
            } else if may_leave(state) {
                let id = services.jobs.next_document();
                state.shown.next = Some(NextDocument::Asked(id));
                services.jobs.files(FileTask::NewDocument(id));
            }
        }
        DocumentCommand::Open(path) => {
            if state.shown.path.as_ref() == Some(&path) {
                state.status.say(format!("{} is open already.", name_of(&path)));
            } else if may_leave(state) {
                let id = services.jobs.next_document();
                state.shown.next = Some(NextDocument::Asked(id));
                services.jobs.files(FileTask::OpenDocument(id, path));
            }
        }
        DocumentCommand::ChooseSaveAs => {
            let folder = state.shown.path.as_deref().and_then(Path::parent).unwrap_or(&state.results_folder);
            let name = state.shown.path.as_deref().map_or_else(|| "drawing".into(), name_of);
            services.dialogs.save_document(folder, &format!("{name}.{DOCUMENT_ENDING}"));
        }
        DocumentCommand::ChooseName => match &state.shown.path {
            Some(_) if state.shown.is_read_only => {
                state.status.fail("This document can only be looked at here. Save it under another name.");
            }
            Some(path) => state.naming = Some(DocumentName::new(name_of(path))),
            None => state.status.say("This document has no file that could be renamed."),
        },
        DocumentCommand::Rename(name) => rename(state, services, &name),
        DocumentCommand::KeepName => state.naming = None,
        DocumentCommand::SaveAs(path) => {
            state.document.end_stroke();
            services.jobs.files(FileTask::SaveDocument(state.shown.id, SaveName::Chosen(path)));
        }
    }
}

fn rename(state: &mut WindowState, services: &Services, name: &str) {
    let Some(present) = &state.shown.path else { return };
    match renamed_file(present, name) {
        Ok(path) if path == *present => state.naming = None,
        Ok(path) => {
            state.document.end_stroke();
            services.jobs.files(FileTask::RenameDocument(state.shown.id, path));
        }
        Err(error) => state.status.fail(error.to_string()),
    }
}

/// Whether another document can be shown now; says why not.
fn may_leave(state: &mut WindowState) -> bool {
    let queue = state.document.queue();
    let goes_on = queue.next().is_some() || (state.queue.is_forever && queue.paused().is_none());
    if state.running.is_some() || goes_on {
        state.status.fail("A round is being made for this document. Cancel it or wait for it, then open another.");
        return false;
    }
    // A second wish while the first is on its way.
    state.shown.next.is_none()
}

/// Whether a file is a document by its name.
pub(in crate::ui) fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(DOCUMENT_ENDING))
}
