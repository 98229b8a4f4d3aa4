//! The dialog that chooses as what results are written.

use egui::{Button, RichText, TextEdit, Ui};

use crate::picture::{FileKind, NamePattern, NameWords, OutputOptions};
use crate::ui::widgets::{NumberField, labelled_list};
use crate::ui::{ExportCommand, UserCommand, theme};

/// What was entered.
pub(in crate::ui) struct SavingForm {
    options: OutputOptions,
    pattern: String,
}

impl SavingForm {
    pub fn new(options: &OutputOptions) -> Self {
        Self { options: options.clone(), pattern: options.name.text().to_owned() }
    }

    pub fn ui(&mut self, ui: &mut Ui) -> Option<UserCommand> {
        theme::section(ui, "Format and names of results");
        let kind = &mut self.options.encoding.kind;
        let help = "PNG and WebP keep every pixel; JPEG is smaller and loses a little. All three hold the settings.";
        labelled_list(ui, "Format", help, kind.label().into(), |ui| {
            for choice in FileKind::ALL {
                ui.selectable_value(kind, choice, choice.label());
            }
        });
        if *kind == FileKind::Jpeg {
            let help = "Higher is larger and closer to the original. 95 shows no difference.";
            NumberField::new("JPEG quality", help).ui(ui, &mut self.options.encoding.jpeg_quality, 1..=100);
        }
        ui.add_enabled_ui(self.options.encoding.kind == FileKind::Png, |ui| {
            let help = "The file then opens as the round it came from. It is about twice as large. PNG only.";
            ui.checkbox(&mut self.options.with_start, "Save the start image in the file")
                .on_hover_text(help)
                .on_disabled_hover_text(help);
        });
        let help = format!("Words in braces stand for what made the picture: {}.", NamePattern::words());
        let label = ui.label("File name").on_hover_text(&help);
        let field = TextEdit::singleline(&mut self.pattern).desired_width(f32::INFINITY).char_limit(300);
        ui.add(field).labelled_by(label.id).on_hover_text(&help);
        let pattern = NamePattern::new(&self.pattern);
        match &pattern {
            Ok(pattern) => {
                let name = pattern.name(&NameWords::example(), 1);
                let text = format!("Example: {name}.{}", self.options.encoding.kind.id());
                ui.label(RichText::new(text).small().weak());
                let words = format!("Words: {}", NamePattern::words());
                ui.label(RichText::new(words).small().weak());
            }
            Err(error) => {
                ui.label(RichText::new(error.to_string()).small().color(theme::colors(ui).error));
            }
        }
        let text = "A file is never written over: a name that is taken gets a number.";
        ui.label(RichText::new(text).small().weak());
        ui.add_space(4.0);
        let mut command = None;
        ui.horizontal(|ui| {
            let save = Button::new(RichText::new("Use from now on").color(theme::ON_ACCENT)).fill(theme::ACCENT);
            let help = "Results are written like this, also after the next launch.";
            if ui.add_enabled(pattern.is_ok(), save).on_hover_text(help).clicked()
                && let Ok(name) = pattern
            {
                let options = OutputOptions { name, ..self.options.clone() };
                command = Some(ExportCommand::UseOutput(options).into());
            }
            if ui.button("Cancel").clicked() {
                command = Some(ExportCommand::Close.into());
            }
        });
        command
    }
}
