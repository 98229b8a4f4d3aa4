//! The frame: the part of the canvas that rounds are made from, and that their results are put back to.

use image::{GrayImage, RgbImage, imageops};

use super::edit::{Change, Meaning};
use super::painted::Unpainted;
use super::{Document, Edit, EditKind, ResultId, RoundId, size};
use crate::engine::Mask;
use crate::paint::{
    Border, Canvas, Composition, LayerEdit, LayerError, LayerStack, PixelRect, Region, Size, SizeError, Surface,
};
use crate::picture::{Fit, fit};

impl Document {
    /// The part of the canvas that the next round is made from; `None` for all of it. It has the shape of the results and
    /// lies on the canvas.
    pub fn frame(&self) -> Option<Region> {
        let kept = self.marks.frame?;
        Some(size::frame_near(kept, self.canvas.size(), (self.settings.width, self.settings.height)))
    }

    /// The frame to begin with: as large as the results, or as the canvas allows, in its middle.
    pub fn middle_frame(&self) -> Region {
        let canvas = self.canvas.size();
        let (width, height) = (self.settings.width, self.settings.height);
        let middle = |side: usize, of: usize| (of as i64 - side as i64) / 2;
        let size = Size::new(width, height).unwrap_or(canvas);
        let kept = Region { x: middle(size.width(), canvas.width()), y: middle(size.height(), canvas.height()), size };
        size::frame_near(kept, canvas, (width, height))
    }

    /// Makes the next rounds from this part of the canvas, or from all of it. The nearest part in the shape of the results
    /// is taken. Several changes in a row are one step of undo. Returns whether anything changed.
    pub fn set_frame(&mut self, frame: Option<Region>) -> bool {
        self.end_stroke();
        let results = (self.settings.width, self.settings.height);
        let frame = frame.map(|frame| size::frame_near(frame, self.canvas.size(), results));
        if frame == self.frame() {
            return false;
        }
        let last = self.history.next_undo();
        let continues = !self.can_redo() && last.is_some_and(|edit| matches!(edit.change, Change::Frame(_)));
        let inverse = self.exchange_from_history(Edit { kind: EditKind::Frame, change: Change::Frame(frame) });
        if let Some(inverse) = inverse.filter(|_| !continues) {
            self.history.record(inverse);
        }
        true
    }

    /// Exchanges the frame; returns the one that was there.
    pub(super) fn exchange_frame(&mut self, frame: Option<Region>) -> Option<Region> {
        self.marks_changed();
        // The next round starts from something else.
        self.canvas_changed();
        std::mem::replace(&mut self.marks.frame, frame)
    }

    /// Where on the canvas the results of a round belong; `None` if they are as large as the canvas was, if there is no
    /// such round, or if the canvas has become too small for it.
    pub fn place_of_round(&self, round: RoundId) -> Option<Region> {
        self.rounds.get(round)?.place.filter(|place| place.is_inside(self.canvas.size()))
    }

    /// The part of the canvas that the next round starts from.
    pub(super) fn framed_rect(&self) -> PixelRect {
        let size = self.canvas.size();
        self.frame().map_or(PixelRect::whole(size.width(), size.height()), |frame| frame.on(size))
    }

    /// The part of the levels of a mask of the canvas that lies in the frame.
    pub(super) fn framed_levels(&self, levels: &GrayImage) -> GrayImage {
        let Some(frame) = self.frame() else { return levels.clone() };
        let rect = frame.on(self.canvas.size());
        let [x, y, width, height] = [rect.x0, rect.y0, rect.width(), rect.height()].map(|at| at as u32);
        imageops::crop_imm(levels, x, y, width, height).to_image()
    }

    /// A result where it belongs on the canvas, on a transparent surface as large as that; `None` for one that is as large
    /// as the canvas was, see [`Document::place_of_round`].
    pub fn placed_result(&self, id: ResultId, picture: &RgbImage) -> Option<Surface> {
        self.placed(self.place_of_round(id.round)?, picture)
    }

    fn placed(&self, place: Region, picture: &RgbImage) -> Option<Surface> {
        placed_on(self.canvas.size(), place, picture)
    }

    /// Puts a result that was made from a part of the canvas back there, as a layer above all others with an empty one
    /// above it to paint on. What surrounds it stays as it is. The seeds in it are in the canvas from then on. Returns
    /// whether there is such a result.
    ///
    /// # Errors
    /// If there are too many layers.
    pub fn paint_over_place(&mut self, id: ResultId, picture: &RgbImage) -> Result<bool, LayerError> {
        let (Some(place), Some(seeds)) = (self.place_of_round(id.round), self.rounds.ancestry_of(id)) else {
            return Ok(false);
        };
        let Some(surface) = self.placed(place, picture) else { return Ok(false) };
        self.end_stroke();
        let painted = self.painted();
        let (edit, layers) = self.layers_above(&id.layer_name(), surface)?;
        let canvas = Canvas::composed(&layers, self.paper, Composition::Picture);
        // What the model made there is what is kept.
        let rect = place.on(canvas.size());
        let (width, height) = (canvas.width() as u32, canvas.height() as u32);
        let is_left = |x: u32, y: u32| {
            let (x, y) = (x as usize, y as usize);
            !(rect.x0..rect.x1).contains(&x) || !(rect.y0..rect.y1).contains(&y)
        };
        let painted = Mask::from_fn(width, height, |x, y| painted.is_painted(x, y) && is_left(x, y));
        let mut ancestry = self.ancestry.clone();
        ancestry.extend(seeds.into_iter().filter(|seed| !self.ancestry.contains(seed)));
        let meaning = Meaning {
            paper: self.paper,
            ancestry,
            origin: Some(id),
            unpainted: Some(Unpainted::with_earlier(&canvas, Some(painted))),
            result_size: None,
            settings: None,
            marks: None,
        };
        let change = Change::Layers { edit, meaning: Some(Box::new(meaning)) };
        let inverse = self.exchange(Edit { kind: EditKind::PaintOver, change })?;
        self.history.record(inverse);
        Ok(true)
    }

    /// Puts the start image of a round that was made from a part of the canvas back there as a layer, and the frame around
    /// it. Returns the change that does so; `None` if the round has no place on the canvas.
    pub(super) fn start_at_place(&self, round: RoundId, start: &Canvas, meaning: Meaning) -> Option<Change> {
        let place = self.place_of_round(round)?;
        let picture = RgbImage::from_raw(start.width() as u32, start.height() as u32, start.to_rgb())?;
        let surface = self.placed(place, &picture)?;
        let (edit, layers) = self.layers_above(&format!("Start of round {round}"), surface).ok()?;
        let canvas = Canvas::composed(&layers, self.paper, Composition::Picture);
        let unpainted = Some(Unpainted::with_earlier(&canvas, Some(self.painted())));
        let meaning = Meaning { paper: self.paper, unpainted, ..meaning };
        let layers = Change::Layers { edit, meaning: Some(Box::new(meaning)) };
        Some(Change::Several(vec![layers, Change::Frame(Some(place))]))
    }

    /// The edit that puts a layer with these pixels above all others, and an empty one above that; and the layers then.
    fn layers_above(&self, name: &str, surface: Surface) -> Result<(LayerEdit, LayerStack), LayerError> {
        let mut layers = self.layers.clone();
        let below = layers.add_on_top(name, surface);
        below.clone().apply(&mut layers)?;
        let empty = Surface::new(layers.size());
        let above = layers.add_on_top(&layers.new_name("Layer"), empty);
        above.clone().apply(&mut layers)?;
        Ok((LayerEdit::several([below, above]), layers))
    }
}

/// A picture at a place, on a transparent surface of this size.
pub(super) fn placed_on(canvas: Size, place: Region, picture: &RgbImage) -> Option<Surface> {
    let around = Region { x: place.x.saturating_neg(), y: place.y.saturating_neg(), size: canvas };
    Some(Surface::from_canvas(&scaled(picture, place.size).ok()?).part(around, Border::Clear))
}

/// A picture in another size, whose proportions may change.
pub(super) fn scaled(picture: &RgbImage, size: Size) -> Result<Canvas, SizeError> {
    let (width, height) = (size.width(), size.height());
    if picture.dimensions() == (width as u32, height as u32) {
        return Canvas::from_rgb(width, height, picture.as_raw());
    }
    let scaled = fit(picture, width as u32, height as u32, Fit::Stretch, [255; 3]);
    Canvas::from_rgb(width, height, scaled.as_raw())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{dot, sheet, size, state_of};
    use super::*;
    use crate::document::{Mark, Reshape, Settings};
    use crate::paint::{MirrorAxis, QuarterTurns, Rgb, Selection};

    fn region(x: i64, y: i64, width: usize, height: usize) -> Region {
        Region { x, y, size: size(width, height) }
    }

    /// A canvas of 256 by 192 pixels whose results have 64 by 64.
    fn large() -> Document {
        let mut document = Document::new(size(256, 192), Rgb::WHITE, Settings::default());
        let mut settings = document.settings_mut();
        (settings.width, settings.height, settings.batch) = (64, 64, 1);
        drop(settings);
        document
    }

    fn result_of(document: &mut Document, seed: u64) -> ResultId {
        super::super::tests::make_round(document, seed)
    }

    #[test]
    fn a_round_starts_from_the_frame_and_its_result_comes_back_there() {
        let mut document = large();
        dot(&mut document, 100.0, 100.0);
        dot(&mut document, 20.0, 20.0);
        assert!(document.set_frame(Some(region(80, 70, 64, 64))));
        let start = document.start_image().expect("from the canvas");
        assert_eq!((start.picture.dimensions(), start.fit), ((64, 64), Fit::Stretch));
        assert_ne!(start.picture.get_pixel(20, 30).0, [255; 3], "the dot");
        let id = result_of(&mut document, 7);
        assert_eq!(document.place_of_round(id.round), Some(region(80, 70, 64, 64)));
        let (before, layers) = (state_of(&document), document.layers().all().count());
        let made = RgbImage::from_pixel(64, 64, image::Rgb([1, 2, 3]));
        assert_eq!(document.paint_over_place(id, &made), Ok(true));
        let color = |x, y| document.canvas().color_at(x, y);
        assert_eq!((color(80, 70), color(143, 133)), (Some(Rgb([1, 2, 3])), Some(Rgb([1, 2, 3]))));
        assert_eq!((color(79, 70), color(144, 133)), (Some(Rgb::WHITE), Some(Rgb::WHITE)));
        assert_eq!(document.layers().all().count(), layers + 2, "the result, and one to paint on");
        assert_eq!((document.origin(), document.ancestry()), (Some(id), &[7_u64][..]));
        assert!(document.painted().is_painted(20, 20) && !document.painted().is_painted(100, 100));
        assert_eq!((document.settings().width, document.canvas().width()), (64, 256), "both sizes stay");
        document.undo();
        assert!(state_of(&document) == before);
    }

    #[test]
    fn without_a_frame_everything_is_as_it_was() {
        let mut document = large();
        assert_eq!(
            (document.frame(), document.start_image().map(|start| start.picture.dimensions())),
            (None, Some((256, 192)))
        );
        let id = result_of(&mut document, 7);
        assert_eq!(document.place_of_round(id.round), None);
        assert_eq!(document.paint_over_place(id, &RgbImage::new(64, 64)), Ok(false));
        assert!(document.paint_over(id, sheet(64, 64, Rgb::BLACK)));
    }

    #[test]
    fn the_frame_has_the_shape_of_the_results_and_stays_on_the_canvas() {
        let mut document = large();
        document.set_frame(Some(region(-500, 170, 100, 20)));
        assert_eq!(document.frame(), Some(region(0, 92, 100, 100)));
        document.settings_mut().height = 128;
        let frame = document.frame().expect("there");
        assert_eq!((frame.size, frame.is_inside(document.canvas().size())), (size(96, 192), true));
        document.set_frame(Some(region(0, 0, 4000, 4000)));
        assert_eq!(document.frame().map(|frame| frame.size), Some(size(96, 192)), "no larger than the canvas");
        assert_eq!(document.middle_frame(), region(96, 32, 64, 128));
    }

    #[test]
    fn moving_the_frame_is_one_step_of_undo_and_masks_follow_it() {
        let mut document = large();
        let rect = PixelRect { x0: 100, y0: 100, x1: 120, y1: 120 };
        document.set_mark(Mark::Mask, Some(Selection::rectangle(document.canvas().size(), rect)));
        for x in [10, 40, 90] {
            document.set_frame(Some(region(x, 90, 64, 64)));
        }
        let mask = document.mask_at_result_size().expect("a mask");
        assert!(
            mask.size() == (64, 64) && mask.is_painted(10, 10) && mask.is_painted(29, 29) && !mask.is_painted(31, 31)
        );
        document.undo();
        assert_eq!((document.frame(), document.next_undo()), (None, Some(EditKind::Mask)));
        document.redo();
        assert_eq!(document.frame(), Some(region(90, 90, 64, 64)));
        assert!(document.set_frame(None) && document.mask_at_result_size().is_some_and(|mask| mask.is_painted(27, 35)));
    }

    #[test]
    fn the_frame_goes_along_when_the_canvas_gets_another_shape() {
        for (reshape, wanted) in [
            (Reshape::Part(region(32, 16, 128, 128), Border::Clear), region(48, 24, 64, 64)),
            (Reshape::Part(region(-16, -8, 320, 256), Border::Clear), region(96, 48, 64, 64)),
            (Reshape::Mirror(MirrorAxis::Vertical), region(256 - 80 - 64, 40, 64, 64)),
            (Reshape::Turn(QuarterTurns::Right), region(192 - 40 - 64, 80, 64, 64)),
            (Reshape::Scale(size(512, 384)), region(160, 80, 128, 128)),
        ] {
            let mut document = large();
            document.set_frame(Some(region(80, 40, 64, 64)));
            document.reshape(reshape);
            assert_eq!(document.frame(), Some(wanted), "{reshape:?}");
            assert_eq!(document.settings().width, 64, "the results stay as large as the frame makes them");
            document.undo();
            assert_eq!(document.frame(), Some(region(80, 40, 64, 64)), "{reshape:?}");
        }
        let mut document = large();
        document.set_frame(Some(region(80, 40, 64, 64)));
        document.open_picture(sheet(300, 300, Rgb::BLACK), Vec::new());
        assert_eq!(document.frame(), None, "another canvas");
        document.undo();
        assert!(document.frame().is_some());
    }

    #[test]
    fn going_back_to_a_round_of_a_part_leaves_the_rest_of_the_canvas() {
        let mut document = large();
        document.set_frame(Some(region(80, 70, 64, 64)));
        let id = result_of(&mut document, 7);
        document.set_frame(None);
        dot(&mut document, 20.0, 20.0);
        let before = state_of(&document);
        assert!(document.go_back(id.round, Some(sheet(64, 64, Rgb([9, 9, 9])))));
        assert_eq!(document.canvas().color_at(100, 100), Some(Rgb([9, 9, 9])));
        assert_eq!(document.canvas().color_at(10, 100), Some(Rgb::WHITE));
        assert_eq!((document.canvas().width(), document.frame()), (256, Some(region(80, 70, 64, 64))));
        document.undo();
        assert!(state_of(&document) == before && document.frame().is_none());
    }
}
