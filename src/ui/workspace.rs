//! The middle of the window: the canvas, and the results beside it.

use egui::accesskit::Action;
use egui::{CursorIcon, Id, Key, Modifiers, Rect, Sense, Stroke, Ui, UiBuilder, WidgetInfo};

use super::canvas::{InPlace, VIEW_BAR_HEIGHT, view_bar};
use super::control;
use super::keymap::keys;
use super::live;
use super::results::FOLDED_WIDTH;
use super::state::WindowState;
use super::widgets::{anchored, keep_arrows};
use super::{GalleryCommand, UserCommand, theme};
use crate::document::{ResultId, ResultsView};

/// The space between the canvas and the bar below it, in points.
const GAP: f32 = 6.0;

/// The width of the divider between canvas and results, in points.
const DIVIDER: f32 = 10.0;

/// The narrowest that canvas and results become, in points, where there is room for both.
const NARROWEST: f32 = 140.0;

/// How far one key press moves the divider, as a share of the width.
const STEP: f32 = 0.02;

/// Shows the canvas and the results.
pub(super) fn ui(state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    anchored(ui, "canvas and results", |ui| {
        let area = ui.available_rect_before_wrap();
        let (area, bar) = match state.live.is_on() {
            true => area.split_top_bottom_at_y((area.bottom() - live::BAR_HEIGHT - GAP).max(area.top())),
            false => (area, Rect::NOTHING),
        };
        let view = state.gallery.view();
        let width = results_width(area.width(), view);
        let right = area.with_min_x(area.right() - width);
        let left = area.with_max_x(right.left() - if view.folded { GAP } else { DIVIDER });
        let mut commands = canvas(state, ui, left);
        if !view.folded {
            let divider = Rect::from_x_y_ranges(left.right()..=right.left(), area.y_range());
            state.gallery.use_view(divide(ui, divider, area, view));
        }
        let shows_live = state.live.is_on() && !state.layout.choices.live.over_canvas && !view.folded;
        if shows_live {
            state.gallery.stop_peeking();
            inside(ui, right, |ui| live::beside(ui, state));
        } else {
            commands.extend(inside(ui, right, |ui| {
                let rounds = state.document.rounds();
                state.gallery.ui(ui, rounds, &state.result_memory, &mut state.refine.scores)
            }));
        }
        if state.live.is_on() {
            let bar = bar.with_min_y(bar.top() + GAP);
            commands.extend(inside(ui, bar, |ui| anchored(ui, "live bar", |ui| live::bar(ui, state))));
        }
        commands
    })
}

/// The width of the results beside the canvas, in points, in a room of this width.
fn results_width(room: f32, view: ResultsView) -> f32 {
    if view.folded {
        return FOLDED_WIDTH.min(room);
    }
    let most = (room - DIVIDER - NARROWEST).max((room - DIVIDER) / 2.0);
    (room * view.share).min(most).max(NARROWEST.min(most)).max(0.0)
}

/// The canvas and the bar below it.
fn canvas(state: &mut WindowState, ui: &mut Ui, area: Rect) -> Vec<UserCommand> {
    let (above, below) = area.split_top_bottom_at_y((area.bottom() - VIEW_BAR_HEIGHT - GAP).max(area.top()));
    let (in_place, overlay) = (in_place(state, ui), live::overlay(state));
    let mut commands = inside(ui, above, |ui| {
        state.select.options.background = state.background();
        let (document, color) = (&mut state.document, &mut state.color);
        let plan = state.brush.plan(state.tool, color.color());
        state.canvas.show_in_place(in_place);
        state.canvas.show_live(overlay);
        let (tool, guard) = ((state.tool, &state.select.options), (&state.keyboard, state.work.is_busy()));
        state.canvas.ui(ui, document, tool, plan, color, guard)
    });
    state.layout.parts.note(above, state.canvas.id());
    let bar = below.with_min_y(below.top() + GAP);
    commands.extend(inside(ui, bar, |ui| anchored(ui, "view bar", |ui| view_bar(&state.canvas, ui))));
    commands
}

/// What is shown in place of the canvas or over it, if anything is: the canvas under noise, a result, or the lines of a
/// control.
fn in_place(state: &mut WindowState, ui: &Ui) -> Option<InPlace> {
    if let Some(under_noise) = state.refine.survives.in_place(ui.ctx(), &state.document) {
        return Some(under_noise);
    }
    let Some(ResultId { round, image }) = state.gallery.peeked() else {
        return control::in_place(state, ui.ctx());
    };
    let (zoom, _) = state.canvas.zoom()?;
    let width = state.document.canvas().width();
    let texture = state.gallery.peeked_texture(ui.ctx(), state.document.rounds(), zoom, width)?;
    let (take, stop) = (keys(ui.ctx(), GalleryCommand::TakeShown), keys(ui.ctx(), GalleryCommand::StopShowing));
    let sketch = keys(ui.ctx(), GalleryCommand::ShowSketch);
    let caption = format!(
        "Result {} of round {round}  ·  {take}: paint over it  ·  {stop}: back to the canvas  ·  {sketch} held: canvas",
        image + 1
    );
    let place = state.document.place_of_round(round);
    Some(InPlace { texture, place, caption })
}

/// Draws the divider, and takes what pointer, keyboard and assistive technology do to it. Returns the view with the
/// width that follows.
///
/// The width is changed here and not through a command: a drag consists of many small steps.
fn divide(ui: &Ui, rect: Rect, area: Rect, view: ResultsView) -> ResultsView {
    let response = ui.interact(rect, Id::unique("canvas and results divider"), Sense::drag());
    let percent = f64::from((view.share * 100.0).round());
    response.widget_info(|| WidgetInfo::slider(true, percent, "Width of the results"));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(f64::from(ResultsView::SHARES.start() * 100.0));
        node.set_max_numeric_value(f64::from(ResultsView::SHARES.end() * 100.0));
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    let is_used = response.hovered() || response.dragged();
    if is_used {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    let mut share = view.share;
    if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        share = (area.right() - at.x - rect.width() / 2.0) / area.width().max(1.0);
    }
    let has_focus = keep_arrows(ui, &response);
    let steps = ui.input_mut(|input| {
        let asked = |action| input.num_accesskit_action_requests(response.id, action) as f32;
        let asked = asked(Action::Increment) - asked(Action::Decrement);
        let mut pressed = |key| if has_focus { input.count_and_consume_key(Modifiers::NONE, key) as f32 } else { 0.0 };
        // The results are at the right, so moving the divider to the left makes them wider.
        asked + pressed(Key::ArrowLeft) - pressed(Key::ArrowRight)
    });
    share += steps * STEP;
    let color = match is_used || has_focus {
        true => theme::ACCENT,
        false => theme::colors(ui).strong_line,
    };
    ui.painter().vline(rect.center().x, rect.center().y - 18.0..=rect.center().y + 18.0, Stroke::new(3.0, color));
    match response.double_clicked() {
        true => ResultsView { share: ResultsView::default().share, ..view },
        false => ResultsView { share, ..view },
    }
}

/// Shows contents in one part of the room.
fn inside<R>(ui: &mut Ui, rect: Rect, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().max_rect(rect), contents).inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canvas_and_results_both_keep_room() {
        let width = |room, share| results_width(room, ResultsView { share, ..ResultsView::default() });
        assert_eq!(width(1000.0, 0.4), 400.0);
        assert_eq!(width(1000.0, 0.1), NARROWEST);
        assert_eq!(width(500.0, 0.8), 500.0 - DIVIDER - NARROWEST);
        assert_eq!(width(210.0, 0.8), 100.0);
        assert!(width(0.0, 0.5) >= 0.0);
        assert_eq!(results_width(30.0, ResultsView { folded: true, ..ResultsView::default() }), 30.0);
    }
}
