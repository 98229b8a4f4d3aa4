//! Applies the events of the engine and file threads to the window's state.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::ResultCommand;
use super::canvas_work;
use super::color;
use super::commands::{self, Services};
use super::control;
use super::documents;
use super::engines;
use super::live;
use super::models;
use super::placement::{self, PlacedPicture};
use super::progress::Progress;
use super::queue::driver;
use super::state::WindowState;
use super::theme;
use crate::document::{Autosave, Document, ResultId};
use crate::engine::{ModelChoice, ModelInfo, Recommended};
use crate::jobs::{EngineReport, FileReport, JobId, Report, WorkerThread};
use crate::picture::Parameters;

/// Applies one report. `now` is the window's clock in seconds.
pub(super) fn apply(state: &mut WindowState, services: &Services, autosave: &mut Autosave, report: Report, now: f64) {
    match report {
        Report::Engine(report) => engine(state, services, report, now),
        Report::File(report) => file(state, services, autosave, report),
        Report::Canvas(report) => canvas_work::apply(state, services, report),
        Report::Models(report) => models::apply(state, services, report),
        Report::Server { url, health } => engines::health_arrived(state, services, &url, health),
        Report::Fetch(report) => models::apply_fetch(state, services, report),
        Report::Described(report) => commands::described(state, report),
        Report::Object(report) => commands::object_reported(state, services, report),
        Report::Restarted { thread, reason } => {
            if thread == WorkerThread::Files {
                autosave.lost(&mut state.document);
                documents::not_opened(state, autosave, state.shown.id, "The file thread crashed.");
                state.shown.next = None;
                state.compare.lost();
                state.history.thumbnails.lost();
                state.refine.start_is_lost();
            }
            if thread == WorkerThread::Models {
                state.models.searching = None;
                state.models.previews.lost();
            }
            restarted(state, thread, &reason);
        }
    }
}

fn engine(state: &mut WindowState, services: &Services, report: EngineReport, now: f64) {
    let round_of = |state: &WindowState, job| state.rounds_of_jobs.get(&job).copied();
    match report {
        EngineReport::Capabilities(capabilities) => {
            state.model.devices = capabilities.devices;
            state.model.server = capabilities.server;
            state.model.limits = capabilities.limits;
            if let Some(models) = capabilities.models {
                state.model.offers(models);
            }
        }
        EngineReport::Loading { name, .. } => {
            state.model.loading = true;
            state.model.share_loaded = 0.0;
            progress(state, |p| p.say(format!("Loading the model {name}")));
        }
        EngineReport::LoadProgress { share, .. } => {
            state.model.share_loaded = share;
            progress(state, |p| p.loading(share));
        }
        EngineReport::Loaded { job, info } => {
            let is_late = state.model.was_stopped(job) && !state.engines.in_force.is_local();
            state.model.load_ended(job);
            // The last load of this machine says nothing of servers that took over meanwhile.
            if !is_late && state.engines.wanted.is_none() {
                loaded(state, info);
            }
            driver::model_ready(state, job, now);
        }
        EngineReport::LoadFailed { job, model, reason } => load_failed(state, services, job, &model, reason),
        EngineReport::Estimator { model, estimator } => state.estimate.use_estimator(model, estimator),
        EngineReport::Speed { engine, seconds } => state.engines.take_speed(&engine, seconds),
        EngineReport::Notice { text, .. } => state.status.say(text),
        EngineReport::Stage { stage, .. } => progress(state, |p| p.stage(stage)),
        EngineReport::Step { job, image, step, steps, preview } => {
            if let Some(round) = round_of(state, job) {
                state.document.rounds_mut().step(ResultId { round, image }, step, steps, preview);
                state.gallery.made_progress(round, image);
            }
            progress(state, |p| p.step(image, step, steps, now));
        }
        EngineReport::Finished { job, image, picture, recipe } => {
            if let Some(round) = round_of(state, job) {
                state.document.rounds_mut().finished(ResultId { round, image }, picture, recipe);
            }
            driver::picture_finished(state, job, image, now);
            if let Some(round) = round_of(state, job) {
                live::picture_finished(state, services, ResultId { round, image });
            }
        }
        EngineReport::Noised { job, start } => state.refine.survives.arrived(job, start),
        EngineReport::Live { job, how } => live::ended(state, services, job, how),
        EngineReport::RanAgain { outcome, .. } => match outcome.same {
            true => state.status.say(outcome.sentence()),
            false => state.status.fail(outcome.sentence()),
        },
        EngineReport::Ended { job, how } => {
            state.estimate.refresh();
            models::starter_hint::round_ended(state, job, &how);
            driver::ended(state, services, job, how);
            if let Some(round) = round_of(state, job) {
                live::round_ended(state, round);
            }
        }
    }
}

fn file(state: &mut WindowState, services: &Services, autosave: &mut Autosave, report: FileReport) {
    let Some(report) = state.work.let_wait(report) else { return };
    match report {
        FileReport::Extras(extras) => {
            state.listed_extras = extras;
            models::use_found(state);
        }
        FileReport::ResultKept { job, image, path, png } => {
            if let Some(round) = state.rounds_of_jobs.get(&job) {
                let id = ResultId { round: *round, image };
                state.document.rounds_mut().saved(id, path);
                if let Some(png) = png {
                    state.document.rounds_mut().encoded(id, png);
                }
            }
        }
        FileReport::Thumbnails(document, ..)
        | FileReport::ResultEncoded(document, ..)
        | FileReport::ResultDecoded(document, ..)
        | FileReport::ResultNotDecoded { document, .. }
        | FileReport::Scored(document, ..)
        | FileReport::DriftDrawn(document, ..)
        | FileReport::StartRead(document, ..)
        | FileReport::StartNotRead { document, .. }
            if document != state.shown.id => {}
        FileReport::HintDrawn(number, drawn) => control::arrived(state, number, drawn),
        FileReport::Thumbnails(_, list) => state.history.thumbnails.read(list),
        FileReport::ResultEncoded(_, id, png) => {
            state.result_memory.encoded(id);
            state.document.rounds_mut().encoded(id, png);
        }
        FileReport::ResultDecoded(_, id, pixels) => {
            state.compare.decoded(id, &pixels);
            state.document.rounds_mut().decoded(id, pixels);
            for command in state.result_memory.decoded(id) {
                commands::perform(state, services, command);
            }
        }
        FileReport::ResultNotDecoded { id, reason, .. } => {
            state.result_memory.failed(id, reason.clone());
            state.status.fail(reason);
        }
        FileReport::StartFetched(again) => commands::run_again(state, services, *again),
        FileReport::StartNotFetched(job, reason) => {
            if state.running.as_ref().is_some_and(|running| running.job == job) {
                state.running = None;
                driver::advance(state, services);
            }
            state.status.fail(reason);
        }
        FileReport::Scored(_, id, scores) => state.refine.scores.take(id, scores),
        FileReport::DriftDrawn(_, id, picture) => state.refine.scores.take_overlay(id, *picture),
        FileReport::StartRead(_, round, start) => {
            driver::start_read(state, services, round, Arc::clone(&start.picture));
            commands::start_read(state, services, round, &start.picture);
            commands::start_is_read(state, services, round, *start);
        }
        FileReport::StartNotRead { round, reason, .. } => {
            driver::start_not_read(state, services, round, reason.clone());
            commands::start_not_read(state, round, &reason);
            // Scores are left out without a word.
            if state.refine.start_is_lost() {
                state.status.fail(reason);
            }
        }
        FileReport::DocumentOpened(id, report) => documents::opened(state, services, autosave, id, report),
        FileReport::DocumentNotOpened { document, reason } => {
            documents::not_opened(state, autosave, document, &reason);
        }
        FileReport::Committed(id, committed) => documents::committed(state, autosave, id, &committed),
        FileReport::NotCommitted { document, reason } => {
            documents::not_committed(state, services, autosave, document, reason);
        }
        FileReport::DocumentSaved(id, path) => documents::saved(state, autosave, id, path),
        FileReport::DocumentNotSaved { reason, .. } => state.status.fail(reason),
        FileReport::Recent(list) => state.shown.recent = list,
        FileReport::ResultNotKept { job, image, folder, reason } => {
            let Some(round) = state.rounds_of_jobs.get(&job).copied() else { return };
            if folder != state.results_folder {
                // Another folder was chosen while the round was running.
                commands::perform(state, services, ResultCommand::SaveInFolder(round, image).into());
                return;
            }
            let unsaved = state.unsaved.get_or_insert_default();
            unsaved.reason = reason;
            unsaved.results.push(ResultId { round, image });
        }
        FileReport::Failed(reason) => state.status.fail(reason),
        FileReport::Opened { path, name, picture, parameters, start } => {
            opened(state, services, (path, name), picture, parameters);
            state.offered_start = start.filter(|_| state.offered.is_some());
        }
        FileReport::Styles(styles) => state.prompting.styles = styles,
        FileReport::StylesImported(styles, count) => {
            state.prompting.styles = styles;
            state.status.say(format!(
                "{} imported.",
                if count == 1 { "1 style was".into() } else { format!("{count} styles were") }
            ));
        }
        FileReport::Palettes(report) => color::report(state, report),
        FileReport::Prompts(past) => state.prompting.past_read(past),
        FileReport::Output(options) => state.output = options,
        FileReport::Compared { a, b, difference } => state.compare.compared(a, b, *difference),
        report @ (FileReport::Fitted { .. }
        | FileReport::Reshaped(_)
        | FileReport::LayersOpened(..)
        | FileReport::LayerFitted(..)) => apply_canvas(state, services, report),
        FileReport::FontsFound(fonts, missing) => {
            fonts.into_iter().for_each(|font| theme::add_font(&services.ctx, &font.name, font.data));
            if let Some(sentence) = missing.and_then(|character| state.fonts.tell_missing(character)) {
                state.status.say(sentence);
            }
        }
        FileReport::CloneFitted(id, pixels) => commands::clone_fitted(state, id, pixels),
        FileReport::Saved(path) => state.status.say(format!("Saved as {}.", path.display())),
    }
}

/// Applies a report that changes the canvas.
pub(super) fn apply_canvas(state: &mut WindowState, services: &Services, report: FileReport) {
    match report {
        FileReport::Fitted { original, picture } => placement::fitted(state, services, &original, picture),
        FileReport::Reshaped(reshaped) => commands::reshaped(state, *reshaped),
        FileReport::LayersOpened(name, picture) => commands::layers_opened(state, &name, *picture),
        FileReport::LayerFitted(picture, pixels) => commands::layer_fitted(state, services, picture, pixels),
        _ => {}
    }
}

/// Says that a bug ended what a thread was doing.
fn restarted(state: &mut WindowState, thread: WorkerThread, reason: &str) {
    let what = match thread {
        WorkerThread::Engine => "The engine",
        WorkerThread::Files => "Reading or writing a file",
        WorkerThread::Canvas => "Changing the canvas",
        WorkerThread::Models => "The search for models",
        WorkerThread::Fetches => "Fetching a model",
        WorkerThread::Objects => "Selecting an object",
        WorkerThread::Vision => "Describing the canvas or estimating depth",
    };
    state.status.fail(format!("{what} crashed and was started again ({reason}). Please try once more."));
}

fn progress(state: &mut WindowState, change: impl FnOnce(&mut Progress)) {
    if let Some(running) = &mut state.running {
        running.update(change);
    }
}

fn load_failed(state: &mut WindowState, services: &Services, job: JobId, model: &ModelChoice, reason: String) {
    if state.model.was_stopped(job) {
        // Where another load has begun, or begins on other engines, that one counts.
        if state.model.load.is_none() && state.engines.wanted.is_none() {
            load_stopped(state, services, model);
        }
        return;
    }
    state.model.loading = false;
    if *model == state.model.chosen.choice {
        state.model.loading_chosen = false;
    }
    state.model.load_ended(job);
    // Cancelling a round while its model loads is no failure of the model.
    if state.running.as_ref().is_some_and(|running| running.job == job && running.cancel.is_cancelled()) {
        return;
    }
    state.status.fail(reason);
    // On servers there is no other model to fall back to.
    if state.engines.in_force.is_local() && state.model.cannot_load(model) {
        commands::load(state, services, state.model.chosen.choice.clone());
    }
}

/// The person stopped a model from being loaded. If it was the chosen one, the choice returns to the model in use.
fn load_stopped(state: &mut WindowState, services: &Services, model: &ModelChoice) {
    state.model.loading = false;
    if *model != state.model.chosen.choice {
        return;
    }
    state.model.loading_chosen = false;
    let name = state.model.chosen.name.clone();
    let in_use = state.model.loaded.clone();
    state.model.choose(in_use.clone().unwrap_or(ModelChoice::Starter));
    state.status.say(format!("Loading {name} was stopped; {} is used.", state.model.chosen.name));
    if in_use.is_none() {
        commands::load(state, services, ModelChoice::Starter);
    }
}

fn opened(
    state: &mut WindowState,
    services: &Services,
    (path, name): (PathBuf, String),
    picture: Arc<RgbImage>,
    parameters: Option<Parameters>,
) {
    let seed = parameters.as_ref().and_then(Parameters::seed);
    state.offered = parameters.filter(Parameters::has_settings);
    let picture = PlacedPicture::opened(&state.document, name, picture, seed.into_iter().collect());
    placement::start(state, services, picture.with_file(path));
}

fn loaded(state: &mut WindowState, info: ModelInfo) {
    if state.model.chosen.choice != info.choice {
        // A round that waited needed it, or another model was chosen meanwhile, which is loaded next.
        state.model.loading = !driver::loads_later(state) && state.model.loading_chosen;
        return;
    }
    driver::model_loaded(state);
    state.prompts.count_with(info.counter);
    (state.model.loading, state.model.loading_chosen) = (false, false);
    let previous = state.model.loaded.is_some().then_some(state.model.recommended);
    follow(&mut state.document, info.choice.name(), info.recommended, previous);
    state.model.loaded = Some(info.choice);
    state.model.recommended = info.recommended;
}

/// Sets what is recommended for a model, unless the settings were chosen for it already.
///
/// `previous` is what was recommended for the previous model: settings that still have these values
/// change, those that the user chose stay. `None` if no other model was loaded since launch; settings
/// restored from an earlier launch with another model are then set as at a first start.
pub(super) fn follow(document: &mut Document, model: String, recommended: Recommended, previous: Option<Recommended>) {
    if document.model() == Some(&model) {
        return;
    }
    let is_restored = document.model().is_some() && previous.is_none();
    let mut settings = document.settings_mut();
    if is_restored {
        recommended.apply_to(&mut settings);
    } else {
        recommended.follow(previous.unwrap_or_default(), &mut settings);
    }
    drop(settings);
    document.set_model(model);
}
