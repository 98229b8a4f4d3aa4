//! The magnifier beside the pointer: the pixels around it, and the colour they give.

use egui::{Align2, Color32, Context, FontId, Id, LayerId, Order, Pos2, Rect, Stroke, StrokeKind, Vec2, vec2};

use super::PictureAt;
use crate::paint::{ColorModel, Rgb, SampleArea};
use crate::ui::color::swatch::color32;

/// How many pixels are shown to each side of the one under the pointer.
const REACH: isize = 5;
/// Side of one of them, in points.
const CELL: f32 = 10.0;
/// Height of the old and new colour, and of the lines of text below, in points.
const COLORS: f32 = 18.0;
const TEXT: f32 = 34.0;
/// How far it is from the pointer, in points.
const DISTANCE: f32 = 20.0;

/// Draws the magnifier for a pointer at `at`. `current` is the colour that would be replaced.
pub(super) fn show(ctx: &Context, at: Pos2, found: &PictureAt<'_>, area: SampleArea, current: Rgb, model: ColorModel) {
    let Some(color) = found.color(area) else { return };
    let side = CELL * (2 * REACH + 1) as f32;
    let rect = place(at, vec2(side, side + COLORS + TEXT), ctx.content_rect());
    let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::unique("magnifier")));
    painter.rect_filled(rect.expand(4.0), 5, Color32::from_rgb(24, 25, 27));
    for down in -REACH..=REACH {
        for right in -REACH..=REACH {
            let offset = vec2((right + REACH) as f32, (down + REACH) as f32) * CELL;
            let cell = Rect::from_min_size(rect.min + offset, Vec2::splat(CELL));
            // Outside the picture there is nothing.
            let shown = found.beside(right, down).map_or(Color32::from_rgb(24, 25, 27), color32);
            painter.rect_filled(cell, 0, shown);
        }
    }
    let center = Rect::from_min_size(rect.min, Vec2::splat(side)).center();
    let sampled = Rect::from_center_size(center, Vec2::splat(CELL * (2 * area.reach() + 1) as f32));
    painter.rect_stroke(sampled.expand(1.0), 0, Stroke::new(1.0, Color32::BLACK), StrokeKind::Outside);
    painter.rect_stroke(sampled, 0, Stroke::new(1.0, Color32::WHITE), StrokeKind::Outside);

    let colors = Rect::from_min_size(rect.min + vec2(0.0, side), vec2(side, COLORS));
    let (old, new) = colors.split_left_right_at_fraction(0.5);
    painter.rect_filled(old, 0, color32(current));
    painter.rect_filled(new, 0, color32(color));
    let [hue, saturation, value] = model.coordinates(color);
    let percent = |share: f32| (share * 100.0).round();
    let lines = [color.hex(), format!("{} {hue:.0}° {} {}", model.name(), percent(saturation), percent(value))];
    for (i, line) in lines.into_iter().enumerate() {
        let at = colors.left_bottom() + vec2(0.0, 2.0 + 16.0 * i as f32);
        painter.text(at, Align2::LEFT_TOP, line, FontId::proportional(11.5), Color32::from_gray(230));
    }
}

/// Below and to the right of the pointer, or on its other side where there is no room.
fn place(at: Pos2, size: Vec2, screen: Rect) -> Rect {
    let along = |at: f32, size: f32, end: f32| {
        if at + DISTANCE + size + 4.0 <= end { at + DISTANCE } else { at - DISTANCE - size }
    };
    Rect::from_min_size(Pos2::new(along(at.x, size.x, screen.max.x), along(at.y, size.y, screen.max.y)), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_magnifier_is_beside_the_pointer_and_on_screen() {
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(1000.0, 600.0));
        for at in [Pos2::new(300.0, 200.0), Pos2::new(990.0, 300.0), Pos2::new(500.0, 595.0), Pos2::new(999.0, 599.0)] {
            let rect = place(at, vec2(110.0, 162.0), screen);
            assert!(screen.contains_rect(rect) && !rect.expand(4.0).contains(at), "{at:?}: {rect:?}");
        }
    }
}
