//! Executes the commands of live painting.

use super::{Services, round};
use crate::document::RoundId;
use crate::engine::{Plan, random_seed};
use crate::jobs::PendingHint;
use crate::ui::LiveCommand;
use crate::ui::live;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: LiveCommand) {
    match command {
        LiveCommand::Toggle if state.live.is_on() => {
            state.live.switch_off();
            state.status.say("Live painting is off.");
        }
        LiveCommand::Toggle => {
            state.compare.leave();
            state.live.switch_on(state.document.settings().seed);
            state.status.say("Live painting is on: the result follows the brush.");
        }
        LiveCommand::NewSeed => state.live.use_seed(random_seed()),
        LiveCommand::Keep => {
            if let Some(round) = keep(state, services) {
                state.status.say(format!("The live frame is made as round {round}."));
            }
        }
        LiveCommand::PaintOver => {
            if let Some(round) = keep(state, services) {
                state.live.paint_over(round);
                state.status.say(format!("The live frame is made as round {round} and put on the canvas."));
            }
        }
        LiveCommand::UseView(view) => state.layout.choices.live = view.checked(),
    }
    live::update(state, services);
}

/// Asks for the round of the frame on show: its canvas and its settings, with the full decode. Returns its number; `None`
/// without a frame.
fn keep(state: &mut WindowState, services: &Services) -> Option<RoundId> {
    let Some(live::LiveSource { snapshot, kept, asked, plan, hints, model }) = state.live.shown_source().cloned()
    else {
        state.status.say("There is no live frame to keep yet.");
        return None;
    };
    if state.shown.next.is_some() {
        return None;
    }
    let plan = Plan { hints: hints.into_iter().map(PendingHint::ready).collect(), ..plan };
    let (round, start) = state.document.begin_from_snapshot(&snapshot, kept, plan, model.name());
    round::add(state, round, model, start, None);
    round::asked(state, services);
    state.prompting.note(&asked);
    Some(round)
}
