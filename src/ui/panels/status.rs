//! The line at the bottom that says what happened.

use egui::{Label, RichText};

use crate::ui::theme;

/// The room for the button beside an error, in points.
const DISMISS: f32 = 90.0;

/// The latest message. An error stays until it is dismissed or something newer happens.
#[derive(Clone, Default)]
pub(in crate::ui) struct Status {
    text: String,
    is_error: bool,
    /// Whether the text is longer than the line was in the last frame.
    is_too_long: bool,
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

    /// Whether there is an error that the line does not show. It is told in full: it says what to do.
    pub fn is_hidden_error(&self, line_is_hidden: bool) -> bool {
        self.is_error && !self.text.is_empty() && (line_is_hidden || self.is_too_long)
    }

    /// Shows the line. Its height is always the same, so that the canvas never moves; for an error that is too long see
    /// [`Status::is_hidden_error`].
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        ui.horizontal(|ui| {
            ui.set_min_height(ui.spacing().interact_size.y);
            let text = RichText::new(&self.text).small();
            if !self.is_error {
                ui.add(Label::new(text).truncate()).on_hover_text(&self.text);
                return;
            }
            let font = egui::TextStyle::Small.resolve(ui.style());
            let color = theme::colors(ui).error;
            let width = ui.painter().layout_no_wrap(self.text.clone(), font, color).size().x;
            self.is_too_long = width + DISMISS > ui.available_width();
            if self.is_too_long {
                // The notice is laid out before the line.
                ui.ctx().request_repaint();
                return;
            }
            if ui.small_button("Dismiss").clicked() {
                self.say("");
            }
            ui.add(Label::new(text.color(color)).truncate());
        });
    }
}
