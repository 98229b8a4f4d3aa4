//! Text over pictures.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Pos2, Rect, Ui, Vec2};

const BACKGROUND: Color32 = Color32::from_black_alpha(190);

/// The corner of a picture that its caption is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Corner {
    Left,
    Right,
}

/// Writes one line into an upper corner of `area`, light on dark, so that it can be read over any picture.
/// A text that is too long is cut off.
pub(super) fn caption(ui: &Ui, area: Rect, corner: Corner, text: &str) {
    let margin = Vec2::new(7.0, 3.0);
    let width = area.width() - 2.0 * (margin.x + 6.0);
    if width < 24.0 {
        return;
    }
    let mut job = LayoutJob::simple(text.to_owned(), FontId::proportional(12.5), Color32::WHITE, width);
    job.wrap = TextWrapping::truncate_at_width(width);
    let galley = ui.painter().layout_job(job);
    let size = galley.size() + 2.0 * margin;
    let (anchor, at) = match corner {
        Corner::Left => (Align2::LEFT_TOP, Pos2::new(area.left() + 6.0, area.top() + 6.0)),
        Corner::Right => (Align2::RIGHT_TOP, Pos2::new(area.right() - 6.0, area.top() + 6.0)),
    };
    let rect = anchor.anchor_size(at, size);
    let painter = ui.painter().with_clip_rect(area);
    painter.rect_filled(rect, 4, BACKGROUND);
    painter.galley(rect.min + margin, galley, Color32::WHITE);
}
