//! Applies the events of the engine and file threads to the window's state.

use std::sync::Arc;

use image::RgbImage;

use super::Placement;
use super::autosave::{Autosave, paper_of};
use super::commands::{self, Services};
use super::placement::{self, PlacedPicture};
use super::progress::Progress;
use super::state::WindowState;
use crate::engine::ModelChoice;
use crate::jobs::{Ending, EngineReport, FileReport, JobId, Report, WorkerThread};
use crate::paint::Canvas;
use crate::picture::Parameters;
use crate::rounds::{Ancestry, State};

/// Applies one report. `now` is the window's clock in seconds.
pub(super) fn apply(state: &mut WindowState, services: &Services, autosave: &mut Autosave, report: Report, now: f64) {
    match report {
        Report::Engine(report) => engine(state, services, report, now),
        Report::File(report) => file(state, services, autosave, report),
        Report::Restarted { thread, reason } => restarted(state, thread, &reason),
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
            state.prompts.count_with(info.counter);
            // Another model may have been chosen meanwhile, and is loaded next.
            state.model.loading = state.model.chosen.choice != info.choice;
            state.model.loaded = Some(info.choice);
            info.recommended.follow(state.model.recommended, &mut state.work.settings);
            state.model.recommended = info.recommended;
        }
        EngineReport::LoadFailed { job, model, reason } => load_failed(state, services, job, &model, reason),
        EngineReport::Notice { text, .. } => state.status.say(text),
        EngineReport::Stage { stage, .. } => progress(state, |p| p.stage(stage)),
        EngineReport::Step { job, image, step, steps, preview } => {
            if let Some(round) = round_of(state, job) {
                state.work.rounds.set(round, image, State::Denoising { step, steps, preview });
                state.gallery.made_progress(round, image);
            }
            progress(state, |p| p.step(image, step, steps, now));
        }
        EngineReport::Finished { job, image, picture, recipe } => {
            if let Some(round) = round_of(state, job) {
                state.work.rounds.set(round, image, State::Done { picture, recipe, file: None });
            }
        }
        EngineReport::Ended { job, how } => {
            if let Some(round) = round_of(state, job) {
                state.work.rounds.end(round);
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
        FileReport::ResultKept { job, image, path } => {
            if let Some(round) = state.rounds_of_jobs.get(&job) {
                state.work.rounds.saved(*round, image, path);
            }
        }
        FileReport::DrawingKept { .. } => {}
        FileReport::ResultNotKept { job, image, reason } => {
            let unsaved = state.unsaved.get_or_insert_default();
            unsaved.reason = reason;
            unsaved.results.push((job, image));
        }
        FileReport::DrawingNotKept { reason } | FileReport::Failed(reason) => state.status.fail(reason),
        FileReport::Opened { name, picture, parameters } => opened(state, services, name, picture, parameters),
        FileReport::Fitted { original, picture } => placement::fitted(state, &original, &picture),
        FileReport::DrawingRestored(picture) => restored(state, autosave, &picture),
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

fn load_failed(state: &mut WindowState, services: &Services, job: JobId, model: &ModelChoice, reason: String) {
    state.model.loading = false;
    // Cancelling a round while its model loads is no failure of the model.
    if state.running.as_ref().is_some_and(|running| running.job == job && running.cancel.is_cancelled()) {
        return;
    }
    state.status.fail(reason);
    if state.model.cannot_load(model) {
        commands::load(state, services, state.model.chosen.choice.clone());
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

fn opened(
    state: &mut WindowState,
    services: &Services,
    name: String,
    picture: Arc<RgbImage>,
    parameters: Option<Parameters>,
) {
    let seed = parameters.as_ref().and_then(Parameters::seed);
    state.offered = parameters.filter(Parameters::has_settings);
    let ancestry = seed.into_iter().collect();
    placement::start(state, services, PlacedPicture::new(name, picture, ancestry, Placement::Fit));
}

/// Puts the drawing of the last launch on the canvas, unless it was painted on already.
fn restored(state: &mut WindowState, autosave: &mut Autosave, picture: &RgbImage) {
    let Some(canvas) = canvas_from(picture) else { return };
    if !state.work.painting.canvas().is_blank() || canvas.is_blank() {
        return;
    }
    let paper = paper_of(&canvas).unwrap_or(state.work.painting.paper());
    state.work.replace_canvas(canvas, paper, Ancestry::new());
    autosave.is_saved(&state.work.painting);
    state.status.say("Your last drawing is on the canvas. New makes an empty one.");
}

fn canvas_from(picture: &RgbImage) -> Option<Canvas> {
    Canvas::from_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw())
}
