//! The menus at the top, one a file. Every entry is a [`UserCommand`](super::UserCommand) and has its key beside it.

mod canvas;
mod edit;
mod entry;
mod file;
mod help;
mod layer;
mod round;
mod select;
mod view;

use egui::{Id, Ui};

use super::UserCommand;
use super::state::WindowState;
use entry::Menu;

/// Shows the menus beside each other. Returns the first of them too, to lead the keyboard there.
pub(super) fn ui(ui: &mut Ui, state: &WindowState) -> (Option<Id>, Option<UserCommand>) {
    type Contents = fn(&mut Menu<'_>, &WindowState);
    let menus: [(&str, Contents); 8] = [
        ("File", file::ui),
        ("Edit", edit::ui),
        ("View", view::ui),
        ("Canvas", canvas::ui),
        ("Layer", layer::ui),
        ("Select", select::ui),
        ("Round", round::ui),
        ("Help", help::ui),
    ];
    let (mut first, mut chosen) = (None, None);
    for (name, contents) in menus {
        let shown = ui.menu_button(name, |ui| contents(&mut Menu::new(ui, &mut chosen), state));
        first.get_or_insert(shown.response.id);
    }
    (first, chosen)
}
