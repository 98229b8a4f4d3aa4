//! The tool that selects the object at a click or in a box.

use egui::{Color32, Painter, Pos2, Stroke};

use super::select::mode_with;
use super::{CanvasTool, ToolContext, Touch, lines};
use crate::document::Document;
use crate::jobs::{ObjectPrompt, PromptBox};
use crate::ui::canvas::mapping::Mapping;
use crate::ui::select::ToolOptions;
use crate::ui::{ObjectHint, SelectCommand};

/// A drag that is shorter than this is a click, in points.
const CLICK: f32 = 5.0;
/// The size of the marks of points, in points.
const RADIUS: f32 = 5.0;

/// Points at objects, or draws boxes around them.
#[derive(Default)]
pub(super) struct Pointing {
    drag: Option<PointerDrag>,
}

/// A pressed pointer. Places are in canvas pixels.
struct PointerDrag {
    from: (f32, f32),
    to: (f32, f32),
    /// Where it was pressed on screen, and the farthest that it was away from there, in points.
    at: Pos2,
    farthest: f32,
    modifiers: egui::Modifiers,
}

impl CanvasTool for Pointing {
    fn press(&mut self, touch: &Touch<'_>, _context: &mut ToolContext<'_>) -> bool {
        let from = (touch.sample.x, touch.sample.y);
        self.drag = Some(PointerDrag { from, to: from, at: touch.at, farthest: 0.0, modifiers: touch.modifiers });
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, _context: &mut ToolContext<'_>) {
        if let Some(drag) = &mut self.drag {
            drag.to = (touch.sample.x, touch.sample.y);
            drag.farthest = drag.farthest.max(drag.at.distance(touch.at));
        }
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        let Some(drag) = self.drag.take() else { return };
        let size = context.document.canvas().size();
        let (width, height) = (size.width() as f32, size.height() as f32);
        let hint = if drag.farthest < CLICK {
            let (x, y) = (drag.from.0.floor(), drag.from.1.floor());
            let is_inside = (0.0..width).contains(&x) && (0.0..height).contains(&y);
            is_inside.then_some(ObjectHint::Point(x, y))
        } else {
            box_between(drag.from, drag.to, (width, height)).map(ObjectHint::Box)
        };
        if let Some(hint) = hint {
            let mode = mode_with(drag.modifiers, context.options.mode);
            let takes_away = drag.modifiers.command && !drag.modifiers.shift;
            context.outcome.commands.push(SelectCommand::PointAt { hint, mode, takes_away }.into());
        }
    }

    fn abandon(&mut self, _document: &mut Document) {
        self.drag = None;
    }

    fn overlay(&self, painter: &Painter, map: &Mapping, _pointer: Option<Pos2>) {
        if let Some(drag) = self.drag.as_ref().filter(|drag| drag.farthest >= CLICK) {
            lines::closed(painter, map, &lines::corners(drag.from, drag.to));
        }
    }
}

/// The pixels between two places, cut to the canvas; `None` if there are none.
fn box_between(one: (f32, f32), two: (f32, f32), (width, height): (f32, f32)) -> Option<PromptBox> {
    let edges = |one: f32, two: f32, most: f32| (one.min(two).floor().max(0.0), one.max(two).ceil().min(most) - 1.0);
    let ((left, right), (top, bottom)) = (edges(one.0, two.0, width), edges(one.1, two.1, height));
    (left < right && top < bottom).then_some(PromptBox { left, top, right, bottom })
}

/// Draws what was pointed at, as long as the object can be changed.
pub(in crate::ui::canvas) fn marks(painter: &Painter, map: &Mapping, document: &Document, options: &ToolOptions) {
    let Some(begun) = options.object.as_ref().filter(|begun| begun.goes_on(document)) else { return };
    let ObjectPrompt { points, area } = &begun.prompt;
    if let Some(area) = area {
        lines::closed(painter, map, &lines::corners((area.left, area.top), (area.right + 1.0, area.bottom + 1.0)));
    }
    for point in points {
        let at = map.to_screen(point.x + 0.5, point.y + 0.5);
        painter.circle(at, RADIUS, Color32::WHITE, Stroke::new(1.5, Color32::BLACK));
        let arm = RADIUS * 0.6;
        painter.line_segment([at - egui::vec2(arm, 0.0), at + egui::vec2(arm, 0.0)], Stroke::new(1.5, Color32::BLACK));
        if point.is_inside {
            let ends = [at - egui::vec2(0.0, arm), at + egui::vec2(0.0, arm)];
            painter.line_segment(ends, Stroke::new(1.5, Color32::BLACK));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_holds_the_pixels_that_it_touches_on_the_canvas() {
        let of = |one, two| box_between(one, two, (100.0, 80.0));
        assert_eq!(
            of((30.5, 70.2), (10.2, 20.0)),
            Some(PromptBox { left: 10.0, top: 20.0, right: 30.0, bottom: 70.0 })
        );
        assert_eq!(
            of((-9.0, -9.0), (500.0, 500.0)),
            Some(PromptBox { left: 0.0, top: 0.0, right: 99.0, bottom: 79.0 })
        );
        assert_eq!(of((-9.0, -9.0), (-1.0, 500.0)), None);
    }
}
