//! The brush that paints the mask.

use egui::{Painter, Pos2};

use super::{CanvasTool, ToolContext, Touch, brush_outline};
use crate::document::{Document, Mark};
use crate::paint::Brush;
use crate::ui::brushes::on_canvas;
use crate::ui::canvas::mapping::Mapping;

/// Adds to the mask, or takes away from it while the command key is held.
pub(super) struct Masking;

impl CanvasTool for Masking {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let erases = context.options.erases_mask != touch.modifiers.command;
        context.document.begin_marking(Mark::Mask, erases, on_canvas(&context.plan, touch.map.scale()), touch.sample);
        true
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
