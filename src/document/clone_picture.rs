//! The picture that the clone brush paints: a result, as it lies on the canvas.

use std::sync::Arc;

use image::RgbImage;

use super::frame::{placed_on, scaled};
use super::slow_edit::QUICK_PIXELS;
use super::{Document, ResultId};
use crate::paint::{Canvas, Composition, LayerStack, Region, Rgb, Size, SizeError, Surface};

/// A result that is to be painted with, before it is brought to the size of the canvas.
#[derive(Clone, Debug)]
pub struct ClonePicture {
    /// Which result it is.
    pub id: ResultId,
    picture: Arc<RgbImage>,
    /// The part of the canvas that it was made from.
    place: Option<Region>,
    canvas: Size,
}

impl ClonePicture {
    /// Whether scaling it takes longer than a frame of the window.
    pub fn is_slow(&self) -> bool {
        let picture = self.picture.width() as usize * self.picture.height() as usize;
        picture.max(self.canvas.pixels()) > QUICK_PIXELS
    }

    /// The result in the size of the canvas: at its place on white, or scaled to all of it.
    ///
    /// # Errors
    /// A size that no canvas can have.
    pub fn pixels(&self) -> Result<Surface, SizeError> {
        let placed = self.place.and_then(|place| placed_on(self.canvas, place, &self.picture));
        let canvas = match placed {
            Some(surface) => Canvas::composed(&LayerStack::of_surface("", surface), Rgb::WHITE, Composition::Picture),
            None => scaled(&self.picture, self.canvas)?,
        };
        Ok(Surface::from_canvas(&canvas))
    }
}

impl Document {
    /// A result, whose pixels these are, for the clone brush.
    pub fn clone_picture(&self, id: ResultId, picture: Arc<RgbImage>) -> ClonePicture {
        ClonePicture { id, picture, place: self.place_of_round(id.round), canvas: self.canvas.size() }
    }
}
