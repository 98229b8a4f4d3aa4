//! Executes the commands of the queue.

use super::{Services, round};
use crate::document::{Pause, RoundId};
use crate::ui::QueueCommand;
use crate::ui::queue::driver;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: QueueCommand) {
    match command {
        QueueCommand::TogglePause if is_paused(state) => resume(state),
        QueueCommand::TogglePause => pause(state),
        QueueCommand::Resume => resume(state),
        QueueCommand::SkipImage => skip(state),
        QueueCommand::MoveEarlier(round) => move_by(state, round, -1),
        QueueCommand::MoveLater(round) => move_by(state, round, 1),
        QueueCommand::Drop(round) => state.document.drop_job(round),
        QueueCommand::Retry(round) => retry(state, round),
        QueueCommand::Dismiss(round) => state.document.dismiss_job(round),
        QueueCommand::CancelAll => {
            state.queue.is_forever = false;
            state.document.drop_all_jobs();
            round::cancel(state);
        }
        QueueCommand::ToggleForever => toggle_forever(state),
        QueueCommand::ToggleList => state.queue.is_open = !state.queue.is_open,
        QueueCommand::NotifyWhen(when) => state.queue.notify = when,
    }
    driver::advance(state, services);
}

fn is_paused(state: &WindowState) -> bool {
    state.document.queue().paused().is_some()
}

/// A round that failed waits again, unless it was deleted.
fn retry(state: &mut WindowState, round: RoundId) {
    if !state.document.retry_job(round)
        && state.document.queue().failed().iter().any(|failed| failed.job.round == round)
    {
        state.status.fail(format!("Round {round} was deleted. Undo that, then try again."));
    }
}

/// The image that is being made is finished; those after it wait.
fn pause(state: &mut WindowState) {
    if state.running.is_none() && state.document.queue().is_empty() && !state.queue.is_forever {
        return;
    }
    state.document.queue_mut().pause();
    if let Some(running) = &mut state.running {
        running.is_held = true;
        for image in state.document.missing_images(running.round).into_iter().skip(1) {
            running.cancel.leave_out(image);
        }
    }
}

fn resume(state: &mut WindowState) {
    if matches!(state.document.queue().paused(), Some(Pause::Failures(_))) && state.status.is_error() {
        state.status.say("");
    }
    state.document.queue_mut().resume();
    if let Some(running) = &state.running {
        state.document.missing_images(running.round).into_iter().for_each(|image| running.cancel.include(image));
    }
}

fn skip(state: &mut WindowState) {
    let Some(running) = &mut state.running else { return };
    if running.cancel.is_cancelled() {
        return;
    }
    if let Some(image) = state.document.skip_image() {
        running.cancel.leave_out(image);
        running.update(|progress| {
            progress.skipped(image);
            progress.say("Skipping");
        });
        state.status.say(format!("Image {} is skipped.", image + 1));
    }
}

fn move_by(state: &mut WindowState, round: RoundId, places: isize) {
    let queue = state.document.queue_mut();
    if let Some(place) = queue.place_of(round) {
        queue.move_to(round, place.saturating_add_signed(places));
    }
}

fn toggle_forever(state: &mut WindowState) {
    state.queue.is_forever = !state.queue.is_forever;
    state.status.say(match (state.queue.is_forever, state.running.is_some()) {
        (true, _) => "When no round waits, another one begins, until this is switched off.",
        (false, true) => "The running round is the last one.",
        (false, false) => "Generating for ever is off.",
    });
}
