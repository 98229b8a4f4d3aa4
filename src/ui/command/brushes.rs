//! Commands about brushes and how strokes follow the pen.

use crate::paint::{Stabilizer, Symmetry};

/// What can be done with brushes.
#[derive(Clone, Debug, PartialEq)]
pub enum BrushCommand {
    /// Use the preset of this name; an eraser becomes that of the eraser tool.
    UsePreset(String),
    /// Use the preset after the one in use.
    NextPreset,
    /// Use the previous preset in the list.
    PreviousPreset,
    /// Use the preset that was in use before the present one.
    LastPreset,
    /// Save the brush in use under this name.
    SavePreset(String),
    /// Give the preset of the first name the second one.
    RenamePreset(String, String),
    /// Delete the preset of this name.
    DeletePreset(String),
    /// Bring the preset back that was deleted last.
    RestorePreset,
    /// Give the brush in use this diameter, in pixels.
    SetSize(f32),
    /// How strokes follow the pen from now on. Distances are in points on screen.
    UseStabilizer(Stabilizer),
    /// Where strokes are mirrored from now on.
    UseSymmetry(Symmetry),
    /// Mirror strokes at the next of the axes, or at none.
    NextSymmetry,
}
