//! Applies the events of the engine and file threads to the window's state.

use image::RgbImage;

use super::autosave::{Autosave, paper_of};
use super::commands::{self, Services};
use super::progress::Progress;
use super::state::WindowState;
use crate::engine::ModelChoice;
use crate::jobs::{Ending, EngineReport, FileReport, Report, WorkerThread};
use crate::paint::Canvas;
use crate::picture::Parameters;
use crate::rounds::{Ancestry, State};

/// Applies one report. `now` is the window's clock in seconds.
pub(super) fn apply(state: &mut WindowState, services: &Services, autosave: &mut Autosave, report: Report, now: f64) {
    match report {
        Report::Engine(report) => engine(state, services, report, now),
        Report::File(report) => file(state, autosave, report),
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
            state.model.loading = false;
            state.model.model = info.choice;
            info.recommended.follow(state.model.recommended, &mut state.work.settings);
            state.model.recommended = info.recommended;
        }
        EngineReport::LoadFailed { model, reason, .. } => load_failed(state, services, &model, reason),
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

fn file(state: &mut WindowState, autosave: &mut Autosave, report: FileReport) {
    match report {
        FileReport::Extras(extras) => state.extras = extras,
        FileReport::ResultKept { job, image, path } => {
            if let Some(round) = state.rounds_of_jobs.get(&job) {
                state.work.rounds.saved(*round, image, path);
            }
        }
        FileReport::DrawingKept { .. } => {}
        FileReport::ResultNotKept { reason, .. }
        | FileReport::DrawingNotKept { reason }
        | FileReport::Failed(reason) => state.status.fail(reason),
        FileReport::Opened { name, picture, parameters } => opened(state, &name, &picture, parameters),
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
    let Some(canvas) = canvas_from(picture) else { return };
    let seed = parameters.as_ref().and_then(Parameters::seed);
    let paper = state.work.painting.paper();
    state.work.replace_canvas(canvas, paper, seed.into_iter().collect());
    state.offered = parameters.filter(Parameters::has_settings);
    state.status.say(format!("{name} is on the canvas."));
}

/// Puts the drawing of the last launch on the canvas, unless it was painted on already.
fn restored(state: &mut WindowState, autosave: &mut Autosave, picture: &RgbImage) {
    let Some(canvas) = canvas_from(picture) else { return };
    if state.work.painting.revision() > 0 || canvas.is_blank() {
        return;
    }
    let paper = paper_of(&canvas).unwrap_or(state.work.painting.paper());
    state.work.replace_canvas(canvas, paper, Ancestry::new());
    autosave.is_saved(&state.work.painting);
    state.status.say("Your last drawing is on the canvas. New gives an empty sheet.");
}

fn canvas_from(picture: &RgbImage) -> Option<Canvas> {
    Canvas::from_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw())
}
