//! The line at the bottom that says what happened.

use egui::{Label, RichText};

use crate::ui::theme;

/// The latest message. An error stays until it is dismissed or something newer happens.
#[derive(Default)]
pub(in crate::ui) struct Status {
    text: String,
    is_error: bool,
}

impl Status {
    /// Shows a message.
    pub fn say(&mut self, text: impl Into<String>) {
        self.text = text.into();
        self.is_error = false;
    }

    /// Shows an error.
    pub fn fail(&mut self, text: impl Into<String>) {
        self.text = text.into();
        self.is_error = true;
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_error(&self) -> bool {
        self.is_error
    }

    pub fn ui(&mut self, ui: &mut egui::Ui) {
        ui.horizontal(|ui| {
            if self.is_error && ui.small_button("Dismiss").clicked() {
                self.text.clear();
                self.is_error = false;
            }
            let text = RichText::new(&self.text).small();
            if self.is_error {
                // An error is shown in full: it says what to do.
                ui.add(Label::new(text.color(theme::colors(ui).error)).wrap());
            } else {
                ui.add(Label::new(text).truncate()).on_hover_text(&self.text);
            }
        });
    }
}
