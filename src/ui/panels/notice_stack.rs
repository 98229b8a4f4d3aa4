//! Lays notices over the canvas, so that nothing moves when one appears or goes.

use egui::{Align2, Area, Id, Order, Rect, ScrollArea, Ui, Vec2};

use super::notices::{self, Notice};
use crate::ui::state::WindowState;
use crate::ui::widgets::anchored;
use crate::ui::{UserCommand, theme};

/// How many notices are shown at once; a button shows the others.
const MOST: usize = 2;
/// The widest that they become, in points.
const WIDEST: f32 = 760.0;
/// The space between them and the edge of their room, in points.
const MARGIN: f32 = 8.0;
/// How near they let a stroke come, in points.
const NEAR: f32 = 40.0;
/// The share of the height that all of them take at most.
const HIGHEST: f32 = 0.5;

/// Where notices go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum NoticeEdge {
    /// To the upper edge of their room.
    Top,
    /// To the lower edge.
    Bottom,
}

/// What the window remembers of its notices.
#[derive(Default)]
pub(in crate::ui) struct NoticeStack {
    /// Those that were dismissed, with what they were about.
    dismissed: Vec<(Notice, String)>,
    /// Those of the last frame. None is added while a stroke is painted.
    shown: Vec<Notice>,
    /// Where they were.
    rect: Option<Rect>,
    /// Whether a stroke that is being painted came near, so that they are out of sight until it ends.
    is_aside: bool,
    /// Whether more than [`MOST`] are shown.
    shows_all: bool,
}

impl NoticeStack {
    /// The first of the shown notices that can be dismissed.
    pub fn first_dismissible(&self) -> Option<Notice> {
        self.shown.iter().copied().find(|notice| notice.dismissal().is_some())
    }
}

/// Shows this notice no more until it is about something else.
pub(in crate::ui) fn dismiss(state: &mut WindowState, notice: Notice) {
    if notice == Notice::Error {
        state.status.say("");
        return;
    }
    let about = notices::all(state).into_iter().find(|(other, _)| *other == notice);
    state.notices.dismissed.extend(about);
}

/// Shows the notices at an edge of a room, over what is there.
pub(in crate::ui) fn ui(ui: &Ui, state: &mut WindowState, room: Rect, edge: NoticeEdge) -> Option<UserCommand> {
    let all = notices::all(state);
    let stack = &mut state.notices;
    stack.dismissed.retain(|dismissed| all.contains(dismissed));
    let mut wanted: Vec<Notice> =
        all.into_iter().filter(|one| !stack.dismissed.contains(one)).map(|(notice, _)| notice).collect();
    let pointer = ui.input(|input| input.pointer.latest_pos());
    if state.canvas.is_stroking() {
        wanted.retain(|notice| stack.shown.contains(notice));
        let is_near = |rect: Rect| pointer.is_some_and(|at| rect.expand(NEAR).contains(at));
        stack.is_aside |= stack.rect.is_some_and(is_near);
    } else {
        stack.is_aside = false;
    }
    stack.shows_all &= wanted.len() > MOST;
    stack.shown.clone_from(&wanted);
    if wanted.is_empty() || stack.is_aside {
        return None;
    }
    let width = (room.width() - 2.0 * MARGIN).clamp(120.0, WIDEST);
    let area = Area::new(Id::unique("notices")).order(Order::Middle).movable(false).constrain(false);
    let area = match edge {
        NoticeEdge::Top => area.fixed_pos(room.left_top() + Vec2::splat(MARGIN)),
        NoticeEdge::Bottom => {
            area.pivot(Align2::LEFT_BOTTOM).fixed_pos(room.left_bottom() + Vec2::new(MARGIN, -MARGIN))
        }
    };
    let shown = area.default_width(width).show(ui.ctx(), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 4.0;
        match state.notices.shows_all {
            true => {
                let scroll = ScrollArea::vertical().max_height(room.height() * HIGHEST);
                scroll.show(ui, |ui| list(ui, state, &wanted)).inner
            }
            false => list(ui, state, &wanted),
        }
    });
    state.notices.rect = Some(shown.response.rect);
    shown.inner
}

/// The notices below each other.
fn list(ui: &mut Ui, state: &mut WindowState, wanted: &[Notice]) -> Option<UserCommand> {
    let mut command = None;
    let count = if state.notices.shows_all { wanted.len() } else { MOST };
    for notice in wanted.iter().take(count) {
        let shown = anchored(ui, &format!("notice {notice:?}"), |ui| notices::ui(ui, state, *notice));
        command = command.or(shown);
    }
    let more = wanted.len().saturating_sub(MOST);
    if more > 0 {
        let name = match state.notices.shows_all {
            true => "Show fewer notices".to_owned(),
            false if more == 1 => "Show 1 more notice".to_owned(),
            false => format!("Show {more} more notices"),
        };
        theme::card(ui).show(ui, |ui| state.notices.shows_all ^= ui.button(name).clicked());
    }
    command
}
