//! What can be done to the canvas: strokes, fills, and replacing it.

use super::edit::{Change, Meaning};
use super::painted::{Unpainted, fitted};
use super::seed::Ancestry;
use super::{Document, Edit, EditKind, ResultId, size};
use crate::paint::{self, Brush, Canvas, EditError, Rgb, Size, Stroke};
use crate::picture::Fit;

impl Document {
    /// Starts a stroke and leaves its first dab at `(x, y)`, in canvas pixels with the centre of the
    /// first one at (0.5, 0.5). Ends a stroke that is still being painted.
    pub fn begin_stroke(&mut self, brush: Brush, x: f32, y: f32) {
        self.begin(EditKind::Stroke, brush, x, y);
    }

    /// Starts a stroke in the paper's colour.
    pub fn begin_erasing(&mut self, brush: Brush, x: f32, y: f32) {
        self.begin(EditKind::Erase, Brush { color: self.paper, ..brush }, x, y);
    }

    fn begin(&mut self, kind: EditKind, brush: Brush, x: f32, y: f32) {
        self.end_stroke();
        self.stroke = Some((kind, Stroke::begin(brush, &mut self.canvas, x, y)));
        self.canvas_changed();
    }

    /// Sweeps the brush on to `(x, y)`; nothing happens without a stroke, or if a coordinate is not
    /// finite.
    pub fn stroke_to(&mut self, x: f32, y: f32) {
        if let Some((_, stroke)) = &mut self.stroke
            && stroke.move_to(&mut self.canvas, x, y)
        {
            self.canvas_changed();
        }
    }

    /// Lifts the brush: the stroke becomes one step of undo.
    pub fn end_stroke(&mut self) {
        let Some((kind, stroke)) = self.stroke.take() else { return };
        if let Some(pixels) = stroke.end() {
            self.history.record(Edit { kind, change: Change::Canvas { pixels, meaning: None } });
        }
    }

    /// Takes the stroke back that is being painted, without a trace in undo and redo. Returns whether
    /// there was one.
    pub fn abandon_stroke(&mut self) -> bool {
        let Some((kind, stroke)) = self.stroke.take() else { return false };
        if let Some(pixels) = stroke.end() {
            self.exchange_from_history(Edit { kind, change: Change::Canvas { pixels, meaning: None } });
        }
        true
    }

    /// Whether a stroke is being painted.
    pub fn is_stroking(&self) -> bool {
        self.stroke.is_some()
    }

    /// Fills the area of nearly one colour around a pixel; outside the canvas nothing happens.
    pub fn fill(&mut self, x: usize, y: usize, color: Rgb) {
        self.end_stroke();
        if let Some(pixels) = paint::fill(&mut self.canvas, x, y, color) {
            self.history.record(Edit { kind: EditKind::Fill, change: Change::Canvas { pixels, meaning: None } });
            self.canvas_changed();
        }
    }

    /// Replaces the canvas by an empty sheet of the size that results have, or of its present size if
    /// no canvas can have that.
    pub fn new_sheet(&mut self, paper: Rgb) {
        let size = Size::new(self.settings.width, self.settings.height).unwrap_or(self.canvas.size());
        self.replace(EditKind::NewSheet, Canvas::new(size, paper), paper, Ancestry::new(), None);
    }

    /// Replaces the canvas by the example sketch, on white paper.
    pub fn take_example(&mut self, sketch: Canvas) {
        self.replace(EditKind::ExampleSketch, sketch, Rgb::WHITE, Ancestry::new(), None);
    }

    /// Replaces the canvas by an opened or pasted picture. `ancestry` lists the seeds that are known to
    /// have made it.
    pub fn open_picture(&mut self, picture: Canvas, ancestry: Ancestry) {
        self.replace(EditKind::OpenPicture, picture, self.paper, ancestry, None);
    }

    /// Replaces the canvas by a result, whose pixels these are. The seeds in the canvas are then those
    /// in the result, whatever was on the canvas before. Returns whether there is such a result.
    pub fn paint_over(&mut self, id: ResultId, pixels: Canvas) -> bool {
        let Some(ancestry) = self.rounds.ancestry_of(id) else { return false };
        self.replace(EditKind::PaintOver, pixels, self.paper, ancestry, Some(id));
        true
    }

    /// Replaces the canvas by the same picture in another size, made by the caller. `fit` says how, so that what
    /// was painted before still counts as painted.
    pub fn resize(&mut self, resized: Canvas, fit: Fit) {
        self.end_stroke();
        let painted = fitted(&self.painted(), resized.width() as u32, resized.height() as u32, fit);
        let unpainted = Unpainted::with_earlier(&resized, Some(painted));
        let (ancestry, origin) = (self.ancestry.clone(), self.origin);
        let mut edit = self.replacement(EditKind::Resize, resized, self.paper, ancestry, origin);
        if let Change::Canvas { meaning: Some(meaning), .. } = &mut edit.change {
            meaning.unpainted = unpainted;
        }
        self.replace_by(edit);
    }

    /// Gives a canvas that shows one colour only the size in the settings, as there is nothing that
    /// could be cropped or stretched. Returns whether the canvas changed. One undo takes several of
    /// these in a row back.
    pub fn fit_blank_canvas(&mut self) -> bool {
        let Ok(size) = Size::new(self.settings.width, self.settings.height) else { return false };
        if size == self.canvas.size() || self.is_stroking() || !self.canvas.is_blank() {
            return false;
        }
        let Some(color) = self.canvas.color_at(0, 0) else { return false };
        // The size that the settings had while the canvas had its present one.
        let before = size::nearest_result_size(self.canvas.size());
        let continues = self.continues_resizing_a_blank_canvas();
        let (ancestry, origin) = (self.ancestry.clone(), self.origin);
        let edit = self.replacement(EditKind::Resize, Canvas::new(size, color), self.paper, ancestry, origin);
        let Some(mut inverse) = self.exchange_from_history(edit) else { return false };
        if let Change::Canvas { meaning: Some(meaning), .. } = &mut inverse.change {
            meaning.result_size = Some(before);
        }
        if !continues {
            self.history.record(inverse);
        }
        true
    }

    /// Whether the last change was to resize a blank canvas too, so that undo may skip the canvas in
    /// between.
    fn continues_resizing_a_blank_canvas(&self) -> bool {
        match self.history.next_undo() {
            Some(Edit { kind: EditKind::Resize, change: Change::Canvas { pixels, .. } }) => {
                pixels.is_blank_canvas() && !self.can_redo()
            }
            _ => false,
        }
    }

    fn replace(&mut self, kind: EditKind, canvas: Canvas, paper: Rgb, ancestry: Ancestry, origin: Option<ResultId>) {
        self.end_stroke();
        let edit = self.replacement(kind, canvas, paper, ancestry, origin);
        self.replace_by(edit);
    }

    fn replace_by(&mut self, edit: Edit) {
        if self.would_change(&edit)
            && let Some(inverse) = self.exchange_from_history(edit)
        {
            self.history.record(inverse);
        }
    }

    fn replacement(
        &self,
        kind: EditKind,
        canvas: Canvas,
        paper: Rgb,
        ancestry: Ancestry,
        origin: Option<ResultId>,
    ) -> Edit {
        let result_size = Some(size::nearest_result_size(canvas.size()));
        let unpainted = Unpainted::new(&canvas);
        let meaning = Some(Box::new(Meaning { paper, ancestry, origin, unpainted, result_size, settings: None }));
        Edit { kind, change: Change::Canvas { pixels: paint::Edit::replace(canvas), meaning } }
    }

    /// Whether replacing the canvas would change anything; the same result put on it again does not.
    pub(super) fn would_change(&self, edit: &Edit) -> bool {
        match &edit.change {
            Change::Canvas { pixels, meaning: Some(meaning) } => {
                let size = (self.settings.width, self.settings.height);
                let is_same = (meaning.paper, &meaning.ancestry, meaning.origin)
                    == (self.paper, &self.ancestry, self.origin)
                    && meaning.result_size.is_none_or(|wanted| wanted == size)
                    && meaning.settings.as_ref().is_none_or(|settings| **settings == self.settings);
                !is_same || !pixels.shows(&self.canvas)
            }
            _ => true,
        }
    }

    /// Applies an edit without recording it; returns its inverse.
    pub(super) fn exchange(&mut self, edit: Edit) -> Result<Edit, EditError> {
        let Edit { kind, change } = edit;
        let change = match change {
            Change::Canvas { pixels, meaning } => {
                let pixels = pixels.apply(&mut self.canvas)?;
                self.canvas_changed();
                Change::Canvas { pixels, meaning: meaning.map(|meaning| Box::new(self.exchange_meaning(*meaning))) }
            }
            Change::Settings(settings) => {
                self.revision += 1;
                Change::Settings(Box::new(std::mem::replace(&mut self.settings, *settings)))
            }
            Change::Deleted(item, deleted) => {
                self.revision += 1;
                self.mark_deleted(item, deleted);
                Change::Deleted(item, !deleted)
            }
        };
        Ok(Edit { kind, change })
    }

    fn exchange_meaning(&mut self, meaning: Meaning) -> Meaning {
        let Meaning { paper, ancestry, origin, unpainted, result_size, settings } = meaning;
        let before = (self.settings.width, self.settings.height);
        if let Some(size) = result_size {
            (self.settings.width, self.settings.height) = size;
        }
        Meaning {
            paper: std::mem::replace(&mut self.paper, paper),
            ancestry: std::mem::replace(&mut self.ancestry, ancestry),
            origin: std::mem::replace(&mut self.origin, origin),
            unpainted: std::mem::replace(&mut self.unpainted, unpainted),
            result_size: result_size.map(|_| before),
            settings: settings.map(|settings| Box::new(std::mem::replace(&mut self.settings, *settings))),
        }
    }

    /// Applies an edit that was made on the present canvas, which therefore cannot fail.
    pub(super) fn exchange_from_history(&mut self, edit: Edit) -> Option<Edit> {
        let inverse = self.exchange(edit);
        if let Err(error) = &inverse {
            tracing::error!("undo history and canvas do not belong together: {error}");
        }
        inverse.ok()
    }

    /// Takes width and height out of an edit to be undone if the user chose another size since: what
    /// someone set by hand stays.
    pub(super) fn leave_chosen_size_alone(&self, edit: &mut Edit) {
        let followed = size::nearest_result_size(self.canvas.size()) == (self.settings.width, self.settings.height);
        if let Change::Canvas { meaning: Some(meaning), .. } = &mut edit.change
            && !followed
        {
            meaning.result_size = None;
        }
    }

    fn canvas_changed(&mut self) {
        self.canvas_revision += 1;
        self.revision += 1;
    }
}
