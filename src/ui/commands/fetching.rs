//! Executes the commands that fetch models.

use std::sync::Arc;

use super::Services;
use crate::hub::{Expected, FileRequest, HubError, Place, Repository};
use crate::jobs::{FetchTarget, JobId, ModelTask};
use crate::models::{CatalogueEntry, DownloadsFile, FetchSubject, KeptDownload, KeptDownloads, PreferenceChange};
use crate::ui::models::{AskedAt, LicenceQuestion};
use crate::ui::state::WindowState;
use crate::ui::{FetchCommand, ModelPanelCommand, ModelSection};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: FetchCommand) {
    match command {
        FetchCommand::Entry(id) => fetch(state, services, FetchSubject::Entry(id)),
        FetchCommand::Place(text) => {
            // A name of the catalogue is a place too, as on the command line.
            let entry = state.models.catalogue().entry(&text).map(|entry| entry.id.clone());
            fetch(state, services, entry.map_or(FetchSubject::Place(text), FetchSubject::Entry));
        }
        FetchCommand::Accept => {
            let Some(question) = state.models.fetches.question.take() else { return };
            prefer(state, services, PreferenceChange::AcceptLicence(question.entry.clone()));
            fetch(state, services, FetchSubject::Entry(question.entry));
        }
        FetchCommand::Decline => state.models.fetches.question = None,
        FetchCommand::Pause(job) => state.models.fetches.queue.pause(job, true),
        FetchCommand::Resume(job) => state.models.fetches.queue.pause(job, false),
        FetchCommand::Cancel(job) => state.models.fetches.queue.cancel(job),
        FetchCommand::MoveUp(job) => state.models.fetches.queue.move_up(job),
        FetchCommand::PauseAll => state.models.fetches.queue.pause_all(true),
        FetchCommand::ResumeAll => state.models.fetches.queue.pause_all(false),
        FetchCommand::CancelAll => state.models.fetches.queue.cancel_all(),
        FetchCommand::GoOnWithKept => {
            let queue = &mut state.models.fetches.queue;
            queue.unanswered().collect::<Vec<_>>().into_iter().for_each(|job| queue.pause(job, false));
        }
        FetchCommand::RemoveKept => {
            let queue = &mut state.models.fetches.queue;
            queue.unanswered().collect::<Vec<_>>().into_iter().for_each(|job| queue.cancel(job));
        }
        FetchCommand::TryAgain(job) => {
            let queue = &mut state.models.fetches.queue;
            if queue.try_now(job) {
                return;
            }
            if let Some(subject) = queue.subject(job).cloned() {
                fetch(state, services, subject);
            }
        }
        FetchCommand::SetOffline(is_offline) => prefer(state, services, PreferenceChange::Offline(is_offline)),
        FetchCommand::ShowDownloads => {
            state.models.section = ModelSection::Downloads;
            super::perform(state, services, ModelPanelCommand::Open.into());
        }
        FetchCommand::SeeModels => {
            prefer(state, services, PreferenceChange::StarterTold);
            state.models.section = ModelSection::Catalogue;
            super::perform(state, services, ModelPanelCommand::Open.into());
        }
        FetchCommand::DismissStarterLine => prefer(state, services, PreferenceChange::StarterTold),
    }
}

/// Follows a decision now, and has it kept for the next launch.
fn prefer(state: &mut WindowState, services: &Services, change: PreferenceChange) {
    state.models.fetches.change(&change);
    services.jobs.models(ModelTask::Prefer(change));
}

/// Fetches something, unless it is being fetched already. The licence of an entry is asked about first.
fn fetch(state: &mut WindowState, services: &Services, subject: FetchSubject) {
    let hub = match state.models.fetches.hub() {
        Ok(hub) => hub,
        Err(reason) => return state.status.fail(reason),
    };
    if state.models.fetches.queue.is_wanted(&subject) {
        return;
    }
    if let FetchSubject::Entry(id) = &subject
        && !state.models.fetches.is_accepted(id)
    {
        state.models.fetches.question = Some(LicenceQuestion { entry: id.clone(), is_new: true });
        return;
    }
    let endpoint = hub.environment().endpoint.clone();
    ask(state, services, subject, &endpoint, AskedAt::Now);
}

/// Puts something behind everything that is fetched; what makes no sense is listed as failed.
fn ask(state: &mut WindowState, services: &Services, subject: FetchSubject, endpoint: &str, asked: AskedAt) {
    let target = match &subject {
        FetchSubject::Entry(id) => {
            let Some(entry) = state.models.catalogue().entries.iter().find(|entry| entry.id == *id) else { return };
            of_entry(entry)
        }
        FetchSubject::Place(text) => of_text(state, text, endpoint),
    };
    let job = services.jobs.next_id();
    match target {
        Ok(target) => state.models.fetches.queue.ask(subject, job, target, asked),
        Err(error) => refused(state, subject, job, &error),
    }
}

/// Lists what was being fetched when the program ended. Nothing of it is fetched before the person says so.
pub(in crate::ui) fn put_back(
    state: &mut WindowState,
    services: &Services,
    file: Option<Arc<DownloadsFile>>,
    kept: KeptDownloads,
) {
    // Without a hub nothing is fetched; the list stays in its file for a launch with one.
    let Some(endpoint) = state.models.fetches.endpoint() else { return };
    for KeptDownload { subject, is_paused } in &kept.0 {
        if !state.models.fetches.queue.is_wanted(subject) {
            let asked = if *is_paused { AskedAt::LastTimePaused } else { AskedAt::LastTime };
            ask(state, services, subject.clone(), &endpoint, asked);
        }
    }
    if let Some(file) = file {
        state.models.fetches.take_kept(file, kept);
    }
}

fn refused(state: &mut WindowState, subject: FetchSubject, job: JobId, error: &HubError) {
    let reason = error.to_string();
    state.status.fail(reason.clone());
    state.models.fetches.queue.refuse(subject, job, reason);
}

/// The files of an entry with what is known of their contents, or its whole folder.
fn of_entry(entry: &CatalogueEntry) -> Result<FetchTarget, HubError> {
    let repository = Repository::new(&entry.repository)?;
    let repository = match &entry.revision {
        Some(revision) => repository.at(revision)?,
        None => repository,
    };
    if entry.files.is_empty() {
        // A repository goes into the hub's cache; the folder is for links.
        return Ok(FetchTarget::Place { place: Place::Repository(repository), folder: Default::default() });
    }
    let request = |file: &crate::models::CatalogueFile| FileRequest {
        repository: repository.clone(),
        file: file.path.clone(),
        expected: Expected { size: file.size, sha256: file.sha256.clone() },
    };
    Ok(FetchTarget::Files(entry.files.iter().map(request).collect()))
}

fn of_text(state: &WindowState, text: &str, endpoint: &str) -> Result<FetchTarget, HubError> {
    let place = Place::from_text(text, endpoint)?;
    let folder = match (state.models.fetches.folder(), &place) {
        (Some(folder), _) => folder,
        (None, Place::Link(_)) => {
            let sentence = "This system names no folder for the program's data, so it is not known where to put a file from a link; use underpaint models fetch with --to.";
            return Err(HubError::Setup(sentence.into()));
        }
        (None, Place::Repository(_) | Place::File { .. }) => Default::default(),
    };
    Ok(FetchTarget::Place { place, folder })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Catalogue;

    #[test]
    fn every_entry_of_the_catalogue_can_be_asked_for_with_its_checksums() {
        for entry in &Catalogue::built_in().entries {
            match of_entry(entry).expect("a target") {
                FetchTarget::Files(requests) => {
                    assert_eq!(requests.len(), entry.files.len());
                    for (request, file) in requests.iter().zip(&entry.files) {
                        assert_eq!((&request.file, &request.expected.sha256), (&file.path, &file.sha256));
                    }
                }
                FetchTarget::Place { place, .. } => {
                    assert!(entry.files.is_empty() && place.to_string() == entry.repository);
                }
            }
        }
    }
}
