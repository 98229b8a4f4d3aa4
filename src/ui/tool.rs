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
}

impl Tool {
    /// All tools with their names and tooltips.
    pub(super) const ALL: [(Self, &str, &str); 4] = [
        (Self::Brush, "Brush", "Paint with the current colour."),
        (Self::Eraser, "Eraser", "Paint with the paper's colour."),
        (Self::Fill, "Fill", "Fill an area of one colour with the current colour."),
        (Self::Eyedropper, "Eyedropper", "Take a colour from the canvas. Alt+click does the same with any tool."),
    ];
}
