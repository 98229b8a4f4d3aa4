//! The panels at one side of the window.

use egui::{Frame, Margin, Panel, Rect, ScrollArea, Ui};

use super::{DockSide, contents, edge, title};
use crate::ui::state::WindowState;
use crate::ui::widgets::anchored;
use crate::ui::{UserCommand, theme};

/// The margin beside the panels, in points. The scroll bar lies in the right one, so that it hides nothing.
const MARGIN: i8 = 8;
/// The width of the scroll bar, in points.
const BAR: f32 = 7.0;
/// The width of a side without panels while one is dragged, in points.
const EMPTY: f32 = 48.0;

/// Shows the panels of a side below each other. A side without panels is not there, unless one is being dragged.
pub(super) fn ui(side: DockSide, state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    let places = state.layout.choices.arrangement.side(side).to_vec();
    state.layout.drag.begin(side);
    if places.is_empty() && !state.layout.drag.is_going_on() {
        return Vec::new();
    }
    let width = match places.is_empty() {
        true => EMPTY,
        false => state.layout.choices.arrangement.width(side, ui.ctx().content_rect().width()),
    };
    let panel = match side {
        DockSide::Left => Panel::left(side.name()),
        DockSide::Right => Panel::right(side.name()),
    };
    let frame = theme::panel(ui).inner_margin(Margin { left: MARGIN - 1, right: 1, top: 8, bottom: 8 });
    let mut commands = Vec::new();
    let shown = panel.frame(frame).resizable(false).exact_size(width).show(ui, |ui| {
        anchored(ui, side.name(), |ui| {
            ui.spacing_mut().scroll.bar_width = BAR;
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                ui.set_max_width(ui.available_width() - BAR);
                ui.spacing_mut().item_spacing.y = 5.0;
                for (at, place) in places.iter().enumerate() {
                    let top = ui.cursor().top();
                    let shown = title::ui(ui, *place, &state.layout.choices.arrangement);
                    commands.extend(shown.command);
                    if shown.drag_started {
                        state.layout.drag.start(place.panel);
                    }
                    if at == 0 {
                        state.layout.parts.note(ui.clip_rect(), Some(shown.id));
                    }
                    if !place.is_folded {
                        Frame::new().inner_margin(title::inside()).show(ui, |ui| {
                            ui.style_mut().spacing = ui.ctx().global_style().spacing.clone();
                            ui.set_width(ui.available_width());
                            let inside = |ui: &mut Ui| contents::ui(place.panel, state, ui);
                            commands.extend(anchored(ui, &format!("{} panel", place.panel.id()), inside));
                        });
                    }
                    let area = Rect::from_x_y_ranges(ui.max_rect().x_range(), top..=ui.cursor().top());
                    state.layout.drag.note(side, area);
                }
            });
        });
    });
    state.layout.drag.note_side(side, shown.response.rect);
    if !places.is_empty()
        && let Some(wider) = edge::ui(ui, side, shown.response.rect)
    {
        state.layout.choices.arrangement.set_width(side, width + wider);
    }
    commands
}
