//! The prompt and negative prompt, Generate and Cancel, and the progress bar.

use std::sync::Arc;

use egui::{Button, ProgressBar, RichText, TextEdit};

use super::extras_menu;
use crate::engine::{Settings, TokenCount, TokenCounter};
use crate::jobs::Extras;
use crate::ui::keymap::tooltip;
use crate::ui::progress::{Progress, in_words};
use crate::ui::{RefineCommand, RoundCommand, UserCommand, theme};

const BUTTON: egui::Vec2 = egui::vec2(132.0, 46.0);
const PROMPT_HELP: &str = "What the picture should show. Words at the beginning count more. (word) and (word:1.4) give more weight, [word] less; <lora:name:0.8> adds a LoRA.";
const NEGATIVE_HELP: &str = "What the picture should not show.";

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

    /// `running` is the progress of the running round, if there is one. In a `low` window the
    /// fields lie beside each other.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        settings: &mut Settings,
        running: Option<&Progress>,
        extras: &Extras,
        low: bool,
    ) -> Option<UserCommand> {
        for (counted, text) in [(&mut self.prompt, &settings.prompt), (&mut self.negative, &settings.negative)] {
            counted.update(self.counter.as_deref(), text);
        }
        show(ui, settings, running, [&self.prompt.shown, &self.negative.shown], extras, low)
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
    counts: [&str; 2],
    extras: &Extras,
    low: bool,
) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal_top(|ui| {
        let width = ui.available_width() - BUTTON.x - ui.spacing().item_spacing.x;
        let fields = if low { beside } else { below };
        command = ui
            .vertical(|ui| {
                ui.set_width(width);
                fields(ui, settings, counts, extras)
            })
            .inner;
        ui.vertical(|ui| {
            // In a low window there is no room to begin at the height of the prompt's field.
            ui.add_space(if low { 0.0 } else { 30.0 });
            command = button(ui, running.is_some()).or(command.take());
            command = sheets(ui, running.is_some()).or(command.take());
        });
    });
    // The bar keeps its place when nothing runs, so that the canvas does not jump.
    ui.add_space(2.0);
    match running {
        Some(progress) => bar(ui, progress),
        None => {
            ui.allocate_space(egui::vec2(ui.available_width(), 18.0));
        }
    }
    command
}

/// The negative prompt below the prompt.
fn below(ui: &mut egui::Ui, settings: &mut Settings, counts: [&str; 2], extras: &Extras) -> Option<UserCommand> {
    let command = field(ui, "Prompt", PROMPT_HELP, counts[0], 2, &mut settings.prompt, Some(extras));
    field(ui, "Negative prompt", NEGATIVE_HELP, counts[1], 1, &mut settings.negative, None);
    command
}

/// The negative prompt beside the prompt, for low windows.
fn beside(ui: &mut egui::Ui, settings: &mut Settings, counts: [&str; 2], extras: &Extras) -> Option<UserCommand> {
    ui.columns_const(|[left, right]| {
        let command = field(left, "Prompt", PROMPT_HELP, counts[0], 2, &mut settings.prompt, Some(extras));
        field(right, "Negative prompt", NEGATIVE_HELP, counts[1], 2, &mut settings.negative, None);
        command
    })
}

/// Generate, or Cancel while a round is running.
fn button(ui: &mut egui::Ui, running: bool) -> Option<UserCommand> {
    let (button, help, command) = if running {
        let cancel = Button::new(RichText::new("Cancel").size(16.0));
        (cancel, "Cancel the round. Finished pictures are kept.", RoundCommand::Cancel)
    } else {
        let text = RichText::new("Generate").size(16.0).strong().color(theme::ON_ACCENT);
        (Button::new(text).fill(theme::ACCENT), "Make pictures from the canvas and the prompt.", RoundCommand::Generate)
    };
    let help = tooltip(ui.ctx(), help, command);
    ui.add_sized(BUTTON, button).on_hover_text(help).clicked().then(|| command.into())
}

/// The buttons of the strength ladder and of sheets.
fn sheets(ui: &mut egui::Ui, running: bool) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        // Together as wide as the button above.
        ui.spacing_mut().button_padding.x = 5.0;
        let width = (BUTTON.x - ui.spacing().item_spacing.x) / 2.0;
        let ladder = "Make four pictures with the same seed at denoising strengths 0.45, 0.6, 0.75 and 0.9.";
        let sheet = "Make pictures with the same seed over which one or two settings vary.";
        for (name, help, wanted) in
            [("Ladder", ladder, RefineCommand::StrengthLadder), ("Sheet…", sheet, RefineCommand::AskForSheet)]
        {
            let help = tooltip(ui.ctx(), help, wanted.clone());
            let button = Button::new(name).min_size(egui::vec2(width, 0.0));
            let button = ui.add_enabled(!running, button);
            if button.on_hover_text(help).on_disabled_hover_text("A round is running.").clicked() {
                command = Some(wanted.into());
            }
        }
    });
    command
}

/// How far the round is.
fn bar(ui: &mut egui::Ui, progress: &Progress) {
    let mut text = progress.text().to_owned();
    if let Some(left) = progress.time_left() {
        text += &format!("  ·  {} left", in_words(left));
    }
    let bar =
        ProgressBar::new(progress.share()).text(RichText::new(text).small()).fill(egui::Color32::from_rgb(62, 105, 40));
    ui.add(bar.desired_height(18.0));
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
