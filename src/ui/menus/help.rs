//! How the program is used.

use super::entry::Menu;
use crate::ui::state::WindowState;
use crate::ui::{ShortcutCommand, ViewCommand};

pub(super) fn ui(menu: &mut Menu<'_>, _: &WindowState) {
    let help = "All actions and their keys, which can be changed.";
    menu.entry("Keyboard shortcuts…", help, ShortcutCommand::Show);
    menu.entry("About underpaint", "Version, folders and licences.", ViewCommand::ShowAbout);
}
