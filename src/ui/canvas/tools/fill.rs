//! The fill tool.

use super::{CanvasTool, ToolContext, Touch};

/// Fills areas of nearly one colour.
pub(super) struct Filling;

impl CanvasTool for Filling {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        if let Some((x, y)) = touch.map.to_pixel(touch.at) {
            context.outcome.painted = true;
            context.document.fill(x, y, context.color);
        }
        false
    }
}
