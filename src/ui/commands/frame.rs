//! Executes the commands about the part of the canvas that the next round is made from.

use crate::ui::FrameCommand;
use crate::ui::frame_fields::words;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, command: FrameCommand) {
    match command {
        FrameCommand::Use(region) => {
            state.document.set_frame(Some(region));
        }
        FrameCommand::Remove => {
            state.document.set_frame(None);
        }
        FrameCommand::Tell => {}
    }
    let told = words(&state.document);
    state.status.say(told);
}
