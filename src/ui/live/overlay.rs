//! The frame on show over the canvas.

use egui::{Color32, Painter, TextureId};

use crate::paint::Region;
use crate::ui::canvas::{Mapping, paint_tinted};
use crate::ui::state::WindowState;

/// A picture that lets the canvas shine through.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct LiveOverlay {
    texture: TextureId,
    /// The part of the canvas that it belongs to; `None` for all of it.
    place: Option<Region>,
    opacity: f32,
}

impl LiveOverlay {
    /// Draws the picture where its part of the canvas lies.
    pub fn paint(&self, painter: &Painter, map: &Mapping) {
        let corners = self.place.map_or_else(
            || map.canvas_corners(),
            |place| map.corners(place.x as f32, place.y as f32, place.right() as f32, place.bottom() as f32),
        );
        paint_tinted(painter, self.texture, corners, Color32::WHITE.gamma_multiply(self.opacity));
    }
}

/// What is drawn over the canvas; `None` where nothing is. A frame of a canvas of another size would lie askew.
pub(in crate::ui) fn overlay(state: &WindowState) -> Option<LiveOverlay> {
    let view = state.layout.choices.live;
    // Folded results leave no room beside the canvas.
    let is_over = view.over_canvas || state.gallery.view().folded;
    let shown = state.live.shown.as_ref().filter(|_| is_over && state.live.is_on())?;
    let canvas = state.document.canvas();
    let fits = shown.canvas == (canvas.width(), canvas.height());
    fits.then(|| LiveOverlay {
        texture: shown.texture.id(),
        place: shown.source.snapshot.place,
        opacity: view.checked().opacity,
    })
}
