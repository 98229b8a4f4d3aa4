//! What can be done to the canvas, and to the tool it is painted with.

use crate::document::SlowEdit;
use crate::ui::Tool;

/// Commands that change the canvas, or the tool it is painted with.
#[derive(Clone, Debug, PartialEq)]
pub enum CanvasCommand {
    /// Undo the last change to the canvas.
    Undo,
    /// Redo the change that was undone last.
    Redo,
    /// Undo or redo until this many steps are done.
    GoToStep(usize),
    /// Undo the stroke that is being painted.
    AbandonStroke,
    /// Replace the canvas with an empty one.
    New(Paper),
    /// Replace the canvas with the example sketch.
    Example,
    /// Place the picture opened last in another way.
    Place(OpenPlacement),
    /// Resize the canvas to the size that the results will have.
    ResizeToResults(OpenPlacement),
    /// Make an edit that a tool asks for.
    Edit(Box<SlowEdit>),
    /// Choose the tool.
    UseTool(Tool),
    /// Move the cross on the canvas by this many pixels to the right and down.
    MoveCursor(i16, i16),
    /// Let the tool act where the cross is: there, or from there to where the next press ends it.
    ActAtCursor,
    /// Say which keys move the cross and let the tool act.
    TellOfCursor,
    /// Make the brush one step smaller.
    SmallerBrush,
    /// Make the brush one step larger.
    LargerBrush,
}

/// How a picture is put on a canvas of another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenPlacement {
    /// The whole picture shows; paper fills the rest of the canvas.
    Fit,
    /// The picture fills the canvas; what sticks out is cut off.
    Fill,
    /// The canvas takes the picture's size.
    ResizeCanvas,
}

/// The paper colour of a new canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// White.
    White,
    /// Black.
    Black,
    /// The colour chosen for painting.
    CurrentColor,
}
