//! A result shown in place of the canvas, which stays as it is.

use egui::{Color32, FontId, Id, Pos2, Rect, Sense, TextureId, Ui, Vec2, WidgetInfo};

use super::mapping::Mapping;
use super::textures::paint_picture;
use crate::paint::Region;

/// A picture that is drawn over the canvas, stretched to its size or to that of a part of it.
#[derive(Clone, Debug)]
pub(in crate::ui) struct InPlace {
    /// The picture.
    pub texture: TextureId,
    /// The part of the canvas that it belongs to; `None` for all of it.
    pub place: Option<Region>,
    /// What it is, and which keys do something with it.
    pub caption: String,
}

impl InPlace {
    /// Draws the picture where the canvas lies, and the caption in the upper left corner of `room`.
    pub(super) fn paint(&self, ui: &Ui, map: &Mapping, room: Rect) {
        let painter = ui.painter().with_clip_rect(room.intersect(ui.clip_rect()));
        let corners = self.place.map_or_else(
            || map.canvas_corners(),
            |place| map.corners(place.x as f32, place.y as f32, place.right() as f32, place.bottom() as f32),
        );
        paint_picture(&painter, self.texture, corners);
        let margin = Vec2::new(7.0, 4.0);
        let width = (room.width() - 2.0 * (margin.x + 6.0)).max(40.0);
        let galley = painter.layout(self.caption.clone(), FontId::proportional(12.5), Color32::WHITE, width);
        let at = Rect::from_min_size(room.min + Vec2::splat(6.0), galley.size() + 2.0 * margin);
        painter.rect_filled(at, 4, Color32::from_black_alpha(190));
        painter.galley(Pos2::new(at.left() + margin.x, at.top() + margin.y), galley, Color32::WHITE);
        let label = ui.interact(at, Id::unique("caption of the result in place"), Sense::empty());
        label.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &self.caption));
    }
}
