//! The bar at the top: the menus, and what one needs all the time.

use egui::{Button, Id, MenuBar, RichText, Role, Ui, WidgetInfo};
use lucide_icons::Icon;

use crate::picture::READABLE_FORMATS;
use crate::ui::keymap::tooltip;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, FileCommand, UserCommand, menus, theme};

/// Below this width in points the example sketch is in the menu only.
const NARROW: f32 = 840.0;

/// Shows the bar. Returns the first menu too, to lead the keyboard there.
pub(in crate::ui) fn ui(ui: &mut Ui, state: &WindowState) -> (Option<Id>, Option<UserCommand>) {
    let is_narrow = ui.available_width() < NARROW;
    let shown = MenuBar::new().ui(ui, |ui| {
        let (first, mut command) = menus::ui(ui, state);
        ui.separator();
        command = buttons(ui, state).or(command);
        if !is_narrow {
            let button = ui.button("Example sketch").on_hover_text("Put a rough green apple on the canvas.");
            if button.clicked() {
                command = Some(CanvasCommand::Example.into());
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let text = state.results_folder.display().to_string();
            let help = format!("Every finished result is saved in {text}.");
            ui.add(egui::Label::new(RichText::new(&text).small().weak()).truncate()).on_hover_text(help);
        });
        (first, command)
    });
    shown.inner
}

/// Open, save, paste, undo and redo.
fn buttons(ui: &mut Ui, state: &WindowState) -> Option<UserCommand> {
    let drops = match state.takes_drops {
        true => "Dropping the file on the window does the same.",
        false => "On Wayland this window cannot take dropped files; copy and paste works.",
    };
    let open = format!("Open a picture ({READABLE_FORMATS}), the layers of an OpenRaster file, or a document. {drops}");
    let save = "Save the canvas as a picture. The document with all rounds saves itself.";
    let paste = "Paste a picture, or a picture file copied in the file manager.";
    let (undo, redo) = ("Undo the last change to the canvas.", "Redo the change that was undone last.");
    let (can_undo, can_redo) = (state.document.can_undo(), state.document.can_redo());
    let mut command = None;
    for (icon, name, help, works, choice) in [
        (Icon::FolderOpen, "Open…", open.as_str(), true, UserCommand::from(FileCommand::ChoosePicture)),
        (Icon::Save, "Save…", save, true, FileCommand::ChooseSaveCanvas.into()),
        (Icon::ClipboardPaste, "Paste", paste, true, FileCommand::Paste.into()),
        (Icon::Undo2, "Undo", undo, can_undo, CanvasCommand::Undo.into()),
        (Icon::Redo2, "Redo", redo, can_redo, CanvasCommand::Redo.into()),
    ] {
        let help = tooltip(ui.ctx(), help, choice.clone());
        let response = ui.add_enabled(works, Button::new(theme::icon(icon, 16.0)));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, works, name));
        if response.on_hover_text(&help).on_disabled_hover_text(&help).clicked() {
            command = Some(choice);
        }
    }
    command
}
