//! Executes the commands that take over several settings at once.

use crate::ui::SettingsCommand;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, command: SettingsCommand) {
    match command {
        SettingsCommand::UseRecommended => state.model.recommended.apply_to(&mut state.work.settings),
        SettingsCommand::UseOffered => {
            if let Some(parameters) = state.offered.take() {
                parameters.apply_to(&mut state.work.settings);
                state.status.say("The next round uses the picture's own prompt and settings.");
            }
        }
        SettingsCommand::DismissOffer => state.offered = None,
    }
}
