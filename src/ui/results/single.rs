//! The result on show, and all of its round in small below it.

use egui::{Rect, ScrollArea, Sense, Ui, Vec2};

use super::Gallery;
use super::cell::{self, Shelf};
use super::pictures::paint_fitted;
use crate::document::{ResultId, Round};
use crate::ui::{UserCommand, theme};

/// The space between two small pictures, in points.
const GAP: f32 = 6.0;

/// The longest side of a small picture, in points.
const SMALL: f32 = 96.0;

/// Shows `images` in all the room of the given height.
pub(super) fn ui(
    gallery: &mut Gallery,
    ui: &mut Ui,
    shelf: &mut Shelf<'_>,
    images: &[usize],
    height: f32,
) -> Option<UserCommand> {
    let across = across(shelf.round);
    gallery.arranged = (images.to_vec(), across);
    let lines = images.len().div_ceil(across).min(2) as f32;
    // In a low window the large picture keeps most of the room.
    let gaps = (across - 1) as f32 * GAP;
    let side = ((ui.available_width() - gaps) / across as f32).min(SMALL).min(height * 0.2 / lines.max(1.0));
    let large = (height - lines * (side + GAP)).max(40.0);
    let (well, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), large), Sense::hover());
    ui.painter().rect_filled(well, 6, theme::WELL);
    let id = ResultId { round: shelf.round.id, image: gallery.image };
    match shelf.scores.drift_texture(ui.ctx(), id) {
        Some(drift) => {
            paint_fitted(ui, drift, well.shrink(4.0));
        }
        None => gallery.pictures.paint(ui, shelf.round, id.image, shelf.memory, well.shrink(4.0), true),
    }
    let mut command = None;
    ScrollArea::vertical().id_salt("thumbs").max_height(lines * (side + GAP)).show(ui, |ui| {
        let down = images.len().div_ceil(across) as f32;
        let all = Vec2::new(ui.available_width(), down * (side + GAP) - GAP);
        let (place, _) = ui.allocate_exact_size(all.max(Vec2::ZERO), Sense::hover());
        for (at, image) in images.iter().enumerate() {
            let (column, row) = ((at % across) as f32, (at / across) as f32);
            let min = place.min + Vec2::new(column, row) * (side + GAP);
            let rect = Rect::from_min_size(min, Vec2::splat(side));
            command = cell::ui(gallery, ui, shelf, *image, (rect, false)).or(command.take());
        }
    });
    command
}

/// How many small pictures stand beside each other: as many as a sheet has columns, if there is room for them.
fn across(round: &Round) -> usize {
    let columns = round.plan.sheet.as_ref().map_or(4, |sheet| sheet.columns().count());
    if (1..=8).contains(&columns) { columns } else { 8 }
}
