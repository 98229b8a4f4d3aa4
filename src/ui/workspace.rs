//! The middle of the window: the canvas, and the results beside it.

use egui::Ui;

use super::state::WindowState;
use super::widgets::anchored;
use super::{UserCommand, theme};

/// Shows the canvas and the results.
pub(super) fn ui(state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    let mut commands = Vec::new();
    anchored(ui, "canvas and results", |ui| {
        ui.columns_const(|[canvas, results]| {
            // A row as high as the results' heading, so that both pictures start on one line.
            canvas.horizontal(|ui| theme::section(ui, "Canvas"));
            let (document, color) = (&mut state.document, &mut state.color);
            let (tool, brush) = (state.tool, state.brush.brush);
            commands.extend(state.canvas.ui(canvas, document, tool, brush, color, &state.keyboard));
            let rounds = state.document.rounds();
            commands.extend(state.gallery.ui(results, rounds, &state.result_memory, &mut state.refine.scores));
        });
    });
    commands
}
