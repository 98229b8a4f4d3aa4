//! The buttons of the tools.

use egui::Button;

use crate::ui::keymap::tooltip;
use crate::ui::{CanvasCommand, Tool, UserCommand, theme};

/// Shows a button for each tool; the chosen one is marked.
pub(in crate::ui) fn ui(ui: &mut egui::Ui, chosen: Tool) -> Option<UserCommand> {
    theme::section(ui, "Tools");
    let mut command = None;
    let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
    egui::Grid::new("tools").num_columns(2).spacing(ui.spacing().item_spacing).show(ui, |ui| {
        // The longest name fits into half of the narrowest panel, so all buttons are of one width.
        ui.spacing_mut().button_padding.x = 3.0;
        for (i, (tool, name, help)) in Tool::ALL.into_iter().enumerate() {
            let button = Button::new(name).selected(chosen == tool).min_size(egui::vec2(width, 28.0));
            let use_tool = CanvasCommand::UseTool(tool);
            if ui.add(button).on_hover_text(tooltip(ui.ctx(), help, use_tool.clone())).clicked() {
                command = Some(use_tool.into());
            }
            if i % 2 == 1 {
                ui.end_row();
            }
        }
    });
    command
}
