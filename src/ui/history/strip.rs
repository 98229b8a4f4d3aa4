//! The strip: one picture for each round, the latest at the right.

use egui::{
    Align2, FontId, Rect, ScrollArea, Sense, Ui, Vec2, WidgetInfo, scroll_area::ScrollBarVisibility,
    style::ScrollAnimation,
};

use super::names::{short_origin, spoken, tooltip};
use super::panel::HistoryPanel;
use super::picture::{self, Marks};
use crate::document::{ResultId, Rounds};
use crate::ui::{HistoryCommand, UserCommand, keymap, theme};

/// The space between two rounds, in points.
const GAP: f32 = 6.0;

/// The height of the line below each picture, in points.
const LABEL: f32 = 15.0;

/// Shows the strip in all the room there is.
pub(super) fn ui(ui: &mut Ui, panel: &mut HistoryPanel, rounds: &Rounds, shown: ResultId) -> Option<UserCommand> {
    let mut command = None;
    let height = ui.available_height();
    let side = (height - LABEL - 10.0).max(24.0);
    let pitch = side + GAP;
    let follows = panel.scrolled_to != Some(shown.round);
    // Both are needed while the rows are walked through.
    let rows = std::mem::take(panel.rows_mut(rounds));
    ui.style_mut().always_scroll_the_only_direction = true;
    let area =
        ScrollArea::horizontal().auto_shrink(false).scroll_bar_visibility(ScrollBarVisibility::VisibleWhenNeeded);
    area.show_viewport(ui, |ui, viewport| {
        let origin = ui.max_rect().min;
        let width = (rows.len() as f32 * pitch - GAP).max(0.0);
        ui.allocate_space(Vec2::new(width, side + LABEL));
        let place =
            |at: usize| Rect::from_min_size(origin + Vec2::new(at as f32 * pitch, 0.0), Vec2::new(side, side + LABEL));
        if follows && let Some(at) = rows.iter().position(|row| row.round == shown.round) {
            let around = place(at).expand2(Vec2::new(pitch, 0.0));
            ui.scroll_to_rect_animation(around, None, ScrollAnimation::none());
        }
        let first = (viewport.min.x / pitch).floor().max(0.0) as usize;
        let last = (viewport.max.x / pitch).ceil().max(0.0) as usize;
        for (at, row) in rows.iter().enumerate().take(last.min(rows.len())).skip(first) {
            let Some(round) = rounds.get(row.round) else { continue };
            let rect = place(at);
            let response = ui.interact(rect, egui::Id::unique(("history round", row.round)), Sense::CLICK);
            let is_shown = row.round == shown.round;
            response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_shown, spoken(row)));
            let (square, label) = rect.split_top_bottom_at_y(rect.top() + side);
            // The round on show is shown by the result on show.
            let image = if is_shown && round.slots.get(shown.image).is_some_and(|slot| slot.result().is_some()) {
                Some(shown.image)
            } else {
                row.cover
            };
            let marks = Marks { shown: is_shown, hovered: response.hovered(), starred: row.starred, chosen: false };
            let id = image.map(|image| ResultId { round: row.round, image });
            picture::paint(ui, square, id, marks, &mut panel.thumbnails);
            let font = FontId::proportional(11.0);
            let colors = theme::colors(ui);
            let color = if is_shown { colors.title } else { colors.weak_text };
            let painter = ui.painter().with_clip_rect(label.intersect(ui.clip_rect()));
            painter.text(label.left_center(), Align2::LEFT_CENTER, row.round.to_string(), font.clone(), color);
            let origin = short_origin(row.origin);
            if !origin.is_empty() {
                let text = format!("← {origin}");
                painter.text(label.right_center(), Align2::RIGHT_CENTER, text, font, colors.weak_text);
            }
            if response.double_clicked() {
                command = Some(HistoryCommand::GoBack(row.round).into());
            } else if response.clicked() {
                command = Some(HistoryCommand::ShowRound(row.round).into());
            }
            response.on_hover_ui(|ui| {
                ui.set_max_width(360.0);
                let keys = keymap::keys(ui.ctx(), HistoryCommand::GoBackToShown);
                ui.label(tooltip(row, round, &keys));
            });
        }
    });
    panel.put_rows_back(rows);
    panel.scrolled_to = Some(shown.round);
    command
}
