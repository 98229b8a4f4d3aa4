//! What can be done to the size and shape of the canvas.

use crate::document::Reshape;
use crate::paint::Region;

/// Commands that change the size or shape of the whole canvas, with all its layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReshapeCommand {
    /// Give the canvas another shape.
    Reshape(Reshape),
    /// Crop the canvas to what is selected.
    CropToSelection,
    /// Show the rectangle of the crop tool here.
    SetCrop(Region),
    /// Ask for a size that everything is scaled to.
    AskToScale,
    /// Ask how much is added or cut off at each side.
    AskForSides,
}
