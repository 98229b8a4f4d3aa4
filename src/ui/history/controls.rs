//! Strip or tree, and which rounds are listed.

use egui::{Button, Id, RichText, TextEdit, Ui, WidgetInfo};

use super::panel::HistoryPanel;
use crate::document::{HistoryView, RoundFilter};
use crate::ui::keymap::tooltip;
use crate::ui::{HistoryCommand, UserCommand};

/// The width of the filter's text field, in points.
const FIND: f32 = 168.0;

/// Shows the buttons that choose the list. `view` is what is shown now.
pub(super) fn views(ui: &mut Ui, view: HistoryView) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (name, help, choice) in [
            ("Strip", "Rounds in the order in which they were made.", HistoryView::Strip),
            ("Tree", "Each round below the one it came from.", HistoryView::Tree),
        ] {
            let button = Button::selectable(view == choice, name).small();
            if ui.add(button).on_hover_text(help).clicked() {
                command = Some(HistoryCommand::Show(choice).into());
            }
        }
        let help = tooltip(ui.ctx(), "Hide the history.", HistoryCommand::Toggle);
        if ui.add(Button::new("Hide").small()).on_hover_text(help).clicked() {
            command = Some(HistoryCommand::Show(HistoryView::Hidden).into());
        }
    });
    command
}

/// Shows the text field of the filter.
pub(super) fn find(ui: &mut Ui, panel: &mut HistoryPanel) -> Option<UserCommand> {
    let mut text = panel.filter.text.clone();
    let id = Id::unique("find rounds");
    let edit = TextEdit::singleline(&mut text).id(id).hint_text("Find by words").desired_width(FIND - 8.0);
    let help = tooltip(ui.ctx(), "List only rounds with all of these words.", HistoryCommand::Find);
    let response = ui.add(edit).on_hover_text(help);
    ui.ctx().accesskit_node_builder(id, |node| node.set_label("Find rounds"));
    if std::mem::take(&mut panel.wants_find) {
        response.request_focus();
    }
    let filter = RoundFilter { text, ..panel.filter.clone() };
    response.changed().then(|| HistoryCommand::Filter(filter).into())
}

/// Shows what else the filter asks for, and how many of all rounds are listed.
pub(super) fn others(ui: &mut Ui, panel: &HistoryPanel, count: usize) -> Option<UserCommand> {
    let mut command = None;
    let filter = &panel.filter;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let star = Button::selectable(filter.starred, "Starred").small();
        if ui.add(star).on_hover_text("List only rounds with a starred result.").clicked() {
            let filter = RoundFilter { starred: !filter.starred, ..filter.clone() };
            command = Some(HistoryCommand::Filter(filter).into());
        }
        if panel.models.len() > 1 || filter.model.is_some() {
            command = model(ui, panel).or(command.take());
        }
        command = listed(ui, panel, count).or(command.take());
    });
    command
}

/// Says how many of all rounds are listed, if a filter hides some; a click lists all.
pub(super) fn listed(ui: &mut Ui, panel: &HistoryPanel, count: usize) -> Option<UserCommand> {
    if panel.filter.is_empty() {
        return None;
    }
    let text = format!("{} of {count}", panel.last_rows().len());
    let help = "Words, the star or the model hide the other rounds. Click to list all of them.";
    let button = ui.add(Button::new(RichText::new(&text).small()).small()).on_hover_text(help);
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("{text} rounds are listed, list all")));
    button.clicked().then(|| HistoryCommand::Filter(RoundFilter::default()).into())
}

fn model(ui: &mut Ui, panel: &HistoryPanel) -> Option<UserCommand> {
    let mut command = None;
    let chosen = panel.filter.model.as_deref();
    let name = if chosen.is_some() { "1 model" } else { "Model" };
    let help = format!("List only rounds of one model. Now: {}.", chosen.unwrap_or("all models"));
    let button = ui.menu_button(RichText::new(name).small(), |ui| {
        let all = (None, "All models");
        for (model, name) in
            std::iter::once(all).chain(panel.models.iter().map(|name| (Some(name.clone()), name.as_str())))
        {
            if ui.selectable_label(panel.filter.model == model, name).clicked() {
                let filter = RoundFilter { model, ..panel.filter.clone() };
                command = Some(HistoryCommand::Filter(filter).into());
                ui.close();
            }
        }
    });
    button.response.on_hover_text(help);
    command
}
