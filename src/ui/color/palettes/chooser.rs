//! The list of palettes, and the menu of what can be done with the one on show.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, ComboBox, PopupCloseBehavior, RichText, TextEdit, Ui, WidgetInfo};

use super::PalettePanel;
use crate::ui::{PaletteCommand, UserCommand};

/// Width of the menu's button, in points.
const MENU: f32 = 26.0;

/// Shows the list and the menu in one row.
pub(super) fn ui(ui: &mut Ui, panel: &mut PalettePanel) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        let shown = panel.shown().map(|kept| (kept.file.clone(), kept.label().to_owned()));
        let (file, label) = shown.unwrap_or_default();
        let width = ui.available_width() - MENU - ui.spacing().item_spacing.x;
        let list = ComboBox::from_id_salt("palette").width(width).truncate().selected_text(label).show_ui(ui, |ui| {
            for kept in panel.library().all() {
                if ui.selectable_label(kept.file == file, kept.label()).clicked() {
                    command = Some(PaletteCommand::Choose(kept.file.clone()).into());
                }
            }
        });
        list.response.widget_info(|| WidgetInfo::labeled(egui::Role::ComboBox, true, "Palette"));
        list.response.on_hover_text("The palette that is shown.");
        command = menu(ui, panel).or(command.take());
    });
    command
}

fn menu(ui: &mut Ui, panel: &mut PalettePanel) -> Option<UserCommand> {
    let mut command = None;
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    ui.spacing_mut().button_padding.x = 4.0;
    let button = Button::new("…").min_size(egui::vec2(MENU, 0.0));
    let (response, _) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
        ui.set_max_width(240.0);
        let import = "Add a GIMP palette (.gpl), which Krita, Inkscape and MyPaint write too.";
        let export = "Write this palette as a GIMP palette (.gpl).";
        let back = "Bring back the colour or palette that was deleted last.";
        for (name, help, enabled, wanted) in [
            ("New palette", "Begin an empty palette.", true, PaletteCommand::New),
            ("Import…", import, true, PaletteCommand::ChooseImport),
            ("Export…", export, true, PaletteCommand::ChooseExport),
            ("Bring back", back, panel.can_bring_back(), PaletteCommand::BringBack),
            ("Delete palette", "Delete this palette with its file.", true, PaletteCommand::Delete),
        ] {
            if ui.add_enabled(enabled, Button::new(name)).on_hover_text(help).clicked() {
                command = Some(wanted.into());
                ui.close();
            }
        }
        ui.separator();
        ui.horizontal(|ui| {
            let label = ui.label(RichText::new("Name").small());
            let field = TextEdit::singleline(&mut panel.palette_name).desired_width(110.0);
            ui.add(field).labelled_by(label.id).on_hover_text("What this palette is called.");
            let has_name = !panel.palette_name.trim().is_empty();
            let rename = ui.add_enabled(has_name, Button::new("Rename"));
            rename.widget_info(|| WidgetInfo::labeled(egui::Role::Button, has_name, "Rename the palette"));
            if rename.clicked() {
                command = Some(PaletteCommand::Rename(panel.palette_name.clone()).into());
                ui.close();
            }
        });
    });
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Palette menu"));
    let response = response.on_hover_text("Name, import, export or delete palettes.");
    if response.clicked() {
        panel.palette_name = panel.shown().map_or_else(String::new, |kept| kept.palette.name().to_owned());
    }
    command
}
