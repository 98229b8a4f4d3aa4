//! The tools of the canvas.

/// What the pointer does on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Paints with the current colour.
    #[default]
    Brush,
    /// Paints with the paper's colour.
    Eraser,
    /// Fills an area of one colour.
    Fill,
    /// Takes a colour from the canvas.
    Eyedropper,
    /// Selects by dragging, clicking or painting.
    Select,
    /// Selects an area of nearly one colour.
    Wand,
    /// Selects the object at a click or in a box.
    Object,
    /// Moves, scales and turns what is selected.
    Transform,
    /// Paints a gradient.
    Gradient,
    /// Draws lines, rectangles and ellipses.
    Shape,
    /// Paints the mask of what the next round may change.
    Mask,
    /// Paints another result in place.
    Clone,
    /// Crops the canvas, or adds room around it.
    Crop,
    /// Moves the part of the canvas that the next round is made from.
    Frame,
}

impl Tool {
    /// All tools with their names and tooltips.
    pub(super) const ALL: [(Self, &str, &str); 14] = [
        (Self::Brush, "Brush", "Paint with the current colour."),
        (Self::Eraser, "Eraser", "Paint with the paper's colour."),
        (Self::Fill, "Fill", "Fill an area of one colour with the current colour."),
        (Self::Eyedropper, "Eyedropper", "Take a colour from the canvas. Alt+click does the same with any tool."),
        (Self::Select, "Select", "Select a part of the canvas. Painting then changes nothing else."),
        (Self::Wand, "Magic wand", "Select an area of one colour."),
        (Self::Object, "Select by click", "Select an object: click on it or drag a box around it."),
        (Self::Transform, "Move and transform", "Move, scale, turn or mirror what is selected on the current layer."),
        (Self::Gradient, "Gradient", "Drag from where a gradient begins to where it ends."),
        (Self::Shape, "Shape", "Draw a line, a rectangle or an ellipse."),
        (Self::Mask, "Mask brush", "Paint the mask: the next round changes only what is masked."),
        (Self::Crop, "Crop", "Crop the canvas or add room around it: drag its edges."),
        (Self::Frame, "Frame", "Choose the part of the canvas that the next round is made from."),
        (Self::Clone, "Clone from a result", "Paint the pixels of another result in place onto the current layer."),
    ];

    /// Whether the panel of selections shows how it works.
    pub(super) fn has_options(self) -> bool {
        !matches!(self, Self::Brush | Self::Eraser | Self::Fill | Self::Eyedropper)
    }
}
