//! The lines at the left of the tree.

use egui::{Pos2, Rect, Stroke, Ui};

use crate::document::{TreeLink, TreePlace};
use crate::ui::theme;

/// The width of a column, in points.
pub(super) const COLUMN: f32 = 16.0;

/// How much room the lines of a row need, in points.
pub(super) fn width(place: TreePlace) -> f32 {
    (place.column + 1) as f32 * COLUMN + 4.0
}

/// Draws the lines of one row and its dot.
pub(super) fn paint(ui: &Ui, row: Rect, place: TreePlace, shown: bool) {
    let painter = ui.painter();
    let stroke = Stroke::new(1.5, theme::colors(ui).strong_line.gamma_multiply(0.7));
    let x = |column: usize| row.left() + (column as f32 + 0.5) * COLUMN;
    let vertical = |column: usize, from: f32, to: f32| {
        painter.line_segment([Pos2::new(x(column), from), Pos2::new(x(column), to)], stroke);
    };
    let middle = row.center();
    for column in (0..place.column).filter(|column| place.passing & (1 << column) != 0) {
        vertical(column, row.top(), row.bottom());
    }
    match place.link {
        TreeLink::Root => {}
        TreeLink::Continues => vertical(place.column, row.top(), middle.y),
        TreeLink::Branches(from) => {
            painter.line_segment([Pos2::new(x(from), middle.y), Pos2::new(x(place.column), middle.y)], stroke);
        }
    }
    if place.goes_on {
        vertical(place.column, middle.y, row.bottom());
    }
    let dot = Pos2::new(x(place.column), middle.y);
    if shown {
        painter.circle_filled(dot, 4.5, theme::ACCENT);
    } else {
        painter.circle_filled(dot, 3.5, theme::colors(ui).strong_line);
    }
}
