//! The tree: one row for each round with all its results, below the round that it came from.

use egui::text::{LayoutJob, TextWrapping};
use egui::{FontId, Pos2, Rect, ScrollArea, Sense, Ui, Vec2, WidgetInfo, style::ScrollAnimation};

use super::names::{long_origin, spoken, tooltip};
use super::panel::HistoryPanel;
use super::picture::{self, Marks};
use super::tree_lines;
use crate::document::{ResultId, Round, RoundRow, Rounds};
use crate::ui::{HistoryCommand, UserCommand, keymap, theme};

/// The height of a row and of its pictures, in points.
const ROW: f32 = 54.0;
const PICTURE: f32 = 46.0;

/// How much of a row's width its text keeps, in points.
const TEXT: f32 = 150.0;

/// Shows the tree in all the room there is.
pub(super) fn ui(ui: &mut Ui, panel: &mut HistoryPanel, rounds: &Rounds, shown: ResultId) -> Option<UserCommand> {
    let mut command = None;
    let follows = panel.scrolled_to != Some(shown.round);
    // Both are needed while the rows are walked through.
    let rows = std::mem::take(panel.rows_mut(rounds));
    ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, viewport| {
        let (origin, width) = (ui.max_rect().min, ui.available_width());
        ui.allocate_space(Vec2::new(width, rows.len() as f32 * ROW));
        let place = |at: usize| Rect::from_min_size(origin + Vec2::new(0.0, at as f32 * ROW), Vec2::new(width, ROW));
        if follows && let Some(at) = rows.iter().position(|row| row.round == shown.round) {
            ui.scroll_to_rect_animation(place(at), None, ScrollAnimation::none());
        }
        let first = (viewport.min.y / ROW).floor().max(0.0) as usize;
        let last = (viewport.max.y / ROW).ceil().max(0.0) as usize;
        for (at, row) in rows.iter().enumerate().take(last.min(rows.len())).skip(first) {
            let Some(round) = rounds.get(row.round) else { continue };
            command = self::row(ui, place(at), row, round, shown, panel).or(command.take());
        }
    });
    panel.put_rows_back(rows);
    panel.scrolled_to = Some(shown.round);
    command
}

fn row(
    ui: &mut Ui,
    rect: Rect,
    row: &RoundRow,
    round: &Round,
    shown: ResultId,
    panel: &mut HistoryPanel,
) -> Option<UserCommand> {
    let mut command = None;
    let is_shown = row.round == shown.round;
    let id = egui::Id::unique(("history round", row.round));
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_shown, spoken(row)));
    if is_shown {
        ui.painter().rect_filled(rect.shrink2(Vec2::new(0.0, 1.0)), 4, ui.visuals().faint_bg_color);
    } else if response.hovered() {
        ui.painter().rect_filled(rect.shrink2(Vec2::new(0.0, 1.0)), 4, theme::colors(ui).row.gamma_multiply(0.6));
    }
    tree_lines::paint(ui, rect, row.place, is_shown);
    let mut left = rect.left() + tree_lines::width(row.place);
    let room = (rect.right() - TEXT - left).max(PICTURE);
    let most = ((room / (PICTURE + 4.0)).floor() as usize).max(1);
    let images: Vec<usize> = round.results().map(|(image, _)| image).collect();
    // The one on show, or else the first ones.
    let skipped = match images.iter().position(|image| is_shown && *image == shown.image) {
        Some(at) if at >= most => at + 1 - most,
        _ => 0,
    };
    for image in images.iter().skip(skipped).take(most).copied() {
        let square = Rect::from_min_size(Pos2::new(left, rect.center().y - PICTURE / 2.0), Vec2::splat(PICTURE));
        let result = ResultId { round: row.round, image };
        let small = ui.interact(square, id.with(image), Sense::CLICK);
        let is_on_show = result == shown;
        small.widget_info(|| {
            let name = format!("Result {} of round {}", image + 1, row.round);
            WidgetInfo::selected(egui::Role::Button, true, is_on_show, name)
        });
        let marks = Marks {
            shown: is_on_show,
            hovered: small.hovered(),
            starred: round.slots.get(image).and_then(|slot| slot.result()).is_some_and(|result| result.starred),
            chosen: row.chosen.contains(&image),
        };
        picture::paint(ui, square, Some(result), marks, &mut panel.thumbnails);
        if small.double_clicked() {
            command = Some(HistoryCommand::GoBack(row.round).into());
        } else if small.clicked() {
            command = Some(HistoryCommand::ShowResult(row.round, image).into());
        }
        left += PICTURE + 4.0;
    }
    let text = Rect::from_min_max(Pos2::new(left + 6.0, rect.top() + 5.0), rect.right_bottom() - Vec2::new(6.0, 4.0));
    let hidden = images.len().saturating_sub(most);
    texts(ui, text, row, round, hidden);
    if response.double_clicked() {
        command = Some(HistoryCommand::GoBack(row.round).into());
    } else if response.clicked() && command.is_none() {
        command = Some(HistoryCommand::ShowRound(row.round).into());
    }
    response.on_hover_ui(|ui| {
        ui.set_max_width(360.0);
        let keys = keymap::keys(ui.ctx(), HistoryCommand::GoBackToShown);
        ui.label(tooltip(row, round, &keys));
    });
    command
}

/// The number and origin of a round, the start of its prompt, and its notes.
fn texts(ui: &Ui, room: Rect, row: &RoundRow, round: &Round, hidden: usize) {
    if room.width() < 20.0 {
        return;
    }
    let more = if hidden > 0 { format!("  ·  {hidden} more results") } else { String::new() };
    let title = format!("Round {}, {}{more}", row.round, long_origin(row.origin));
    let notes: Vec<&str> = round.results().map(|(_, result)| result.note.as_str()).filter(|n| !n.is_empty()).collect();
    let prompt = if round.settings.prompt.trim().is_empty() { "No prompt" } else { round.settings.prompt.trim() };
    let colors = theme::colors(ui);
    let lines = [
        (title, 12.5, colors.text),
        (prompt.to_owned(), 11.5, colors.weak_text),
        (notes.join("  ·  "), 11.5, colors.note),
    ];
    let mut top = room.top();
    for (text, size, color) in lines.into_iter().filter(|(text, ..)| !text.is_empty()) {
        let mut job = LayoutJob::simple(text, FontId::proportional(size), color, room.width());
        job.wrap = TextWrapping::truncate_at_width(room.width());
        let galley = ui.painter().layout_job(job);
        let height = galley.size().y;
        ui.painter().galley(Pos2::new(room.left(), top), galley, color);
        top += height;
    }
}
