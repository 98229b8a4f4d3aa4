//! Executes the commands that start and stop rounds.

use super::Services;
use crate::document::{Fitting, RoundId, StartImage};
use crate::engine::{Cancel, Mask, Plan, Sheet};
use crate::jobs::{EngineTask, GenerateJob};
use crate::picture::Fit;
use crate::ui::RoundCommand;
use crate::ui::progress::Progress;
use crate::ui::state::{RunningRound, WindowState};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: RoundCommand) {
    match command {
        RoundCommand::Generate => generate(state, services, None),
        RoundCommand::Cancel => {
            if let Some(running) = &mut state.running {
                running.cancel.cancel();
                running.progress.say("Cancelling");
            }
        }
    }
}

/// Starts a round from the canvas, over which the settings of the sheet vary.
pub(super) fn generate(state: &mut WindowState, services: &Services, sheet: Option<Sheet>) {
    let plan = Plan { sheet, mask: None };
    let document = &mut state.document;
    if state.running.is_some() {
        return;
    }
    let settings = document.settings();
    if let Err(error) = plan.check(settings) {
        state.status.fail(error.to_string());
        return;
    }
    document.end_stroke();
    if document.settings().keep_unpainted && document.painted().is_empty() {
        state.status.fail(
            "Nothing was painted since the canvas was last replaced, so everything would be kept. Paint what should change, or switch off \"Keep what I did not paint\".",
        );
        return;
    }
    let chosen = document.next_seed_of(&plan);
    let from_picture = plan.starts_from_picture(document.settings());
    match chosen.notice {
        Some(notice) => {
            document.settings_mut().seed = chosen.seed;
            state.status.say(notice);
        }
        None if from_picture && document.canvas().is_blank() => {
            state.status.say("The canvas is blank: draw something, or set the strength to 1 to use the prompt alone.");
        }
        None if from_picture && document.fitting() == Fitting::Padded => {
            let (width, height) = (document.settings().width, document.settings().height);
            state.status.say(format!(
                "The canvas has another shape than {width} × {height}, so paper fills the rest of the start image."
            ));
        }
        None => state.status.say(""),
    }
    let model = state.model.chosen.name.clone();
    let painted = document.painted_at_result_size();
    let (round, start) = document.begin_planned(chosen.seed, plan, model);
    run(state, services, round, start, Some(painted));
}

/// Hands a round that has begun to the engine. `painted` says which pixels of its start image were painted, in the
/// size of the results.
pub(super) fn run(
    state: &mut WindowState,
    services: &Services,
    round: RoundId,
    start: Option<StartImage>,
    painted: Option<Mask>,
) {
    let Some(begun) = state.document.rounds().get(round) else { return };
    let (settings, plan) = ((*begun.settings).clone(), (*begun.plan).clone());
    state.last_seed = u64::try_from(settings.seed).ok();
    let model = state.model.chosen.choice.clone();
    state.gallery.follow(round);
    if let Some(start) = &start {
        state.compare.starts.keep(round, &start.picture, state.document.rounds());
        state.refine.starts.keep(round, start.clone(), painted);
    }
    state.compare.leave();
    let cancel = Cancel::default();
    let progress = Progress::new(&settings, &plan, start.is_some());
    let job = services.jobs.next_id();
    state.rounds_of_jobs.insert(job, round);
    state.running = Some(RunningRound { job, cancel: cancel.clone(), progress });
    if state.configured != state.runtime {
        state.configured = state.runtime.clone();
        services.jobs.engine(EngineTask::Configure(state.runtime.clone()));
    }
    services.jobs.engine(EngineTask::Generate(Box::new(GenerateJob {
        job,
        model,
        settings,
        plan,
        fit: start.as_ref().map_or(Fit::Whole, |start| start.fit),
        paper: start.as_ref().map_or([255; 3], |start| start.paper.0),
        start: start.map(|start| start.picture),
        cancel,
        folder: state.results_folder.clone(),
    })));
}
