//! The eyedropper.

use super::{CanvasTool, ToolContext, Touch};
use crate::ui::ColorCommand;

/// Picks the colours that are seen on the canvas, as long as the pointer is pressed.
pub(super) struct Picking;

impl CanvasTool for Picking {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        if touch.map.to_pixel(touch.at).is_none() {
            return false;
        }
        self.drag(touch, context);
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        context.outcome.commands.push(ColorCommand::PickOnScreen { x: touch.at.x, y: touch.at.y }.into());
    }
}
