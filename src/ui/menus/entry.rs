//! Entries of the menus.

use egui::{Button, Ui};

use crate::ui::keymap::first_key;
use crate::ui::{UserCommand, theme};

/// A menu that is open, and what was chosen in it.
pub(super) struct Menu<'a> {
    ui: &'a mut Ui,
    chosen: &'a mut Option<UserCommand>,
}

impl<'a> Menu<'a> {
    pub fn new(ui: &'a mut Ui, chosen: &'a mut Option<UserCommand>) -> Self {
        ui.set_min_width(190.0);
        Self { ui, chosen }
    }

    /// An entry that sends a command, with the command's key beside it.
    pub fn entry(&mut self, name: &str, help: &str, command: impl Into<UserCommand>) {
        self.entry_if(true, name, help, command);
    }

    /// An entry that works only sometimes.
    pub fn entry_if(&mut self, works: bool, name: &str, help: &str, command: impl Into<UserCommand>) {
        self.show(works, None, name, help, command.into());
    }

    /// An entry that is marked while it is on.
    pub fn mark(&mut self, is_on: bool, name: &str, help: &str, command: impl Into<UserCommand>) {
        self.show(true, Some(is_on), name, help, command.into());
    }

    fn show(&mut self, works: bool, is_on: Option<bool>, name: &str, help: &str, command: UserCommand) {
        let keys = first_key(self.ui.ctx(), command.clone());
        let button = Button::new(name).shortcut_text(keys).selected(is_on == Some(true));
        let response = self.ui.add_enabled(works, button);
        response.widget_info(|| match is_on {
            Some(is_on) => egui::WidgetInfo::selected(egui::Role::Button, works, is_on, name),
            None => egui::WidgetInfo::labeled(egui::Role::Button, works, name),
        });
        let response = if help.is_empty() { response } else { response.on_hover_text(help) };
        if response.clicked() {
            *self.chosen = Some(command);
        }
    }

    /// A menu inside this one.
    pub fn sub(&mut self, name: &str, contents: impl FnOnce(&mut Menu<'_>)) {
        let chosen = &mut *self.chosen;
        self.ui.menu_button(name, |ui| contents(&mut Menu::new(ui, chosen)));
    }

    /// A line between entries.
    pub fn line(&mut self) {
        self.ui.separator();
    }

    /// A text that cannot be chosen.
    pub fn note(&mut self, text: &str) {
        let color = theme::colors(self.ui).weak_text;
        self.ui.label(egui::RichText::new(text).small().color(color));
    }
}
