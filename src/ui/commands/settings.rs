//! Executes the commands that take over several settings at once.

use crate::document::size::nearest_result_size;
use crate::ui::SettingsCommand;
use crate::ui::state::WindowState;

/// How many settings that were not taken over are named.
const MOST_SHOWN: usize = 8;

pub(super) fn perform(state: &mut WindowState, command: SettingsCommand) {
    match command {
        SettingsCommand::UseRecommended => state.model.recommended.apply_to(&mut state.document.settings_mut()),
        // If they bring another size, the opened picture is placed again, see `canvas_size`.
        SettingsCommand::UseOffered => {
            if let Some(parameters) = state.offered.take() {
                let left = parameters.apply_to(&mut state.document.settings_mut());
                let done = "The next round uses the picture's own prompt and settings.";
                if left.is_empty() {
                    state.status.say(done);
                } else {
                    let shown: Vec<String> = left.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
                    let others = match left.len() - shown.len() {
                        0 => String::new(),
                        count => format!("; and {count} more"),
                    };
                    state.status.say(format!("{done} Not taken over as it stands: {}{others}.", shown.join("; ")));
                }
            }
        }
        SettingsCommand::DismissOffer => state.offered = None,
        SettingsCommand::UseCanvasSize => {
            let (width, height) = nearest_result_size(state.document.canvas().size());
            let mut settings = state.document.settings_mut();
            (settings.width, settings.height) = (width, height);
        }
    }
}
