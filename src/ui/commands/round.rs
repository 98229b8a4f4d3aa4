//! Executes the commands that start and stop rounds.

use super::Services;
use crate::document::{Fitting, PlannedRound, PreparedRound, QueuedJob, RoundId, StartImage};
use crate::engine::{Mask, ModelChoice, Plan, Settings, Sheet, is_bare_name};
use crate::jobs::PendingHint;
use crate::ui::RoundCommand;
use crate::ui::canvas_work;
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
    ask_for_round(state, services, sheet, |state, services, is_asked| {
        if is_asked {
            asked(state, services);
        }
    });
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
/// vary, and adds it to the queue; then does `after`, which is told whether that worked. The status says why not. The canvas
/// must not be busy; until `after` is done it is, if it is a large one.
pub(in crate::ui) fn ask_for_round(
    state: &mut WindowState,
    services: &Services,
    sheet: Option<Sheet>,
    after: impl FnOnce(&mut WindowState, &Services, bool) + 'static,
) {
    state.document.end_stroke();
    if state.document.settings().controls.iter().any(|control| is_bare_name(&control.model)) {
        let known = known_files(state);
        find_models(&mut state.document.settings_mut(), &known);
    }
    let own = state.document.settings().clone();
    let asked = state.prompting.styled(&own);
    let planned = match with_settings(state, &asked, |state| planned_round(state, sheet)) {
        Ok(planned) => planned,
        Err(reason) => {
            state.status.fail(reason);
            after(state, services, false);
            return;
        }
    };
    let model = state.model.chosen.choice.clone();
    canvas_work::prepare_round(state, services, planned, move |state, services, prepared| {
        let is_asked = match with_settings(state, &asked, |state| add_prepared(state, prepared, model)) {
            Ok(()) => true,
            Err(reason) => {
                state.status.fail(reason);
                false
            }
        };
        if is_asked {
            state.prompting.note(&own);
        }
        after(state, services, is_asked);
    });
}

/// Works with other settings than those of the document, which stay; only a seed that moves on there does so here too.
fn with_settings<R>(state: &mut WindowState, settings: &Settings, work: impl FnOnce(&mut WindowState) -> R) -> R {
    let own = state.document.settings().clone();
    if own == *settings {
        return work(state);
    }
    *state.document.settings_mut() = settings.clone();
    let result = work(state);
    let seed = state.document.settings().seed;
    let seed = if seed == settings.seed { own.seed } else { seed };
    *state.document.settings_mut() = Settings { seed, ..own };
    result
}

/// What a round with the present settings takes from the canvas, or why there is none.
fn planned_round(state: &mut WindowState, sheet: Option<Sheet>) -> Result<(PlannedRound, Vec<PendingHint>), String> {
    let plan = Plan { sheet, ..Plan::default() };
    let document = &state.document;
    plan.check(document.settings()).map_err(|error| error.to_string())?;
    // Whether there is a mask decides what controls follow; its pixels come later.
    let with_mask = Plan { mask: document.mask().map(|_| Mask::default()), ..plan.clone() };
    let hints = control::pending_hints(state, &with_mask)?;
    let earlier = state.compare.starts.latest().cloned();
    Ok((state.document.plan_round(plan, earlier), hints))
}

/// Opens a round with the present settings and what was prepared, and adds it to the queue.
///
/// # Errors
/// One sentence if the round would change nothing.
fn add_prepared(state: &mut WindowState, prepared: PreparedRound, model: ModelChoice) -> Result<(), String> {
    let document = &state.document;
    let plan = &prepared.plan;
    if plan.changes_nothing(document.settings()) {
        return Err("The mask is so faint or small that nothing would change. Paint more of it, or remove it.".into());
    }
    if plan.mask.is_none() && document.settings().keep_unpainted && prepared.painted.is_empty() {
        return Err(
            "Nothing was painted since the canvas was last replaced, so everything would be kept. Paint what should change, or switch off \"Keep what I did not paint\".".into(),
        );
    }
    let chosen = document.next_seed_of(plan);
    let from_picture = plan.starts_from_picture(document.settings());
    let samples_part = plan.mask.is_some() && document.settings().samples_masked_part();
    let same = same_as_last(state, chosen.seed, plan);
    let document = &mut state.document;
    match chosen.notice {
        Some(notice) => {
            document.settings_mut().seed = chosen.seed;
            state.status.say(notice);
        }
        None if let Some(same) = same => state.status.say(same),
        None if from_picture && prepared.canvas_is_blank => {
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
    let (painted, canvas) = (prepared.painted.clone(), document.canvas_revision());
    let (round, start) = document.begin_prepared(chosen.seed, prepared, model.name());
    state.queue.asked = Some((round, canvas));
    add(state, round, model, start, Some(painted));
    Ok(())
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
