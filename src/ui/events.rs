//! Applies the events of the engine and file threads to the window's state.

use image::RgbImage;

use super::autosave::{Autosave, paper_of};
use super::commands::Services;
use super::progress::Progress;
use super::state::WindowState;
use crate::diffusion::ModelChoice;
use crate::paint::Canvas;
use crate::picture::Parameters;
use crate::rounds::{Ancestry, RoundId, State};
use crate::worker::{Command, Ending, Event};

/// Applies one event. `now` is the window's clock in seconds.
pub(super) fn apply(state: &mut WindowState, services: &Services, autosave: &mut Autosave, event: Event, now: f64) {
    match event {
        Event::Extras(extras) => state.extras = extras,
        Event::Devices(devices) => state.model.devices = devices,
        Event::Loading(name) => {
            state.model.loading = true;
            progress(state, |p| p.say(format!("Loading the model {name}")));
        }
        Event::Loaded { model, recommended, counter } => {
            state.prompts.count_with(counter);
            state.model.loading = false;
            state.model.model = model;
            recommended.follow(state.model.recommended, &mut state.work.settings);
            state.model.recommended = recommended;
        }
        Event::LoadFailed { model, reason } => load_failed(state, services, &model, reason),
        Event::Stage(_, stage) => progress(state, |p| p.stage(stage)),
        Event::Step { round, image, step, steps, preview } => {
            state.work.rounds.set(round, image, State::Denoising { step, steps, preview });
            state.gallery.made_progress(round, image);
            progress(state, |p| p.step(image, step, steps, now));
        }
        Event::Made { round, image, picture, recipe } => {
            state.work.rounds.set(round, image, State::Done { picture, recipe, file: None });
        }
        Event::Kept { round, image, path } => state.work.rounds.saved(round, image, path),
        Event::Ended { round, how } => ended(state, round, how),
        Event::Opened { name, picture, parameters } => opened(state, &name, &picture, parameters),
        Event::Restored(picture) => restored(state, autosave, &picture),
        Event::Saved(path) => state.status.say(format!("Saved as {}.", path.display())),
        Event::Notice(text) => state.status.say(text),
        Event::Failed(reason) => state.status.fail(reason),
    }
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
        services.worker.send(Command::Load(ModelChoice::Starter));
    }
}

fn ended(state: &mut WindowState, round: RoundId, how: Ending) {
    state.work.rounds.end(round);
    state.running = None;
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
