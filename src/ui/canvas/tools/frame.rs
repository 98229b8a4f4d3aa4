//! The tool that moves and scales the frame: the part of the canvas that the next round is made from.

use egui::{Align2, Color32, FontId, Painter, Vec2};

use super::{CanvasTool, ToolContext, Touch, lines};
use crate::document::Document;
use crate::paint::{Region, Size};
use crate::ui::FrameCommand;
use crate::ui::canvas::mapping::Mapping;

/// How near a corner must be pressed, in points.
const NEAR: f32 = 11.0;

/// Drags the frame, or one of its corners.
#[derive(Default)]
pub(super) struct Framing {
    drag: Option<Drag>,
}

struct Drag {
    /// Which corner is dragged: left (-1) or right (1), upper (-1) or lower (1); `None` moves all of it.
    corner: Option<(i64, i64)>,
    from: (f32, f32),
    before: Region,
    /// The frame before the drag, if there was one.
    kept: Option<Region>,
}

impl CanvasTool for Framing {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let kept = context.document.frame();
        let before = kept.unwrap_or_else(|| context.document.middle_frame());
        let at = (touch.sample.x, touch.sample.y);
        let corner = kept.and_then(|frame| touched_corner(&frame, touch));
        let is_inside = at.0 >= before.x as f32
            && at.1 >= before.y as f32
            && at.0 < before.right() as f32
            && at.1 < before.bottom() as f32;
        // A press beside the frame brings it there.
        let before = if corner.is_some() || is_inside { before } else { centered(before, at) };
        context.document.set_frame(Some(before));
        self.drag = Some(Drag { corner, from: at, before, kept });
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        if let Some(drag) = &self.drag {
            context.document.set_frame(Some(drag.region((touch.sample.x, touch.sample.y))));
        }
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        self.drag = None;
        context.outcome.commands.push(FrameCommand::Tell.into());
    }

    fn abandon(&mut self, document: &mut Document) {
        if let Some(drag) = self.drag.take() {
            document.set_frame(drag.kept);
        }
    }
}

impl Drag {
    fn region(&self, to: (f32, f32)) -> Region {
        let whole = |at: f32| at.round().clamp(-100_000.0, 100_000.0) as i64;
        let before = self.before;
        let Some((across, down)) = self.corner else {
            let (x, y) = (
                before.x.saturating_add(whole(to.0 - self.from.0)),
                before.y.saturating_add(whole(to.1 - self.from.1)),
            );
            return Region { x, y, ..before };
        };
        // The opposite corner stays; the side that is dragged farther counts.
        let shape = before.size.height() as f32 / before.size.width() as f32;
        let wide = if across > 0 { to.0 - before.x as f32 } else { before.right() as f32 - to.0 };
        let high = if down > 0 { to.1 - before.y as f32 } else { before.bottom() as f32 - to.1 };
        let width = whole(wide.max(high / shape)).max(8);
        let height = whole(width as f32 * shape).max(1);
        let size = Size::new(width as usize, height as usize).unwrap_or(before.size);
        Region {
            x: if across > 0 { before.x } else { before.right().saturating_sub(size.width() as i64) },
            y: if down > 0 { before.y } else { before.bottom().saturating_sub(size.height() as i64) },
            size,
        }
    }
}

/// The same rectangle around a place.
fn centered(region: Region, at: (f32, f32)) -> Region {
    let along = |at: f32, side: usize| (at.round().clamp(-100_000.0, 100_000.0) as i64).saturating_sub(side as i64 / 2);
    Region { x: along(at.0, region.size.width()), y: along(at.1, region.size.height()), ..region }
}

fn touched_corner(frame: &Region, touch: &Touch<'_>) -> Option<(i64, i64)> {
    let corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)];
    corners.into_iter().find(|(across, down)| {
        let x = if *across < 0 { frame.x } else { frame.right() };
        let y = if *down < 0 { frame.y } else { frame.bottom() };
        touch.map.to_screen(x as f32, y as f32).distance(touch.at) < NEAR
    })
}

/// Draws the frame, with handles at its corners while the tool is in use.
pub(in crate::ui::canvas) fn frame(painter: &Painter, map: &Mapping, document: &Document, has_tool: bool) {
    let Some(frame) = document.frame() else { return };
    let [left, top, right, bottom] = [frame.x, frame.y, frame.right(), frame.bottom()].map(|edge| edge as f32);
    let corners = lines::corners((left, top), (right, bottom));
    lines::closed(painter, map, &corners);
    if has_tool {
        corners.into_iter().for_each(|(x, y)| lines::handle(painter, map.to_screen(x, y)));
    }
    let at = corners.into_iter().map(|(x, y)| map.to_screen(x, y)).reduce(|one, two| one.min(two));
    if let Some(at) = at {
        let text = format!("Frame {} × {}", frame.size.width(), frame.size.height());
        let font = FontId::proportional(11.5);
        let galley = painter.layout_no_wrap(text, font, Color32::WHITE);
        let label = Align2::LEFT_BOTTOM.anchor_size(at, galley.size() + Vec2::new(8.0, 2.0));
        painter.rect_filled(label, 3, Color32::from_black_alpha(170));
        painter.galley(label.min + Vec2::new(4.0, 1.0), galley, Color32::WHITE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(x: i64, y: i64, width: usize, height: usize) -> Region {
        Region { x, y, size: Size::new(width, height).expect("a size") }
    }

    #[test]
    fn a_dragged_corner_keeps_the_shape_and_the_opposite_corner() {
        let drag = |corner| Drag { corner, from: (0.0, 0.0), before: region(100, 100, 64, 32), kept: None };
        assert_eq!(drag(Some((1, 1))).region((228.0, 120.0)), region(100, 100, 128, 64));
        assert_eq!(drag(Some((-1, -1))).region((68.0, 130.0)), region(68, 84, 96, 48));
        assert_eq!(drag(Some((1, 1))).region((-999.0, f32::NAN)).size.width(), 8);
        assert_eq!(drag(None).region((10.4, -3.0)), region(110, 97, 64, 32));
    }
}
