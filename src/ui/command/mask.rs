//! What can be done with the mask.

/// Commands about the mask of the pixels that the next round may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskCommand {
    /// Mask what is selected.
    FromSelection,
    /// Select what is masked.
    ToSelection,
    /// Mask what is not masked.
    Invert,
    /// Give the mask a soft edge of the radius that is chosen for selections.
    Blur,
    /// Remove the mask, so that everything may change.
    Remove,
    /// Draw the mask over the canvas, or not.
    ToggleShown,
}
