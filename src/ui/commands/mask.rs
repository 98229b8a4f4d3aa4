//! Executes the commands about the mask.

use super::Services;
use crate::document::{Mark, MarkChange, SlowEdit};
use crate::ui::MaskCommand;
use crate::ui::canvas_work::edit;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: MaskCommand) {
    let mask = state.document.mask();
    let radius = state.select.options.radius;
    let (change, text) = match command {
        MaskCommand::FromSelection => match state.document.selection().cloned() {
            Some(selection) => {
                (SlowEdit::SetMark(Mark::Mask, Some(selection)), "The next round changes only what is masked.")
            }
            None => {
                state.status.say("Nothing is selected. Select what the next round may change, then make it the mask.");
                return;
            }
        },
        MaskCommand::ToggleShown => {
            state.select.options.shows_mask = !state.select.options.shows_mask;
            return;
        }
        _ if mask.is_none() => {
            state.status.say("There is no mask. Paint one with the mask tool, or make one from the selection.");
            return;
        }
        MaskCommand::ToSelection => (SlowEdit::SetMark(Mark::Selection, mask.cloned()), "What is masked is selected."),
        MaskCommand::Invert => (SlowEdit::ChangeMark(Mark::Mask, MarkChange::Invert), "The mask is inverted."),
        MaskCommand::Blur => {
            (SlowEdit::ChangeMark(Mark::Mask, MarkChange::Feather(radius)), "The edge of the mask is softer.")
        }
        MaskCommand::Remove => (SlowEdit::SetMark(Mark::Mask, None), "The mask is removed. Undo brings it back."),
    };
    edit(state, services, change, move |state, _, outcome| match outcome {
        Ok(_) if command == MaskCommand::Invert && state.document.mask().is_none() => {
            state.status.say("Everything was masked, so no mask is left.");
        }
        Ok(_) => state.status.say(text),
        Err(error) => state.status.fail(error.to_string()),
    });
}
