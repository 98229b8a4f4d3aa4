//! Executes the commands of the comparison.

use super::Services;
use crate::document::{ResultId, RoundId, Rounds};
use crate::ui::compare::{CompareMode, CompareSource, Comparison};
use crate::ui::state::WindowState;
use crate::ui::{CompareCommand, keymap};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: CompareCommand) {
    match command {
        CompareCommand::Open => open(state, None),
        CompareCommand::OpenWith(round, image) => open(state, Some(ResultId { round, image })),
        CompareCommand::Pick(round, image) => state.gallery.pick(ResultId { round, image }),
        CompareCommand::Leave => state.compare.leave(),
        CompareCommand::UseMode(mode) => state.compare.use_mode(mode),
        CompareCommand::Blink => blink(state, services),
        CompareCommand::ChooseResult(image) => {
            let round = state.compare.comparison_mut().and_then(|shown| shown.round());
            let id = ResultId { round: round.unwrap_or_else(|| state.gallery.round()), image };
            if state.document.rounds().result(id).is_some() {
                change(state, |shown| shown.choose_b(CompareSource::Result(id)));
            }
        }
        CompareCommand::ChooseA(source) => change(state, |shown| shown.choose_a(source)),
        CompareCommand::ChooseB(source) => change(state, |shown| shown.choose_b(source)),
        CompareCommand::Swap => change(state, |shown| shown.swap()),
        CompareCommand::Zoom(step) => change(state, |shown| shown.zoom(step)),
        CompareCommand::Step(direction) => change(state, |shown| shown.step(direction)),
        CompareCommand::Pan(direction) => change(state, |shown| shown.pan(direction)),
    }
}

/// Compares the two results that are picked; or the one that is picked with `target`; or the canvas with
/// `target`. Without a target that is the result under the pointer or on show.
fn open(state: &mut WindowState, target: Option<ResultId>) {
    if state.compare.is_shown() || state.canvas.is_stroking() {
        return;
    }
    let rounds = state.document.rounds();
    let exists = |id: &ResultId| rounds.result(*id).is_some();
    let wanted = target.unwrap_or_else(|| state.gallery.target());
    let target = Some(wanted).filter(exists).or_else(|| any_result(rounds, wanted.round));
    let picked: Vec<ResultId> = state.gallery.picked().iter().copied().filter(exists).collect();
    let (a, b) = match (&picked[..], target) {
        ([one, other], _) => (CompareSource::Result(*one), CompareSource::Result(*other)),
        ([one], Some(target)) if *one != target => (CompareSource::Result(*one), CompareSource::Result(target)),
        (_, Some(target)) => (CompareSource::Canvas, CompareSource::Result(target)),
        (_, None) => {
            state.status.say("There is no result to compare yet. Press Generate first.");
            return;
        }
    };
    state.gallery.unpick_all();
    state.compare.show(a, b);
    read_again(state);
}

/// A finished result of this round, or else of the latest round that has one.
fn any_result(rounds: &Rounds, round: RoundId) -> Option<ResultId> {
    let mut nearby = rounds.get(round).into_iter().chain(rounds.iter().rev());
    nearby.find_map(|round| {
        let image = round.slots.iter().position(|slot| slot.result().is_some())?;
        Some(ResultId { round: round.id, image })
    })
}

fn blink(state: &mut WindowState, services: &Services) {
    state.compare.use_mode(CompareMode::Blink);
    let is_held = keymap::is_held(&services.ctx, CompareCommand::Blink);
    let held_since = services.ctx.input(|i| is_held.then_some(i.time));
    change(state, |shown| shown.blink(held_since));
}

/// Changes the comparison, if one is shown.
fn change(state: &mut WindowState, change: impl FnOnce(&mut Comparison)) {
    if let Some(shown) = state.compare.comparison_mut() {
        change(shown);
    }
    read_again(state);
}

/// Asks for missing pixels, also of results that could not be read before.
fn read_again(state: &mut WindowState) {
    for id in state.compare.wanted() {
        state.result_memory.retry(id);
    }
}
