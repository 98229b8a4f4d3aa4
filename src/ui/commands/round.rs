//! Executes the commands that start and stop rounds.

use super::Services;
use crate::document::{Fitting, QueuedJob, RoundId, StartImage};
use crate::engine::{Mask, ModelChoice, Plan, Settings, Sheet, is_bare_name};
use crate::ui::RoundCommand;
use crate::ui::control::{self, find_models, known_files};
use crate::ui::queue::driver;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: RoundCommand) {
    match command {
        RoundCommand::Generate => generate(state, services, None),
        RoundCommand::Cancel => {
            state.queue.is_forever = false;
            cancel(state);
        }
    }
}

/// Cancels the running round.
pub(super) fn cancel(state: &mut WindowState) {
    if let Some(running) = &mut state.running {
        running.cancel.cancel();
        running.progress.say("Cancelling");
    }
}

/// Asks for a round, over which the settings of the sheet vary. It begins at once if nothing else is to be made before.
pub(super) fn generate(state: &mut WindowState, services: &Services, sheet: Option<Sheet>) {
    if ask_for_round(state, sheet) {
        asked(state, services);
    }
}

/// A round was added to the queue: begins it if nothing else is to be made before, and says how many wait.
pub(super) fn asked(state: &mut WindowState, services: &Services) {
    let was_idle = state.running.is_none();
    state.compare.leave();
    driver::advance(state, services);
    if let Some(running) = state.running.as_ref().filter(|_| was_idle) {
        state.gallery.follow(running.round);
    }
    let queue = state.document.queue();
    let waiting = queue.waiting().len();
    if waiting > 0 && queue.paused().is_some() && state.running.is_none() {
        state.status.say(format!("{} in the queue, which is paused. Press Resume.", rounds(waiting)));
    }
}

fn rounds(count: usize) -> String {
    if count == 1 { "1 round waits".into() } else { format!("{count} rounds wait") }
}

/// Opens a round from the canvas, prompt, settings and model as they are now, over which the settings of the sheet
/// vary, and adds it to the queue. Returns whether it could; the status says why not.
pub(in crate::ui) fn ask_for_round(state: &mut WindowState, sheet: Option<Sheet>) -> bool {
    let own = state.document.settings().clone();
    let styled = state.prompting.styled(&own);
    let is_styled = styled != own;
    if is_styled {
        *state.document.settings_mut() = styled;
    }
    let is_asked = ask_as_it_is(state, sheet);
    if is_styled {
        // What is typed stays; the seed may have moved on.
        let seed = state.document.settings().seed;
        *state.document.settings_mut() = Settings { seed, ..own.clone() };
    }
    if is_asked {
        state.prompting.note(&own);
    }
    is_asked
}

/// Asks for a round with the settings as they are, styles included.
fn ask_as_it_is(state: &mut WindowState, sheet: Option<Sheet>) -> bool {
    state.document.end_stroke();
    if state.document.settings().controls.iter().any(|control| is_bare_name(&control.model)) {
        let known = known_files(state);
        find_models(&mut state.document.settings_mut(), &known);
    }
    let mut plan = Plan { sheet, mask: state.document.mask_at_result_size(), ..Plan::default() };
    let document = &state.document;
    if let Err(error) = plan.check(document.settings()) {
        state.status.fail(error.to_string());
        return false;
    }
    if plan.changes_nothing(document.settings()) {
        state.status.fail("The mask is so faint or small that nothing would change. Paint more of it, or remove it.");
        return false;
    }
    if plan.mask.is_none() && document.settings().keep_unpainted && document.painted_at_result_size().is_empty() {
        state.status.fail(
            "Nothing was painted since the canvas was last replaced, so everything would be kept. Paint what should change, or switch off \"Keep what I did not paint\".",
        );
        return false;
    }
    match control::hints(state, &plan) {
        Ok(hints) => plan.hints = hints,
        Err(reason) => {
            state.status.fail(reason);
            return false;
        }
    }
    let document = &state.document;
    let chosen = document.next_seed_of(&plan);
    let from_picture = plan.starts_from_picture(document.settings());
    let samples_part = plan.mask.is_some() && document.settings().samples_masked_part();
    let same = same_as_last(state, chosen.seed, &plan);
    let document = &mut state.document;
    match chosen.notice {
        Some(notice) => {
            document.settings_mut().seed = chosen.seed;
            state.status.say(notice);
        }
        None if let Some(same) = same => state.status.say(same),
        None if from_picture && document.canvas().is_blank() => {
            state.status.say("The canvas is blank: draw something, or set the strength to 1 to use the prompt alone.");
        }
        None if from_picture && document.fitting() == Fitting::Padded && !samples_part => {
            let (width, height) = (document.settings().width, document.settings().height);
            state.status.say(format!(
                "The canvas has another shape than {width} × {height}, so paper fills the rest of the start image."
            ));
        }
        // What a failed round said stays until somebody presses Generate.
        None if state.queue.is_forever => {}
        None => state.status.say(""),
    }
    let model = state.model.chosen.choice.clone();
    let painted = document.painted_at_result_size();
    let canvas = document.canvas_revision();
    let (round, start) = document.begin_planned(chosen.seed, plan, model.name());
    state.queue.asked = Some((round, canvas));
    add(state, round, model, start, Some(painted));
    true
}

/// Says that a fixed seed makes the same pictures again, if nothing has changed since the last round was asked for.
fn same_as_last(state: &WindowState, seed: i64, plan: &Plan) -> Option<String> {
    let (last, canvas) = state.queue.asked?;
    let document = &state.document;
    let round = document.rounds().get(last)?;
    let settings = Settings { seed, ..document.settings().clone() };
    let sees_canvas = plan.starts_from_picture(&settings);
    let is_same = document.settings().seed >= 0
        && *round.settings == settings
        && round.plan.sheet == plan.sheet
        && round.plan.hints == plan.hints
        && (plan.mask.is_none() || round.plan.mask == plan.mask)
        && round.model == state.model.chosen.choice.name()
        && (!sees_canvas || canvas == document.canvas_revision());
    is_same.then(|| {
        format!("The seed is fixed at {seed} and nothing was changed, so this round makes the same pictures as round {last}. Set the seed to -1 for others.")
    })
}

/// Adds a round that was opened to the queue. `painted` says which pixels of its start image were painted, in the size
/// of the results.
pub(super) fn add(
    state: &mut WindowState,
    round: RoundId,
    model: ModelChoice,
    mut start: Option<StartImage>,
    painted: Option<Mask>,
) {
    state.last_seed =
        state.document.rounds().get(round).map_or(state.last_seed, |round| u64::try_from(round.settings.seed).ok());
    if let Some(start) = &mut start {
        state.compare.starts.keep(round, &start.picture, state.document.rounds());
        // Jobs from the same canvas share its pixels.
        if let Some(kept) = state.compare.starts.get(round) {
            start.picture = std::sync::Arc::clone(kept);
        }
        state.refine.starts.keep(round, start.clone(), painted);
    }
    state.document.queue_mut().add(QueuedJob::new(round, model, start));
}
