//! The window of models: what is on this machine, and a catalogue of what is worth fetching.
//!
//! - `panel.rs` remembers what the thread that finds models reported, and what is to be asked of it.
//! - `rows.rs` makes one list of rows of it, each with a state and with what can be done; `row_view.rs` draws one.
//! - `view.rs` is the window with its sections, `folders.rs` the section of folders.
//! - `fetches.rs` remembers what is being fetched, `fetch_words.rs` says how far it is, `fetch_foot.rs` is below the
//!   catalogue, `licence_question.rs` asks before the first time.
//! - `starter_hint.rs` is the line that leads to this window after the first round.
//! - `previews.rs` keeps the small pictures of LoRAs and textual inversions.

mod fetch_foot;
mod fetch_words;
mod fetches;
mod folders;
mod licence_question;
mod panel;
mod previews;
mod row_view;
mod rows;
pub(super) mod starter_hint;
mod view;

pub(super) use fetches::{FetchSubject, Fetches, LicenceQuestion};
pub use panel::ModelSection;
pub(super) use panel::{ModelPanel, PictureModel, offered_name, picture_model};
pub(super) use view::show;

use super::commands::{self, Services};
use super::state::WindowState;
use crate::engine::ModelChoice;
use crate::jobs::{Extras, FetchReport, FolderChange, ModelReport, ModelTask};
use crate::models::{loras_among, with_found};

/// Applies one report of the thread that finds models.
pub(super) fn apply(state: &mut WindowState, report: ModelReport) {
    match report {
        ModelReport::Searching(count) => state.models.searching = Some(count),
        ModelReport::Found { models, searched, named } => {
            state.models.take_found(*models, searched, named);
            use_found(state);
        }
        ModelReport::Inspected(path, about) => state.models.take_base(path, about.base),
        ModelReport::Times(times) => state.models.take_times(times),
        ModelReport::Hashing { path, done } => state.models.hashing = Some((path, done)),
        ModelReport::Hashed { path, sha256 } => state.models.take_hash(&path, sha256),
        ModelReport::NotHashed { path, reason } => {
            state.models.hashing = None;
            tracing::warn!(path = %path.display(), "{reason}");
        }
        ModelReport::Previews(list) => state.models.previews.take(list),
        ModelReport::Preferences(preferences) => state.models.fetches.take_preferences(preferences),
        ModelReport::Failed(reason) => state.status.fail(reason),
    }
}

/// Lets prompts and presets use what was found, wherever it lies on this machine.
pub(super) fn use_found(state: &mut WindowState) {
    let found = state.models.found();
    let (loras, listed) = (loras_among(found), &state.listed_extras);
    let mut extras = Extras { presets: with_found(&listed.presets, found), ..listed.clone() };
    extras.loras.extend(loras.iter().map(|lora| lora.name.clone()));
    extras.loras.sort_by_key(|name| name.to_lowercase());
    extras.loras.dedup();
    state.extras = extras;
    state.runtime.found_loras = loras;
}

/// Applies one report of the thread that fetches models.
pub(super) fn apply_fetch(state: &mut WindowState, services: &Services, report: FetchReport) {
    let fetches = &mut state.models.fetches;
    match report {
        FetchReport::Event { job, event } => fetches.event(job, event),
        FetchReport::Cancelled(job) => fetches.remove(job),
        // A cancelled one may have ended otherwise by then.
        FetchReport::Failed { job, .. } | FetchReport::Done { job, .. } if fetches.subject(job).is_none() => {}
        FetchReport::Failed { job, reason, page } => {
            state.status.fail(reason.clone());
            fetches.failed(job, reason, page);
        }
        FetchReport::Done { job, path } => {
            fetches.done(job);
            state.status.say(format!("Fetched: {}", path.display()));
            commands::search_models(state, services, FolderChange::None);
        }
    }
}

/// Asks the thread that finds models for what this frame showed to be missing.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    let is_busy = state.running.is_some();
    if state.models.held != is_busy {
        state.models.held = is_busy;
        services.jobs.models(ModelTask::Hold(is_busy));
    }
    if let ModelChoice::Path(path) = &state.model.chosen.choice {
        if state.models.asks_for_base(path) {
            services.jobs.models(ModelTask::Inspect(path.clone()));
        }
        // The hash of the model in use is written into pictures.
        if path.is_absolute() && state.models.asks_for_hash(path) {
            services.jobs.models(ModelTask::Hash(vec![path.clone()]));
        }
    }
    let is_wanted = state.models.is_open || picture_model(state).is_some_and(|model| model == PictureModel::NotHere);
    if is_wanted {
        let unknown = state.models.unhashed();
        if !unknown.is_empty() {
            services.jobs.models(ModelTask::Hash(unknown));
        }
    }
    // Measured beside a round, the machine would seem slower than it is.
    if state.models.is_open && !is_busy && !state.model.loading && state.models.asks_for_times() {
        services.jobs.models(ModelTask::EstimateCatalogue);
    }
    let previews = state.models.previews.end_frame();
    if !previews.is_empty() {
        services.jobs.models(ModelTask::ReadPreviews(previews));
    }
}
