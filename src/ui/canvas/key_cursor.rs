//! The cross that arrow keys move over the canvas, so that tools work at a place without a pointer.

use egui::{Painter, Pos2, Shape, Stroke, Vec2};

use super::mapping::Mapping;
use crate::ui::Tool;

/// How far the cross reaches from its place, in points.
const REACH: f32 = 11.0;
/// What is left free around its place, in points.
const GAP: f32 = 3.0;

/// Where the cross is, and what was asked for by keys since the last frame.
#[derive(Default)]
pub(super) struct KeyCursor {
    /// In canvas pixels from the upper left corner; `None` until the canvas first had the keyboard.
    at: Option<(usize, usize)>,
    /// What keys asked for, in order.
    pub(super) steps: Vec<KeyStep>,
    /// Where a key last let a tool act, if the cross has not moved since.
    pub(super) acted: Option<(usize, usize)>,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyStep {
    /// The cross is at this place now.
    Move((usize, usize)),
    /// The tool acts at this place, where the cross was.
    Act((usize, usize)),
}

impl KeyCursor {
    /// Where the cross is on a canvas of this size. At first, and where the canvas shrank, it is at the nearest place to
    /// `middle`.
    pub fn place(&mut self, size: (usize, usize), middle: (f32, f32)) -> (usize, usize) {
        let (x, y) = *self.at.get_or_insert((middle.0.max(0.0) as usize, middle.1.max(0.0) as usize));
        let at = (x.min(size.0), y.min(size.1));
        self.at = Some(at);
        at
    }

    /// Where the cross is; `None` before the canvas first had the keyboard.
    pub fn at(&self) -> Option<(usize, usize)> {
        self.at
    }

    /// Moves the cross by this many pixels, as far as a canvas of this size reaches.
    pub fn step(&mut self, (across, down): (i16, i16), size: (usize, usize)) {
        let Some((x, y)) = self.at else { return };
        let moved = |from: usize, by: i16, most: usize| from.saturating_add_signed(by.into()).min(most);
        let at = (moved(x, across, size.0), moved(y, down, size.1));
        (self.at, self.acted) = (Some(at), None);
        self.steps.push(KeyStep::Move(at));
    }

    /// Lets the tool act where the cross is.
    pub fn act(&mut self) {
        self.steps.extend(self.at.map(KeyStep::Act));
    }
}

/// Whether a tool works at places that the cross can show. The others have numbers in their panels, or move with arrow
/// keys themselves.
pub(super) fn has_places(tool: Tool) -> bool {
    !matches!(tool, Tool::Transform | Tool::Crop | Tool::Frame)
}

/// The place that a tool gets for a place of the cross: selections have edges between pixels, all else is about the
/// pixel right below.
pub(super) fn tool_place(tool: Tool, (x, y): (usize, usize), (width, height): (usize, usize)) -> (f32, f32) {
    let center = |at: usize, size: usize| at.min(size.saturating_sub(1)) as f32 + 0.5;
    match tool {
        Tool::Select => (x as f32, y as f32),
        _ => (center(x, width), center(y, height)),
    }
}

/// Draws the cross, dark on light and light on dark.
pub(super) fn paint(painter: &Painter, map: &Mapping, (x, y): (f32, f32)) {
    let at = map.to_screen(x, y);
    for (width, color) in [(3.0, egui::Color32::BLACK), (1.0, egui::Color32::WHITE)] {
        let arms = [Vec2::X, -Vec2::X, Vec2::Y, -Vec2::Y];
        painter.extend(arms.map(|arm| Shape::line_segment(arm_of(at, arm), Stroke::new(width, color))));
    }
}

fn arm_of(at: Pos2, arm: Vec2) -> [Pos2; 2] {
    [at + arm * GAP, at + arm * REACH]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cross_stays_on_the_canvas() {
        let mut cursor = KeyCursor::default();
        cursor.step((1, 1), (64, 32));
        assert_eq!((cursor.at(), cursor.steps.len()), (None, 0), "there is no cross yet");
        assert_eq!(cursor.place((64, 32), (500.0, -3.0)), (64, 0));
        cursor.step((1, -1), (64, 32));
        assert_eq!(cursor.at(), Some((64, 0)));
        cursor.step((-10, 5), (64, 32));
        cursor.act();
        let steps = [KeyStep::Move((64, 0)), KeyStep::Move((54, 5)), KeyStep::Act((54, 5))];
        assert_eq!(cursor.steps, steps);
        assert_eq!(cursor.place((16, 16), (0.0, 0.0)), (16, 5), "the canvas shrank");
    }

    #[test]
    fn tools_get_the_middle_of_a_pixel_and_selections_its_edge() {
        assert_eq!(tool_place(Tool::Fill, (64, 3), (64, 32)), (63.5, 3.5));
        assert_eq!(tool_place(Tool::Select, (64, 3), (64, 32)), (64.0, 3.0));
    }
}
