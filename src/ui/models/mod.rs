//! The window of models: what is on this machine, and a catalogue of what is worth fetching.
//!
//! - `panel.rs` remembers what the thread that finds models reported, and what is to be asked of it.
//! - `rows.rs` makes one list of rows of it, each with a state and with what can be done; `row_view.rs` draws one.
//! - `view.rs` is the window with its sections, `folders.rs` the section of folders.
//! - `fetches.rs` knows whether anything may be fetched, `fetch_queue.rs` what is fetched and in which order,
//!   `fetch_driver.rs` hands one after the other to the thread, `fetch_words.rs` says how far it is, `fetch_foot.rs` is below the
//!   catalogue, `licence_question.rs` asks before the first time.
//! - `starter_hint.rs` is the line that leads to this window after the first round.
//! - `listed.rs` is what the list *Model* in the settings offers of what was found.
//! - `previews.rs` keeps the small pictures of LoRAs and textual inversions.

mod fetch_driver;
mod fetch_foot;
mod fetch_queue;
mod fetch_words;
mod fetches;
mod folders;
pub(super) mod kept_question;
mod licence_question;
mod listed;
mod panel;
mod previews;
mod row_view;
mod rows;
pub(super) mod starter_hint;
mod view;

pub(super) use fetch_queue::AskedAt;
pub(super) use fetch_words::downloads_line;
pub(super) use fetches::{Fetches, LicenceQuestion};
pub(super) use listed::ListedModel;
pub use panel::ModelSection;
pub(super) use panel::{ModelPanel, PictureModel, offered_name, picture_model};
pub(super) use view::show;

use std::time::Instant;

use super::commands::{self, Services};
use super::estimate::ControlQuestion;
use super::state::WindowState;
use crate::engine::ModelChoice;
use crate::jobs::{Extras, FetchReport, FolderChange, ModelReport, ModelTask};
use crate::models::{loras_among, with_found};

/// Applies one report of the thread that finds models.
pub(super) fn apply(state: &mut WindowState, services: &Services, report: ModelReport) {
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
        ModelReport::ControlsRead(number, estimator) => state.estimate.knows_controls(number, estimator),
        ModelReport::Previews(list) => state.models.previews.take(list),
        ModelReport::Preferences(preferences) => state.models.fetches.take_preferences(preferences),
        ModelReport::Downloads(file, downloads) => commands::put_back_downloads(state, services, file, downloads),
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
    let queue = &mut state.models.fetches.queue;
    match report {
        FetchReport::Event { job, event } => queue.event(job, event),
        FetchReport::Cancelled(job) => queue.stopped(job),
        FetchReport::Unreachable { job, reason, wait } => {
            if queue.cut_off(job, reason.clone(), wait.unwrap_or_default(), Instant::now()) {
                state.status.fail(format!("{reason} It is tried again by itself."));
            }
        }
        FetchReport::Failed { job, reason, page } => {
            if queue.failed(job, reason.clone(), page) {
                state.status.fail(reason);
            }
        }
        FetchReport::Done { job, path } => {
            if queue.done(job) {
                state.status.say(format!("Fetched: {}", path.display()));
                commands::search_models(state, services, FolderChange::None);
            }
        }
    }
}

/// Hands on what is to be fetched next, and asks the thread that finds models for what this frame showed to be missing.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    fetch_driver::advance(&mut state.models.fetches, services);
    if let Some(question) = state.estimate.asks_about_controls(state.document.settings()) {
        let ControlQuestion { number, estimator, controls } = question;
        services.jobs.models(ModelTask::ReadControls { number, estimator, controls });
    }
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
