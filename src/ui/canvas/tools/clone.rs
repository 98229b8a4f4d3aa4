//! The brush that paints the pixels of a result.

use egui::{Painter, Pos2};

use super::{CanvasTool, ToolContext, Touch, brush_outline};
use crate::document::Document;
use crate::paint::Brush;
use crate::ui::SelectCommand;
use crate::ui::brushes::on_canvas;
use crate::ui::canvas::mapping::Mapping;

/// Paints another result in place onto the current layer.
pub(super) struct Cloning;

impl CanvasTool for Cloning {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let refusal = context.document.paint_refusal().map(SelectCommand::Explain);
        let source = context.options.clone_source.as_ref().map(|(_, source)| source);
        match (refusal, source.filter(|source| source.size() == context.document.canvas().size())) {
            (Some(refusal), _) => context.outcome.commands.push(refusal.into()),
            (None, None) => context.outcome.commands.push(SelectCommand::ExplainNoResult.into()),
            (None, Some(source)) => {
                context.document.begin_cloning(source, on_canvas(&context.plan, touch.map.scale()), touch.sample);
                return true;
            }
        }
        false
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        context.document.mark_to(touch.sample);
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        context.document.end_stroke();
    }

    fn abandon(&mut self, document: &mut Document) {
        document.abandon_stroke();
    }

    fn outline(&self, painter: &Painter, at: Pos2, map: &Mapping, brush: &Brush) {
        brush_outline(painter, at, map, brush);
    }
}
