//! Begins the jobs of the queue one after the other, and applies what becomes of them.

use std::sync::Arc;

use image::RgbImage;

use super::forever;
use super::notification::{self, Outcome};
use crate::document::{Pause, QueuedJob, RoundId, StartPicture};
use crate::engine::{Cancel, Plan, Settings};
use crate::jobs::{Ending, EngineTask, FileTask, GenerateJob, JobId, ResultSaving};
use crate::picture::Fit;
use crate::ui::commands::{self, Services};
use crate::ui::progress::Progress;
use crate::ui::state::{RunningRound, WindowState};

/// Begins the next job if nothing is being made. Runs once a frame, and when a job was added or has ended.
pub(in crate::ui) fn advance(state: &mut WindowState, services: &Services) {
    // What comes next belongs to another document.
    if state.shown.next.is_some() {
        return;
    }
    forever::add_round(state, services);
    while state.running.is_none() {
        let Some(job) = state.document.queue().next() else { break };
        if let Some((_, reason)) = state.queue.unreadable.take_if(|(round, _)| *round == job.round) {
            if state.document.begin_job().is_some() {
                failed(state, reason);
            }
            continue;
        }
        if job.missing_start().is_some() {
            break;
        }
        begin(state, services);
    }
    read_start(state, services);
    load_later(state, services);
}

/// Loads the chosen model once no job needs another one.
fn load_later(state: &mut WindowState, services: &Services) {
    let is_idle = state.running.is_none() && state.document.queue().next().is_none();
    if state.queue.loads_later && is_idle {
        state.queue.loads_later = false;
        commands::load(state, services, state.model.chosen.choice.clone());
    }
}

/// Whether the chosen model is loaded later, because jobs that need other models come first: loading it now would
/// load those again.
pub(in crate::ui) fn defers_loading(state: &mut WindowState) -> bool {
    let queue = state.document.queue();
    let others =
        queue.paused().is_none() && queue.waiting().first().is_some_and(|job| job.model != state.model.chosen.choice);
    state.queue.loads_later = others;
    others
}

/// The chosen model is loaded, whoever needed it.
pub(in crate::ui) fn model_loaded(state: &mut WindowState) {
    state.queue.loads_later = false;
}

/// Whether the chosen model is loaded once the queue is empty.
pub(in crate::ui) fn loads_later(state: &WindowState) -> bool {
    state.queue.loads_later
}

/// Asks for the start image of the next job ahead of its turn.
fn read_start(state: &mut WindowState, services: &Services) {
    let queue = state.document.queue();
    let Some(job) = queue.waiting().first().filter(|_| queue.paused().is_none()) else { return };
    let round = job.round;
    if job.missing_start().is_none() {
        return;
    }
    let is_unreadable = state.queue.unreadable.as_ref().is_some_and(|(unreadable, _)| *unreadable == round);
    if state.queue.reading != Some(round) && !is_unreadable {
        state.queue.reading = Some(round);
        services.jobs.files(FileTask::ReadStart(state.shown.id, round));
    }
}

/// The start image of a round was read, whoever asked for it.
pub(in crate::ui) fn start_read(state: &mut WindowState, services: &Services, round: RoundId, picture: Arc<RgbImage>) {
    if state.queue.reading.take_if(|reading| *reading == round).is_some() {
        state.document.queue_mut().start_read(round, picture);
        advance(state, services);
    }
}

/// The start image of a round cannot be read, whoever asked for it: the job that waits for it fails when its turn comes.
pub(in crate::ui) fn start_not_read(state: &mut WindowState, services: &Services, round: RoundId, reason: String) {
    if state.queue.reading.take_if(|reading| *reading == round).is_some() {
        state.queue.unreadable = Some((round, reason));
        advance(state, services);
    }
}

fn begin(state: &mut WindowState, services: &Services) {
    let Some(job) = state.document.begin_job() else { return };
    let QueuedJob { round, model, start, .. } = job;
    let missing = state.document.missing_images(round);
    let asked = state.document.rounds().get(round);
    let Some((settings, plan)) = asked.map(|round| (Settings::clone(&round.settings), Plan::clone(&round.plan))) else {
        state.document.end_job();
        return;
    };
    let cancel = Cancel::default();
    for image in (0..plan.images(&settings)).filter(|image| !missing.contains(image)) {
        cancel.leave_out(image);
    }
    let now = services.ctx.input(|i| i.time);
    state.queue.busy_since.get_or_insert(now);
    state.queue.picture_since = Some(now);
    // Whoever looks at another round is left there.
    if state.gallery.follows() {
        state.gallery.follow(round);
    }
    let progress = Progress::new(&settings, &plan, start.is_some(), &missing);
    let id = services.jobs.next_id();
    state.rounds_of_jobs.insert(id, round);
    state.running = Some(RunningRound { job: id, round, cancel: cancel.clone(), progress, is_held: false });
    if state.configured != state.runtime {
        state.configured = state.runtime.clone();
        services.jobs.engine(EngineTask::Configure(state.runtime.clone()));
    }
    services.jobs.engine(EngineTask::Generate(Box::new(GenerateJob {
        job: id,
        model,
        settings,
        plan,
        fit: start.as_ref().map_or(Fit::Whole, |start| start.fit),
        paper: start.as_ref().map_or([255; 3], |start| start.paper.0),
        start: start.and_then(|start| match start.picture {
            StartPicture::Pixels(picture) => Some(picture),
            StartPicture::Stored(_) => None,
        }),
        cancel,
        wildcards: state.prompting.wildcards.clone(),
        folder: state.results_folder.clone(),
        saving: ResultSaving { options: state.output.clone(), round, document: Some(state.shown.id) },
    })));
}

/// The engine begins with the first picture of a job, now that its model is loaded.
pub(in crate::ui) fn model_ready(state: &mut WindowState, job: JobId, now: f64) {
    if state.running.as_ref().is_some_and(|running| running.job == job) {
        state.queue.picture_since = Some(now);
    }
}

/// A picture of a job is finished.
pub(in crate::ui) fn picture_finished(state: &mut WindowState, job: JobId, image: usize, now: f64) {
    let Some(running) = state.running.as_mut().filter(|running| running.job == job) else { return };
    running.progress.finished(image);
    state.queue.made += 1;
    let from_picture = state.document.queue().running().is_some_and(|job| job.start.is_some());
    if let (Some(since), Some(round)) = (state.queue.picture_since, state.document.rounds().get(running.round)) {
        let settings = round.plan.settings_of(image, &round.settings);
        state.queue.pace.measured(&round.model, &settings, from_picture, now - since);
    }
    state.queue.picture_since = Some(now);
}

/// A job is over. One that is not the running one was interrupted, or belongs to a document that is not shown.
pub(in crate::ui) fn ended(state: &mut WindowState, services: &Services, job: JobId, how: Ending) {
    let Some(running) = state.running.take_if(|running| running.job == job) else { return };
    match how {
        Ending::Complete if running.is_held && !state.document.missing_images(running.round).is_empty() => {
            state.document.put_back_job();
        }
        Ending::Complete => state.document.end_job(),
        Ending::Cancelled => {
            state.document.end_job();
            if !state.status.is_error() {
                state.status.say("Cancelled; finished pictures stay.");
            }
        }
        Ending::Failed(reason) => failed(state, reason),
    }
    state.gallery.leave_empty_place(state.document.rounds(), running.round);
    advance(state, services);
    if state.running.is_none() && state.document.queue().next().is_none() {
        idle(state, services);
    }
}

fn failed(state: &mut WindowState, reason: String) {
    state.document.fail_job(&reason, state.queue.is_forever);
    state.status.fail(reason);
}

/// Nothing is being made any more.
fn idle(state: &mut WindowState, services: &Services) {
    if state.queue.is_forever && state.document.queue().paused().is_none() {
        // The next round waits for the end of a stroke.
        return;
    }
    let begun = state.queue.busy_since.take();
    let made = std::mem::take(&mut state.queue.made);
    let outcome = match state.document.queue().paused() {
        None => Outcome::Done { pictures: made },
        Some(Pause::Failures(reason)) => Outcome::Paused(reason.clone()),
        Some(Pause::Person | Pause::Restored) => return,
    };
    let (now, has_focus) = services.ctx.input(|i| (i.time, i.focused));
    let took = begun.map_or(0.0, |begun| now - begun);
    if !has_focus && state.queue.notify.applies(took) {
        notification::send(services, &outcome);
    }
}

/// The window closes: what is being made waits for the next launch, with the pictures that are missing.
pub(in crate::ui) fn interrupt(state: &mut WindowState) {
    state.queue.is_forever = false;
    if let Some(running) = state.running.take() {
        running.cancel.cancel();
        state.document.queue_mut().pause();
        state.document.put_back_job();
    }
}
