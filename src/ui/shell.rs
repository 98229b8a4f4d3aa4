//! The layout of the window: which panel is where.

use egui::{CentralPanel, Panel, ScrollArea};

use super::panels::{settings, top_bar};
use super::state::WindowState;
use super::{UserCommand, theme};

/// Shows all panels and returns the commands they sent.
pub(super) fn show(state: &mut WindowState, ui: &mut egui::Ui) -> Vec<UserCommand> {
    let mut commands = Vec::new();
    let bar = egui::Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(12, 8));
    Panel::top("top").frame(bar).show(ui, |ui| {
        let document = &state.document;
        commands.extend(top_bar::ui(ui, document.can_undo(), document.can_redo(), &state.results_folder));
    });
    Panel::bottom("status").frame(bar).show(ui, |ui| state.status.ui(ui));
    Panel::left("tools").frame(theme::panel()).resizable(false).exact_size(232.0).show(ui, |ui| {
        ScrollArea::vertical().show(ui, |ui| {
            commands.extend(state.tools.ui(ui));
            ui.add_space(8.0);
            state.color.ui(ui);
        });
    });
    Panel::right("settings").frame(theme::panel()).resizable(false).exact_size(252.0).show(ui, |ui| {
        ScrollArea::vertical().show(ui, |ui| {
            let context = settings::Context {
                model: &state.model.model,
                loading: state.model.loading,
                recommended: state.model.recommended,
                last_seed: state.last_seed,
                offers: state.offered.is_some(),
                devices: &state.model.devices,
            };
            commands.extend(settings::ui(ui, &mut state.document.settings_mut(), &mut state.runtime, &context));
        });
    });
    Panel::bottom("prompt").frame(theme::panel()).show(ui, |ui| {
        let progress = state.running.as_ref().map(|r| &r.progress);
        commands.extend(state.prompts.ui(ui, &mut state.document.settings_mut(), progress, &state.extras));
    });
    CentralPanel::default().frame(theme::panel()).show(ui, |ui| {
        ui.columns_const(|[canvas, results]| {
            // A row as high as the results' heading, so that both pictures start on one line.
            canvas.horizontal(|ui| theme::section(ui, "Canvas"));
            commands.extend(state.canvas.ui(canvas, &mut state.document, &state.tools, &mut state.color));
            commands.extend(state.gallery.ui(results, state.document.rounds()));
        });
    });
    commands
}
