//! All results of a round, as large as they fit beside each other.

use egui::{Rect, ScrollArea, Sense, Ui, Vec2};

use super::Gallery;
use super::cell::{self, Shelf};
use crate::document::Round;
use crate::ui::UserCommand;

/// The space between two results, in points.
const GAP: f32 = 6.0;

/// From this many results on they are scrolled.
const SCROLLED: usize = 10;

/// Shows `images` in all the room of the given height.
pub(super) fn ui(
    gallery: &mut Gallery,
    ui: &mut Ui,
    shelf: &mut Shelf<'_>,
    images: &[usize],
    height: f32,
) -> Option<UserCommand> {
    let room = Vec2::new(ui.available_width(), height);
    let across = across(shelf.round, images.len(), room);
    gallery.arranged = (images.to_vec(), across);
    let down = images.len().div_ceil(across).max(1);
    let width = each(room.x, across);
    let cell = match images.len() < SCROLLED {
        true => Vec2::new(width, each(room.y, down)),
        false => Vec2::splat(width),
    };
    let mut command = None;
    let area = ScrollArea::vertical().id_salt("grid").max_height(height).auto_shrink(false);
    area.show(ui, |ui| {
        let all = Vec2::new(room.x, down as f32 * (cell.y + GAP) - GAP);
        let (place, _) = ui.allocate_exact_size(all, Sense::hover());
        for (at, image) in images.iter().enumerate() {
            let (column, row) = ((at % across) as f32, (at / across) as f32);
            let min = place.min + Vec2::new(column * (cell.x + GAP), row * (cell.y + GAP));
            let rect = Rect::from_min_size(min, cell);
            command = cell::ui(gallery, ui, shelf, *image, (rect, true)).or(command.take());
        }
    });
    command
}

/// The length of each of `count` cells that fill a length together.
fn each(length: f32, count: usize) -> f32 {
    let count = count.max(1) as f32;
    ((length - (count - 1.0) * GAP) / count).max(16.0)
}

/// How many results are beside each other: 2 of four, 3 of nine; as many as a sheet has columns, if there is room.
fn across(round: &Round, count: usize, room: Vec2) -> usize {
    match round.plan.sheet.as_ref().map(|sheet| sheet.columns().count()) {
        Some(columns @ 1..=8) => columns,
        Some(_) => 8,
        None => square(count, room.y > room.x * 1.5),
    }
}

/// How many columns show `count` pictures in a square; two pictures stand above each other in a `tall` room.
fn square(count: usize, tall: bool) -> usize {
    match count {
        0 | 1 => 1,
        2 if tall => 1,
        2..=4 => 2,
        5..=9 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_results_are_two_by_two_and_nine_three_by_three() {
        let columns = |count| square(count, false);
        assert_eq!([1, 2, 3, 4, 5, 9, 10, 64].map(columns), [1, 2, 2, 2, 3, 3, 4, 4]);
        assert_eq!((square(2, true), square(4, true)), (1, 2));
        assert_eq!(each(206.0, 2), 100.0);
        assert!(each(0.0, 0) > 0.0 && each(3.0, 8) > 0.0);
    }
}
