//! The bar that asks for the name of the document.

use egui::{Id, Key, TextEdit, Ui};

use super::{DocumentCommand, UserCommand};

/// A name being typed.
pub(super) struct DocumentName {
    text: String,
    /// Whether the field is to get the keyboard.
    is_new: bool,
}

impl DocumentName {
    /// Begins with the present name.
    pub fn new(text: String) -> Self {
        Self { text, is_new: true }
    }

    /// Shows the field and its buttons. The name is typed in place; a command says when it is done.
    pub fn ui(&mut self, ui: &mut Ui) -> Option<UserCommand> {
        let mut command = None;
        let label = ui.label("Name of the document");
        let id = Id::unique("document name");
        let field = TextEdit::singleline(&mut self.text).id(id).desired_width(260.0);
        let mut output = field.show(ui);
        let response = output.response.response.clone().labelled_by(label.id);
        if std::mem::take(&mut self.is_new) {
            response.request_focus();
            let all = egui::text::CCursorRange::select_all(&output.galley);
            output.state.cursor.set_char_range(Some(all));
            output.state.store(ui.ctx(), id);
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let is_left = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape));
        if ui.button("Rename").on_hover_text("Give the file this name. It stays in its folder.").clicked() || is_entered
        {
            command = Some(DocumentCommand::Rename(self.text.clone()).into());
        }
        if ui.button("Cancel").clicked() || is_left {
            command = Some(DocumentCommand::KeepName.into());
        }
        command
    }
}
