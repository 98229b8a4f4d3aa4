//! What can be done with selections, and with what is selected.

use crate::document::PaintRefusal;
use crate::paint::{PixelRect, Placement, SelectionMode};
use crate::ui::{DrawnShape, ObjectHint, SelectShape};

/// Commands about the selection, and about what is selected on the current layer.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectCommand {
    /// Choose the selection tool and what it draws.
    UseShape(SelectShape),
    /// Choose the shape tool and what it draws.
    UseDrawn(DrawnShape),
    /// Select everything.
    All,
    /// Select nothing, so that painting changes everything.
    None,
    /// Select what is not selected.
    Invert,
    /// Let the selection grow by the chosen radius.
    Grow,
    /// Let the selection shrink by the chosen radius.
    Shrink,
    /// Give the selection a soft edge of the chosen radius.
    Feather,
    /// Select a band of the chosen radius along the selection's edge.
    Border,
    /// Select this rectangle, as the chosen mode says.
    Rectangle(PixelRect),
    /// Begin to select an object, or change the one that was begun.
    PointAt {
        /// What was pointed at.
        hint: ObjectHint,
        /// How a new object meets the selection that is there.
        mode: SelectionMode,
        /// Whether a point is beside an object that was begun.
        takes_away: bool,
    },
    /// Show where the network that selects objects can be fetched.
    ShowObjectModel,
    /// Make what is selected transparent.
    Clear,
    /// Fill what is selected with the current colour.
    FillForeground,
    /// Fill what is selected with the background colour.
    FillBackground,
    /// Copy what is selected on the current layer.
    Copy,
    /// Copy what is selected of the picture that all layers give.
    CopyMerged,
    /// Copy what is selected on the current layer, and make it transparent there.
    Cut,
    /// Paste what was copied last from the canvas as a layer, where it was.
    PasteInPlace,
    /// Lift what is selected, so that it can be moved, scaled and turned.
    BeginTransform,
    /// Place what is lifted.
    Place(Placement),
    /// Move what is selected by this many pixels to the right and down.
    Nudge(i16, i16),
    /// Finish what a tool began: put down what is lifted, or close the polygon.
    Apply,
    /// Leave what a tool began, and all as it was.
    Leave,
    /// Paint with the result on show from now on.
    UseShownResult,
    /// Say why the current layer cannot be changed.
    Explain(PaintRefusal),
    /// Say that no result is chosen to paint with.
    ExplainNoResult,
}
