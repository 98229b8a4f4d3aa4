//! The tool that moves, scales and turns what is selected.

use egui::{Painter, Pos2};

use super::{CanvasTool, ToolContext, Touch, lines};
use crate::document::{Document, SlowEdit};
use crate::paint::{Affine, PixelRect, Placement, Resampling};
use crate::ui::SelectCommand;
use crate::ui::canvas::mapping::Mapping;

/// How near a handle must be pressed, in points.
const NEAR: f32 = 9.0;
/// Turning with Shift goes in steps of this many degrees.
const STEP: f32 = 15.0;
/// Corners and middles of the edges, as seen from the middle.
const HANDLES: [(f32, f32); 8] =
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)];

/// Moves, scales and turns what is selected.
#[derive(Default)]
pub(super) struct Transforming {
    drag: Option<Drag>,
}

/// What the pressed pointer drags.
struct Drag {
    what: Dragged,
    /// Where it was pressed, in canvas pixels.
    from: (f32, f32),
    before: Placement,
    /// Where it was dragged to last. The document may still be on its way there.
    to: Placement,
    frame: Frame,
}

#[derive(Clone, Copy)]
enum Dragged {
    All,
    /// The handle that lies there, as seen from the middle.
    Handle(f32, f32),
    Turn,
}

/// The rectangle of the lifted pixels before they were placed.
#[derive(Clone, Copy)]
struct Frame {
    center: (f32, f32),
    half: (f32, f32),
}

impl Frame {
    fn new(rect: PixelRect) -> Self {
        let [x0, y0, x1, y1] = [rect.x0, rect.y0, rect.x1, rect.y1].map(|at| at as f32);
        Self { center: ((x0 + x1) / 2.0, (y0 + y1) / 2.0), half: ((x1 - x0) / 2.0, (y1 - y0) / 2.0) }
    }

    /// Where a handle lies on the canvas.
    fn handle(&self, (x, y): (f32, f32), placed: &Affine) -> (f32, f32) {
        placed.apply((self.center.0 + x * self.half.0, self.center.1 + y * self.half.1))
    }

    /// The placement under which a handle lies at a place, while the opposite one stays where it is.
    fn scaled(&self, before: Placement, (hx, hy): (f32, f32), to: (f32, f32), keeps_ratio: bool) -> Placement {
        let anchor = self.handle((-hx, -hy), &before.affine(self.center));
        let (sin, cos) = before.degrees.to_radians().sin_cos();
        let along = (to.0 - anchor.0, to.1 - anchor.1);
        // As seen before it was turned.
        let local = (along.0 * cos + along.1 * sin, along.1 * cos - along.0 * sin);
        let side = |local: f32, handle: f32, half: f32, before: f32| match handle {
            0.0 => before,
            _ => local / (2.0 * handle * half),
        };
        let mut scale =
            (side(local.0, hx, self.half.0, before.scale.0), side(local.1, hy, self.half.1, before.scale.1));
        if keeps_ratio {
            let factor = match (hx, hy) {
                (0.0, _) => scale.1 / before.scale.1,
                (_, 0.0) => scale.0 / before.scale.0,
                _ => (scale.0 / before.scale.0).abs().max((scale.1 / before.scale.1).abs()),
            };
            scale = (before.scale.0 * factor, before.scale.1 * factor);
        }
        let scaled = Placement { scale, ..before }.usable();
        // Moved so that the opposite handle is where it was.
        let moved = self.handle((-hx, -hy), &scaled.affine(self.center));
        let offset = (scaled.offset.0 + anchor.0 - moved.0, scaled.offset.1 + anchor.1 - moved.1);
        Placement { offset, ..scaled }
    }

    /// The placement turned by the angle between two places, as seen from the middle.
    fn turned(&self, before: Placement, from: (f32, f32), to: (f32, f32), in_steps: bool) -> Placement {
        let middle = before.affine(self.center).apply(self.center);
        let angle = |at: (f32, f32)| (at.1 - middle.1).atan2(at.0 - middle.0).to_degrees();
        let degrees = before.degrees + angle(to) - angle(from);
        Placement { degrees: if in_steps { (degrees / STEP).round() * STEP } else { degrees }, ..before }
    }
}

impl Drag {
    /// Where the pixels are while the pointer is here.
    fn placement(&self, to: (f32, f32), shift: bool) -> Placement {
        match self.what {
            Dragged::Handle(x, y) => self.frame.scaled(self.before, (x, y), to, shift),
            Dragged::Turn => self.frame.turned(self.before, self.from, to, shift),
            Dragged::All => {
                let (mut x, mut y) = (to.0 - self.from.0, to.1 - self.from.1);
                if shift && x.abs() >= y.abs() {
                    y = 0.0;
                } else if shift {
                    x = 0.0;
                }
                // Whole pixels stay sharp.
                let offset = (self.before.offset.0 + x.round(), self.before.offset.1 + y.round());
                Placement { offset, ..self.before }
            }
        }
    }
}

impl CanvasTool for Transforming {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let at = (touch.sample.x, touch.sample.y);
        let is_new = !context.document.is_transforming();
        if is_new && SlowEdit::Lift.is_slow_on(context.document) {
            // The next press finds it lifted.
            context.outcome.commands.push(SelectCommand::BeginTransform.into());
            return false;
        }
        if !context.document.begin_transform() {
            context.outcome.commands.push(SelectCommand::BeginTransform.into());
            return false;
        }
        let (Some((rect, placed)), Some(before)) = (context.document.transform_frame(), context.document.placement())
        else {
            return false;
        };
        let frame = Frame::new(rect);
        let what = match touched_handle(&frame, &placed, touch) {
            Some((x, y)) => Dragged::Handle(x, y),
            // The first drag moves, wherever it begins: nobody has seen handles yet.
            None if is_new || is_inside(&frame, &placed, at) => Dragged::All,
            None => Dragged::Turn,
        };
        self.drag = Some(Drag { what, from: at, before, frame, to: before });
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        if let Some(drag) = &mut self.drag {
            drag.to = drag.placement((touch.sample.x, touch.sample.y), touch.modifiers.shift);
            context.edit(SlowEdit::Place(drag.to, Resampling::Nearest));
        }
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        if let Some(drag) = self.drag.take() {
            context.edit(SlowEdit::Place(drag.to, Resampling::Smooth));
        }
    }

    fn take_back(&mut self) -> Option<SlowEdit> {
        self.drag.take().map(|drag| SlowEdit::Place(drag.before, Resampling::Smooth))
    }

    fn abandon(&mut self, document: &mut Document) {
        if let Some(drag) = self.drag.take() {
            document.transform(drag.before, Resampling::Smooth);
        }
    }
}

/// Draws the frame of what is lifted, with its handles.
pub(in crate::ui::canvas) fn frame(painter: &Painter, map: &Mapping, document: &Document) {
    let Some((rect, placed)) = document.transform_frame() else { return };
    let frame = Frame::new(rect);
    let places = HANDLES.map(|handle| frame.handle(handle, &placed));
    lines::closed(painter, map, &places[..4]);
    places.into_iter().for_each(|(x, y)| lines::handle(painter, map.to_screen(x, y)));
}

fn touched_handle(frame: &Frame, placed: &Affine, touch: &Touch<'_>) -> Option<(f32, f32)> {
    let distance = |handle: (f32, f32)| {
        let (x, y) = frame.handle(handle, placed);
        let screen: Pos2 = touch.map.to_screen(x, y);
        screen.distance(touch.at)
    };
    HANDLES.into_iter().find(|handle| distance(*handle) < NEAR)
}

/// Whether a place lies inside the frame.
fn is_inside(frame: &Frame, placed: &Affine, at: (f32, f32)) -> bool {
    let back = placed.inverse().map(|back| back.apply(at));
    back.is_some_and(|(x, y)| (x - frame.center.0).abs() <= frame.half.0 && (y - frame.center.1).abs() <= frame.half.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { center: (50.0, 40.0), half: (20.0, 10.0) };

    #[test]
    fn a_dragged_handle_follows_the_pointer_and_the_opposite_one_stays() {
        for degrees in [0.0, 30.0, 90.0, 211.0] {
            for handle in HANDLES {
                let before = Placement { degrees, offset: (3.0, -4.0), scale: (1.5, 0.5) };
                let opposite =
                    |placement: Placement| FRAME.handle((-handle.0, -handle.1), &placement.affine(FRAME.center));
                let after = FRAME.scaled(before, handle, (90.0, 70.0), false);
                let (was, is) = (opposite(before), opposite(after));
                assert!((was.0 - is.0).abs() < 0.01 && (was.1 - is.1).abs() < 0.01, "{handle:?} at {degrees}");
                if handle.0 != 0.0 && handle.1 != 0.0 {
                    let (x, y) = FRAME.handle(handle, &after.affine(FRAME.center));
                    assert!((x - 90.0).abs() < 0.1 && (y - 70.0).abs() < 0.1, "{handle:?} at {degrees}: {x}, {y}");
                }
                let kept = FRAME.scaled(before, handle, (90.0, 70.0), true).scale;
                assert!((kept.0 / kept.1 - 3.0).abs() < 0.01, "{kept:?}");
            }
        }
    }

    #[test]
    fn turning_follows_the_pointer_and_goes_in_steps_with_shift() {
        let turned = |to, steps| FRAME.turned(Placement::STAY, (90.0, 40.0), to, steps).degrees;
        assert!((turned((50.0, 90.0), false) - 90.0).abs() < 1e-3, "clockwise");
        assert!((turned((90.0, 49.0), true) - 15.0).abs() < 1e-3);
    }

    #[test]
    fn a_drag_inside_moves_by_whole_pixels_and_with_shift_along_one_axis() {
        let drag =
            Drag { what: Dragged::All, from: (50.0, 40.0), before: Placement::STAY, to: Placement::STAY, frame: FRAME };
        assert_eq!(drag.placement((57.4, 42.6), false).offset, (7.0, 3.0));
        assert_eq!(drag.placement((57.4, 42.6), true).offset, (7.0, 0.0));
    }
}
