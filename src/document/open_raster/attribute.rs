//! The names of attributes in `stack.xml` that other programs may not know.

/// The namespace of this program's own attributes.
pub(super) const NAMESPACE: &str = "https://underpaint.org/ns/openraster";
/// How the paper is marked, whose layer lies below all others; the value is its colour.
pub(super) const PAPER: &str = "underpaint:paper";
/// On a layer whose alpha painting leaves as it is.
pub(super) const ALPHA_LOCKED: &str = "underpaint:alpha-locked";
/// On a layer that is shown to the painter only: whether it is visible to the painter. Other programs see it hidden.
pub(super) const REFERENCE: &str = "underpaint:reference";
/// On a group that stands for a layer and those that are clipped to it.
pub(super) const CLIP_GROUP: &str = "underpaint:clip-group";
/// On a layer that would be clipped to the one below if there was one.
pub(super) const CLIPPED: &str = "underpaint:clipped";
/// On a layer that is drawn in its blend mode and only where there is something below, as Drawpile writes it.
pub(super) const ALPHA_PRESERVE: &str = "alpha-preserve";
/// On a layer that cannot be changed, an extension of the format that Krita and MyPaint have.
pub(super) const EDIT_LOCKED: &str = "edit-locked";
/// On the current layer, an extension of the format that Krita and MyPaint have.
pub(super) const SELECTED: &str = "selected";
