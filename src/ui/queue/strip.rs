//! The line below the prompt: the progress of the running round, and what can be done with the queue.

use egui::{Align, Button, Layout, ProgressBar, RichText, Ui, Vec2};

use super::words;
use crate::ui::keymap::tooltip;
use crate::ui::progress::{Progress, in_words};
use crate::ui::state::WindowState;
use crate::ui::{QueueCommand, UserCommand, theme};

/// Its height in points.
const HEIGHT: f32 = 24.0;

/// Below this width in points the buttons have shorter names.
const NARROW: f32 = 620.0;

/// Shows the line. It keeps its place when nothing runs, so that the canvas does not jump.
pub(in crate::ui) fn ui(ui: &mut Ui, state: &WindowState) -> Option<UserCommand> {
    let mut command = None;
    let size = Vec2::new(ui.available_width(), HEIGHT);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let is_narrow = ui.available_width() < NARROW;
        let progress = state.running.as_ref().map(|running| &running.progress);
        let queue = state.document.queue();
        let summary = words::summary(&state.document, &state.queue.pace, progress, state.queue.is_forever);
        let label = match summary.is_empty() || is_narrow {
            true if queue.waiting().is_empty() => "Queue".to_owned(),
            true => format!("Queue: {}", queue.waiting().len() + usize::from(queue.running().is_some())),
            false => format!("Queue: {summary}"),
        };
        let help = "Show or hide the rounds that wait to be made.";
        command = button(ui, &label, help, QueueCommand::ToggleList, state.queue.is_open);
        let help = "When no round waits, begin another one with the canvas and the settings of that moment and the next seed, until this is switched off.";
        let forever =
            button(ui, if is_narrow { "Ever" } else { "For ever" }, help, QueueCommand::ToggleForever, state.queue.is_forever);
        command = forever.or(command.take());
        if queue.paused().is_some() && (state.queue.is_forever || !queue.is_empty()) {
            let help = "Go on with the rounds that wait.";
            command = button(ui, "Resume", help, QueueCommand::TogglePause, false).or(command.take());
        } else if progress.is_some() {
            let help = "Stop after the image that is being made; Resume goes on with the next one.";
            command = button(ui, "Pause", help, QueueCommand::TogglePause, false).or(command.take());
        }
        if progress.is_some() {
            let help = "Give up the image that is being made and go on with the next one of the round.";
            let name = if is_narrow { "Skip" } else { "Skip this image" };
            command = button(ui, name, help, QueueCommand::SkipImage, false).or(command.take());
        }
        if let Some(progress) = progress {
            bar(ui, progress, queue.paused().is_some());
        }
    });
    command
}

fn button(ui: &mut Ui, name: &str, help: &str, command: QueueCommand, is_on: bool) -> Option<UserCommand> {
    let help = tooltip(ui.ctx(), help, command);
    let button = Button::new(RichText::new(name).small()).selected(is_on);
    ui.add(button).on_hover_text(help).clicked().then(|| command.into())
}

/// How far the round is.
fn bar(ui: &mut Ui, progress: &Progress, is_pausing: bool) {
    let mut text = progress.text().to_owned();
    if let Some(left) = progress.time_left().filter(|_| !is_pausing) {
        text += &format!("  ·  {} left", in_words(left));
    }
    if is_pausing {
        text += "  ·  pausing after this image";
    }
    let bar = ProgressBar::new(progress.share()).text(RichText::new(text).small()).fill(theme::colors(ui).selected);
    ui.add(bar.desired_width(ui.available_width()).desired_height(18.0));
}
