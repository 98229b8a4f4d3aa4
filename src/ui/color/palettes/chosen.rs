//! The colour of the palette that was chosen last: its name, and the button that deletes it.

use egui::{Button, RichText, TextEdit, Ui, Vec2, WidgetInfo};

use super::PalettePanel;
use crate::ui::keymap::tooltip;
use crate::ui::{PaletteCommand, UserCommand};

/// Width of the button, in points.
const DELETE: f32 = 50.0;

/// Shows the name of the chosen colour, which can be changed.
pub(super) fn ui(ui: &mut Ui, panel: &mut PalettePanel) -> Option<UserCommand> {
    let at = panel.chosen()?;
    let mut command = None;
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new("Name").small());
        let width = ui.available_width() - DELETE - ui.spacing().item_spacing.x;
        let field = TextEdit::singleline(&mut panel.swatch_name).desired_width((width - 8.0).max(20.0));
        let response = ui.add(field).labelled_by(label.id).on_hover_text("What this colour of the palette is called.");
        if response.lost_focus() {
            command = Some(PaletteCommand::RenameSwatch(at, panel.swatch_name.clone()).into());
        }
        let help = tooltip(ui.ctx(), "Take this colour out of the palette.", PaletteCommand::DeleteFocused);
        let delete =
            ui.add(Button::new(RichText::new("Delete").small()).min_size(Vec2::new(DELETE, 0.0))).on_hover_text(help);
        delete.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Delete the swatch"));
        if delete.clicked() {
            command = Some(PaletteCommand::DeleteSwatch(at).into());
        }
    });
    command
}
