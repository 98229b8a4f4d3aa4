//! The magic wand.

use super::select::mode_with;
use super::{CanvasTool, ToolContext, Touch};
use crate::document::SlowEdit;

/// Selects areas of nearly one colour.
pub(super) struct Wand;

impl CanvasTool for Wand {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let options = context.options;
        let mode = mode_with(touch.modifiers, options.mode);
        if let Some(at) = touch.map.to_pixel(touch.at) {
            context.edit(SlowEdit::SelectSimilar { at, how: options.area, source: options.source, mode });
        }
        false
    }
}
