//! The results folded to a thin strip, so that the canvas has most of the room.

use egui::{Button, Rect, ScrollArea, Sense, Ui, Vec2, WidgetInfo};

use super::Gallery;
use super::cell::{self, Shelf};
use crate::ui::keymap::tooltip;
use crate::ui::{GalleryCommand, UserCommand};

/// The width of the strip, in points.
pub(in crate::ui) const WIDTH: f32 = 56.0;

/// The space between two results, in points.
const GAP: f32 = 6.0;

/// Shows a button that unfolds the results and, below it, `images` in small; without a round only the button.
pub(super) fn ui(
    gallery: &mut Gallery,
    ui: &mut Ui,
    shelf: Option<&mut Shelf<'_>>,
    images: &[usize],
) -> Option<UserCommand> {
    let help = tooltip(ui.ctx(), "Show the results beside the canvas again.", GalleryCommand::ToggleFolded);
    let button = ui.add_sized([ui.available_width(), 22.0], Button::new("«")).on_hover_text(help);
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Unfold the results"));
    let mut command = button.clicked().then(|| GalleryCommand::ToggleFolded.into());
    gallery.arranged = (images.to_vec(), 1);
    let Some(shelf) = shelf else { return command };
    let side = ui.available_width();
    ScrollArea::vertical().id_salt("folded").auto_shrink(false).show(ui, |ui| {
        let all = Vec2::new(side, images.len() as f32 * (side + GAP));
        let (place, _) = ui.allocate_exact_size(all, Sense::hover());
        for (at, image) in images.iter().enumerate() {
            let rect = Rect::from_min_size(place.min + Vec2::new(0.0, at as f32 * (side + GAP)), Vec2::splat(side));
            command = cell::ui(gallery, ui, shelf, *image, (rect, false)).or(command.take());
        }
    });
    command
}
