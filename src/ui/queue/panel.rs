//! The list of jobs: the one that is being made, those that wait, and those that failed.

use egui::{Align, Button, Label, Layout, Response, RichText, ScrollArea, Ui, Vec2, WidgetInfo};

use super::words;
use crate::document::{FailedJob, QueuedJob};
use crate::ui::keymap::tooltip;
use crate::ui::state::WindowState;
use crate::ui::{QueueCommand, RoundCommand, UserCommand, theme};

/// The height of a row in points.
const ROW: f32 = 24.0;

/// One row of the list.
enum Row<'a> {
    Running(&'a QueuedJob),
    /// With its place among the waiting ones.
    Waiting(&'a QueuedJob, usize),
    Failed(&'a FailedJob),
}

/// Shows the list, at most `rows` rows high.
pub(in crate::ui) fn ui(ui: &mut Ui, state: &WindowState, rows: f32) -> Option<UserCommand> {
    let mut command = heading(ui, state);
    let queue = state.document.queue();
    let mut list: Vec<Row<'_>> = queue.running().map(Row::Running).into_iter().collect();
    list.extend(queue.waiting().iter().enumerate().map(|(place, job)| Row::Waiting(job, place)));
    list.extend(queue.failed().iter().map(Row::Failed));
    let height = rows.min(list.len().max(1) as f32) * (ROW + ui.spacing().item_spacing.y);
    ui.allocate_ui(Vec2::new(ui.available_width(), height), |ui| {
        ui.set_min_height(height);
        if list.is_empty() {
            ui.label(RichText::new("No round waits. Generate adds one while another is being made.").weak());
        }
        ScrollArea::vertical().id_salt("jobs").auto_shrink([false, false]).show_rows(
            ui,
            ROW,
            list.len(),
            |ui, range| {
                for row in list.get(range).unwrap_or_default() {
                    let size = Vec2::new(ui.available_width(), ROW);
                    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
                        command = one(ui, state, row).or(command.take());
                    });
                }
            },
        );
    });
    command
}

fn heading(ui: &mut Ui, state: &WindowState) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        theme::section(ui, "Queue");
        let progress = state.running.as_ref().map(|running| &running.progress);
        let (document, pace) = (&state.document, &state.queue.pace);
        ui.label(RichText::new(words::summary(document, pace, progress, state.queue.is_forever)).weak());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let help = tooltip(ui.ctx(), "Hide the list. The rounds stay.", QueueCommand::ToggleList);
            let hide = ui.add(Button::new("Hide").small()).on_hover_text(help);
            if named(hide, "Hide the queue").clicked() {
                command = Some(QueueCommand::ToggleList.into());
            }
            let help = "Cancel the round that is being made, drop all that wait, and stop generating for ever. Finished pictures stay.";
            let help = tooltip(ui.ctx(), help, QueueCommand::CancelAll);
            let is_empty = document.queue().is_empty() && !state.queue.is_forever;
            if ui.add_enabled(!is_empty, Button::new("Cancel all").small()).on_hover_text(help).clicked() {
                command = Some(QueueCommand::CancelAll.into());
            }
        });
    });
    command
}

/// A row, from the right: its buttons, then what it is.
fn one(ui: &mut Ui, state: &WindowState, row: &Row<'_>) -> Option<UserCommand> {
    let document = &state.document;
    let mut command: Option<UserCommand> = None;
    let mut button = |ui: &mut Ui, enabled: bool, (label, name): (&str, &str), help: &str, wanted: UserCommand| {
        let button = ui.add_enabled(enabled, Button::new(label).small()).on_hover_text(help);
        if named(button, name).clicked() {
            command = Some(wanted);
        }
    };
    match row {
        Row::Running(job) => {
            let number = job.round;
            let name = format!("Cancel round {number}");
            let help = tooltip(ui.ctx(), "Cancel this round. Finished pictures stay.", RoundCommand::Cancel);
            button(ui, true, ("Cancel", &name), &help, RoundCommand::Cancel.into());
            let text = document.rounds().get(job.round).map(|round| words::job(document, job, round));
            let color = theme::colors(ui).good;
            text_of(ui, &format!("Being made: {}", text.unwrap_or_default()), color);
        }
        Row::Waiting(job, place) => {
            let number = job.round;
            let name = format!("Drop round {number}");
            let help = "Take this round out of the queue. Finished pictures stay.";
            button(ui, true, ("Drop", &name), help, QueueCommand::Drop(job.round).into());
            let name = format!("Make round {number} later");
            let is_last = place + 1 == document.queue().waiting().len();
            let help = "Make this round one place later.";
            button(ui, !is_last, ("Down", &name), help, QueueCommand::MoveLater(job.round).into());
            let name = format!("Make round {number} earlier");
            let help = "Make this round one place earlier.";
            button(ui, *place > 0, ("Up", &name), help, QueueCommand::MoveEarlier(job.round).into());
            let text = document.rounds().get(job.round).map(|round| words::job(document, job, round));
            text_of(ui, &text.unwrap_or_default(), ui.visuals().text_color());
        }
        Row::Failed(failed) => {
            let round = failed.job.round;
            let help = "Forget this round.";
            button(ui, true, ("Dismiss", "Dismiss the failed round"), help, QueueCommand::Dismiss(round).into());
            let help = "Put this round at the end of the queue again, as it was asked for.";
            button(ui, true, ("Try again", "Try the failed round again"), help, QueueCommand::Retry(round).into());
            let color = theme::colors(ui).error;
            text_of(ui, &format!("Round {round} failed: {}", failed.reason), color);
        }
    }
    command
}

/// The rest of a row, from the left.
fn text_of(ui: &mut Ui, text: &str, color: egui::Color32) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(RichText::new(text).small().color(color)).truncate()).on_hover_text(text);
    });
}

/// Gives a button a name for assistive technology that says which row it belongs to, and scrolls to it when it gets
/// the keyboard.
fn named(button: Response, name: &str) -> Response {
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, button.enabled(), name));
    if button.gained_focus() {
        // Rows below the last visible one are reached with the keyboard too.
        button.scroll_to_me(None);
    }
    button
}
