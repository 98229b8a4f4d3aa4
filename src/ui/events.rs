//! Applies the events of the engine and file threads to the window's state.

use std::sync::Arc;

use image::RgbImage;

use super::autosave::{Autosave, paper_of};
use super::commands::Services;
use super::placement::{self, PlacedPicture};
use super::progress::Progress;
use super::state::{UnsavedResults, WindowState};
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
            // Another one may have been chosen meanwhile, and is loaded next.
            state.model.loading = state.model.chosen.choice != model;
            state.model.loaded = Some(model);
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
        Event::NotKept { round, image, reason } => {
            let unsaved = state.unsaved.get_or_insert_with(UnsavedResults::default);
            unsaved.reason = reason;
            unsaved.results.push((round, image));
        }
        Event::Ended { round, how } => ended(state, round, how),
        Event::Opened { name, picture, parameters } => opened(state, services, name, picture, parameters),
        Event::Fitted { original, picture } => placement::fitted(state, &original, &picture),
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
    if state.model.cannot_load(model) {
        state.model.loading = true;
        services.worker.send(Command::Load(state.model.chosen.choice.clone()));
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

fn opened(
    state: &mut WindowState,
    services: &Services,
    name: String,
    picture: Arc<RgbImage>,
    parameters: Option<Parameters>,
) {
    let seed = parameters.as_ref().and_then(Parameters::seed);
    state.offered = parameters.filter(Parameters::has_settings);
    placement::start(state, services, PlacedPicture::new(name, picture, seed.into_iter().collect()));
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
