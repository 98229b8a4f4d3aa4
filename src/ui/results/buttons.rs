//! The buttons of the chosen result, its seed and its file.

use egui::{Button, RichText, Ui};

use crate::document::{ResultId, Round, RoundResult, Slot, State};
use crate::jobs::ResultScores;
use crate::ui::history::note_row;
use crate::ui::keymap::{pick_click, result_keys, tooltip};
use crate::ui::refine::Scores;
use crate::ui::{CompareCommand, HistoryCommand, RefineCommand, ResultCommand, UserCommand, theme};

const SCORES_HELP: &str = "Outline: how well the edges match those of the canvas, from 0 to 1. Drift: the mean colour difference (CIEDE2000) from the parent where nothing was painted; 1 is just visible.";

/// How much height the buttons and the line below them need, in points.
pub(super) const HEIGHT: f32 = 66.0;

/// Below this width in points only the most important buttons show, and the others are in a menu.
const NARROW: f32 = 790.0;

/// How much more the button of sheets needs, in points.
const SAVE_SHEET: f32 = 100.0;

/// Below this width in points making variations is in the menu too.
const WITHOUT_VARIATIONS: f32 = 400.0;

/// Below this width in points only the most important one does.
const NARROWER: f32 = 270.0;

/// Below this width in points that button has a shorter name.
const NARROWEST: f32 = 190.0;

/// Shows the buttons of one picture of a round, with its place and what is there. With `edits_note` its note gets the
/// keyboard.
pub(super) fn ui(
    ui: &mut Ui,
    of: &Round,
    (image, slot): (usize, &Slot),
    scores: &Scores,
    edits_note: bool,
) -> Option<UserCommand> {
    let mut command = None;
    let (round, result) = (of.id, slot.result());
    let room_for_all = NARROW + if of.plan.sheet.is_some() { SAVE_SHEET } else { 0.0 };
    let (narrow, narrower) = (ui.available_width() < room_for_all, ui.available_width() < NARROWER);
    let varies = ui.available_width() >= WITHOUT_VARIATIONS;
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
            if varies {
                command = vary(ui, id).or(command.take());
            }
            if !narrower {
                command = compare(ui, id).or(command.take());
            }
            let others = |ui: &mut Ui| {
                let compared = if narrower { compare(ui, id) } else { None };
                let varied = if varies { None } else { vary(ui, id) };
                let other = others(ui, id, result).map(UserCommand::from);
                let larger = if narrow { upscale(ui, id) } else { None };
                let sheet = if of.plan.sheet.is_some() { save_sheet(ui, id) } else { None };
                other.or(larger).or(compared).or(varied).or(sheet)
            };
            let other = if narrow {
                let all = |ui: &mut Ui| others(ui).or(rounds(ui, id));
                ui.menu_button("More…", all).inner.flatten()
            } else {
                let shown = others(ui);
                ui.menu_button("More…", |ui| upscale(ui, id).or(rounds(ui, id))).inner.flatten().or(shown)
            };
            command = other.or(command.take());
        });
    });
    let of_this = scores.of(ResultId { round, image }).unwrap_or_default();
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            command = views(ui, scores, of_this).or(command.take());
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                if let Some(result) = result {
                    command = note_row(ui, ResultId { round, image }, result, edits_note).or(command.take());
                }
                let words = RichText::new(words(of, image, slot, of_this)).small().weak();
                ui.add(egui::Label::new(words).truncate()).on_hover_text(SCORES_HELP);
            });
        });
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

/// The switches between ways to look at a round, where there is something to see.
fn views(ui: &mut Ui, scores: &Scores, of_this: ResultScores) -> Option<UserCommand> {
    let mut command = None;
    let drift = "Draw in false colours how far the result is from its start image where nothing was painted.";
    let order = "Show the results that follow the outlines of the canvas best first.";
    for (name, help, shown, on, wanted) in [
        ("Drift", drift, of_this.drift.is_some(), scores.shows_drift, RefineCommand::ToggleDrift),
        ("By outline", order, of_this.outline.is_some(), scores.sorts, RefineCommand::ToggleOutlineOrder),
    ] {
        let (help, mut checked) = (tooltip(ui.ctx(), help, wanted.clone()), on);
        let text = RichText::new(name).small();
        if shown && ui.checkbox(&mut checked, text).on_hover_text(help).changed() {
            command = Some(wanted.into());
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

fn vary(ui: &mut Ui, ResultId { round, image }: ResultId) -> Option<UserCommand> {
    let help = "Make variations of this result: the same start image, settings and seed, with the noise turned a little. How far is the variation strength in the settings, or 0.15 if that is 0.";
    let help = tooltip(ui.ctx(), help, RefineCommand::VaryShown);
    ui.button("More like this").on_hover_text(help).clicked().then(|| RefineCommand::Vary(round, image).into())
}

fn upscale(ui: &mut Ui, ResultId { round, image }: ResultId) -> Option<UserCommand> {
    let help = "Make this result larger: enlarged, then worked over in tiles. It becomes a result of its own.";
    let help = tooltip(ui.ctx(), help, RefineCommand::AskForUpscaleShown);
    ui.button("Upscale…").on_hover_text(help).clicked().then(|| RefineCommand::AskForUpscale(round, image).into())
}

fn save_sheet(ui: &mut Ui, ResultId { round, .. }: ResultId) -> Option<UserCommand> {
    let help = "Save all pictures of this sheet as one picture, with the values of the settings at its edges.";
    ui.button("Save sheet…").on_hover_text(help).clicked().then(|| RefineCommand::ChooseSaveSheet(round).into())
}

/// The buttons that are in a menu where there is little room.
fn others(ui: &mut Ui, ResultId { round, image }: ResultId, result: Option<&RoundResult>) -> Option<ResultCommand> {
    let mut command = None;
    let help = "Put this result on the canvas as a layer above the present ones, which stay as they are.";
    if ui.button("Add as layer").on_hover_text(help).clicked() {
        command = Some(ResultCommand::AddAsLayer(round, image));
    }
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

/// The place on a sheet, the seed and the file of a result, or how far it is.
fn words(round: &Round, image: usize, slot: &Slot, scores: ResultScores) -> String {
    let on_sheet = round.plan.sheet.as_ref().map(|sheet| sheet.label(image) + "  ·  ").unwrap_or_default();
    let words = match (&slot.state, slot.result()) {
        (_, Some(result)) => {
            let file = result.file.as_ref().and_then(|file| file.file_name());
            let saved = file.map(|name| format!("  ·  saved as {}", name.to_string_lossy())).unwrap_or_default();
            let outline = scores.outline.map(|score| format!("  ·  outline {score:.2}")).unwrap_or_default();
            let drift = scores.drift.map(|drift| format!("  ·  drift {drift:.1}")).unwrap_or_default();
            format!("Seed {}{outline}{drift}{saved}", result.recipe.seed)
        }
        (State::Denoising { step, steps, .. }, _) => format!("Step {step} of {steps}"),
        _ => String::new(),
    };
    on_sheet + &words
}
