//! Executes the commands that take over several settings at once.

use crate::ui::SettingsCommand;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, command: SettingsCommand) {
    match command {
        SettingsCommand::UseRecommended => state.model.recommended.apply_to(&mut state.document.settings_mut()),
        SettingsCommand::UseOffered => {
            if let Some(parameters) = state.offered.take() {
                let left = parameters.apply_to(&mut state.document.settings_mut());
                let done = "The next round uses the picture's own prompt and settings.";
                if left.is_empty() {
                    state.status.say(done);
                } else {
                    let left: Vec<String> = left.iter().map(ToString::to_string).collect();
                    state.status.say(format!("{done} Not taken over as it stands: {}.", left.join("; ")));
                }
            }
        }
        SettingsCommand::DismissOffer => state.offered = None,
    }
}
