//! One of the two pictures of a comparison.

use std::sync::Arc;

use egui::{Color32, FontId, Pos2, Rect, Ui, Vec2};
use image::RgbImage;

use super::CompareSource;
use super::start_images::StartImages;
use super::textures::Textures;
use crate::document::{Document, ResultId};
use crate::picture::{Fit, Placement};
use crate::ui::result_memory::ResultMemory;
use crate::ui::theme;

/// Width and height in pixels.
pub(super) type PixelSize = (u32, u32);

/// A picture that is compared, and its textures.
pub(super) struct ComparedPicture {
    source: CompareSource,
    pixels: Option<Arc<RgbImage>>,
    /// The canvas' revision that the pixels show.
    canvas_revision: u64,
    /// Why it cannot be read, as one sentence.
    unreadable: Option<String>,
    textures: Textures,
}

impl ComparedPicture {
    pub fn new(source: CompareSource) -> Self {
        Self { source, pixels: None, canvas_revision: 0, unreadable: None, textures: Textures::default() }
    }

    pub fn source(&self) -> CompareSource {
        self.source
    }

    pub fn pixels(&self) -> Option<&Arc<RgbImage>> {
        self.pixels.as_ref()
    }

    pub fn size(&self) -> Option<PixelSize> {
        self.pixels.as_ref().map(|pixels| pixels.dimensions())
    }

    /// Takes the pixels that are at hand. Returns whether the picture still exists.
    pub fn refresh(&mut self, document: &Document, starts: &StartImages, memory: &ResultMemory) -> bool {
        match self.source {
            CompareSource::Canvas => {
                let revision = document.canvas_revision();
                if self.pixels.is_none() || self.canvas_revision != revision {
                    self.pixels = Some(Arc::new(document.picture()));
                    self.canvas_revision = revision;
                    self.textures = Textures::default();
                }
                true
            }
            CompareSource::StartImage(round) => {
                self.pixels = self.pixels.take().or_else(|| starts.get(round).cloned());
                self.pixels.is_some()
            }
            CompareSource::Result(id) => {
                let Some(result) = document.rounds().result(id) else { return false };
                self.pixels = self.pixels.take().or_else(|| result.image.pixels().cloned());
                if self.unreadable.as_deref() != memory.unreadable(id) {
                    self.unreadable = memory.unreadable(id).map(str::to_owned);
                }
                true
            }
        }
    }

    /// The result whose pixels must be read again first.
    pub fn wanted(&self) -> Option<ResultId> {
        self.source.result().filter(|_| self.pixels.is_none())
    }

    /// Takes the pixels of a result that were read again.
    pub fn decoded(&mut self, id: ResultId, pixels: &Arc<RgbImage>) {
        if self.wanted() == Some(id) {
            self.pixels = Some(Arc::clone(pixels));
        }
    }

    /// Draws the picture where a picture of `first` pixels lies in `frame`, but only inside `clip`. One of
    /// another size is scaled and shown whole, as its colours are compared.
    pub fn paint(&mut self, ui: &Ui, clip: Rect, frame: Rect, first: PixelSize, sharp: bool) {
        let painter = ui.painter().with_clip_rect(clip);
        let Some(pixels) = &self.pixels else {
            let text = self.unreadable.clone().unwrap_or_else(|| "Reading…".into());
            let width = (clip.width() - 24.0).max(40.0);
            let galley = painter.layout(text, FontId::proportional(14.0), theme::WELL_TEXT, width);
            let at = clip.center() - galley.size() / 2.0;
            painter.galley(at, galley, theme::WELL_TEXT);
            return;
        };
        let texture = self.textures.get(ui.ctx(), pixels, sharp);
        let rect = placed(frame, first, pixels.dimensions());
        painter.image(texture, rect, Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0)), Color32::WHITE);
    }
}

/// Where a picture of `size` pixels lies if one of `first` pixels fills `frame`.
pub(super) fn placed(frame: Rect, first: PixelSize, size: PixelSize) -> Rect {
    let [left, top, right, bottom] = Placement::new(size, first, Fit::Whole).empty.map(|side| side as f32);
    let scale = frame.size() / Vec2::new(first.0.max(1) as f32, first.1.max(1) as f32);
    let empty = |across: f32, down: f32| Vec2::new(across, down) * scale;
    Rect::from_min_max(frame.min + empty(left, top), frame.max - empty(right, bottom))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Recipe, Settings};
    use crate::paint::{Rgb, Size};

    #[test]
    fn a_result_whose_pixels_were_dropped_is_wanted_until_they_are_read_again() {
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        let (round, _) = document.begin_round(1, "m".into());
        let recipe = Recipe {
            settings: Settings::default(),
            seed: 1,
            model: "m".into(),
            from_picture: true,
            made_with: Default::default(),
        };
        let (recipe, pixels) = (Arc::new(recipe), Arc::new(RgbImage::new(8, 8)));
        let [id, huge] = [0, 1].map(|image| ResultId { round, image });
        let rounds = document.rounds_mut();
        rounds.finished(id, Arc::clone(&pixels), Arc::clone(&recipe));
        rounds.saved(id, "somewhere.png".into());
        // Larger than the budget of all results; its zeros take no memory.
        rounds.finished(huge, Arc::new(RgbImage::new(10_000, 10_000)), recipe);

        let (starts, mut memory) = (StartImages::default(), ResultMemory::default());
        let mut picture = ComparedPicture::new(CompareSource::Result(id));
        assert!(picture.refresh(&document, &starts, &memory) && picture.pixels().is_none());
        assert_eq!(picture.wanted(), Some(id));
        memory.failed(huge, "It is too large.".into());
        assert!(picture.refresh(&document, &starts, &memory) && picture.unreadable.is_none());
        memory.failed(id, "It is gone.".into());
        assert!(picture.refresh(&document, &starts, &memory));
        assert_eq!(picture.unreadable.as_deref(), Some("It is gone."));
        memory.retry(id);
        assert!(picture.refresh(&document, &starts, &memory) && picture.unreadable.is_none());
        // Beyond the budget the document does not keep them, but the comparison does.
        document.rounds_mut().decoded(id, Arc::clone(&pixels));
        picture.decoded(huge, &Arc::new(RgbImage::new(1, 1)));
        picture.decoded(id, &pixels);
        assert!(picture.refresh(&document, &starts, &memory));
        assert_eq!((picture.pixels(), picture.wanted()), (Some(&pixels), None));
        let mut gone = ComparedPicture::new(CompareSource::Result(ResultId { round: 99, image: 0 }));
        assert!(!gone.refresh(&document, &starts, &memory));
        let mut gone = ComparedPicture::new(CompareSource::StartImage(round));
        assert!(!gone.refresh(&document, &starts, &memory));
    }

    #[test]
    fn a_picture_of_another_shape_is_shown_whole_in_the_middle() {
        let frame = Rect::from_min_size(Pos2::new(10.0, 10.0), Vec2::splat(200.0));
        assert_eq!(placed(frame, (100, 100), (400, 400)), frame);
        let wide = placed(frame, (100, 100), (200, 100));
        assert_eq!(wide, Rect::from_min_size(Pos2::new(10.0, 60.0), Vec2::new(200.0, 100.0)));
    }
}
