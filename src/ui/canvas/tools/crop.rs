//! The tool that crops the canvas, or adds room around it.

use egui::{Color32, Painter, Pos2};

use super::{CanvasTool, ToolContext, Touch, lines};
use crate::document::Document;
use crate::paint::Region;
use crate::ui::ReshapeCommand;
use crate::ui::canvas::mapping::Mapping;
use crate::ui::reshape::CropDrag;

/// How near an edge must be pressed, in points.
const NEAR: f32 = 9.0;
/// What will be cut off is darkened by this much, `0..=255`.
const SHADE: u8 = 140;

/// Drags the edges of the rectangle that the canvas is cropped to.
#[derive(Default)]
pub(super) struct Cropping {
    drag: Option<(CropDrag, Region)>,
}

impl CanvasTool for Cropping {
    fn press(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) -> bool {
        let before = shown(context.document, context.options.crop);
        self.drag = Some((what(&before, touch), before));
        true
    }

    fn drag(&mut self, touch: &Touch<'_>, context: &mut ToolContext<'_>) {
        if let Some((drag, before)) = self.drag {
            let region = drag.region(before, (touch.sample.x, touch.sample.y));
            if region != shown(context.document, context.options.crop) {
                context.outcome.commands.push(ReshapeCommand::SetCrop(region).into());
            }
        }
    }

    fn release(&mut self, _context: &mut ToolContext<'_>) {
        self.drag = None;
    }

    fn abandon(&mut self, _document: &mut Document) {
        self.drag = None;
    }
}

/// The rectangle on show: all of the canvas before it is dragged.
fn shown(document: &Document, crop: Option<Region>) -> Region {
    crop.unwrap_or(Region::whole(document.canvas().size()))
}

/// What a press at this place drags.
fn what(region: &Region, touch: &Touch<'_>) -> CropDrag {
    let at = (touch.sample.x, touch.sample.y);
    let near = NEAR / touch.map.scale().max(f32::EPSILON);
    let [left, top, right, bottom] = [region.x, region.y, region.right(), region.bottom()].map(|edge| edge as f32);
    let beside = |at: f32, from: f32, to: f32| at >= from - near && at <= to + near;
    let edge = |at: f32, from: f32, to: f32| match ((at - from).abs(), (at - to).abs()) {
        (one, two) if one <= near && one <= two => -1,
        (_, two) if two <= near => 1,
        _ => 0,
    };
    if !beside(at.0, left, right) || !beside(at.1, top, bottom) {
        return CropDrag::New(at);
    }
    match (edge(at.0, left, right), edge(at.1, top, bottom)) {
        (0, 0) => CropDrag::Move(at),
        (across, down) => CropDrag::Edges(across, down),
    }
}

/// Draws the rectangle with its handles, and darkens what will be cut off.
pub(in crate::ui::canvas) fn frame(painter: &Painter, map: &Mapping, document: &Document, crop: Option<Region>) {
    let region = shown(document, crop);
    let canvas = document.canvas().size();
    let [left, top, right, bottom] = [region.x, region.y, region.right(), region.bottom()].map(|edge| edge as f32);
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let kept = region.on(canvas);
    let [x0, y0, x1, y1] = [kept.x0, kept.y0, kept.x1, kept.y1].map(|edge| edge as f32);
    let shade = Color32::from_black_alpha(SHADE);
    let bands = match kept.width() == 0 || kept.height() == 0 {
        true => vec![(0.0, 0.0, width, height)],
        false => vec![(0.0, 0.0, width, y0), (0.0, y1, width, height), (0.0, y0, x0, y1), (x1, y0, width, y1)],
    };
    for (x0, y0, x1, y1) in bands.into_iter().filter(|(x0, y0, x1, y1)| x1 > x0 && y1 > y0) {
        let corners = map.corners(x0, y0, x1, y1).to_vec();
        painter.add(egui::Shape::convex_polygon(corners, shade, egui::Stroke::NONE));
    }
    lines::closed(painter, map, &lines::corners((left, top), (right, bottom)));
    let middle = ((left + right) / 2.0, (top + bottom) / 2.0);
    for x in [left, middle.0, right] {
        for y in [top, middle.1, bottom] {
            if (x, y) != middle {
                let at: Pos2 = map.to_screen(x, y);
                lines::handle(painter, at);
            }
        }
    }
}
