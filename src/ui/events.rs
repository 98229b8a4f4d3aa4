//! Applies the events of the engine and file threads to the window's state.

use image::RgbImage;

use super::commands::{self, Services};
use super::progress::Progress;
use super::state::WindowState;
use crate::document::autosave::{Autosave, Opened, Restored};
use crate::document::{Document, ResultId};
use crate::engine::{ModelChoice, ModelInfo, Recommended};
use crate::jobs::{Ending, EngineReport, FileReport, Report, WorkerThread};
use crate::paint::Canvas;
use crate::picture::Parameters;

/// Applies one report. `now` is the window's clock in seconds.
pub(super) fn apply(state: &mut WindowState, services: &Services, autosave: &mut Autosave, report: Report, now: f64) {
    match report {
        Report::Engine(report) => engine(state, services, report, now),
        Report::File(report) => file(state, services, autosave, report),
        Report::Restarted { thread, reason } => {
            if thread == WorkerThread::Files {
                autosave.lost();
            }
            restarted(state, thread, &reason);
        }
    }
}

fn engine(state: &mut WindowState, services: &Services, report: EngineReport, now: f64) {
    let round_of = |state: &WindowState, job| state.rounds_of_jobs.get(&job).copied();
    match report {
        EngineReport::Capabilities(capabilities) => state.model.devices = capabilities.devices,
        EngineReport::Loading { name, .. } => {
            state.model.loading = true;
            progress(state, |p| p.say(format!("Loading the model {name}")));
        }
        EngineReport::Loaded { info, .. } => {
            loaded(state, info);
        }
        EngineReport::LoadFailed { model, reason, .. } => load_failed(state, services, &model, reason),
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
        }
        EngineReport::Ended { job, how } => {
            if let Some(round) = round_of(state, job) {
                state.document.rounds_mut().end(round);
            }
            if state.running.as_ref().is_some_and(|running| running.job == job) {
                state.running = None;
            }
            ended(state, how);
        }
    }
}

fn file(state: &mut WindowState, services: &Services, autosave: &mut Autosave, report: FileReport) {
    match report {
        FileReport::Extras(extras) => state.extras = extras,
        FileReport::ResultKept { job, image, path, png } => {
            if let Some(round) = state.rounds_of_jobs.get(&job) {
                let id = ResultId { round: *round, image };
                state.document.rounds_mut().saved(id, path);
                state.document.rounds_mut().encoded(id, png);
            }
        }
        FileReport::ResultEncoded(id, png) => {
            state.result_memory.encoded(id);
            state.document.rounds_mut().encoded(id, png);
        }
        FileReport::ResultDecoded(id, pixels) => {
            state.document.rounds_mut().decoded(id, pixels);
            for command in state.result_memory.decoded(id) {
                commands::perform(state, services, command);
            }
        }
        FileReport::ResultNotDecoded { id, reason } => {
            state.result_memory.failed(id);
            state.status.fail(reason);
        }
        FileReport::DocumentKept { revisions, written } => {
            if let Some(path) = autosave.written(revisions, written) {
                state.status.say(format!("The drawing of the last launch is now {}.", path.display()));
            }
        }
        FileReport::DocumentNotKept { revisions, reason } => {
            if autosave.failed(revisions) {
                state.status.fail(format!("What you paint could not be kept for the next launch. {reason}"));
            }
        }
        FileReport::DocumentOpened(opened) => document_opened(state, autosave, *opened),
        FileReport::ResultNotKept { reason, .. } | FileReport::Failed(reason) => state.status.fail(reason),
        FileReport::Opened { name, picture, parameters } => opened(state, &name, &picture, parameters),
        FileReport::Saved(path) => state.status.say(format!("Saved as {}.", path.display())),
    }
}

/// Says that a bug ended what a thread was doing.
fn restarted(state: &mut WindowState, thread: WorkerThread, reason: &str) {
    let what = match thread {
        WorkerThread::Engine => "The engine",
        WorkerThread::Files => "Reading or writing a file",
    };
    state.status.fail(format!("{what} crashed and was started again ({reason}). Please try once more."));
}

fn progress(state: &mut WindowState, change: impl FnOnce(&mut Progress)) {
    if let Some(running) = &mut state.running {
        running.update(change);
    }
}

fn load_failed(state: &mut WindowState, services: &Services, model: &ModelChoice, reason: String) {
    state.model.loading = false;
    state.status.fail(reason);
    // If --model names a bad file at the start, the built-in model still works.
    if *model == state.model.model && *model != ModelChoice::Starter {
        state.model.model = ModelChoice::Starter;
        commands::load(state, services, ModelChoice::Starter);
    }
}

fn ended(state: &mut WindowState, how: Ending) {
    match how {
        Ending::Complete => {}
        Ending::Cancelled => {
            if !state.status.is_error() {
                state.status.say("Cancelled; finished pictures stay.");
            }
        }
        Ending::Failed(reason) => state.status.fail(reason),
    }
}

fn opened(state: &mut WindowState, name: &str, picture: &RgbImage, parameters: Option<Parameters>) {
    match Canvas::from_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw()) {
        Ok(canvas) => {
            let seed = parameters.as_ref().and_then(Parameters::seed);
            state.document.open_picture(canvas, seed.into_iter().collect());
            state.offered = parameters.filter(Parameters::has_settings);
            state.status.say(format!("{name} is on the canvas."));
        }
        Err(error) => state.status.fail(format!("{name} cannot be put on the canvas. {error}")),
    }
}

fn loaded(state: &mut WindowState, info: ModelInfo) {
    state.prompts.count_with(info.counter);
    state.model.loading = false;
    let previous = state.model.was_loaded.then_some(state.model.recommended);
    follow(&mut state.document, info.choice.name(), info.recommended, previous);
    state.model.model = info.choice;
    state.model.recommended = info.recommended;
    state.model.was_loaded = true;
}

/// Sets what is recommended for a model, unless the settings were chosen for it already.
///
/// `previous` is what was recommended for the previous model: settings that still have these values
/// change, those that the user chose stay. `None` if no other model was loaded since launch; settings
/// restored from an earlier launch with another model are then set as at a first start.
fn follow(document: &mut Document, model: String, recommended: Recommended, previous: Option<Recommended>) {
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

/// Restores what the last launch kept, unless the canvas was painted on already.
fn document_opened(state: &mut WindowState, autosave: &mut Autosave, opened: Opened) {
    let restored = autosave.opened(opened, &mut state.document);
    if state.model.was_loaded {
        follow(&mut state.document, state.model.model.name(), state.model.recommended, None);
    }
    match restored {
        Restored::Nothing | Restored::Document { drawing: false, trouble: None } => {}
        Restored::Document { drawing: true, trouble: None } => {
            state.status.say("Your last drawing is on the canvas. New gives an empty sheet.");
        }
        Restored::Painted => state.status.say("You have painted already, so your last drawing was set aside."),
        Restored::Document { trouble: Some(reason), .. } | Restored::Failed(reason) => state.status.fail(reason),
    }
}
