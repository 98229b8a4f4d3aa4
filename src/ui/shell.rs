//! The layout of the window: which panel is where, and how it adapts to small windows.

use egui::{CentralPanel, Panel, ScrollArea, Ui};

use super::panels::{notices, settings, tools, top_bar};
use super::queue;
use super::state::WindowState;
use super::widgets::anchored;
use super::{UserCommand, theme};
use super::{compare, history, layers, models, workspace};

/// Below this height in points the prompts lie beside each other, across the whole window.
const LOW: f32 = 640.0;

/// Shows all panels and returns the commands they sent.
pub(super) fn show(state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    let mut commands = Vec::new();
    let bar = egui::Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(12, 8));
    let size = ui.available_size();
    let low = size.y < LOW;
    if !state.compare.is_shown() {
        Panel::top("top").frame(bar).show(ui, |ui| {
            let (document, drops) = (&state.document, state.takes_drops);
            commands.extend(top_bar::ui(
                ui,
                (document.can_undo(), document.can_redo()),
                drops,
                &state.results_folder,
                &state.shown,
                state.gallery.round(),
            ));
        });
    }
    if notices::any(state) {
        Panel::top("notices").frame(bar).show(ui, |ui| commands.extend(notices::ui(ui, state)));
    }
    Panel::bottom("status").frame(bar).show(ui, |ui| match history::is_deletion_told(state) {
        true => commands.extend(history::undo_bar(ui, state)),
        false => state.status.ui(ui),
    });
    if state.compare.is_shown() {
        commands.extend(compare::ui(state, ui));
        return commands;
    }
    if low {
        commands.extend(prompts(state, ui, low));
        commands.extend(history::ui(state, ui, low));
    }
    let width = (size.x * 0.2).clamp(200.0, 232.0);
    Panel::left("tools").frame(theme::panel()).resizable(false).exact_size(width).show(ui, |ui| {
        commands.extend(anchored(ui, "tools panel", |ui| {
            let scrolled = ScrollArea::vertical().show(ui, |ui| {
                let command = tools::ui(ui, state.tool);
                ui.add_space(4.0);
                state.brush.ui(ui);
                ui.add_space(8.0);
                state.color.ui(ui);
                ui.add_space(8.0);
                let paper = state.document.paper();
                let changed =
                    layers::ui(ui, &mut state.layers, state.document.layers(), paper, state.canvas.is_stroking());
                changed.into_iter().chain(command).collect::<Vec<_>>()
            });
            scrolled.inner
        }));
    });
    let width = (size.x * 0.22).clamp(204.0, 252.0);
    Panel::right("settings").frame(theme::panel()).resizable(false).exact_size(width).show(ui, |ui| {
        commands.extend(anchored(ui, "settings panel", |ui| {
            let context = settings::Context {
                model: &state.model,
                last_seed: state.last_seed,
                offers: state.offered.is_some(),
                offers_start: state.offered_start.is_some(),
                offered_model: models::picture_model(state).map(|model| (models::offered_name(state), model)),
                notify: state.queue.notify,
                presets: &state.extras.presets,
            };
            let (mut edited, runtime) = (state.document.settings_mut(), &mut state.runtime);
            ScrollArea::vertical().show(ui, |ui| settings::ui(ui, &mut edited, runtime, &context)).inner
        }));
    });
    if !low {
        commands.extend(prompts(state, ui, low));
        commands.extend(history::ui(state, ui, low));
    }
    CentralPanel::default().frame(theme::panel()).show(ui, |ui| {
        commands.extend(workspace::ui(state, ui));
    });
    commands
}

/// The prompts, Generate and the progress bar, always in view; above them the queue, if it is wanted.
fn prompts(state: &mut WindowState, ui: &mut Ui, low: bool) -> Option<UserCommand> {
    let shown = Panel::bottom("prompt").frame(theme::panel()).show(ui, |ui| {
        let is_running = state.running.is_some();
        state.estimate.update(&state.model.chosen.choice, state.document.settings());
        let estimate = &state.estimate;
        let command = anchored(ui, "prompt panel", |ui| {
            let extras = (&state.extras, &mut state.prompting);
            state.prompts.ui(ui, &mut state.document.settings_mut(), is_running, extras, estimate, low)
        });
        ui.add_space(2.0);
        anchored(ui, "queue strip", |ui| queue::strip::ui(ui, state)).or(command)
    });
    let listed = state.queue.is_open.then(|| {
        let rows = if low { 2.0 } else { 4.0 };
        let shown = Panel::bottom("queue")
            .frame(theme::panel())
            .show(ui, |ui| anchored(ui, "queue panel", |ui| queue::panel::ui(ui, state, rows)));
        shown.inner
    });
    shown.inner.or(listed.flatten())
}
