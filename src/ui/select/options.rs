//! How the tools for selections, fills, gradients, shapes and masks work.

use super::BegunObject;
use crate::document::{AreaSource, ResultId};
use crate::paint::{Border, GradientShape, Region, Rgb, SelectionMode, SimilarArea, Surface};

/// What the selection tool draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelectShape {
    /// A rectangle between two corners.
    #[default]
    Rectangle,
    /// An ellipse between two corners.
    Ellipse,
    /// A line drawn by hand.
    Lasso,
    /// Straight lines from click to click.
    Polygon,
    /// A stroke of the brush.
    Brush,
}

/// What the shape tool draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DrawnShape {
    /// A straight line.
    #[default]
    Line,
    /// A rectangle.
    Rectangle,
    /// An ellipse.
    Ellipse,
}

/// What a gradient ends with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientEnd {
    /// The background colour.
    #[default]
    Background,
    /// Nothing.
    Transparent,
}

impl SelectShape {
    /// All with their names.
    pub(super) const ALL: [(Self, &str); 5] = [
        (Self::Rectangle, "Rectangle"),
        (Self::Ellipse, "Ellipse"),
        (Self::Lasso, "Lasso"),
        (Self::Polygon, "Polygon"),
        (Self::Brush, "Brush"),
    ];
}

impl DrawnShape {
    /// All with their names.
    pub(super) const ALL: [(Self, &str); 3] =
        [(Self::Line, "Line"), (Self::Rectangle, "Rectangle"), (Self::Ellipse, "Ellipse")];
}

/// How the tools work. The panel changes it in place.
pub(in crate::ui) struct ToolOptions {
    pub shape: SelectShape,
    /// How a new selection meets the one that is there, while no key is held.
    pub mode: SelectionMode,
    /// Whether edges of selections and shapes are antialiased.
    pub smooth: bool,
    /// What the wand and the fill tool take for one colour.
    pub area: SimilarArea,
    /// Where they look for it.
    pub source: AreaSource,
    /// The object that further clicks change.
    pub object: Option<BegunObject>,
    pub drawn: DrawnShape,
    /// Whether shapes are filled, and not only outlined.
    pub filled: bool,
    pub gradient: GradientShape,
    pub gradient_end: GradientEnd,
    /// Whether the mask brush takes away from the mask.
    pub erases_mask: bool,
    /// Whether the mask is drawn over the canvas.
    pub shows_mask: bool,
    /// By how many pixels a selection grows, shrinks or becomes soft.
    pub radius: f32,
    /// The result that the clone brush paints with, in the size of the canvas.
    pub clone_source: Option<(ResultId, Surface)>,
    /// The rectangle of the crop tool; `None` for the whole canvas.
    pub crop: Option<Region>,
    /// What is in the room that the crop tool adds.
    pub border: Border,
    /// The background colour, as last set.
    pub background: Rgb,
}

impl Default for ToolOptions {
    fn default() -> Self {
        Self {
            shape: SelectShape::default(),
            mode: SelectionMode::default(),
            smooth: true,
            area: SimilarArea::default(),
            source: AreaSource::default(),
            object: None,
            drawn: DrawnShape::default(),
            filled: false,
            gradient: GradientShape::default(),
            gradient_end: GradientEnd::default(),
            erases_mask: false,
            shows_mask: true,
            radius: 4.0,
            clone_source: None,
            crop: None,
            border: Border::default(),
            background: Rgb::WHITE,
        }
    }
}
