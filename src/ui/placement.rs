//! Puts a picture on the canvas: fitted in, filling it, or with the canvas taking its size.
//!
//! The picture is shown whole first, so that nothing is cut off unasked. While it stays as it was
//! placed, a bar above the canvas offers the other ways.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::OpenPlacement;
use super::canvas_work::edit;
use super::commands::Services;
use super::state::WindowState;
use crate::document::size::nearest_result_size;
use crate::document::{Ancestry, Document, SlowEdit};
use crate::engine::Settings;
use crate::jobs::FileTask;
use crate::paint::Size;
use crate::picture::Fit;

/// The longest side of a canvas that results can have too.
const MAX_SIDE: usize = Settings::MAX_SIDE;

/// The picture that was put on the canvas last.
pub(super) struct PlacedPicture {
    /// Its name at the start of a sentence.
    pub name: String,
    /// The file that it came from, if it came from one.
    pub file: Option<PathBuf>,
    /// Its pixels before it was scaled.
    pub original: Arc<RgbImage>,
    /// How it lies on the canvas.
    pub placement: OpenPlacement,
    /// The size of a canvas that it is fitted in or fills.
    pub frame: (usize, usize),
    /// The size of the canvas it was last scaled for.
    pub requested: (usize, usize),
    /// The seeds whose noise is known to be in it.
    ancestry: Ancestry,
    /// The canvas' revisions before and after it was placed; `None` until then.
    placed: Option<(u64, u64)>,
}

impl PlacedPicture {
    /// An opened or pasted picture, which is about to be shown whole on the canvas. `ancestry` lists
    /// the seeds that are known to have made it.
    pub fn opened(document: &Document, name: String, original: Arc<RgbImage>, ancestry: Ancestry) -> Self {
        let frame = (document.settings().width, document.settings().height);
        let placement = OpenPlacement::Fit;
        Self { name, file: None, original, placement, frame, requested: frame, ancestry, placed: None }
    }

    /// Notes which file it came from.
    pub fn with_file(self, file: PathBuf) -> Self {
        Self { file: Some(file), ..self }
    }

    /// Width and height of the picture in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.original.width() as usize, self.original.height() as usize)
    }

    /// The size of a canvas that takes the picture's size, as closely as it may.
    pub fn own_canvas(&self) -> (usize, usize) {
        let (width, height) = self.size();
        let longest = width.max(height).max(1);
        let shrunk = |side: usize| if longest > MAX_SIDE { (side * MAX_SIDE / longest).max(1) } else { side.max(1) };
        // The limit makes both sides ones that a canvas can have.
        Size::new(shrunk(width), shrunk(height)).map_or(self.frame, nearest_result_size)
    }

    /// Whether undo takes the placing back, because nothing has changed since.
    pub fn can_be_taken_back(&self, document: &Document) -> bool {
        self.placed.is_some_and(|(before, after)| before != after && after == document.canvas_revision())
    }

    /// Whether the canvas is still as it was when the picture was placed.
    pub fn is_untouched(&self, document: &Document) -> bool {
        self.placed.is_none_or(|(_, after)| after == document.canvas_revision())
    }
}

/// Places a picture in the way its `placement` says; the file thread scales it.
pub(super) fn start(state: &mut WindowState, services: &Services, picture: PlacedPicture) {
    let (fit, (width, height)) = match picture.placement {
        OpenPlacement::Fit => (Fit::Whole, picture.frame),
        OpenPlacement::Fill => (Fit::Fill, picture.frame),
        OpenPlacement::ResizeCanvas => (Fit::Fill, picture.own_canvas()),
    };
    services.jobs.files(FileTask::Fit {
        original: Arc::clone(&picture.original),
        fit,
        size: (width as u32, height as u32),
        paper: state.document.paper().0,
    });
    state.placed = Some(PlacedPicture { requested: (width, height), ..picture });
}

/// Places the picture again in another way.
pub(super) fn change(state: &mut WindowState, services: &Services, placement: OpenPlacement) {
    if let Some(picture) = state.placed.take() {
        start(state, services, PlacedPicture { placement, ..picture });
    }
}

/// Places the picture again on a canvas of another size.
pub(super) fn change_frame(state: &mut WindowState, services: &Services, frame: (usize, usize)) {
    if let Some(picture) = state.placed.take() {
        let placement = match picture.placement {
            OpenPlacement::ResizeCanvas => OpenPlacement::Fit,
            other => other,
        };
        start(state, services, PlacedPicture { placement, frame, ..picture });
    }
}

/// Puts the scaled picture on the canvas. If the same picture was placed before and nothing has
/// changed since, that is undone first, so that one undo brings back what was there before it.
pub(super) fn fitted(state: &mut WindowState, services: &Services, original: &Arc<RgbImage>, picture: RgbImage) {
    let Some(placed) = state.placed.as_mut().filter(|placed| Arc::ptr_eq(&placed.original, original)) else { return };
    let is_taken_back = placed.can_be_taken_back(&state.document);
    // It is placed again.
    placed.placed = None;
    let original = Arc::clone(original);
    if is_taken_back {
        edit(state, services, SlowEdit::Undo, |state, services, _| put(state, services, original, picture));
    } else {
        put(state, services, original, picture);
    }
}

/// Puts the scaled picture on the canvas.
fn put(state: &mut WindowState, services: &Services, original: Arc<RgbImage>, picture: RgbImage) {
    let Some(placed) = &state.placed else { return };
    let size = (picture.width() as usize, picture.height() as usize);
    let before = state.document.canvas_revision();
    let open = SlowEdit::OpenPicture(Arc::new(picture), placed.ancestry.clone());
    edit(state, services, open, move |state, _, opened| {
        let Some(placed) = state.placed.as_mut().filter(|placed| Arc::ptr_eq(&placed.original, &original)) else {
            return;
        };
        if let Err(error) = opened {
            state.status.fail(format!("{} cannot be put on the canvas. {error}", placed.name));
            return;
        }
        placed.placed = Some((before, state.document.canvas_revision()));
        let cut = cut_off(placed.size(), size);
        let text = match placed.placement {
            OpenPlacement::Fill | OpenPlacement::ResizeCanvas if cut != (0, 0) => {
                format!("{} is on the canvas without {}. Undo brings the old canvas back.", placed.name, edges(cut))
            }
            _ => format!("{} is on the canvas.", placed.name),
        };
        state.status.say(text);
    });
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
        let document = Document::new(Size::DEFAULT, crate::paint::Rgb::WHITE, Settings::default());
        for ((width, height), canvas) in [
            ((1600, 900), (1600, 904)),
            ((320, 256), (320, 256)),
            ((4000, 3000), (2048, 1536)),
            ((16_000, 1), (2048, 64)),
            ((1, 1), (64, 64)),
        ] {
            let picture = Arc::new(RgbImage::new(width, height));
            let placed = PlacedPicture::opened(&document, "It".into(), picture, Vec::new());
            assert_eq!(placed.own_canvas(), canvas, "{width} × {height}");
        }
    }

    #[test]
    fn what_is_cut_off_is_counted() {
        assert_eq!(cut_off((1600, 900), (512, 512)), (700, 0));
        assert_eq!(cut_off((900, 1600), (512, 512)), (0, 700));
        assert_eq!(cut_off((1600, 900), (1600, 896)), (0, 4));
        assert_eq!(cut_off((1024, 1024), (512, 512)), (0, 0));
    }
}
