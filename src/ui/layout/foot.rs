//! What is below the canvas: the prompts, the progress, and the queue.

use egui::{Panel, Ui};

use crate::ui::state::WindowState;
use crate::ui::widgets::anchored;
use crate::ui::{UserCommand, queue, theme};

/// The prompts, Generate and the progress bar, always in view; above them the queue, if it is wanted.
pub(super) fn ui(state: &mut WindowState, ui: &mut Ui, low: bool) -> Option<UserCommand> {
    let frame = theme::panel(ui);
    let shown = Panel::bottom("prompt").frame(frame).show(ui, |ui| {
        let (is_running, is_live) = (state.running.is_some(), state.live.is_on());
        state.estimate.update(&state.model.chosen.choice, state.document.settings());
        let estimate = &state.estimate;
        let command = anchored(ui, "prompt panel", |ui| {
            let extras = (&state.extras, &mut state.prompting);
            state.prompts.ui(ui, &mut state.document.settings_mut(), (is_running, is_live), extras, estimate, low)
        });
        ui.add_space(2.0);
        anchored(ui, "queue strip", |ui| queue::strip::ui(ui, state)).or(command)
    });
    let listed = state.queue.is_open.then(|| {
        let rows = if low { 2.0 } else { 4.0 };
        let shown = Panel::bottom("queue")
            .frame(frame)
            .show(ui, |ui| anchored(ui, "queue panel", |ui| queue::panel::ui(ui, state, rows)));
        shown.inner
    });
    shown.inner.or(listed.flatten())
}
