//! One row of the list of models.

use egui::{Align, Button, Label, Layout, ProgressBar, Rect, Response, RichText, Ui, UiBuilder, Vec2, WidgetInfo};

use super::fetch_words::FetchLine;
use super::previews::Previews;
use super::rows::{ModelRow, RowState};
use crate::ui::{ModelPanelCommand, UserCommand, theme};

/// The height of a row in points.
pub(super) const HEIGHT: f32 = 64.0;
/// The side of the square that holds a preview picture, in points.
const PREVIEW: f32 = 52.0;
/// How many trigger words are shown.
const MOST_WORDS: usize = 6;

/// Draws a row of the panel's width. Gives what was pressed.
pub(super) fn ui(ui: &mut Ui, row: &ModelRow, previews: &mut Previews) -> Option<UserCommand> {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), egui::Sense::hover());
    ui.painter().rect_filled(rect, 5.0, theme::colors(ui).card);
    let inner = rect.shrink2(Vec2::new(8.0, 5.0));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    let command = buttons(&mut ui, row);
    let left = Rect::from_min_max(inner.min, egui::pos2(ui.min_rect().left() - 10.0, inner.bottom()));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(left).layout(Layout::left_to_right(Align::Center)));
    preview(&mut ui, row, previews);
    ui.vertical(|ui| texts(ui, row)).inner.or(command)
}

/// The buttons at the right, the first one leftmost.
fn buttons(ui: &mut Ui, row: &ModelRow) -> Option<UserCommand> {
    let mut command = None;
    for action in row.actions.iter().rev() {
        let reason = match &row.state {
            RowState::Refused(reason) | RowState::NotHere(Some(reason)) => reason.clone(),
            _ => "The next round uses it already.".into(),
        };
        let button = ui.add_enabled(action.enabled, Button::new(action.label.as_str()));
        let button = named(button, &action.spoken).on_hover_text(&action.help).on_disabled_hover_text(reason);
        if button.clicked() {
            command = Some(action.command.clone());
        }
    }
    if let RowState::NotFetched { page: Some(page), .. } = &row.state {
        let link = ui.hyperlink_to("Ask for access", page);
        scroll_to(&link);
        link.on_hover_text(page);
    }
    if let Some((name, address)) = &row.licence {
        let link = ui.hyperlink_to("Licence", address);
        link.widget_info(|| WidgetInfo::labeled(egui::Role::Link, true, format!("Licence of {}: {name}", row.title)));
        scroll_to(&link);
        link.on_hover_text(format!("{name}\n{address}"));
    }
    command
}

/// The preview picture, if there is one.
fn preview(ui: &mut Ui, row: &ModelRow, previews: &mut Previews) {
    let Some(path) = &row.preview else { return };
    let (place, _) = ui.allocate_exact_size(Vec2::splat(PREVIEW), egui::Sense::hover());
    if let Some(texture) = previews.get(ui.ctx(), path) {
        let size = texture.size_vec2();
        let scale = (PREVIEW / size.max_elem().max(1.0)).min(1.0);
        let tint = if is_refused(row) { egui::Color32::from_gray(90) } else { egui::Color32::WHITE };
        let shown = Rect::from_center_size(place.center(), size * scale);
        let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
        ui.painter().image(texture.id(), shown, whole, tint);
    }
}

fn texts(ui: &mut Ui, row: &ModelRow) -> Option<UserCommand> {
    ui.spacing_mut().item_spacing.y = 1.0;
    let weak = ui.visuals().weak_text_color();
    let color = if is_refused(row) { weak } else { ui.visuals().text_color() };
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        let note = match row.state {
            RowState::InUse => Some(RichText::new("in use").small().color(theme::colors(ui).good)),
            RowState::NotHere(_) => Some(RichText::new("not here").small().color(weak)),
            RowState::Here | RowState::Refused(_) | RowState::Fetching(_) | RowState::NotFetched { .. } => None,
        };
        let room = (ui.available_width() - 130.0).max(40.0);
        let title = Label::new(RichText::new(&row.title).strong().color(color)).truncate();
        ui.scope(|ui| {
            ui.set_max_width(room);
            ui.add(title).on_hover_text(row.details.trim());
        });
        ui.label(RichText::new(row.kind.label()).small().color(weak));
        if let Some(note) = note {
            ui.label(note);
        }
    });
    if let RowState::NotFetched { reason, .. } = &row.state {
        let text = RichText::new(reason).small().color(theme::colors(ui).error);
        ui.add(Label::new(text).wrap()).on_hover_text(reason);
        return None;
    }
    line(ui, &row.facts, color);
    if let RowState::Fetching(progress) = &row.state {
        fetching(ui, progress);
        return None;
    }
    if let RowState::Refused(reason) = &row.state {
        let color = theme::colors(ui).error;
        line(ui, reason, color);
        return None;
    }
    if row.words.is_empty() {
        line(ui, &row.purpose, weak);
        return None;
    }
    words(ui, row)
}

/// How far fetching is, in words and as a bar.
fn fetching(ui: &mut Ui, progress: &FetchLine) {
    let color = theme::colors(ui).good;
    line(ui, &progress.text, color);
    let width = ui.available_width().min(420.0);
    ui.add(ProgressBar::new(progress.share.unwrap_or_default()).desired_width(width).desired_height(6.0));
}

/// A line of small text, cut off at the edge of the row.
fn line(ui: &mut Ui, text: &str, color: egui::Color32) {
    ui.add(Label::new(RichText::new(text).small().color(color)).truncate()).on_hover_text(text);
}

/// The trigger words; a click adds one to the prompt.
fn words(ui: &mut Ui, row: &ModelRow) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().interact_size.y = 16.0;
        ui.spacing_mut().button_padding = Vec2::new(4.0, 0.0);
        let right = ui.max_rect().right();
        for word in row.words.iter().take(MOST_WORDS) {
            // The width of small text is about six points a letter; what does not fit is in the details.
            if ui.cursor().left() + 6.0 * word.chars().count() as f32 + 10.0 > right {
                break;
            }
            let button = ui.add(Button::new(RichText::new(word).small()));
            let button = named(button, &format!("Add the trigger word {word} to the prompt"));
            if button.on_hover_text("A trigger word. Add it to the prompt.").clicked() {
                command = Some(ModelPanelCommand::AddToPrompt(word.clone()).into());
            }
        }
    });
    command
}

fn is_refused(row: &ModelRow) -> bool {
    matches!(row.state, RowState::Refused(_))
}

/// Gives a button a name for assistive technology that says which row it belongs to, and scrolls to it when it gets
/// the keyboard.
fn named(button: Response, name: &str) -> Response {
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, button.enabled(), name));
    scroll_to(&button);
    button
}

/// Rows below the last visible one are reached with the keyboard too.
fn scroll_to(response: &Response) {
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
}
