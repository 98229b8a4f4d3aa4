//! How results are shown, and going through them.

use super::MoveDirection;

/// Commands about the results beside the canvas. The result that is shown in place on the canvas is the one under the
/// resting pointer, or the one that has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GalleryCommand {
    /// Show all results in a grid, or one of them large.
    ToggleGrid,
    /// Fold the results to a thin strip, or unfold them.
    ToggleFolded,
    /// Put the keyboard into the results, so that arrow keys go through them.
    Focus,
    /// Go to the next result in a direction.
    Walk(MoveDirection),
    /// Put the result that is shown in place on the canvas onto it.
    TakeShown,
    /// Show the canvas itself in place of a result.
    StopShowing,
    /// Show the canvas itself in place of a result for as long as the key for that is held.
    ShowSketch,
}
