//! What is inside each panel.

use std::cell::Cell;

use egui::Ui;

use super::DockPanel;
use crate::ui::control::ControlContext;
use crate::ui::panels::settings::{self, FoundForList};
use crate::ui::state::WindowState;
use crate::ui::{Tool, UserCommand, color, commands, layers, models, select, undo_list};

/// Shows the inside of a panel.
pub(super) fn ui(panel: DockPanel, state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    match panel {
        DockPanel::Brush => state.brush.ui(ui, state.tool).into_iter().collect(),
        DockPanel::Color => {
            let sample = (state.tool == Tool::Eyedropper)
                .then(|| color::sample_choice(ui, state.color.sample, state.color.source));
            sample.flatten().into_iter().chain(state.color.ui(ui)).collect()
        }
        DockPanel::Select => {
            let tool = (state.tool, commands::object_readiness(state));
            let (options, document) = (&mut state.select.options, &state.document);
            select::ui(ui, tool, options, state.brush.of(state.tool), document)
        }
        DockPanel::Layers => {
            let (paper, waits) = (state.document.paper(), state.canvas.is_stroking());
            let settings = (paper, &state.document.settings().regions[..]);
            layers::ui(ui, &mut state.layers, state.document.layers(), settings, waits)
        }
        DockPanel::Undo => undo_list::ui(ui, &mut state.undo_list, &state.document).into_iter().collect(),
        DockPanel::Settings => next_round(state, ui).into_iter().collect(),
    }
}

/// The settings of the next round.
fn next_round(state: &mut WindowState, ui: &mut Ui) -> Option<UserCommand> {
    let offered_model = models::picture_model(state).map(|model| (models::offered_name(state), model));
    let control = ControlContext {
        found: state.models.found(),
        base: state.models.base_in_use(&state.model).map(|base| base.id),
        layers: state.document.layers().clone(),
        state: &mut state.control,
    };
    let mut context = settings::Context {
        model: &state.model,
        downloads: models::downloads_line(&state.models.fetches),
        found: FoundForList { models: state.models.listed(), is_searching: state.models.searching.is_some() },
        last_seed: state.last_seed,
        offers: state.offered.is_some(),
        offers_start: state.offered_start.is_some(),
        offers_template: state.offered.as_ref().is_some_and(|offered| offered.template().is_some()),
        offered_model,
        has_mask: state.document.mask().is_some(),
        notify: state.queue.notify,
        presets: &state.extras.presets,
        control,
        holds_strength: Cell::new(false),
    };
    let (mut edited, runtime) = (state.document.settings_mut(), &mut state.runtime);
    let command = settings::ui(ui, &mut edited, runtime, &mut context);
    state.refine.survives.hold(ui.ctx(), context.holds_strength.get());
    command
}
