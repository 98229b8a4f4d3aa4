//! Does what the scheduler says, and applies what becomes of it.

use super::input::LiveInput;
use super::state::{LiveFrame, LiveObstacle, LiveSource, RunningFrame, ShownFrame};
use crate::document::{ResultId, RoundId};
use crate::engine::{Cancel, LiveQuality, LiveRecipe, is_bare_name};
use crate::jobs::{EngineTask, JobId, LiveEnding, LiveJob, LiveStep};
use crate::picture::Fit;
use crate::ui::ResultCommand;
use crate::ui::commands::{self, Services};
use crate::ui::control;
use crate::ui::results::color_image;
use crate::ui::state::WindowState;

/// Begins or gives up a frame if that is due. Runs once a frame of the window.
pub(in crate::ui) fn update(state: &mut WindowState, services: &Services) {
    if !state.live.is_on() {
        return;
    }
    let seed = state.live.follow_seed(state.document.settings().seed);
    let runtime = state.live.follow_runtime(&state.runtime);
    state.live.obstacle = obstacle(state);
    if state.live.obstacle.is_some() {
        state.live.interrupt();
        return;
    }
    let now = services.ctx.input(|input| input.time);
    if state.document.settings().controls.iter().any(|control| is_bare_name(&control.model)) {
        let known = control::known_files(state);
        control::find_models(&mut state.document.settings_mut(), &known);
    }
    let input = LiveInput::of(state, seed, runtime);
    if let Err(error) = input.settings.check() {
        state.live.obstacle = Some(LiveObstacle::Settings(error.to_string()));
        state.live.interrupt();
        return;
    }
    match state.live.scheduler.advance(&input, now) {
        LiveStep::Rest => {}
        LiveStep::Wait(seconds) => services.ctx.request_repaint_after_secs(seconds as f32),
        LiveStep::Cancel => state.live.interrupt(),
        LiveStep::Begin(quality) => begin(state, services, &input, quality, now),
    }
}

/// Why no frame can be made now.
fn obstacle(state: &WindowState) -> Option<LiveObstacle> {
    if state.shown.next.is_some() {
        return Some(LiveObstacle::Document);
    }
    if state.running.is_some() || state.document.queue().next().is_some() {
        return Some(LiveObstacle::Queue);
    }
    if state.model.loading || state.model.loaded.as_ref() != Some(&state.model.chosen.choice) {
        return Some(LiveObstacle::Model);
    }
    state.compare.is_shown().then_some(LiveObstacle::Comparing)
}

fn begin(state: &mut WindowState, services: &Services, input: &LiveInput, quality: LiveQuality, now: f64) {
    let (snapshot, plan) = state.document.snapshot(&input.settings);
    if plan.changes_nothing(&input.settings) {
        state.live.obstacle = Some(LiveObstacle::NothingChanges);
        return;
    }
    let hints = match control::pending_hints(state, &plan) {
        Ok(hints) => hints,
        Err(reason) => {
            state.live.obstacle = Some(LiveObstacle::Settings(reason));
            return;
        }
    };
    let recipe = LiveRecipe::new(&input.model, &input.settings, &state.extras.presets);
    let keeps_part = plan.mask.is_some();
    let settings = recipe.settings(quality, state.live.scheduler.rough_size(), &input.settings, keeps_part);
    let kept = recipe.kept(&input.settings, keeps_part);
    if state.configured != state.runtime {
        state.configured = state.runtime.clone();
        services.jobs.engine(EngineTask::Configure(state.runtime.clone()));
    }
    let (job, cancel) = (services.jobs.next_id(), Cancel::default());
    services.jobs.engine(EngineTask::Live(Box::new(LiveJob {
        job,
        model: input.model.clone(),
        settings,
        plan: plan.clone(),
        hints: hints.clone(),
        start: snapshot.start.clone(),
        fit: snapshot.start.as_ref().map_or(Fit::Whole, |start| start.fit),
        paper: snapshot.start.as_ref().map_or([255; 3], |start| start.paper.0),
        cancel: cancel.clone(),
        wildcards: state.prompting.wildcards.clone(),
    })));
    let canvas = state.document.canvas().size();
    let source = LiveSource { snapshot, kept, asked: input.asked.clone(), plan, hints, model: input.model.clone() };
    state.live.recipe = Some(recipe);
    let is_sized = quality == LiveQuality::Rough && !keeps_part;
    state.live.scheduler.begun(quality, is_sized, now);
    state.live.running = Some(RunningFrame { job, cancel, quality, source, canvas: (canvas.width(), canvas.height()) });
}

/// A frame is over.
pub(in crate::ui) fn ended(state: &mut WindowState, services: &Services, job: JobId, how: LiveEnding) {
    let Some(running) = state.live.running.take_if(|running| running.job == job) else { return };
    match how {
        LiveEnding::Finished { picture, seconds } => {
            let now = services.ctx.input(|input| input.time);
            if state.live.scheduler.finished(seconds, now) && state.live.is_on() {
                let texture = state.live.upload(&services.ctx, color_image(&picture));
                let RunningFrame { quality, source, canvas, .. } = running;
                state.live.count += 1;
                let frame = LiveFrame { number: state.live.count, quality, picture };
                state.live.shown = Some(ShownFrame { frame, source, texture, canvas });
            }
        }
        LiveEnding::Cancelled => state.live.scheduler.dropped(),
        LiveEnding::Failed(reason) => {
            state.live.scheduler.dropped();
            // What was given up may fail as it likes.
            if state.live.is_on() && !running.cancel.is_cancelled() {
                state.live.switch_off();
                state.status.fail(format!("{reason} Live painting is off."));
            }
        }
    }
}

/// A picture of a round is finished: it goes on the canvas if that was asked for.
pub(in crate::ui) fn picture_finished(state: &mut WindowState, services: &Services, id: ResultId) {
    if state.live.paints_over.take_if(|round| *round == id.round).is_some() {
        commands::perform(state, services, ResultCommand::PaintOver(id.round, id.image).into());
    }
}

/// A round is over, with or without pictures.
pub(in crate::ui) fn round_ended(state: &mut WindowState, round: RoundId) {
    state.live.paints_over.take_if(|waiting| *waiting == round);
}
