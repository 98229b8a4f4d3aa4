//! The fill tool.

use super::{CanvasTool, ToolContext, Touch};
use crate::ui::LayerCommand;

/// Fills areas of nearly one colour.
pub(super) struct Filling;

impl CanvasTool for Filling {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        if let Some(refusal) = context.document.paint_refusal() {
            context.outcome.commands.push(LayerCommand::Explain(refusal).into());
            return false;
        }
        if let Some((x, y)) = touch.map.to_pixel(touch.at) {
            context.outcome.painted = true;
            context.document.fill(x, y, context.color);
        }
        false
    }
}
