//! What the comparison shows.

use std::sync::Arc;

use egui::{Rect, Vec2};
use image::RgbImage;

use super::CompareSource;
use super::changes::Changes;
use super::difference::ColorDifference;
use super::picture::{ComparedPicture, PixelSize};
use super::start_images::StartImages;
use super::viewport::{Room, Viewport};
use crate::document::{Document, ResultId, RoundId};
use crate::jobs::FileTask;
use crate::picture::Difference;
use crate::ui::result_memory::ResultMemory;
use crate::ui::{MoveDirection, ZoomStep};

/// How far one key press moves the divider, as a share of the picture's width in view.
const DIVIDER_STEP: f32 = 0.02;

/// How far one key press moves the picture, as a share of the room.
const PAN_STEP: f32 = 0.1;

/// A key that is held for longer than this, in seconds, shows the other picture only while it is held.
const HOLD: f64 = 0.35;

/// How two pictures are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CompareMode {
    /// One picture left of a divider, the other right of it.
    #[default]
    Slider,
    /// Both pictures beside each other, with the same zoom and position.
    SideBySide,
    /// One picture in place of the other.
    Blink,
    /// The colour difference in false colours.
    Difference,
}

impl CompareMode {
    /// All modes with their names in the window.
    pub(super) const ALL: [(Self, &'static str); 4] = [
        (Self::Slider, "Slider"),
        (Self::SideBySide, "Side by side"),
        (Self::Blink, "Blink"),
        (Self::Difference, "Difference"),
    ];
}

/// The comparison, and what is kept for the next one.
#[derive(Default)]
pub(in crate::ui) struct Compare {
    shown: Option<Box<Comparison>>,
    /// The start images of earlier rounds.
    pub starts: StartImages,
    /// The mode that was used last.
    mode: CompareMode,
}

/// Two pictures that are compared.
pub(in crate::ui) struct Comparison {
    pub(super) a: ComparedPicture,
    pub(super) b: ComparedPicture,
    pub(super) mode: CompareMode,
    pub(super) viewport: Viewport,
    /// Where the first picture was shown in the previous frame.
    pub(super) room: Option<Room>,
    /// Where the second one was, if it had a room of its own.
    pub(super) second: Option<Rect>,
    /// The divider's place, as a share of the picture's width in view.
    pub(super) divider: f32,
    /// Whether the drag that is going on moves the divider.
    pub(super) drags_divider: bool,
    /// Whether blinking shows the second picture.
    pub(super) shows_b: bool,
    /// When the key that blinks was pressed (seconds of the window's clock), while it is held.
    blinked: Option<f64>,
    pub(super) difference: ColorDifference,
    pub(super) changes: Changes,
    /// Whether the pictures had the keyboard in the previous frame.
    pub(super) has_keyboard: bool,
}

impl Compare {
    /// Whether a comparison is shown.
    pub fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// Compares two pictures, in the mode that was used last.
    pub fn show(&mut self, a: CompareSource, b: CompareSource) {
        self.shown = Some(Box::new(Comparison {
            a: ComparedPicture::new(a),
            b: ComparedPicture::new(b),
            mode: self.mode,
            viewport: Viewport::default(),
            room: None,
            second: None,
            divider: 0.5,
            drags_divider: false,
            shows_b: false,
            blinked: None,
            difference: ColorDifference::default(),
            changes: Changes::default(),
            has_keyboard: false,
        }));
    }

    /// Ends the comparison, and frees its textures.
    pub fn leave(&mut self) {
        self.shown = None;
    }

    /// Another document is shown: nothing of the previous one can be compared any more.
    pub fn forget(&mut self) {
        self.shown = None;
        self.starts = StartImages::default();
    }

    /// The comparison that is shown, to look at it.
    pub(super) fn comparison(&self) -> Option<&Comparison> {
        self.shown.as_deref()
    }

    /// The comparison that is shown.
    pub fn comparison_mut(&mut self) -> Option<&mut Comparison> {
        self.shown.as_deref_mut()
    }

    /// The comparison that is shown, with the start images.
    pub(super) fn parts_mut(&mut self) -> Option<(&mut Comparison, &StartImages)> {
        Some((self.shown.as_deref_mut()?, &self.starts))
    }

    /// Changes the mode, also for the next comparison.
    pub fn use_mode(&mut self, mode: CompareMode) {
        self.mode = mode;
        if let Some(shown) = &mut self.shown {
            shown.mode = mode;
        }
    }

    /// Whether arrow keys belong to the pictures.
    pub fn has_keyboard(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.has_keyboard)
    }

    /// The results whose pixels must be read again.
    pub fn wanted(&self) -> Vec<ResultId> {
        let shown = self.shown.iter();
        shown.flat_map(|shown| [shown.a.wanted(), shown.b.wanted()]).flatten().collect()
    }

    /// The pixels of a result were read again. They are taken here, because the document may have to drop
    /// them at once.
    pub fn decoded(&mut self, id: ResultId, pixels: &Arc<RgbImage>) {
        if let Some(shown) = &mut self.shown {
            shown.a.decoded(id, pixels);
            shown.b.decoded(id, pixels);
        }
    }

    /// The task that compares the colours, if they are to be shown and nobody does it yet. Runs once a frame.
    pub fn task(&mut self) -> Option<FileTask> {
        let shown = self.shown.as_mut().filter(|shown| shown.mode == CompareMode::Difference)?;
        let (Some(a), Some(b)) = (shown.a.pixels(), shown.b.pixels()) else { return None };
        shown.difference.task(a, b)
    }

    /// The colours of two pictures were compared.
    pub fn compared(&mut self, a: Arc<RgbImage>, b: Arc<RgbImage>, difference: Difference) {
        if let Some(shown) = &mut self.shown {
            shown.difference.done(a, b, difference);
        }
    }

    /// The file thread was started again; what it was comparing is lost.
    pub fn lost(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.difference.lost();
        }
    }
}

impl Comparison {
    /// Takes the pixels that are at hand. Returns whether both pictures still exist.
    pub(super) fn refresh(&mut self, document: &Document, starts: &StartImages, memory: &ResultMemory) -> bool {
        self.a.refresh(document, starts, memory) && self.b.refresh(document, starts, memory)
    }

    /// The size at which both pictures are compared: that of the first one once it is there.
    pub(super) fn size(&self) -> Option<PixelSize> {
        self.a.size().or_else(|| self.b.size())
    }

    /// Shows another picture as the first one.
    pub fn choose_a(&mut self, source: CompareSource) {
        if self.a.source() != source {
            self.a = ComparedPicture::new(source);
        }
    }

    /// Shows another picture as the second one.
    pub fn choose_b(&mut self, source: CompareSource) {
        if self.b.source() != source {
            self.b = ComparedPicture::new(source);
        }
    }

    /// The two pictures change places.
    pub fn swap(&mut self) {
        std::mem::swap(&mut self.a, &mut self.b);
    }

    /// The latest of the rounds that the pictures belong to.
    pub fn round(&self) -> Option<RoundId> {
        self.b.source().round().or_else(|| self.a.source().round())
    }

    /// Shows the other picture. `held_since` is the time (seconds of the window's clock) if a key asked for it.
    pub fn blink(&mut self, held_since: Option<f64>) {
        self.shows_b = !self.shows_b;
        self.blinked = held_since;
    }

    /// The key that blinks is not held any more: if it was held for long, the other picture goes again.
    pub(super) fn key_is_up(&mut self, now: f64) {
        if self.blinked.take().is_some_and(|since| now - since > HOLD) {
            self.shows_b = !self.shows_b;
        }
    }

    /// Changes the zoom; what is in the middle stays there.
    pub fn zoom(&mut self, step: ZoomStep) {
        let Some(room) = self.room else { return };
        match step {
            ZoomStep::In => self.viewport.zoom_by(1.25, room.rect.center(), &room),
            ZoomStep::Out => self.viewport.zoom_by(0.8, room.rect.center(), &room),
            ZoomStep::Fit => self.viewport.fit(),
            ZoomStep::FullSize => self.viewport.full_size(),
        }
    }

    /// Moves the divider where there is one, else the view of the picture.
    pub fn step(&mut self, direction: MoveDirection) {
        let sign = match direction {
            MoveDirection::Left => -1.0,
            MoveDirection::Right => 1.0,
            MoveDirection::Up | MoveDirection::Down => return self.pan(direction),
        };
        match self.mode {
            CompareMode::Slider => self.divider = (self.divider + sign * DIVIDER_STEP).clamp(0.0, 1.0),
            _ => self.pan(direction),
        }
    }

    /// Moves the view of the picture.
    pub fn pan(&mut self, direction: MoveDirection) {
        let Some(room) = self.room else { return };
        let by = match direction {
            MoveDirection::Left => Vec2::new(PAN_STEP, 0.0),
            MoveDirection::Right => Vec2::new(-PAN_STEP, 0.0),
            MoveDirection::Up => Vec2::new(0.0, PAN_STEP),
            MoveDirection::Down => Vec2::new(0.0, -PAN_STEP),
        };
        self.viewport.pan(by * room.rect.size(), &room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison() -> Comparison {
        let mut compare = Compare::default();
        compare.show(CompareSource::Canvas, CompareSource::StartImage(1));
        *compare.shown.expect("shown")
    }

    #[test]
    fn a_short_press_switches_and_a_long_one_switches_while_it_is_held() {
        let mut shown = comparison();
        shown.blink(Some(10.0));
        shown.key_is_up(10.1);
        assert!(shown.shows_b, "a short press switches");
        shown.blink(Some(20.0));
        assert!(!shown.shows_b);
        shown.key_is_up(22.0);
        assert!(shown.shows_b, "a long press shows the other picture while it is held");
        shown.blink(None);
        shown.key_is_up(99.0);
        assert!(!shown.shows_b, "a button switches");
    }

    #[test]
    fn the_mode_is_kept_for_the_next_comparison() {
        let mut compare = Compare::default();
        compare.show(CompareSource::Canvas, CompareSource::Canvas);
        compare.use_mode(CompareMode::Blink);
        compare.leave();
        assert!(!compare.is_shown());
        compare.show(CompareSource::Canvas, CompareSource::Canvas);
        assert_eq!(compare.comparison_mut().expect("shown").mode, CompareMode::Blink);
    }

    #[test]
    fn colours_are_compared_one_pair_at_a_time_and_only_the_pair_on_show_is_kept() {
        let picture = |shade| Arc::new(RgbImage::from_pixel(2, 2, image::Rgb([shade; 3])));
        let (a, b, c) = (picture(0), picture(100), picture(200));
        let mut difference = ColorDifference::default();
        assert!(difference.task(&a, &b).is_some());
        assert!(difference.task(&a, &c).is_none(), "one at a time");
        difference.done(a.clone(), b.clone(), crate::picture::difference(&a, &b));
        assert!(difference.task(&a, &c).is_some(), "now the pair on show");
        difference.done(a.clone(), c.clone(), crate::picture::difference(&a, &c));
        assert!(difference.task(&a, &c).is_none(), "it is there");
        assert!(difference.of(&a, &c).is_some() && difference.of(&a, &b).is_none());
        assert!(difference.task(&b, &c).is_some());
        difference.lost();
        assert!(difference.task(&b, &c).is_none(), "what cannot be compared is not tried in every frame");
        assert!(difference.task(&a, &b).is_some());
    }
}
