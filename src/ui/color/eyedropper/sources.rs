//! Which picture, and which of its pixels, is at a point of the screen.

use egui::{Context, Order, Pos2, Vec2};
use image::RgbImage;

use crate::document::{AreaSource, ResultId, State};
use crate::paint::{Canvas, Region, Rgb, SampleArea, Surface, average};
use crate::ui::state::WindowState;

/// A pixel of a picture on screen.
pub(in crate::ui) struct PictureAt<'a> {
    picture: Seen<'a>,
    pixel: (usize, usize),
    is_canvas: bool,
}

/// A picture on screen.
enum Seen<'a> {
    Canvas(&'a Canvas),
    Layer(&'a Surface),
    Picture(&'a RgbImage),
}

impl PictureAt<'_> {
    /// Whether the place is on the canvas, also where a result is seen in its place.
    pub fn is_canvas(&self) -> bool {
        self.is_canvas
    }

    /// The colour of the pixel, averaged over an area.
    pub fn color(&self, area: SampleArea) -> Option<Rgb> {
        average(area, self.pixel, |x, y| self.picture.pixel(x, y))
    }

    /// The colour some pixels to the right and below; `None` outside the picture.
    pub fn beside(&self, right: isize, down: isize) -> Option<Rgb> {
        let (x, y) = self.pixel;
        self.picture.pixel(x.checked_add_signed(right)?, y.checked_add_signed(down)?)
    }
}

impl Seen<'_> {
    fn pixel(&self, x: usize, y: usize) -> Option<Rgb> {
        match self {
            Self::Canvas(canvas) => canvas.color_at(x, y),
            Self::Layer(surface) => surface.pixel(x, y).filter(|pixel| pixel[3] > 0).map(|[r, g, b, _]| Rgb([r, g, b])),
            Self::Picture(picture) => {
                let pixel = picture.get_pixel_checked(x.try_into().ok()?, y.try_into().ok()?)?;
                Some(Rgb(pixel.0))
            }
        }
    }
}

/// What is at a point of the screen: a pixel of the canvas, of a result or of a compared picture. `None` beside them and
/// under windows and menus.
pub(in crate::ui) fn under<'a>(ctx: &Context, state: &'a WindowState, at: Pos2) -> Option<PictureAt<'a>> {
    if ctx.layer_id_at(at).is_some_and(|layer| layer.order != Order::Background) {
        return None;
    }
    if state.compare.is_shown() {
        let (picture, share) = state.compare.picture_at(at)?;
        return Some(in_picture(picture, share));
    }
    if let Some(pixel) = state.canvas.pixel_at(at) {
        let canvas = state.document.screen();
        // A result in place of the canvas is stretched to its size, or to that of the part that it belongs to.
        let in_place = state.gallery.seen_in_place().and_then(|id| {
            let place = state.document.place_of_round(id.round).unwrap_or(Region::whole(canvas.size()));
            let rect = place.on(canvas.size());
            let is_there = (rect.x0..rect.x1).contains(&pixel.0) && (rect.y0..rect.y1).contains(&pixel.1);
            Some((result_pixels(state, id).filter(|_| is_there)?, rect))
        });
        return Some(match in_place {
            Some((picture, rect)) => {
                let share = |at: usize, of: usize| (at as f32 + 0.5) / of.max(1) as f32;
                let share = Vec2::new(share(pixel.0 - rect.x0, rect.width()), share(pixel.1 - rect.y0, rect.height()));
                PictureAt { is_canvas: true, ..in_picture(picture, share) }
            }
            None => {
                let layer = layer(state).filter(|_| state.color.source == AreaSource::Layer);
                PictureAt { picture: layer.map_or(Seen::Canvas(canvas), Seen::Layer), pixel, is_canvas: true }
            }
        });
    }
    let (id, share) = state.gallery.picture_at(at)?;
    Some(in_picture(result_pixels(state, id)?, share))
}

/// The pixels of the current layer; `None` if it is a group.
fn layer(state: &WindowState) -> Option<&Surface> {
    let layers = state.document.layers();
    layers.get(layers.current())?.surface()
}

/// The pixel of a result at a share of its width and height.
fn in_picture(picture: &RgbImage, share: Vec2) -> PictureAt<'_> {
    let pixel = |share: f32, side: u32| ((share * side as f32) as usize).min(side.saturating_sub(1) as usize);
    let pixel = (pixel(share.x, picture.width()), pixel(share.y, picture.height()));
    PictureAt { picture: Seen::Picture(picture), pixel, is_canvas: false }
}

/// The pixels of a finished result, or of its preview while it is being made.
fn result_pixels(state: &WindowState, id: ResultId) -> Option<&RgbImage> {
    match &state.document.rounds().slot(id.round, id.image)?.state {
        State::Denoising { preview, .. } => Some(preview),
        State::Done(result) => result.image.pixels().map(|pixels| &**pixels),
        State::Waiting | State::Dropped | State::Deleted(_) => None,
    }
}
