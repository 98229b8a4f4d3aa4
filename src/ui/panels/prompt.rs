//! The prompt and negative prompt, Generate and Cancel, and the progress bar.

use std::sync::Arc;

use egui::{Button, ProgressBar, RichText, TextEdit};

use super::extras_menu;
use crate::engine::{Settings, TokenCount, TokenCounter};
use crate::jobs::Extras;
use crate::ui::keymap::tooltip;
use crate::ui::progress::{Progress, in_words};
use crate::ui::{RoundCommand, UserCommand, theme};

/// Shows the prompts. Keeps their token counts, so that they are counted only when they change.
#[derive(Default)]
pub(in crate::ui) struct PromptPanel {
    counter: Option<Arc<dyn TokenCounter>>,
    prompt: Counted,
    negative: Counted,
}

/// A text and its token count, for example `14/75`.
#[derive(Default)]
struct Counted {
    text: String,
    shown: String,
}

impl PromptPanel {
    /// Counts tokens with the tokenizer of this model from now on.
    pub fn count_with(&mut self, counter: Option<Arc<dyn TokenCounter>>) {
        *self = Self { counter, ..Self::default() };
    }

    /// `running` is the round in progress, if there is one.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        settings: &mut Settings,
        running: Option<&Progress>,
        extras: &Extras,
    ) -> Option<UserCommand> {
        for (counted, text) in [(&mut self.prompt, &settings.prompt), (&mut self.negative, &settings.negative)] {
            counted.update(self.counter.as_deref(), text);
        }
        show(ui, settings, running, [&self.prompt.shown, &self.negative.shown], extras)
    }
}

impl Counted {
    fn update(&mut self, counter: Option<&dyn TokenCounter>, text: &str) {
        let Some(counter) = counter else { return };
        if self.shown.is_empty() || self.text != text {
            let TokenCount { used, room } = counter.count(text);
            self.shown = format!("{used}/{room}");
            text.clone_into(&mut self.text);
        }
    }
}

fn show(
    ui: &mut egui::Ui,
    settings: &mut Settings,
    running: Option<&Progress>,
    [prompt, negative]: [&str; 2],
    extras: &Extras,
) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal_top(|ui| {
        let button_width = 132.0;
        let width = ui.available_width() - button_width - ui.spacing().item_spacing.x;
        ui.vertical(|ui| {
            ui.set_width(width);
            let help = "What the picture should show. Words at the beginning count more. (word) and (word:1.4) give more weight, [word] less; <lora:name:0.8> adds a LoRA.";
            command = field(ui, "Prompt", help, prompt, 2, &mut settings.prompt, Some(extras));
            let help = "What the picture should not show.";
            field(ui, "Negative prompt", help, negative, 1, &mut settings.negative, None);
        });
        ui.vertical(|ui| {
            ui.add_space(30.0);
            let size = egui::vec2(button_width, 46.0);
            if running.is_some() {
                let cancel = Button::new(RichText::new("Cancel").size(16.0));
                let help = tooltip(ui.ctx(), "Cancel the round. Finished pictures are kept.", RoundCommand::Cancel);
                if ui.add_sized(size, cancel).on_hover_text(help).clicked() {
                    command = Some(RoundCommand::Cancel.into());
                }
            } else {
                let text = RichText::new("Generate").size(16.0).strong().color(theme::ON_ACCENT);
                let generate = Button::new(text).fill(theme::ACCENT);
                let help = tooltip(ui.ctx(), "Make pictures from the canvas and the prompt.", RoundCommand::Generate);
                if ui.add_sized(size, generate).on_hover_text(help).clicked() {
                    command = Some(RoundCommand::Generate.into());
                }
            }
        });
    });
    // The bar keeps its place when nothing runs, so that the canvas does not jump.
    ui.add_space(2.0);
    match running {
        Some(progress) => {
            let mut text = progress.text().to_owned();
            if let Some(left) = progress.time_left() {
                text += &format!("  ·  {} left", in_words(left));
            }
            let bar = ProgressBar::new(progress.share())
                .text(RichText::new(text).small())
                .fill(egui::Color32::from_rgb(62, 105, 40));
            ui.add(bar.desired_height(18.0));
        }
        None => {
            ui.allocate_space(egui::vec2(ui.available_width(), 18.0));
        }
    }
    command
}

/// A text field with its label, its token count, and, with `extras`, the menu that adds them.
fn field(
    ui: &mut egui::Ui,
    name: &str,
    help: &str,
    count: &str,
    rows: usize,
    text: &mut String,
    extras: Option<&Extras>,
) -> Option<UserCommand> {
    let (label, command) = ui
        .horizontal(|ui| {
            let label = ui.label(name).on_hover_text(help);
            ui.label(RichText::new(count).small().weak()).on_hover_text(
                "Tokens used, and the room for them. The model reads 75 tokens at a time; longer prompts are read in several parts.",
            );
            (label, extras.and_then(|extras| extras_menu::ui(ui, extras, text)))
        })
        .inner;
    let edit = TextEdit::multiline(text).desired_rows(rows).desired_width(f32::INFINITY).return_key(None);
    egui::ScrollArea::vertical().id_salt(name).max_height(20.0 * rows as f32 + 8.0).show(ui, |ui| {
        ui.add(edit).labelled_by(label.id);
    });
    command
}
