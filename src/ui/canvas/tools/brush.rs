//! Brush and eraser.

use egui::{Color32, Painter, Pos2, Stroke};

use super::{CanvasTool, ToolContext, Touch};
use crate::document::Document;
use crate::paint::Brush;
use crate::ui::LayerCommand;
use crate::ui::canvas::mapping::Mapping;

/// Paints strokes.
pub(super) struct Painting {
    /// Whether the strokes erase.
    pub erases: bool,
}

impl CanvasTool for Painting {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let document = &context.document;
        let refusal = if self.erases { document.erase_refusal() } else { document.paint_refusal() };
        if let Some(refusal) = refusal {
            context.outcome.commands.push(LayerCommand::Explain(refusal).into());
            return false;
        }
        let (x, y) = (touch.sample.x, touch.sample.y);
        if self.erases {
            context.document.begin_erasing(context.brush, x, y);
        } else {
            context.outcome.painted = true;
            context.document.begin_stroke(context.brush, x, y);
        }
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        context.document.stroke_to(touch.sample.x, touch.sample.y);
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        context.document.end_stroke();
    }

    fn abandon(&mut self, document: &mut Document) {
        document.abandon_stroke();
    }

    /// The brush's outline, light and dark so that it shows on any colour.
    fn outline(&self, painter: &Painter, at: Pos2, map: &Mapping, brush: &Brush) {
        let radius = brush.size / 2.0 * map.scale();
        painter.circle_stroke(at, radius + 0.5, Stroke::new(1.0, Color32::from_black_alpha(160)));
        painter.circle_stroke(at, radius, Stroke::new(1.0, Color32::from_white_alpha(220)));
    }
}
