//! The selection tool.

use egui::{Modifiers, Painter, Pos2};

use super::{CanvasTool, ToolContext, Touch, brush_outline, lines};
use crate::document::{AreaShape, Document, Mark, SlowEdit};
use crate::paint::{Brush, MAX_SIDE, PixelRect, SelectionMode, ellipse_points};
use crate::ui::SelectShape;
use crate::ui::brushes::on_canvas;
use crate::ui::canvas::mapping::Mapping;
use crate::ui::select::ToolOptions;

/// How near the first corner of a polygon a click closes it, in points.
const CLOSING: f32 = 8.0;
/// Places of a lasso that are nearer than this to the last one are left out, in canvas pixels.
const LASSO_STEP: f32 = 0.5;

/// Selects by dragging or clicking.
#[derive(Default)]
pub(super) struct Selecting {
    shape: SelectShape,
    mode: SelectionMode,
    /// Places in canvas pixels: both ends of a drag, the line of a lasso, or the corners of a polygon so far.
    places: Vec<(f32, f32)>,
    /// Whether Shift was held at the press, where it means adding and not equal sides.
    pressed_shift: bool,
    is_pressed: bool,
}

impl CanvasTool for Selecting {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let at = (touch.sample.x, touch.sample.y);
        if self.places.is_empty() || self.shape != context.options.shape {
            self.places.clear();
            self.shape = context.options.shape;
            self.mode = mode_with(touch.modifiers, context.options.mode);
            self.pressed_shift = touch.modifiers.shift;
        }
        match self.shape {
            SelectShape::Brush => {
                let erases = self.mode == SelectionMode::Subtract;
                context.document.begin_marking(
                    Mark::Selection,
                    erases,
                    on_canvas(&context.plan, touch.map.scale()),
                    touch.sample,
                );
                self.is_pressed = true;
                true
            }
            SelectShape::Polygon => {
                let first = self.places.first().map(|(x, y)| touch.map.to_screen(*x, *y));
                if self.places.len() > 2 && first.is_some_and(|first| first.distance(touch.at) < CLOSING) {
                    if let Some(edit) = self.finish(context.options) {
                        context.edit(edit);
                    }
                } else if self.places.last() != Some(&at) {
                    self.places.push(at);
                }
                false
            }
            SelectShape::Rectangle | SelectShape::Ellipse | SelectShape::Lasso => {
                self.places = vec![at];
                self.is_pressed = true;
                true
            }
        }
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        let at = (touch.sample.x, touch.sample.y);
        match self.shape {
            SelectShape::Brush => context.document.mark_to(touch.sample),
            SelectShape::Lasso => {
                let is_far = |last: &(f32, f32)| (last.0 - at.0).hypot(last.1 - at.1) >= LASSO_STEP;
                if self.places.last().is_none_or(is_far) {
                    self.places.push(at);
                }
            }
            SelectShape::Rectangle | SelectShape::Ellipse => {
                self.places.truncate(1);
                let is_equal = touch.modifiers.shift && !self.pressed_shift;
                let to = self.places.first().map_or(at, |from| if is_equal { lines::squared(*from, at) } else { at });
                self.places.push(to);
            }
            SelectShape::Polygon => {}
        }
        self.pressed_shift &= touch.modifiers.shift;
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        self.is_pressed = false;
        match self.shape {
            SelectShape::Brush => context.document.end_stroke(),
            SelectShape::Polygon => {}
            _ => {
                if let Some(edit) = self.finish(context.options) {
                    context.edit(edit);
                }
            }
        }
    }

    fn abandon(&mut self, document: &mut Document) {
        self.is_pressed = false;
        self.places.clear();
        document.abandon_stroke();
    }

    fn is_pending(&self) -> bool {
        !self.is_pressed && !self.places.is_empty()
    }

    fn finish(&mut self, options: &ToolOptions) -> Option<SlowEdit> {
        let places = std::mem::take(&mut self.places);
        match area(self.shape, &places, options.smooth) {
            Some(area) => Some(SlowEdit::SelectShape(area, self.mode)),
            // A click beside everything selects nothing.
            None if self.mode == SelectionMode::Replace => Some(SlowEdit::SetMark(Mark::Selection, None)),
            None => None,
        }
    }

    fn forget(&mut self) {
        self.places.clear();
    }

    fn overlay(&self, painter: &Painter, map: &Mapping, pointer: Option<Pos2>) {
        match (self.shape, self.places.as_slice()) {
            (SelectShape::Rectangle, [from, to]) => lines::closed(painter, map, &lines::corners(*from, *to)),
            (SelectShape::Ellipse, [from, to]) => lines::closed(painter, map, &ellipse_points(*from, *to)),
            (SelectShape::Lasso, places) => lines::open(painter, map, places),
            (SelectShape::Polygon, [first, ..]) => {
                let pointer = pointer.map(|at| map.to_canvas(at));
                let places: Vec<_> = self.places.iter().copied().chain(pointer).collect();
                lines::open(painter, map, &places);
                lines::handle(painter, map.to_screen(first.0, first.1));
            }
            _ => {}
        }
    }

    fn outline(&self, painter: &Painter, at: Pos2, map: &Mapping, brush: &Brush) {
        if self.shape == SelectShape::Brush {
            brush_outline(painter, at, map, brush);
        }
    }
}

/// What a mode becomes while keys are held.
pub(super) fn mode_with(modifiers: Modifiers, mode: SelectionMode) -> SelectionMode {
    match (modifiers.shift, modifiers.command) {
        (true, true) => SelectionMode::Intersect,
        (true, false) => SelectionMode::Add,
        (false, true) => SelectionMode::Subtract,
        (false, false) => mode,
    }
}

/// The shape through these places; `None` if it has no area.
fn area(shape: SelectShape, places: &[(f32, f32)], smooth: bool) -> Option<AreaShape> {
    match (shape, places) {
        (SelectShape::Rectangle, [from, to]) => {
            let edges = |one: f32, two: f32| (one.min(two).round(), one.max(two).round());
            let ((left, right), (top, bottom)) = (edges(from.0, to.0), edges(from.1, to.1));
            // What lies beyond the canvas is cut off when it is selected.
            PixelRect::around(left, top, right, bottom, MAX_SIDE, MAX_SIDE).map(AreaShape::Rectangle)
        }
        (SelectShape::Ellipse, [from, to]) => Some(AreaShape::Ellipse { from: *from, to: *to, smooth }),
        (SelectShape::Lasso | SelectShape::Polygon, [_, _, _, ..]) => {
            Some(AreaShape::Polygon { corners: places.to_vec(), smooth })
        }
        _ => None,
    }
}
