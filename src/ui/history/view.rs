//! The panel of the history.

use egui::{EventFilter, Id, Margin, Panel, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use super::panel::HistoryPanel;
use super::{controls, strip, tree};
use crate::document::{HistoryView, ResultId, Rounds};
use crate::ui::state::WindowState;
use crate::ui::widgets::anchored;
use crate::ui::{UserCommand, theme};

/// The height of the strip in points, in windows of enough height and in low ones.
const STRIP: f32 = 92.0;
const LOW_STRIP: f32 = 62.0;

/// The smallest height of the tree in points: its controls and one row.
const LEAST_TREE: f32 = 100.0;

/// The width of the controls beside the strip, in points.
const CONTROLS: f32 = 172.0;

/// Shows the history at the bottom of what is left of the window, if it is to be shown. `low` says that the window
/// has little height.
pub(in crate::ui) fn ui(state: &mut WindowState, ui: &mut Ui, low: bool) -> Option<UserCommand> {
    let (panel, rounds) = (&mut state.history, state.document.rounds());
    // In a low window the list of jobs leaves no room for it.
    let has_room = !(low && state.queue.is_open);
    let view = if rounds.latest().is_some() && has_room { panel.view(!low) } else { HistoryView::Hidden };
    if panel.view != Some(view) {
        panel.view = Some(view);
        panel.scrolled_to = None;
    }
    panel.has_keyboard = false;
    let shown = state.gallery.shown();
    panel.rows(rounds);
    let frame = theme::panel(ui).inner_margin(Margin::symmetric(12, 6));
    match view {
        HistoryView::Hidden => None,
        HistoryView::Strip => {
            let height = if low { LOW_STRIP } else { STRIP };
            let shown = Panel::bottom("history strip")
                .frame(frame)
                .resizable(false)
                .exact_size(height + 12.0)
                .show(ui, |ui| anchored(ui, "history panel", |ui| beside(ui, panel, rounds, shown, low)));
            shown.inner
        }
        HistoryView::Tree => {
            let share = if low { 0.42 } else { 0.6 };
            let most = (ui.available_height() * share).max(LEAST_TREE);
            let tree = Panel::bottom("history tree").frame(frame).resizable(true);
            let tree = tree.default_size((most * 0.75).min(260.0)).size_range(LEAST_TREE..=most);
            tree.show(ui, |ui| anchored(ui, "history panel", |ui| above(ui, panel, rounds, shown))).inner
        }
    }
}

/// The controls at the left of the strip.
fn beside(ui: &mut Ui, panel: &mut HistoryPanel, rounds: &Rounds, shown: ResultId, low: bool) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(CONTROLS);
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.horizontal(|ui| {
                command = controls::views(ui, HistoryView::Strip).or(command.take());
                if low {
                    command = controls::listed(ui, panel, rounds.count()).or(command.take());
                }
            });
            command = controls::find(ui, panel).or(command.take());
            if !low {
                command = controls::others(ui, panel, rounds.count()).or(command.take());
            }
        });
        command = list(ui, panel, rounds, shown, strip::ui).or(command.take());
    });
    command
}

/// The controls above the tree.
fn above(ui: &mut Ui, panel: &mut HistoryPanel, rounds: &Rounds, shown: ResultId) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        command = controls::views(ui, HistoryView::Tree).or(command.take());
        command = controls::find(ui, panel).or(command.take());
        command = controls::others(ui, panel, rounds.count()).or(command.take());
    });
    list(ui, panel, rounds, shown, tree::ui).or(command)
}

type List = fn(&mut Ui, &mut HistoryPanel, &Rounds, ResultId) -> Option<UserCommand>;

/// A list with the focus of the whole: arrow keys move in it.
fn list(ui: &mut Ui, panel: &mut HistoryPanel, rounds: &Rounds, shown: ResultId, list: List) -> Option<UserCommand> {
    let area = ui.available_rect_before_wrap();
    let response = ui.interact(area, Id::unique("history list"), Sense::focusable_noninteractive());
    let name = spoken(panel, shown);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::List, true, &name));
    let command = if panel.last_rows().is_empty() {
        let text = "No round matches. Change the words, the star or the model.";
        ui.centered_and_justified(|ui| ui.label(RichText::new(text).weak()));
        None
    } else {
        list(ui, panel, rounds, shown)
    };
    if std::mem::take(&mut panel.wants_focus) || command.is_some() {
        response.request_focus();
    }
    panel.has_keyboard = takes_arrows(ui, &response);
    if panel.has_keyboard {
        focus_ring(ui, area);
    }
    command
}

fn spoken(panel: &HistoryPanel, shown: ResultId) -> String {
    let rows = panel.last_rows();
    match rows.iter().find(|row| row.round == shown.round) {
        Some(row) => format!("History, round {} of {} listed is on show", row.round, rows.len()),
        None => format!("History, {} rounds listed", rows.len()),
    }
}

/// Whether the list has the focus; then arrow keys belong to it and do not move the focus.
fn takes_arrows(ui: &Ui, response: &Response) -> bool {
    if !response.has_focus() {
        return false;
    }
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    true
}

fn focus_ring(ui: &Ui, area: Rect) {
    let stroke = Stroke::new(1.0, theme::ACCENT.gamma_multiply(0.6));
    ui.painter().rect_stroke(area.expand(3.0), 4, stroke, StrokeKind::Inside);
}
