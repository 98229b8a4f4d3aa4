//! The colour difference: asked of the file thread, and shown in false colours.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Pos2, Rect, Ui};
use image::RgbImage;

use super::state::Comparison;
use super::textures::Textures;
use super::viewport::Room;
use crate::jobs::FileTask;
use crate::picture::Difference;
use crate::ui::theme;

/// The difference that was computed last, and whether another is being computed.
#[derive(Default)]
pub(super) struct ColorDifference {
    asked: Option<Pair>,
    /// What the file thread could not compare; it is not asked again.
    lost: Option<Pair>,
    done: Option<Done>,
}

/// The pictures of a difference.
type Pair = (Arc<RgbImage>, Arc<RgbImage>);

struct Done {
    a: Arc<RgbImage>,
    b: Arc<RgbImage>,
    difference: Difference,
    textures: Textures,
}

impl ColorDifference {
    /// The task that compares these two pictures, unless that is done or another one is still running.
    pub fn task(&mut self, a: &Arc<RgbImage>, b: &Arc<RgbImage>) -> Option<FileTask> {
        if self.asked.is_some() || self.of(a, b).is_some() || self.is_lost(a, b) {
            return None;
        }
        self.asked = Some((Arc::clone(a), Arc::clone(b)));
        Some(FileTask::Compare { a: Arc::clone(a), b: Arc::clone(b) })
    }

    /// Takes the difference of two pictures.
    pub fn done(&mut self, a: Arc<RgbImage>, b: Arc<RgbImage>, difference: Difference) {
        (self.asked, self.lost) = (None, None);
        self.done = Some(Done { a, b, difference, textures: Textures::default() });
    }

    /// What was asked for never comes.
    pub fn lost(&mut self) {
        self.lost = self.asked.take();
    }

    /// Whether these two pictures could not be compared.
    fn is_lost(&self, a: &Arc<RgbImage>, b: &Arc<RgbImage>) -> bool {
        self.lost.as_ref().is_some_and(|(one, other)| Arc::ptr_eq(one, a) && Arc::ptr_eq(other, b))
    }

    /// The difference of these two pictures, if it is there.
    pub fn of(&self, a: &Arc<RgbImage>, b: &Arc<RgbImage>) -> Option<&Difference> {
        let done = self.done.as_ref()?;
        (Arc::ptr_eq(&done.a, a) && Arc::ptr_eq(&done.b, b)).then_some(&done.difference)
    }
}

impl Comparison {
    /// The difference of the two pictures on show.
    pub(super) fn shown_difference(&self) -> Option<&Difference> {
        self.difference.of(self.a.pixels()?, self.b.pixels()?)
    }
}

/// Draws the false colours, or a word while they are computed.
pub(super) fn ui(ui: &Ui, shown: &mut Comparison, room: &Room) {
    let painter = ui.painter().with_clip_rect(room.rect);
    let frame = shown.viewport.frame(room);
    let sharp = shown.viewport.is_sharp(room);
    if shown.shown_difference().is_some()
        && let Some(done) = &mut shown.difference.done
    {
        let texture = done.textures.get(ui.ctx(), &done.difference.picture, sharp);
        painter.image(texture, frame, Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0)), Color32::WHITE);
        return;
    }
    let Some(size) = shown.size() else { return };
    match (shown.a.pixels(), shown.b.pixels()) {
        (None, _) => shown.a.paint(ui, room.rect, frame, size, sharp),
        (_, None) => shown.b.paint(ui, room.rect, frame, size, sharp),
        (Some(a), Some(b)) => {
            let text = match shown.difference.is_lost(a, b) {
                true => "The colours could not be compared. Choose other pictures.",
                false => "Comparing…",
            };
            let font = FontId::proportional(14.0);
            painter.text(room.rect.center(), Align2::CENTER_CENTER, text, font, theme::WELL_TEXT);
        }
    }
}
