//! The window around the canvas: which part is where, and how it adapts to small windows.
//!
//! - `arrangement.rs` says which panel is where; `dock_panel.rs` which panels there are.
//! - `side.rs` shows the panels of a side, `title.rs` a panel's title, `contents.rs` what is inside, `drag.rs` where a
//!   dragged panel goes, `edge.rs` makes a side wider.
//! - `rail.rs` has the tools at the left edge, `foot.rs` the prompts and what is below them.
//! - `parts.rs` leads the keyboard from part to part.
//! - `choices.rs` keeps all this, and theme and scale, for the next launch.

mod arrangement;
mod choices;
mod contents;
mod dock_panel;
mod drag;
mod edge;
mod foot;
mod parts;
mod rail;
mod side;
mod title;

pub(super) use arrangement::Arrangement;
pub(super) use choices::{SCALES, WindowChoices, update};
pub use dock_panel::{DockPanel, DockSide};

use egui::{CentralPanel, Panel, Ui};

use super::panels::notice_stack::NoticeEdge;
use super::panels::{notice_stack, top_bar};
use super::state::WindowState;
use super::{LayoutCommand, UserCommand, theme};
use super::{compare, history, keymap, workspace};
use drag::PanelDrag;
use parts::Parts;

/// Below this height in points the prompts lie beside each other, across the whole window.
const LOW: f32 = 640.0;

/// The state of the window around the canvas.
pub(super) struct Layout {
    /// What was chosen.
    pub choices: WindowChoices,
    /// What the file of choices holds.
    kept: WindowChoices,
    /// Whether everything but canvas and results is hidden.
    pub is_canvas_only: bool,
    /// The panel that is being dragged.
    drag: PanelDrag,
    /// The parts of the window that the keyboard can be led to.
    pub parts: Parts,
}

impl Layout {
    /// Begins with these choices.
    pub fn new(choices: WindowChoices, ctx: &egui::Context) -> Self {
        choices::apply(&choices, ctx);
        let kept = choices.clone();
        Self { choices, kept, is_canvas_only: false, drag: PanelDrag::default(), parts: Parts::default() }
    }
}

/// Shows all panels and returns the commands they sent.
pub(super) fn show(state: &mut WindowState, ui: &mut Ui) -> Vec<UserCommand> {
    let mut commands = Vec::new();
    state.layout.parts.begin();
    let bar = egui::Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(12, 8));
    let low = ui.available_height() < LOW;
    let (compares, is_canvas_only) = (state.compare.is_shown(), state.layout.is_canvas_only);
    if !compares && !is_canvas_only {
        let slim = bar.inner_margin(egui::Margin::symmetric(8, 4));
        let shown = Panel::top("top").frame(slim).show(ui, |ui| top_bar::ui(ui, state));
        let (first, command) = shown.inner;
        state.layout.parts.note(shown.response.rect, first);
        commands.extend(command);
    }
    // A notice says what is wrong while the line is hidden.
    if !is_canvas_only {
        Panel::bottom("status").frame(bar).show(ui, |ui| match history::is_deletion_told(state) {
            true => commands.extend(history::undo_bar(ui, state)),
            false => state.status.ui(ui),
        });
    }
    if compares {
        let room = ui.available_rect_before_wrap();
        commands.extend(notice_stack::ui(ui, state, room, NoticeEdge::Bottom));
        commands.extend(compare::ui(state, ui));
        return commands;
    }
    if !is_canvas_only {
        if low {
            commands.extend(foot::ui(state, ui, low));
            commands.extend(history::ui(state, ui, low));
        }
        commands.extend(rail::ui(state, ui));
        for side in DockSide::ALL {
            commands.extend(side::ui(side, state, ui));
        }
        if !low {
            commands.extend(foot::ui(state, ui, low));
            commands.extend(history::ui(state, ui, low));
        }
    }
    CentralPanel::default().frame(theme::panel(ui)).show(ui, |ui| {
        let room = ui.available_rect_before_wrap();
        commands.extend(notice_stack::ui(ui, state, room, NoticeEdge::Top));
        commands.extend(workspace::ui(state, ui));
        if is_canvas_only {
            commands.extend(way_back(ui));
        }
    });
    commands.extend(drag::ui(state, ui));
    commands
}

/// A button in the corner that shows the panels again, for those who do not know the key.
fn way_back(ui: &mut Ui) -> Option<UserCommand> {
    let corner = egui::Rect::from_min_size(ui.max_rect().right_top() - egui::vec2(26.0, 2.0), egui::vec2(28.0, 28.0));
    let button = egui::Button::new(theme::icon(lucide_icons::Icon::PanelsTopLeft, 15.0)).small();
    let help = keymap::tooltip(ui.ctx(), "Show the panels again.", LayoutCommand::ToggleCanvasOnly);
    let response = ui.put(corner, button).on_hover_text(help);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Show the panels"));
    response.clicked().then(|| LayoutCommand::ToggleCanvasOnly.into())
}
