//! After the first round of the starter: one line that says what it is, until it is dismissed or used.

use egui::Ui;

use crate::engine::ModelChoice;
use crate::jobs::{Ending, JobId};
use crate::ui::state::WindowState;
use crate::ui::{FetchCommand, UserCommand};

/// The line.
pub(in crate::ui) const SENTENCE: &str =
    "This was made by the starter, a small model for a first try. Larger models know far more.";

/// Whether the line is to be shown.
pub(in crate::ui) fn is_shown(state: &WindowState) -> bool {
    state.models.fetches.tells_of_starter()
}

/// The buttons after the line.
pub(in crate::ui) fn buttons(ui: &mut Ui) -> Option<UserCommand> {
    let see = ui.button("See the models…").on_hover_text("Show what is worth fetching.");
    let dismiss = ui.button("Dismiss").on_hover_text("Do not show this again.");
    dismiss.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Dismiss the line about the starter"));
    if see.clicked() {
        return Some(FetchCommand::SeeModels.into());
    }
    dismiss.clicked().then(|| FetchCommand::DismissStarterLine.into())
}

/// Looks whether a job that has ended was a finished round of the starter.
pub(in crate::ui) fn round_ended(state: &mut WindowState, job: JobId, how: &Ending) {
    let Some(round) = state.rounds_of_jobs.get(&job).filter(|_| *how == Ending::Complete) else { return };
    let Some(round) = state.document.rounds().get(*round) else { return };
    let starter = ModelChoice::Starter.name();
    let is_of_starter =
        round.slots.iter().filter_map(|slot| slot.result()).any(|result| result.recipe.model == starter);
    state.models.fetches.starter_was_used |= is_of_starter;
}
