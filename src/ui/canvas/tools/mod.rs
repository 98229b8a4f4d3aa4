//! What each tool does with the pointer, one tool a file.

mod brush;
mod clone;
pub(super) mod crop;
mod eyedropper;
mod fill;
pub(super) mod frame;
mod gradient;
pub(super) mod lines;
mod mask;
pub(super) mod object;
mod select;
mod shape;
pub(super) mod transform;
mod wand;

use egui::{Modifiers, Painter, Pos2};

use super::mapping::Mapping;
use crate::document::{Document, SlowEdit};
use crate::paint::{Brush, PenSample, Rgb, StrokePlan};
use crate::ui::select::ToolOptions;
use crate::ui::{CanvasCommand, Tool, UserCommand};
use brush::brush_outline;

/// Where the pointer is, and which modifiers are held.
pub(super) struct Touch<'a> {
    /// Where on the canvas, and how the pen is held.
    pub sample: PenSample,
    /// Whether the pressure of the sample is that of a pen.
    pub knows_pressure: bool,
    /// Where on screen, in points.
    pub at: Pos2,
    pub modifiers: Modifiers,
    /// Where the canvas lies on screen.
    pub map: &'a Mapping,
}

/// What tools work with.
pub(super) struct ToolContext<'a> {
    pub document: &'a mut Document,
    /// How the tool paints, in the current colour. Distances are in points on screen.
    pub plan: StrokePlan,
    pub color: Rgb,
    /// How the tools work.
    pub options: &'a ToolOptions,
    pub outcome: &'a mut Outcome,
    /// Whether another thread works on the canvas, so that nothing else can be done to it now.
    pub is_busy: bool,
}

impl ToolContext<'_> {
    /// Makes an edit: at once, or by a command if that takes long.
    pub fn edit(&mut self, edit: SlowEdit) {
        if self.is_busy || edit.is_slow_on(self.document) {
            self.is_busy = true;
            self.outcome.commands.push(CanvasCommand::Edit(Box::new(edit)).into());
        } else if let Err(error) = self.document.edit(edit) {
            tracing::error!("a tool asked for what is refused: {error}");
        }
    }
}

/// What one frame of pointer events led to.
#[derive(Default)]
pub(super) struct Outcome {
    /// What the tools ask for.
    pub commands: Vec<UserCommand>,
    /// The current colour was painted with.
    pub painted: bool,
}

/// What a tool does with the pointer. It is kept from when it is chosen until another tool is.
///
/// Strokes change the document directly and not through a command: they consist of many small steps that must not wait
/// for each other.
pub(super) trait CanvasTool {
    /// The pointer is pressed. Returns whether the tool follows it until it is released.
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool;

    /// The pressed pointer moved.
    fn drag(&mut self, _touch: &Touch<'_>, _context: &mut ToolContext<'_>) {}

    /// The pointer is pressed at the end of a frame, at this time in seconds. Returns whether the tool goes on while
    /// the pointer rests, so that another frame is needed.
    fn rest(&mut self, _time: f64, _context: &mut ToolContext<'_>) -> bool {
        false
    }

    /// The pointer was released, where it was dragged to last.
    fn release(&mut self, _context: &mut ToolContext<'_>) {}

    /// What the pressed pointer did is taken back.
    fn abandon(&mut self, _document: &mut Document) {}

    /// Whether something was begun that waits for more clicks or keys.
    fn is_pending(&self) -> bool {
        false
    }

    /// The edit that takes back what the pressed pointer did, where it takes long; then [`Self::abandon`] is not called.
    fn take_back(&mut self) -> Option<SlowEdit> {
        None
    }

    /// What was begun becomes what it is now, by this edit.
    fn finish(&mut self, _options: &ToolOptions) -> Option<SlowEdit> {
        None
    }

    /// What was begun is left.
    fn forget(&mut self) {}

    /// Draws what was begun. The place of the pointer is there while it is over the canvas.
    fn overlay(&self, _painter: &Painter, _map: &Mapping, _pointer: Option<Pos2>) {}

    /// Draws what shows where the tool would work.
    fn outline(&self, _painter: &Painter, _at: Pos2, _map: &Mapping, _brush: &Brush) {}
}

/// The tool of this name.
pub(super) fn of(tool: Tool) -> Box<dyn CanvasTool> {
    match tool {
        Tool::Brush | Tool::Eraser => Box::new(brush::Painting::default()),
        Tool::Fill => Box::new(fill::Filling),
        Tool::Eyedropper => Box::new(eyedropper::Picking),
        Tool::Select => Box::new(select::Selecting::default()),
        Tool::Wand => Box::new(wand::Wand),
        Tool::Object => Box::new(object::Pointing::default()),
        Tool::Transform => Box::new(transform::Transforming::default()),
        Tool::Gradient => Box::new(gradient::Shading::default()),
        Tool::Shape => Box::new(shape::Drawing::default()),
        Tool::Mask => Box::new(mask::Masking),
        Tool::Clone => Box::new(clone::Cloning),
        Tool::Frame => Box::new(frame::Framing::default()),
        Tool::Crop => Box::new(crop::Cropping::default()),
    }
}
