//! The tool for lines, rectangles and ellipses.

use egui::{Painter, Pos2};

use super::{CanvasTool, ToolContext, Touch, lines};
use crate::document::{AreaShape, Document, SlowEdit};
use crate::paint::ellipse_points;
use crate::ui::canvas::mapping::Mapping;
use crate::ui::{DrawnShape, SelectCommand};

/// Draws a shape between two ends of a drag.
#[derive(Default)]
pub(super) struct Drawing {
    shape: DrawnShape,
    ends: Option<((f32, f32), (f32, f32))>,
}

impl CanvasTool for Drawing {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        if let Some(refusal) = context.document.paint_refusal() {
            context.outcome.commands.push(SelectCommand::Explain(refusal).into());
            return false;
        }
        let at = (touch.sample.x, touch.sample.y);
        (self.shape, self.ends) = (context.options.drawn, Some((at, at)));
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, _context: &mut ToolContext<'_>) {
        let at = (touch.sample.x, touch.sample.y);
        let to = |from: (f32, f32)| match (touch.modifiers.shift, self.shape) {
            (false, _) => at,
            (true, DrawnShape::Line) => lines::in_steps(from, at),
            (true, _) => lines::squared(from, at),
        };
        self.ends = self.ends.map(|(from, _)| (from, to(from)));
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        let Some((from, to)) = self.ends.take().filter(|(from, to)| from != to) else { return };
        context.outcome.painted = true;
        let places = places(self.shape, from, to);
        if self.shape != DrawnShape::Line && context.options.filled {
            let area = AreaShape::Polygon { corners: places, smooth: context.options.smooth };
            context.edit(SlowEdit::Shape(area, context.color));
            return;
        }
        let closing = places.first().copied().filter(|_| self.shape != DrawnShape::Line);
        let line: Vec<_> = places.into_iter().chain(closing).collect();
        context.document.paint_line(&line, context.plan.brush.clone());
    }

    fn abandon(&mut self, _document: &mut Document) {
        self.ends = None;
    }

    fn overlay(&self, painter: &Painter, map: &Mapping, _pointer: Option<Pos2>) {
        if let Some((from, to)) = self.ends {
            let places = places(self.shape, from, to);
            match self.shape {
                DrawnShape::Line => lines::open(painter, map, &places),
                _ => lines::closed(painter, map, &places),
            }
        }
    }
}

/// Places on the edge of a shape.
fn places(shape: DrawnShape, from: (f32, f32), to: (f32, f32)) -> Vec<(f32, f32)> {
    match shape {
        DrawnShape::Line => vec![from, to],
        DrawnShape::Rectangle => lines::corners(from, to).to_vec(),
        DrawnShape::Ellipse => ellipse_points(from, to),
    }
}
