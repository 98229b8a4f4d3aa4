//! The buttons of the chosen result, its seed and its file.

use egui::{Button, RichText, Ui};

use crate::document::{ResultId, RoundId, RoundResult, Slot, State};
use crate::ui::history::note_row;
use crate::ui::keymap::{pick_click, result_keys, tooltip};
use crate::ui::{CompareCommand, HistoryCommand, ResultCommand, UserCommand, theme};

/// How much height the buttons and the line below them need, in points.
pub(super) const HEIGHT: f32 = 66.0;

/// Below this width in points only the most important buttons show, and the others are in a menu.
const NARROW: f32 = 530.0;

/// Below this width in points only the most important one does.
const NARROWER: f32 = 270.0;

/// Below this width in points that button has a shorter name.
const NARROWEST: f32 = 190.0;

/// Shows the buttons of one slot of a round. With `edits_note` its note gets the keyboard.
pub(super) fn ui(ui: &mut Ui, round: RoundId, image: usize, slot: &Slot, edits_note: bool) -> Option<UserCommand> {
    let mut command = None;
    let result = slot.result();
    let (narrow, narrower) = (ui.available_width() < NARROW, ui.available_width() < NARROWER);
    ui.horizontal(|ui| {
        ui.add_enabled_ui(result.is_some(), |ui| {
            let name = if ui.available_width() < NARROWEST { "Paint over" } else { "Paint over this" };
            let over = Button::new(RichText::new(name).color(theme::ON_ACCENT)).fill(theme::ACCENT);
            let help = format!(
                "Put this result on the canvas; the next round starts from it. ({} for the first to the ninth result)",
                result_keys(ui.ctx())
            );
            if ui.add(over).on_hover_text(help).clicked() {
                command = Some(ResultCommand::PaintOver(round, image).into());
            }
            let id = ResultId { round, image };
            if !narrower {
                command = compare(ui, id).or(command.take());
            }
            let others = |ui: &mut Ui| {
                let compared = if narrower { compare(ui, id) } else { None };
                others(ui, id, result).map(UserCommand::from).or(compared)
            };
            let other = if narrow {
                let all = |ui: &mut Ui| others(ui).or(rounds(ui, id));
                ui.menu_button("More…", all).inner.flatten()
            } else {
                let shown = others(ui);
                ui.menu_button("More…", |ui| rounds(ui, id)).inner.flatten().or(shown)
            };
            command = other.or(command.take());
        });
    });
    ui.horizontal(|ui| {
        if let Some(result) = result {
            command = note_row(ui, ResultId { round, image }, result, edits_note).or(command.take());
        }
        ui.add(egui::Label::new(RichText::new(words(slot)).small().weak()).truncate());
    });
    command
}

/// The menu entries about the round and about deleting.
fn rounds(ui: &mut Ui, ResultId { round, image }: ResultId) -> Option<UserCommand> {
    let mut command = None;
    let back = "Make canvas, prompt and settings those that this round began with. One undo takes all of it back.";
    for (name, help, shown, choice) in [
        ("Go back to this round", back, HistoryCommand::GoBackToShown, HistoryCommand::GoBack(round)),
        (
            "Delete this result",
            "Delete the result. Undo brings it back.",
            HistoryCommand::DeleteShownResult,
            HistoryCommand::DeleteResult(round, image),
        ),
        (
            "Delete this round",
            "Delete the round with all its results. Undo brings it back.",
            HistoryCommand::DeleteShownRound,
            HistoryCommand::DeleteRound(round),
        ),
    ] {
        if ui.button(name).on_hover_text(tooltip(ui.ctx(), help, shown)).clicked() {
            command = Some(choice.into());
        }
    }
    command
}

fn compare(ui: &mut Ui, ResultId { round, image }: ResultId) -> Option<UserCommand> {
    let help = format!(
        "Look at this result and the canvas in one place. To compare two results, pick them first: {} their small pictures.",
        pick_click(ui.ctx())
    );
    let help = tooltip(ui.ctx(), &help, CompareCommand::Open);
    ui.button("Compare").on_hover_text(help).clicked().then(|| CompareCommand::OpenWith(round, image).into())
}

/// The buttons that are in a menu where there is little room.
fn others(ui: &mut Ui, ResultId { round, image }: ResultId, result: Option<&RoundResult>) -> Option<ResultCommand> {
    let mut command = None;
    if ui.button("Save as…").on_hover_text("Save this result to a file of your choice.").clicked() {
        command = Some(ResultCommand::ChooseSave(round, image));
    }
    if ui.button("Copy").on_hover_text("Copy this result to the clipboard.").clicked() {
        command = Some(ResultCommand::Copy(round, image));
    }
    let help = "Make this result again with the same settings, and say whether every pixel is the same.";
    if ui.button("Run again and compare").on_hover_text(help).clicked() {
        command = Some(ResultCommand::RunAgain(round, image));
    }
    if ui.button("Use this seed").on_hover_text("Set the seed to the one that made this result.").clicked()
        && let Some(result) = result
    {
        command = Some(ResultCommand::UseSeed(result.recipe.seed));
    }
    command
}

/// The seed and the file of a result, or how far it is.
fn words(slot: &Slot) -> String {
    match (&slot.state, slot.result()) {
        (_, Some(result)) => {
            let file = result.file.as_ref().and_then(|file| file.file_name());
            let saved = file.map(|name| format!("  ·  saved as {}", name.to_string_lossy())).unwrap_or_default();
            format!("Seed {}{saved}", result.recipe.seed)
        }
        (State::Denoising { step, steps, .. }, _) => format!("Step {step} of {steps}"),
        _ => String::new(),
    }
}
