//! Which part of the canvas is in view.

use super::{MoveDirection, ZoomStep};

/// Commands that change how the canvas is seen. None of them changes the canvas, so undo leaves them alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CanvasViewCommand {
    /// Change the zoom, at the pointer where it is over the canvas, else in the middle.
    Zoom(ZoomStep),
    /// Zoom to this many screen pixels per canvas pixel.
    ZoomTo(f32),
    /// Move to another part of the canvas.
    Pan(MoveDirection),
    /// Turn the canvas one step.
    Turn(TurnDirection),
    /// Exchange left and right of what is seen.
    Mirror,
    /// Show the canvas neither turned nor mirrored.
    Straighten,
}

/// Where something is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnDirection {
    /// Anticlockwise.
    Left,
    /// Clockwise.
    Right,
}
