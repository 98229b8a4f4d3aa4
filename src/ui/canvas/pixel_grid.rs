//! Lines between the pixels of a canvas that is seen from near.

use egui::{Color32, Painter, Pos2, Rect, Stroke};

use super::mapping::Mapping;
use super::viewport::CanvasRoom;

/// From this size on, in screen pixels, there are lines between canvas pixels.
const FROM: f32 = 8.0;

/// Shows on dark and on light colours.
const LINE: Color32 = Color32::from_rgba_premultiplied(58, 58, 58, 100);

/// Draws the lines in view, if the canvas is drawn with enough screen pixels per pixel.
pub(super) fn paint(painter: &Painter, map: &Mapping, room: &CanvasRoom) {
    if map.scale() * room.pixels_per_point < FROM {
        return;
    }
    let Some([left, top, right, bottom]) = in_view(map, room) else { return };
    let stroke = Stroke::new(1.0 / room.pixels_per_point, LINE);
    for x in left..=right {
        painter.line_segment([map.to_screen(x as f32, top as f32), map.to_screen(x as f32, bottom as f32)], stroke);
    }
    for y in top..=bottom {
        painter.line_segment([map.to_screen(left as f32, y as f32), map.to_screen(right as f32, y as f32)], stroke);
    }
}

/// The smallest rectangle of whole canvas pixels around all that are in view: left, top, right and bottom edge. `None`
/// if none is.
fn in_view(map: &Mapping, room: &CanvasRoom) -> Option<[usize; 4]> {
    let area = room.rect;
    let corners = [area.min, area.right_top(), area.max, area.left_bottom()];
    let corners = corners.map(|corner| Pos2::from(map.to_canvas(corner)));
    let seen = Rect::from_points(&corners);
    let cut = |at: f32, most: usize| at.clamp(0.0, most as f32) as usize;
    let (left, top) = (cut(seen.left().floor(), room.size.0), cut(seen.top().floor(), room.size.1));
    let (right, bottom) = (cut(seen.right().ceil(), room.size.0), cut(seen.bottom().ceil(), room.size.1));
    (left < right && top < bottom).then_some([left, top, right, bottom])
}

#[cfg(test)]
mod tests {
    use egui::Vec2;

    use super::*;

    #[test]
    fn only_lines_in_view_are_drawn() {
        let rect = Rect::from_min_size(Pos2::new(50.0, 50.0), Vec2::new(160.0, 80.0));
        let room = CanvasRoom { rect, size: (4096, 4096), pixels_per_point: 1.0 };
        let map =
            |degrees| Mapping::new(room.size, 16.0, degrees, false, (Vec2::new(100.0, 200.0), room.rect.center()));
        assert_eq!(in_view(&map(0.0), &room), Some([95, 197, 105, 203]));
        assert_eq!(in_view(&map(90.0), &room), Some([97, 195, 103, 205]));
        let aside = Mapping::new(room.size, 16.0, 0.0, false, (Vec2::new(-900.0, 0.0), room.rect.center()));
        assert_eq!(in_view(&aside, &room), None);
    }
}
