//! The eyedropper.

use super::{CanvasTool, ToolContext, Touch};
use crate::ui::CanvasCommand;

/// Picks the colours that are seen on the canvas.
pub(super) struct Picking;

impl CanvasTool for Picking {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let pixel = touch.map.to_pixel(touch.at);
        if let Some(picked) = pixel.and_then(|(x, y)| context.document.screen().color_at(x, y)) {
            context.outcome.commands.push(CanvasCommand::UseColor(picked).into());
        }
        false
    }
}
