//! Two pictures beside each other, with the same zoom and position.

use egui::{Rect, Ui};

use super::caption::{Corner, caption};
use super::picture::PixelSize;
use super::state::Comparison;
use super::viewport::Room;
use crate::ui::theme;

const GAP: f32 = 8.0;

/// The rooms of both pictures: beside or below each other, whichever shows them larger.
pub(super) fn rooms(area: Rect, (width, height): PixelSize) -> [Rect; 2] {
    let half = |length: f32| ((length - GAP) / 2.0).max(1.0);
    let scale = |w: f32, h: f32| (w / width.max(1) as f32).min(h / height.max(1) as f32);
    if scale(half(area.width()), area.height()) >= scale(area.width(), half(area.height())) {
        let width = half(area.width());
        [area.with_max_x(area.left() + width), area.with_min_x(area.right() - width)]
    } else {
        let height = half(area.height());
        [area.with_max_y(area.top() + height), area.with_min_y(area.bottom() - height)]
    }
}

/// Shows both pictures. `room` is the first one's.
pub(super) fn ui(ui: &Ui, shown: &mut Comparison, room: &Room, second: Rect, names: [&str; 2]) {
    let Some(size) = shown.size() else { return };
    let frame = shown.viewport.frame(room);
    let sharp = shown.viewport.is_sharp(room);
    let shift = second.min - room.rect.min;
    for (rect, frame, name) in [(room.rect, frame, names[0]), (second, frame.translate(shift), names[1])] {
        ui.painter().rect_filled(rect, 4, theme::WELL);
        let picture = if rect == room.rect { &mut shown.a } else { &mut shown.b };
        picture.paint(ui, rect, frame, size, sharp);
        caption(ui, rect, Corner::Left, name);
    }
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, Vec2};

    use super::*;

    #[test]
    fn both_rooms_are_equal_and_lie_where_the_pictures_become_larger() {
        let area = Rect::from_min_size(Pos2::new(5.0, 7.0), Vec2::new(608.0, 408.0));
        for (size, beside) in [((512, 512), true), ((1024, 256), false), ((256, 1024), true), ((1, 1), true)] {
            let [a, b] = rooms(area, size);
            assert_eq!(a.size(), b.size());
            assert!(area.contains_rect(a) && area.contains_rect(b) && !a.intersects(b));
            assert_eq!(a.top() == b.top(), beside, "{size:?}");
        }
    }
}
