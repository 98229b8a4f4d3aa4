//! The middle of the window: the canvas, and the results beside it.

use egui::{Rect, Ui, UiBuilder};

use super::UserCommand;
use super::canvas::{VIEW_BAR_HEIGHT, view_bar};
use super::state::WindowState;
use super::widgets::anchored;

/// The space between the canvas and the bar below it, in points.
const GAP: f32 = 6.0;

/// Shows the canvas and the results.
pub(super) fn ui(state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    let mut commands = Vec::new();
    anchored(ui, "canvas and results", |ui| {
        ui.columns_const(|[left, results]| {
            commands.extend(canvas(state, left));
            let rounds = state.document.rounds();
            commands.extend(state.gallery.ui(results, rounds, &state.result_memory, &mut state.refine.scores));
        });
    });
    commands
}

/// The canvas and the bar below it.
fn canvas(state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    let area = ui.available_rect_before_wrap();
    let (above, below) = area.split_top_bottom_at_y((area.bottom() - VIEW_BAR_HEIGHT - GAP).max(area.top()));
    let mut commands = inside(ui, above, |ui| {
        let (document, color) = (&mut state.document, &mut state.color);
        let (tool, brush) = (state.tool, state.brush.brush);
        state.canvas.ui(ui, document, tool, brush, color, &state.keyboard)
    });
    let bar = below.with_min_y(below.top() + GAP);
    commands.extend(inside(ui, bar, |ui| anchored(ui, "view bar", |ui| view_bar(&state.canvas, ui))));
    commands
}

/// Shows contents in one part of the room.
fn inside<R>(ui: &mut Ui, rect: Rect, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().max_rect(rect), contents).inner
}
