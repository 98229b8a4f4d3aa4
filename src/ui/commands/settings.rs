//! Executes the commands that take over several settings at once.

use super::Services;
use crate::ui::placement;
use crate::ui::state::WindowState;
use crate::ui::{Placement, SettingsCommand};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: SettingsCommand) {
    match command {
        SettingsCommand::UseRecommended => state.model.recommended.apply_to(&mut state.work.settings),
        SettingsCommand::UseOffered => use_offered(state, services),
        SettingsCommand::DismissOffer => state.offered = None,
        SettingsCommand::UseCanvasSize => {
            // The canvas may have sides that results cannot have; then it keeps asking.
            let canvas = state.work.painting.canvas();
            (state.work.settings.width, state.work.settings.height) = (canvas.width(), canvas.height());
        }
    }
}

/// Uses the settings stored in the opened picture. If they bring another size, the picture is
/// placed again from its file's pixels, so that nothing is enlarged that was scaled down before.
fn use_offered(state: &mut WindowState, services: &Services) {
    let Some(parameters) = state.offered.take() else { return };
    let settings = &mut state.work.settings;
    let before = (settings.width, settings.height);
    parameters.apply_to(settings);
    let resized = (settings.width, settings.height) != before;
    if resized && state.placed.as_ref().is_some_and(|placed| placed.is_untouched(&state.work)) {
        placement::change(state, services, Placement::Fit);
    }
    state.status.say("The next round uses the picture's own prompt and settings.");
}
