//! The fill tool.

use super::{CanvasTool, ToolContext, Touch};
use crate::document::SlowEdit;
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
            let (how, source) = (context.options.area, context.options.source);
            context.edit(SlowEdit::Fill { at: (x, y), color: context.color, how, source });
        }
        false
    }
}
