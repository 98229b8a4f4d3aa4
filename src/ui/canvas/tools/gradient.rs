//! The gradient tool.

use egui::{Painter, Pos2};

use super::{CanvasTool, ToolContext, Touch, lines};
use crate::document::{Document, SlowEdit};
use crate::paint::{Gradient, Rgb};
use crate::ui::canvas::mapping::Mapping;
use crate::ui::{GradientEnd, SelectCommand};

/// Paints gradients along a dragged line.
#[derive(Default)]
pub(super) struct Shading {
    ends: Option<((f32, f32), (f32, f32))>,
}

impl CanvasTool for Shading {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        if let Some(refusal) = context.document.paint_refusal() {
            context.outcome.commands.push(SelectCommand::Explain(refusal).into());
            return false;
        }
        let at = (touch.sample.x, touch.sample.y);
        self.ends = Some((at, at));
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, _context: &mut ToolContext<'_>) {
        let at = (touch.sample.x, touch.sample.y);
        self.ends =
            self.ends.map(|(from, _)| (from, if touch.modifiers.shift { lines::in_steps(from, at) } else { at }));
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        let Some((from, to)) = self.ends.take().filter(|(from, to)| from != to) else { return };
        let Rgb([r, g, b]) = context.color;
        let end = match (context.options.gradient_end, context.options.background) {
            (GradientEnd::Background, Rgb([r, g, b])) => [r, g, b, 255],
            (GradientEnd::Transparent, _) => [r, g, b, 0],
        };
        let gradient = Gradient { shape: context.options.gradient, from, to, start: [r, g, b, 255], end };
        context.outcome.painted = true;
        context.edit(SlowEdit::Gradient(gradient));
    }

    fn abandon(&mut self, _document: &mut Document) {
        self.ends = None;
    }

    fn overlay(&self, painter: &Painter, map: &Mapping, _pointer: Option<Pos2>) {
        if let Some((from, to)) = self.ends {
            lines::open(painter, map, &[from, to]);
            [from, to].into_iter().for_each(|(x, y)| lines::handle(painter, map.to_screen(x, y)));
        }
    }
}
