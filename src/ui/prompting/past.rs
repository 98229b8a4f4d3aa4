//! The dialog that finds a prompt that was used before.

use egui::{Button, Context, Id, Key, Modal, RichText, ScrollArea, TextEdit, Ui, WidgetInfo};

use crate::document::Rounds;
use crate::prompts::{PastPrompt, PromptHistory};
use crate::ui::state::WindowState;
use crate::ui::{PromptCommand, UserCommand, theme};

/// The height of a row in points.
const ROW: f32 = 22.0;

/// The dialog while it is open.
pub(in crate::ui) struct PastDialog {
    /// The prompts of this document, then those of others, the latest first; none twice.
    prompts: Vec<PastPrompt>,
    words: String,
    /// Whether the text field is to get the keyboard.
    is_new: bool,
}

impl PastDialog {
    /// Lists the prompts of these rounds, then those that were used in all documents.
    pub fn new(rounds: &Rounds, past: &PromptHistory) -> Self {
        let of_rounds = rounds.iter().rev().map(|round| PastPrompt {
            prompt: round.settings.prompt.clone(),
            negative: round.settings.negative.clone(),
        });
        let mut seen = std::collections::HashSet::new();
        let all = of_rounds.chain(past.all().iter().cloned());
        let prompts = all.filter(|prompt| !prompt.is_empty() && seen.insert(prompt.clone())).collect();
        Self { prompts, words: String::new(), is_new: true }
    }

    fn found(&self) -> Vec<&PastPrompt> {
        self.prompts.iter().filter(|prompt| prompt.matches(&self.words)).collect()
    }
}

/// Shows the dialog while it is open. Escape, a click beside it and its button close it.
pub(in crate::ui) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    let dialog = state.prompting.dialog.as_mut()?;
    let mut command = None;
    let shown = Modal::new(Id::unique("earlier prompts")).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 80.0).min(620.0));
        theme::section(ui, "Earlier prompts");
        let is_entered = words(ui, dialog);
        let found = dialog.found();
        if is_entered {
            command = found.first().map(|first| PromptCommand::Use((*first).clone()).into());
        }
        command = list(ui, &found, ctx.content_rect().height()).or(command.take());
        ui.button("Close").clicked()
    });
    (command.is_none() && (shown.inner || shown.should_close())).then(|| PromptCommand::HidePast.into()).or(command)
}

/// The text field; returns whether Enter was pressed in it.
fn words(ui: &mut Ui, dialog: &mut PastDialog) -> bool {
    let label = ui.label("Find by words");
    let id = Id::unique("find prompts");
    let edit = TextEdit::singleline(&mut dialog.words).id(id).desired_width(f32::INFINITY);
    let response = ui.add(edit).labelled_by(label.id);
    if std::mem::take(&mut dialog.is_new) {
        response.request_focus();
    }
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

fn list(ui: &mut Ui, found: &[&PastPrompt], height: f32) -> Option<UserCommand> {
    let mut command = None;
    let room = (height * 0.5).clamp(120.0, 380.0);
    if found.is_empty() {
        ui.label(RichText::new("No prompt that was used before has all of these words.").weak());
        return None;
    }
    ScrollArea::vertical().max_height(room).auto_shrink([false, true]).show_rows(ui, ROW, found.len(), |ui, range| {
        for past in found.get(range).unwrap_or_default() {
            let text = one_line(&past.prompt);
            let entry = Button::selectable(false, &text).truncate().min_size(egui::vec2(ui.available_width(), ROW));
            let response = ui.add(entry).on_hover_text(described(past));
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &text));
            if response.clicked() {
                command = Some(PromptCommand::Use((*past).clone()).into());
            }
        }
    });
    command
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn described(past: &PastPrompt) -> String {
    match past.negative.is_empty() {
        true => past.prompt.clone(),
        false => format!("{}\nNegative prompt: {}", past.prompt, past.negative),
    }
}
