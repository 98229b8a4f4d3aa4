//! The panel that lists the steps of undo.

use egui::{
    Align2, Id, Key, Modifiers, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo,
};

use super::widgets::keep_arrows;
use super::{CanvasCommand, UserCommand, theme};
use crate::document::{Document, EditKind};

/// The greatest height of the list, in points.
const HEIGHT: f32 = 180.0;

/// What the list remembers from frame to frame.
#[derive(Default)]
pub(super) struct UndoList {
    /// How many steps were done.
    done: usize,
    /// The first row in view and the one after the last.
    seen: (usize, usize),
}

/// Shows all steps, the oldest first. The one that is marked was made last; a click on another one goes there.
pub(super) fn ui(ui: &mut Ui, list: &mut UndoList, document: &Document) -> Option<UserCommand> {
    let (done, count) = (document.undo_count(), document.step_count());
    let height = ui.spacing().interact_size.y;
    ui.spacing_mut().item_spacing.y = 1.0;
    let mut area = ScrollArea::vertical().id_salt("undo steps").max_height(HEIGHT).auto_shrink([false, true]);
    let row = height + ui.spacing().item_spacing.y;
    if list.done != done && !(list.seen.0..list.seen.1.saturating_sub(1)).contains(&done) {
        area = area.vertical_scroll_offset((done as f32 * row - HEIGHT / 2.0).max(0.0));
    }
    list.done = done;
    let mut command = None;
    area.show_rows(ui, height, count + 1, |ui, rows| {
        list.seen = (rows.start, rows.end);
        for at in rows {
            command = row_ui(ui, document, at, height).or(command.take());
        }
    });
    command
}

/// One row; the first is what there was before all steps.
fn row_ui(ui: &mut Ui, document: &Document, at: usize, height: f32) -> Option<UserCommand> {
    let done = document.undo_count();
    let name = match at.checked_sub(1) {
        Some(step) => capitalised(document.step(step)),
        None if document.has_forgotten_steps() => "Oldest state that is kept".to_owned(),
        None => "Beginning".to_owned(),
    };
    let (is_current, is_undone) = (at == done, at > done);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    let response = ui.interact(rect, row_id(at), Sense::click());
    let told = match (at, is_undone) {
        (0, _) => name.clone(),
        (_, true) => format!("Step {at}: {name}, undone"),
        _ => format!("Step {at}: {name}"),
    };
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_current, &told));
    paint(ui, &response, &name, (is_current, is_undone));
    let moved = if keep_arrows(ui, &response) { arrows(ui) } else { 0 };
    let megabytes = Document::UNDO_BYTES >> 20;
    let help =
        format!("Go to this step. All steps take {megabytes} MiB at most; beyond that the oldest are forgotten.");
    if moved == 0 {
        return response.on_hover_text(help).clicked().then(|| CanvasCommand::GoToStep(at).into());
    }
    let to = at.saturating_add_signed(moved).min(document.step_count());
    ui.memory_mut(|memory| memory.request_focus(row_id(to)));
    Some(CanvasCommand::GoToStep(to).into())
}

fn paint(ui: &Ui, response: &Response, name: &str, (is_current, is_undone): (bool, bool)) {
    let (rect, colors, painter) = (response.rect, theme::colors(ui), ui.painter());
    if is_current {
        painter.rect_filled(rect, 4, colors.selected);
    } else if response.hovered() {
        painter.rect_filled(rect, 4, colors.hovered);
    }
    if response.has_focus() {
        let line = Stroke::new(1.5, colors.strong_line);
        painter.rect_stroke(rect, 4, line, StrokeKind::Inside);
    }
    let color = match (is_current, is_undone) {
        (true, _) => colors.on_selected,
        (_, true) => colors.weak_text,
        _ => colors.text,
    };
    let font = TextStyle::Body.resolve(ui.style());
    let painter = painter.with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.text(rect.left_center() + Vec2::new(8.0, 0.0), Align2::LEFT_CENTER, name, font, color);
}

fn row_id(at: usize) -> Id {
    Id::unique(("undo step", at))
}

/// By how many rows the arrow keys move.
fn arrows(ui: &Ui) -> isize {
    ui.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key) as isize;
        count(Key::ArrowDown) - count(Key::ArrowUp)
    })
}

/// The name of a step at the beginning of a line.
fn capitalised(kind: Option<EditKind>) -> String {
    let mut letters = kind.map_or("", EditKind::label).chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
