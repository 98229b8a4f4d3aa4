//! Which of the compared pictures lies at a point of the screen.

use egui::{Pos2, Vec2};
use image::RgbImage;

use super::picture::placed;
use super::state::{Compare, CompareMode};

impl Compare {
    /// The picture that is seen at a point of the screen, and the place there as shares of its width and height. `None`
    /// beside both pictures, and where their colour difference is shown.
    pub fn picture_at(&self, at: Pos2) -> Option<(&RgbImage, Vec2)> {
        let shown = self.comparison()?;
        let (room, size) = (shown.room?, shown.size()?);
        let frame = shown.viewport.frame(&room);
        let (picture, frame) = match (shown.mode, shown.second.filter(|second| second.contains(at))) {
            (CompareMode::SideBySide, Some(second)) => (&shown.b, frame.translate(second.min - room.rect.min)),
            _ if !room.rect.contains(at) => return None,
            (CompareMode::SideBySide, None) => (&shown.a, frame),
            (CompareMode::Blink, _) => (if shown.shows_b { &shown.b } else { &shown.a }, frame),
            (CompareMode::Slider, _) => {
                let visible = frame.intersect(room.rect);
                let divider = visible.left() + visible.width() * shown.divider;
                (if at.x < divider { &shown.a } else { &shown.b }, frame)
            }
            (CompareMode::Difference, _) => return None,
        };
        let rect = placed(frame, size, picture.size()?);
        let share = (at - rect.min) / rect.size();
        let is_inside = (0.0..1.0).contains(&share.x) && (0.0..1.0).contains(&share.y);
        Some((picture.pixels()?.as_ref(), share)).filter(|_| is_inside)
    }
}
