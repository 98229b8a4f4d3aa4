//! One thumbnail with its marks.

use egui::{Align2, Color32, CornerRadius, FontId, Pos2, Rect, Stroke, StrokeKind, Ui, Vec2};

use super::thumbnails::{Thumbnail, Thumbnails};
use crate::document::ResultId;
use crate::ui::theme;
use crate::ui::widgets::star_mark;

/// How a picture stands out.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// It is on show.
    pub shown: bool,
    /// The pointer is over it.
    pub hovered: bool,
    /// It has a star.
    pub starred: bool,
    /// Another round came from it.
    pub chosen: bool,
}

/// Draws the thumbnail of a result into `rect`; without a result it says that the round is being made.
pub(super) fn paint(ui: &Ui, rect: Rect, id: Option<ResultId>, marks: Marks, thumbnails: &mut Thumbnails) {
    let painter = ui.painter();
    painter.rect_filled(rect, 4, theme::WELL);
    let word = match id.map(|id| thumbnails.get(ui.ctx(), id)) {
        Some(Thumbnail::Ready(texture)) => {
            let room = rect.shrink(2.0);
            let size = texture.size_vec2();
            let size = size * (room.width() / size.x.max(1.0)).min(room.height() / size.y.max(1.0));
            let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            painter.image(texture.id(), Rect::from_center_size(room.center(), size), uv, Color32::WHITE);
            ""
        }
        Some(Thumbnail::Coming) => "",
        Some(Thumbnail::Unreadable) => "?",
        None => "…",
    };
    if !word.is_empty() {
        painter.text(rect.center(), Align2::CENTER_CENTER, word, FontId::proportional(14.0), Color32::from_gray(130));
    }
    if marks.chosen {
        let bar = Rect::from_min_max(
            Pos2::new(rect.left() + 3.0, rect.bottom() - 5.0),
            rect.right_bottom() - Vec2::new(3.0, 2.0),
        );
        painter.rect_filled(bar, CornerRadius::same(1), theme::ACCENT);
    }
    let rim = if marks.shown {
        Stroke::new(2.0, theme::ACCENT)
    } else if marks.hovered {
        Stroke::new(1.0, Color32::from_gray(160))
    } else {
        Stroke::new(1.0, Color32::from_gray(60))
    };
    painter.rect_stroke(rect, 4, rim, StrokeKind::Inside);
    if marks.starred {
        star_mark(painter, rect);
    }
}
