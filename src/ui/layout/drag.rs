//! A panel that is being dragged: where it would go is marked, and a release moves it there.

use egui::{Align2, CursorIcon, FontId, Id, LayerId, Order, Pos2, Rect, Stroke, Ui, Vec2};

use super::{DockPanel, DockSide};
use crate::ui::state::WindowState;
use crate::ui::{LayoutCommand, UserCommand, theme};

/// The panel that is dragged, and where all panels are.
#[derive(Default)]
pub(super) struct PanelDrag {
    dragged: Option<DockPanel>,
    left: ShownSide,
    right: ShownSide,
}

/// Where a side and its panels are on screen.
#[derive(Default)]
struct ShownSide {
    area: Option<Rect>,
    panels: Vec<Rect>,
}

impl PanelDrag {
    fn side(&self, side: DockSide) -> &ShownSide {
        match side {
            DockSide::Left => &self.left,
            DockSide::Right => &self.right,
        }
    }

    fn side_mut(&mut self, side: DockSide) -> &mut ShownSide {
        match side {
            DockSide::Left => &mut self.left,
            DockSide::Right => &mut self.right,
        }
    }

    /// A side is about to be shown.
    pub fn begin(&mut self, side: DockSide) {
        *self.side_mut(side) = ShownSide::default();
    }

    /// A side is shown here.
    pub fn note_side(&mut self, side: DockSide, area: Rect) {
        self.side_mut(side).area = Some(area);
    }

    /// The next panel of a side is shown here.
    pub fn note(&mut self, side: DockSide, area: Rect) {
        self.side_mut(side).panels.push(area);
    }

    /// The pointer began to drag this panel.
    pub fn start(&mut self, panel: DockPanel) {
        self.dragged = Some(panel);
    }

    /// Whether a panel is being dragged.
    pub fn is_going_on(&self) -> bool {
        self.dragged.is_some()
    }

    /// Where a panel goes that is released here: the nearer side, and the place there. `middle` is that of the window.
    fn target(&self, at: Pos2, middle: f32) -> (DockSide, usize) {
        let side = if at.x < middle { DockSide::Left } else { DockSide::Right };
        let above = self.side(side).panels.iter().take_while(|panel| panel.center().y < at.y);
        (side, above.count())
    }
}

/// Marks where the dragged panel would go, and moves it there when it is released.
pub(super) fn ui(state: &mut WindowState, ui: &Ui) -> Option<UserCommand> {
    let command = follow(&state.layout.drag, ui);
    // The release can get lost, for example when the window loses the pointer.
    if command.is_some() || !ui.input(|i| i.pointer.any_down()) {
        state.layout.drag.dragged = None;
    }
    command
}

fn follow(drag: &PanelDrag, ui: &Ui) -> Option<UserCommand> {
    let panel = drag.dragged?;
    let at = ui.input(|i| i.pointer.latest_pos())?;
    let (side, place) = drag.target(at, ui.ctx().content_rect().center().x);
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("dragged panel")));
    let shown = drag.side(side);
    if let Some(area) = shown.area {
        let y = match (shown.panels.get(place), shown.panels.last()) {
            (Some(below), _) => below.top() - 2.0,
            (None, Some(last)) => last.bottom(),
            (None, None) => area.top() + 8.0,
        };
        painter.hline(area.x_range(), y.clamp(area.top(), area.bottom()), Stroke::new(3.0, theme::ACCENT));
    }
    let font = FontId::proportional(13.5);
    let near = at + Vec2::new(14.0, 4.0);
    let galley = painter.layout_no_wrap(panel.title().into(), font, theme::ON_ACCENT);
    let around = Align2::LEFT_TOP.anchor_size(near, galley.size()).expand2(Vec2::new(7.0, 4.0));
    painter.rect_filled(around, 4, theme::ACCENT);
    painter.galley(near, galley, theme::ON_ACCENT);
    ui.input(|i| i.pointer.any_released()).then(|| LayoutCommand::MoveTo(panel, side, place).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_goes_to_the_nearer_side_between_those_that_are_there() {
        let mut drag = PanelDrag::default();
        for y in [0.0, 100.0] {
            drag.note(DockSide::Left, Rect::from_min_size(Pos2::new(50.0, y), Vec2::new(200.0, 100.0)));
        }
        for (at, wanted) in [
            ((60.0, 10.0), (DockSide::Left, 0)),
            ((400.0, 60.0), (DockSide::Left, 1)),
            ((60.0, 149.0), (DockSide::Left, 1)),
            ((60.0, 900.0), (DockSide::Left, 2)),
            ((600.0, 900.0), (DockSide::Right, 0)),
        ] {
            assert_eq!(drag.target(at.into(), 500.0), wanted, "{at:?}");
        }
    }
}
