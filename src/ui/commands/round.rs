//! Executes the commands that start and stop rounds.

use std::sync::Arc;

use super::Services;
use crate::engine::{Cancel, Settings};
use crate::jobs::{EngineTask, GenerateJob};
use crate::picture::Fit;
use crate::rounds::choose_seed;
use crate::ui::RoundCommand;
use crate::ui::autosave::picture_of;
use crate::ui::progress::Progress;
use crate::ui::state::{RunningRound, WindowState};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: RoundCommand) {
    match command {
        RoundCommand::Generate => generate(state, services),
        RoundCommand::Cancel => {
            if let Some(running) = &mut state.running {
                running.cancel.cancel();
                running.progress.say("Cancelling");
            }
        }
    }
}

fn generate(state: &mut WindowState, services: &Services) {
    let work = &mut state.work;
    if state.running.is_some() {
        return;
    }
    if let Err(error) = work.settings.check() {
        state.status.fail(error.to_string());
        return;
    }
    work.painting.end_stroke();
    let from_picture = work.settings.strength < 1.0;
    let ancestry: &[u64] = if from_picture { &work.ancestry } else { &[] };
    let chosen = choose_seed(work.settings.seed, work.settings.batch, ancestry);
    match chosen.notice {
        Some(notice) => {
            work.settings.seed = chosen.seed;
            state.status.say(notice);
        }
        None if from_picture && work.painting.canvas().is_blank() => {
            state.status.say("The canvas is blank: draw something, or set the strength to 1 to use the words alone.");
        }
        None => state.status.say(""),
    }
    let settings = Settings { seed: chosen.seed, ..work.settings.clone() };
    state.last_seed = Some(chosen.seed as u64);
    let init = from_picture.then(|| picture_of(work.painting.canvas())).flatten();
    let round = work.rounds.begin(settings.batch);
    state.gallery.follow(round);
    let cancel = Cancel::default();
    let progress = Progress::new(&settings, from_picture);
    let job = services.jobs.next_id();
    state.rounds_of_jobs.insert(job, round);
    state.running = Some(RunningRound { job, cancel: cancel.clone(), progress });
    if state.configured != state.runtime {
        state.configured = state.runtime.clone();
        services.jobs.engine(EngineTask::Configure(state.runtime.clone()));
    }
    services.jobs.engine(EngineTask::Generate(Box::new(GenerateJob {
        job,
        model: state.model.model.clone(),
        settings,
        start: init.map(Arc::new),
        fit: Fit::Fill,
        cancel,
        folder: state.results_folder.clone(),
    })));
}
