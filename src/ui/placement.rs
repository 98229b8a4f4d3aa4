//! Puts a picture on the canvas: fitted in, filling it, or with the canvas taking its size.
//!
//! The picture is shown whole first, so that nothing is cut off unasked. While it stays as it was
//! placed, a bar above the canvas offers the other ways.

use std::sync::Arc;

use image::RgbImage;

use super::Placement;
use super::commands::Services;
use super::state::{WindowState, Work};
use crate::engine::Settings;
use crate::jobs::FileTask;
use crate::paint::Canvas;
use crate::picture::Fit;
use crate::rounds::Ancestry;

/// The picture that was put on the canvas last.
pub(super) struct PlacedPicture {
    /// Its name at the start of a sentence.
    pub name: String,
    /// Its pixels before it was scaled.
    pub original: Arc<RgbImage>,
    /// How it lies on the canvas.
    pub placement: Placement,
    /// The seeds whose noise is in it.
    ancestry: Ancestry,
    /// The size of the canvas it was last scaled for.
    pub requested: (usize, usize),
    /// The painting's revision right after it was placed; `None` until then.
    placed: Option<u64>,
}

impl PlacedPicture {
    /// A picture that is about to be placed; `ancestry` lists the seeds whose noise is in it.
    pub fn new(name: String, original: Arc<RgbImage>, ancestry: Ancestry, placement: Placement) -> Self {
        Self { name, original, placement, ancestry, requested: (0, 0), placed: None }
    }

    /// Width and height of the picture in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.original.width() as usize, self.original.height() as usize)
    }

    /// Whether the canvas is still as it was when the picture was placed.
    pub fn is_untouched(&self, work: &Work) -> bool {
        self.placed.is_none_or(|revision| revision == work.painting.revision())
    }
}

impl Placement {
    /// This placement on a canvas whose size is given.
    pub(super) fn within_canvas(self) -> Self {
        match self {
            Self::ResizeCanvas => Self::Fit,
            other => other,
        }
    }
}

/// Places a picture in the way its `placement` says; the file thread scales it.
pub(super) fn start(state: &mut WindowState, services: &Services, picture: PlacedPicture) {
    let settings = &state.work.settings;
    let (fit, (width, height)) = match picture.placement {
        Placement::Fit => (Fit::Whole, (settings.width, settings.height)),
        Placement::Fill => (Fit::Fill, (settings.width, settings.height)),
        Placement::ResizeCanvas => (Fit::Fill, canvas_size(picture.size())),
    };
    services.jobs.files(FileTask::Fit {
        original: Arc::clone(&picture.original),
        fit,
        size: (width as u32, height as u32),
        paper: state.work.painting.paper().0,
    });
    state.placed = Some(PlacedPicture { requested: (width, height), ..picture });
}

/// Places the picture again in another way.
pub(super) fn change(state: &mut WindowState, services: &Services, placement: Placement) {
    if let Some(picture) = state.placed.take() {
        start(state, services, PlacedPicture { placement, ..picture });
    }
}

/// Puts the scaled picture on the canvas. If the same picture was placed before and nothing has
/// changed since, that is undone first, so that one undo brings back what was there before it.
pub(super) fn fitted(state: &mut WindowState, original: &Arc<RgbImage>, picture: &RgbImage) {
    let Some(placed) = state.placed.as_mut().filter(|placed| Arc::ptr_eq(&placed.original, original)) else { return };
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let Some(canvas) = Canvas::from_rgb(width, height, picture.as_raw()) else { return };
    let work = &mut state.work;
    if placed.placed == Some(work.painting.revision()) {
        work.painting.undo();
    }
    let paper = work.painting.paper();
    work.replace_canvas(canvas, paper, placed.ancestry.clone());
    placed.placed = Some(work.painting.revision());
    let cut = cut_off(placed.size(), (width, height));
    let text = match placed.placement {
        Placement::Fit => format!("{} is on the canvas.", placed.name),
        Placement::Fill | Placement::ResizeCanvas if cut == (0, 0) => format!("{} is on the canvas.", placed.name),
        Placement::Fill | Placement::ResizeCanvas => {
            format!("{} is on the canvas without {}. Undo brings the old canvas back.", placed.name, edges(cut))
        }
    };
    state.status.say(text);
}

/// The size of a canvas that takes a picture's size: as close as its sides may be.
pub(super) fn canvas_size((width, height): (usize, usize)) -> (usize, usize) {
    let longest = width.max(height).max(1);
    let side = |side: usize| {
        let side = if longest > Settings::MAX_SIDE { side * Settings::MAX_SIDE / longest } else { side };
        let step = Settings::SIDE_STEP;
        ((side + step / 2) / step * step).clamp(step, Settings::MAX_SIDE)
    };
    (side(width), side(height))
}

/// How many of the picture's pixels are cut off across and down when it fills a canvas.
pub(super) fn cut_off((width, height): (usize, usize), canvas: (usize, usize)) -> (usize, usize) {
    let (across, down) = (canvas.0 as f64 / width.max(1) as f64, canvas.1 as f64 / height.max(1) as f64);
    let scale = across.max(down);
    let shown = |side: usize, canvas: usize| ((canvas as f64 / scale).round() as usize).min(side);
    (width - shown(width, canvas.0), height - shown(height, canvas.1))
}

/// Names what is cut off.
pub(super) fn edges((across, down): (usize, usize)) -> String {
    match (across, down) {
        (0, down) => format!("{down} of its pixel rows at the top and bottom"),
        (across, 0) => format!("{across} of its pixel columns at the sides"),
        (across, down) => format!("{across} of its pixel columns and {down} of its rows at the edges"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canvas_takes_a_pictures_size_as_closely_as_it_may() {
        assert_eq!(canvas_size((1600, 900)), (1600, 896));
        assert_eq!(canvas_size((320, 256)), (320, 256));
        assert_eq!(canvas_size((4000, 3000)), (2048, 1536));
        assert_eq!(canvas_size((16_000, 1)), (2048, 64));
        assert_eq!(canvas_size((1, 1)), (64, 64));
    }

    #[test]
    fn what_is_cut_off_is_counted() {
        assert_eq!(cut_off((1600, 900), (512, 512)), (700, 0));
        assert_eq!(cut_off((900, 1600), (512, 512)), (0, 700));
        assert_eq!(cut_off((1600, 900), (1600, 896)), (0, 4));
        assert_eq!(cut_off((1024, 1024), (512, 512)), (0, 0));
    }
}
