//! The prompt and negative prompt, Generate and Cancel.

use std::sync::Arc;

use egui::{Button, RichText, TextEdit, WidgetInfo};

use super::extras_menu;
use crate::engine::{Settings, TokenCount, TokenCounter};
use crate::jobs::Extras;
use crate::ui::estimate::RoundEstimate;
use crate::ui::keymap::tooltip;
use crate::ui::prompting::{self, Prompting};
use crate::ui::{LiveCommand, RefineCommand, RoundCommand, UserCommand, theme};

/// Generate with the switch beside it.
const BUTTON: egui::Vec2 = egui::vec2(154.0, 46.0);
/// The width of the switch of live painting, and the space before it.
const LIVE_WIDTH: f32 = 46.0;
const GENERATE_GAP: f32 = 4.0;
/// The height of Generate in a low window, in points.
const LOW_BUTTON: f32 = 26.0;
/// The height of the buttons above and below it, and in a low window.
const SMALL_BUTTON: f32 = 24.0;
const LOW_SMALL_BUTTON: f32 = 20.0;
const PROMPT_HELP: &str = "What the picture should show. Words at the beginning count more. (word) and (word:1.4) give more weight, [word] less; [red:green:0.5] changes halfway, [a|b] every step, a AND b:0.5 follows two prompts; <lora:name:0.8> adds a LoRA, __name__ a line of the text file wildcards/name.txt that the seed chooses.";
const NEGATIVE_HELP: &str = "What the picture should not show.";
const UNUSED: &str = "not used at CFG scale 1";
const UNUSED_HELP: &str =
    "What the picture should not show. It counts at CFG scales above 1 only, where each step takes twice as long.";

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

    /// `runs` says whether a round is running, and whether live painting is on. In a `low` window the fields lie beside
    /// each other.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        settings: &mut Settings,
        runs: (bool, bool),
        extras: (&Extras, &mut Prompting),
        estimate: &RoundEstimate,
        low: bool,
    ) -> Option<UserCommand> {
        for (counted, text) in [(&mut self.prompt, &settings.prompt), (&mut self.negative, &settings.negative)] {
            counted.update(self.counter.as_deref(), text);
        }
        show(ui, settings, runs, [&self.prompt.shown, &self.negative.shown], extras, estimate, low)
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
    (is_running, is_live): (bool, bool),
    counts: [&str; 2],
    extras: (&Extras, &mut Prompting),
    estimate: &RoundEstimate,
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
            // Generate keeps its place when Cancel comes and goes.
            ui.set_width(BUTTON.x);
            let (large, small) = if low { (LOW_BUTTON, LOW_SMALL_BUTTON) } else { (BUTTON.y, SMALL_BUTTON) };
            if low {
                ui.spacing_mut().item_spacing.y = 2.0;
            }
            command = cancel(ui, is_running, estimate, small).or(command.take());
            command = ui
                .horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = GENERATE_GAP;
                    let command = generate(ui, is_running, large);
                    live(ui, is_live, large).or(command)
                })
                .inner
                .or(command.take());
            command = sheets(ui, small).or(command.take());
        });
    });
    command
}

/// The negative prompt below the prompt.
fn below(
    ui: &mut egui::Ui,
    settings: &mut Settings,
    counts: [&str; 2],
    extras: (&Extras, &mut Prompting),
) -> Option<UserCommand> {
    let command = field(ui, "Prompt", PROMPT_HELP, counts[0], 2, &mut settings.prompt, Some(extras));
    negative(ui, settings, counts[1], 1);
    command
}

/// The negative prompt beside the prompt, for low windows.
fn beside(
    ui: &mut egui::Ui,
    settings: &mut Settings,
    counts: [&str; 2],
    extras: (&Extras, &mut Prompting),
) -> Option<UserCommand> {
    ui.columns_const(|[left, right]| {
        let command = field(left, "Prompt", PROMPT_HELP, counts[0], 2, &mut settings.prompt, Some(extras));
        negative(right, settings, counts[1], 2);
        command
    })
}

/// The negative prompt, which says so where it is not used.
fn negative(ui: &mut egui::Ui, settings: &mut Settings, count: &str, rows: usize) {
    let is_unused = settings.cfg_scale <= 1.0 && !settings.negative.trim().is_empty();
    let (count, help) = if is_unused { (UNUSED, UNUSED_HELP) } else { (count, NEGATIVE_HELP) };
    field(ui, "Negative prompt", help, count, rows, &mut settings.negative, None);
}

fn generate(ui: &mut egui::Ui, is_running: bool, height: f32) -> Option<UserCommand> {
    let text = RichText::new("Generate").size(16.0).strong().color(theme::ON_ACCENT);
    let help = match is_running {
        true => "Make pictures from the canvas and the prompt as they are now, after the rounds asked for before.",
        false => "Make pictures from the canvas and the prompt.",
    };
    let help = tooltip(ui.ctx(), help, RoundCommand::Generate);
    let width = BUTTON.x - LIVE_WIDTH - GENERATE_GAP;
    let button = ui.add_sized([width, height], Button::new(text).fill(theme::ACCENT)).on_hover_text(help);
    button.clicked().then(|| RoundCommand::Generate.into())
}

/// The switch of live painting.
fn live(ui: &mut egui::Ui, is_on: bool, height: f32) -> Option<UserCommand> {
    let help = "Make the result follow the brush: every change of the canvas or the settings makes a new picture.";
    let help = tooltip(ui.ctx(), help, LiveCommand::Toggle);
    ui.spacing_mut().button_padding.x = 4.0;
    let button = Button::selectable(is_on, RichText::new("Live").strong());
    let button = ui.add_sized([LIVE_WIDTH, height], button.frame_when_inactive(true)).on_hover_text(help);
    button.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_on, "Live"));
    button.clicked().then(|| LiveCommand::Toggle.into())
}

/// The buttons of the strength ladder and of sheets.
fn sheets(ui: &mut egui::Ui, height: f32) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        // Together as wide as the button above.
        ui.spacing_mut().button_padding = egui::vec2(5.0, 1.0);
        ui.spacing_mut().interact_size.y = height;
        let width = (BUTTON.x - ui.spacing().item_spacing.x) / 2.0;
        let ladder = "Make four pictures with the same seed at denoising strengths 0.45, 0.6, 0.75 and 0.9.";
        let sheet = "Make pictures with the same seed over which one or two settings vary.";
        for (name, help, wanted) in
            [("Ladder", ladder, RefineCommand::StrengthLadder), ("Sheet…", sheet, RefineCommand::AskForSheet)]
        {
            let help = tooltip(ui.ctx(), help, wanted.clone());
            let button = ui.add(Button::new(name).min_size(egui::vec2(width, height)));
            if button.on_hover_text(help).clicked() {
                command = Some(wanted.into());
            }
        }
    });
    command
}

/// Cancel while a round is running; in its place otherwise what the next round would take.
fn cancel(ui: &mut egui::Ui, is_running: bool, estimate: &RoundEstimate, height: f32) -> Option<UserCommand> {
    if !is_running {
        estimate.ui(ui, egui::vec2(BUTTON.x, height));
        return None;
    }
    let help = tooltip(ui.ctx(), "Cancel the round. Finished pictures are kept.", RoundCommand::Cancel);
    let button = ui.add_sized([BUTTON.x, height], Button::new("Cancel")).on_hover_text(help);
    button.clicked().then(|| RoundCommand::Cancel.into())
}

/// A text field with its label, its token count, and, with `extras`, the menu that adds them.
fn field(
    ui: &mut egui::Ui,
    name: &str,
    help: &str,
    count: &str,
    rows: usize,
    text: &mut String,
    mut extras: Option<(&Extras, &mut Prompting)>,
) -> Option<UserCommand> {
    let (label, command) = ui
        .horizontal(|ui| {
            let label = ui.label(name).on_hover_text(help);
            ui.label(RichText::new(count).small().weak()).on_hover_text(
                "Tokens used, and the room for them. The model reads 75 tokens at a time; longer prompts are read in several parts.",
            );
            let command = extras.as_mut().and_then(|(extras, prompting)| {
                let command = extras_menu::ui(ui, extras, text);
                prompting::row(ui, prompting).or(command)
            });
            (label, command)
        })
        .inner;
    let edit = TextEdit::multiline(text).desired_rows(rows).desired_width(f32::INFINITY).return_key(None);
    egui::ScrollArea::vertical().id_salt(name).max_height(20.0 * rows as f32 + 8.0).show(ui, |ui| {
        ui.add(edit).labelled_by(label.id);
    });
    extras.and_then(|(_, prompting)| prompting::suggestion(ui, prompting)).or(command)
}
