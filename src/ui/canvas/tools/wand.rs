//! The magic wand.

use super::select::mode_with;
use super::{CanvasTool, ToolContext, Touch};
use crate::document::Mark;

/// Selects areas of nearly one colour.
pub(super) struct Wand;

impl CanvasTool for Wand {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let options = context.options;
        let mode = mode_with(touch.modifiers, options.mode);
        context.document.end_stroke();
        if let Some(at) = touch.map.to_pixel(touch.at)
            && let Some(area) = context.document.area_at(at, options.area, options.source)
        {
            context.document.combine_mark(Mark::Selection, &area, mode);
        }
        false
    }
}
