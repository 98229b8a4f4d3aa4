//! The bar above the canvas that asks what to do with a queue that does not go on by itself.

use crate::document::Pause;
use crate::ui::state::WindowState;
use crate::ui::{QueueCommand, UserCommand};

use super::words;

/// The sentence of the bar; `None` if there is nothing to ask.
pub(in crate::ui) fn question(state: &WindowState) -> Option<String> {
    let queue = state.document.queue();
    let asks = matches!(queue.paused(), Some(Pause::Restored | Pause::Failures(_)));
    if asks && !queue.waiting().is_empty() { words::pause(&state.document) } else { None }
}

/// The buttons of the bar.
pub(in crate::ui) fn buttons(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let mut command = None;
    if ui.button("Resume the queue").on_hover_text("Make the rounds that wait.").clicked() {
        command = Some(QueueCommand::Resume.into());
    }
    if !state.queue.is_open && ui.button("Show the queue").on_hover_text("List the rounds that wait.").clicked() {
        command = Some(QueueCommand::ToggleList.into());
    }
    if ui.button("Drop them").on_hover_text("Make none of them. Finished pictures stay.").clicked() {
        command = Some(QueueCommand::CancelAll.into());
    }
    command
}
