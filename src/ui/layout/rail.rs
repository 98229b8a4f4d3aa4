//! The slim bar at the left edge with a button for each tool.

use egui::{Margin, Panel, ScrollArea, Ui};

use crate::ui::panels::tools;
use crate::ui::state::WindowState;
use crate::ui::widgets::anchored;
use crate::ui::{UserCommand, theme};

/// Its width in points.
const WIDTH: f32 = 44.0;

/// Shows the tools.
pub(super) fn ui(state: &mut WindowState, ui: &mut Ui) -> Option<UserCommand> {
    let frame = theme::panel(ui).inner_margin(Margin::symmetric(5, 8));
    let shown = Panel::left("tools").frame(frame).resizable(false).exact_size(WIDTH).show(ui, |ui| {
        anchored(ui, "tools rail", |ui| {
            let area = ui.max_rect();
            let scrolled = ScrollArea::vertical().show(ui, |ui| tools::ui(ui, state.tool, area.height()));
            let (first, command) = scrolled.inner;
            state.layout.parts.note(area, first);
            command
        })
    });
    shown.inner
}
