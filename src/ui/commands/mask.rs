//! Executes the commands about the mask.

use crate::document::Mark;
use crate::paint::Selection;
use crate::ui::MaskCommand;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, command: MaskCommand) {
    let document = &mut state.document;
    document.end_stroke();
    let mask = document.mask().cloned();
    let radius = state.select.options.radius;
    let text = match command {
        MaskCommand::FromSelection => match document.selection().cloned() {
            Some(selection) => {
                document.set_mark(Mark::Mask, Some(selection));
                "The next round changes only what is masked."
            }
            None => "Nothing is selected. Select what the next round may change, then make it the mask.",
        },
        MaskCommand::ToggleShown => {
            state.select.options.shows_mask = !state.select.options.shows_mask;
            return;
        }
        _ if mask.is_none() => "There is no mask. Paint one with the mask tool, or make one from the selection.",
        MaskCommand::ToSelection => {
            document.set_mark(Mark::Selection, mask);
            "What is masked is selected."
        }
        MaskCommand::Invert => {
            document.set_mark(Mark::Mask, mask.as_ref().map(Selection::inverted));
            if document.mask().is_some() {
                "The mask is inverted."
            } else {
                "Everything was masked, so no mask is left."
            }
        }
        MaskCommand::Blur => {
            document.set_mark(Mark::Mask, mask.map(|mask| mask.feathered(radius)));
            "The edge of the mask is softer."
        }
        MaskCommand::Remove => {
            document.set_mark(Mark::Mask, None);
            "The mask is removed. Undo brings it back."
        }
    };
    state.status.say(text);
}
