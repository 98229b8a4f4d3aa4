//! Brush and eraser.

use egui::{Color32, Painter, Pos2, Shape, Stroke};

use super::{CanvasTool, ToolContext, Touch};
use crate::document::Document;
use crate::paint::{AssumedPressure, Brush, BrushAction, PenSample, Tip};
use crate::ui::brushes::on_canvas;
use crate::ui::canvas::mapping::Mapping;
use crate::ui::{BrushCommand, LayerCommand};

/// Paints strokes, and changes the size of the brush.
#[derive(Default)]
pub(super) struct Painting {
    doing: Doing,
    /// Where the last stroke ended.
    last_end: Option<PenSample>,
}

/// What the pressed pointer does.
#[derive(Default)]
enum Doing {
    /// It is not pressed.
    #[default]
    Nothing,
    /// It paints. The sample is where it was last.
    Stroke(PenSample),
    /// It stretches a straight line from the first sample to the second, which is painted when Shift or the pointer is
    /// released.
    Line(PenSample, PenSample),
    /// It changes the size, which was this much when the pointer was pressed here.
    Size(f32, Pos2),
}

impl CanvasTool for Painting {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        if touch.modifiers.command {
            self.doing = Doing::Size(context.plan.brush.size, touch.at);
            return true;
        }
        let document = &context.document;
        let erases = context.plan.brush.action == BrushAction::Erase;
        let refusal = if erases { document.erase_refusal() } else { document.paint_refusal() };
        if let Some(refusal) = refusal {
            context.outcome.commands.push(LayerCommand::Explain(refusal).into());
            return false;
        }
        context.outcome.painted = context.plan.brush.action == BrushAction::Paint;
        let start = self.last_end.filter(|_| touch.modifiers.shift).unwrap_or(touch.sample);
        // The pen may be pressed otherwise now than at the end of the last stroke.
        let start = PenSample { x: start.x, y: start.y, ..touch.sample };
        let mut plan = on_canvas(&context.plan, touch.map.scale());
        if touch.knows_pressure {
            plan.pressure = AssumedPressure::default();
        }
        context.document.begin_stroke(plan, start);
        self.doing = if touch.modifiers.shift { Doing::Line(start, touch.sample) } else { Doing::Stroke(touch.sample) };
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        match self.doing {
            Doing::Nothing => {}
            Doing::Size(size, from) => {
                // The edge of the outline keeps its distance to the pointer.
                let size = size + 2.0 * (touch.at.x - from.x) / touch.map.scale();
                context.outcome.commands.push(BrushCommand::SetSize(size.round()).into());
            }
            Doing::Stroke(last) if touch.modifiers.shift => self.doing = Doing::Line(last, touch.sample),
            Doing::Line(start, _) if touch.modifiers.shift => self.doing = Doing::Line(start, touch.sample),
            Doing::Stroke(_) | Doing::Line(..) => {
                context.document.stroke_to(touch.sample);
                self.doing = Doing::Stroke(touch.sample);
            }
        }
    }

    fn rest(&mut self, time: f64, context: &mut ToolContext<'_>) -> bool {
        let Doing::Stroke(last) = self.doing else { return false };
        if !context.document.stroke_goes_on_at_rest() {
            return false;
        }
        context.document.stroke_to(PenSample { time, ..last });
        true
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        let end = match std::mem::take(&mut self.doing) {
            Doing::Nothing | Doing::Size(..) => return,
            Doing::Stroke(end) => end,
            Doing::Line(_, end) => {
                context.document.stroke_to(end);
                end
            }
        };
        context.document.end_stroke();
        self.last_end = Some(end);
    }

    fn abandon(&mut self, document: &mut Document) {
        self.doing = Doing::Nothing;
        document.abandon_stroke();
    }

    fn outline(&self, painter: &Painter, at: Pos2, map: &Mapping, brush: &Brush) {
        let at = if let Doing::Size(_, from) = self.doing { from } else { at };
        if let Doing::Line(start, end) = self.doing {
            let line = [map.to_screen(start.x, start.y), map.to_screen(end.x, end.y)];
            painter.line_segment(line, Stroke::new(3.0, Color32::from_black_alpha(120)));
            painter.line_segment(line, Stroke::new(1.0, Color32::from_white_alpha(230)));
        }
        brush_outline(painter, at, map, brush);
    }
}

/// Draws a brush's outline around a place on screen, light and dark so that it shows on any colour.
pub(super) fn brush_outline(painter: &Painter, at: Pos2, map: &Mapping, brush: &Brush) {
    for (wider, color) in [(0.5, Color32::from_black_alpha(160)), (-0.5, Color32::from_white_alpha(220))] {
        let points = tip_outline(brush, wider / map.scale());
        let (x, y) = map.to_canvas(at);
        let points = points.into_iter().map(|(dx, dy)| map.to_screen(x + dx, y + dy)).collect();
        painter.add(Shape::closed_line(points, Stroke::new(1.0, color)));
    }
}

/// The outline of a brush's tip around its centre, made wider by this many pixels.
fn tip_outline(brush: &Brush, wider: f32) -> Vec<(f32, f32)> {
    let (long, short) = (brush.size / 2.0 + wider, brush.size / brush.aspect.max(1.0) / 2.0 + wider);
    let (sin, cos) = brush.angle.to_radians().sin_cos();
    let turned = |(x, y): (f32, f32)| (x * cos - y * sin, x * sin + y * cos);
    match brush.tip {
        Tip::Flat => [(-long, -short), (long, -short), (long, short), (-long, short)].into_iter().map(turned).collect(),
        Tip::Round => {
            // As many corners as a circle needs to look round.
            let count = ((brush.size.sqrt() * 6.0).clamp(24.0, 200.0) as usize).next_multiple_of(4);
            let corner = |i: usize| {
                let angle = i as f32 / count as f32 * std::f32::consts::TAU;
                turned((long * angle.cos(), short * angle.sin()))
            };
            (0..count).map(corner).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outline_has_the_size_and_the_shape_of_the_tip() {
        let extent = |brush: &Brush| {
            let points = tip_outline(brush, 0.0);
            let far = |of: fn(&(f32, f32)) -> f32| points.iter().map(of).fold(0.0, f32::max);
            (far(|point| point.0), far(|point| point.1))
        };
        let near = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).abs() < 0.01 && (a.1 - b.1).abs() < 0.01;
        let round = Brush { size: 80.0, ..Brush::default() };
        assert!(near(extent(&round), (40.0, 40.0)));
        assert!(near(extent(&Brush { aspect: 4.0, ..round.clone() }), (40.0, 10.0)));
        let flat = Brush { tip: Tip::Flat, aspect: 4.0, angle: 90.0, ..round };
        assert!(near(extent(&flat), (10.0, 40.0)));
    }
}
