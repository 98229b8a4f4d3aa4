//! Making pictures.

use super::entry::Menu;
use crate::ui::state::WindowState;
use crate::ui::{LiveCommand, QueueCommand, RefineCommand, RoundCommand};

pub(super) fn ui(menu: &mut Menu<'_>, state: &WindowState) {
    menu.entry("Generate", "Make pictures from the canvas and the prompt.", RoundCommand::Generate);
    let help = "Make the result follow the brush.";
    menu.mark(state.live.is_on(), "Live painting", help, LiveCommand::Toggle);
    let help = "Make four pictures with the same seed at different denoising strengths.";
    menu.entry("Strength ladder", help, RefineCommand::StrengthLadder);
    let help = "Make pictures with the same seed over which one or two settings vary.";
    menu.entry("Sheet…", help, RefineCommand::AskForSheet);
    menu.entry("Variations of the result", "Make more like the result on show.", RefineCommand::VaryShown);
    let help = "Make the result on show larger.";
    menu.entry("Upscale the result…", help, RefineCommand::AskForUpscaleShown);
    let help = "Begin another round whenever none waits.";
    menu.mark(state.queue.is_forever, "Generate for ever", help, QueueCommand::ToggleForever);
    menu.line();
    menu.entry("Pause or resume the queue", "Pause after the image that is being made.", QueueCommand::TogglePause);
    let runs = state.running.is_some();
    menu.entry_if(runs, "Skip this image", "Go on with the next image of the round.", QueueCommand::SkipImage);
    menu.entry_if(runs, "Cancel the round", "Finished pictures are kept.", RoundCommand::Cancel);
    menu.entry_if(runs, "Cancel all rounds", "Drop the rounds that wait, too.", QueueCommand::CancelAll);
}
