//! After a launch: one line that asks what to do with the downloads of last time. None goes on by itself.

use egui::{Role, Ui, WidgetInfo};

use crate::ui::state::WindowState;
use crate::ui::{FetchCommand, UserCommand};

/// The line; `None` if no download waits for an answer.
pub(in crate::ui) fn question(state: &WindowState) -> Option<String> {
    match state.models.fetches.queue.unanswered().count() {
        0 => None,
        1 => Some("1 download was not finished last time. It waits until you go on.".into()),
        count => Some(format!("{count} downloads were not finished last time. They wait until you go on.")),
    }
}

/// The buttons after the line.
pub(in crate::ui) fn buttons(ui: &mut Ui) -> Option<UserCommand> {
    let mut command = None;
    for (label, spoken, help, wanted) in [
        (
            "Go on",
            "Go on with the downloads of last time",
            "Fetch them. What is here already is not fetched twice.",
            FetchCommand::GoOnWithKept,
        ),
        (
            "Remove",
            "Remove the downloads of last time",
            "Fetch none of them. What is here is kept for the next time.",
            FetchCommand::RemoveKept,
        ),
        ("Show", "Show the downloads of last time", "List them.", FetchCommand::ShowDownloads),
    ] {
        let button = ui.button(label).on_hover_text(help);
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken));
        if button.clicked() {
            command = Some(wanted.into());
        }
    }
    command
}
