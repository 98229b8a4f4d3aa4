//! What can be done to the canvas: strokes, fills, and replacing it.

use super::edit::{Change, Meaning};
use super::marks::Marks;
use super::painted::Unpainted;
use super::seed::Ancestry;
use super::{Document, Edit, EditKind, ResultId, Settings, size};
use crate::paint::{
    BrushAction, Canvas, ConfinedStroke, LayerEdit, LayerError, LayerStack, Mixing, PenSample, PixelRect, Rgb, Size,
    StrokePlan, Surface,
};

impl Document {
    /// Starts a stroke on the current layer and leaves its first dab. Ends a stroke that is still being painted. Nothing
    /// is painted where [`Document::paint_refusal`] says why not, nor erased where [`Document::erase_refusal`] does.
    pub fn begin_stroke(&mut self, plan: impl Into<StrokePlan>, sample: PenSample) {
        let plan = plan.into();
        let color = plan.brush.color;
        let inside = || if self.keeps_alpha() { Mixing::PaintInside(color) } else { Mixing::Paint(color) };
        let (kind, refusal, mixing) = match plan.brush.action {
            BrushAction::Paint => (EditKind::Stroke, self.paint_refusal(), inside()),
            BrushAction::Smudge => (EditKind::Smudge, self.paint_refusal(), inside()),
            BrushAction::Erase => (EditKind::Erase, self.erase_refusal(), Mixing::Erase),
        };
        if refusal.is_none() {
            self.begin(kind, plan, mixing, sample);
        }
    }

    /// Starts a stroke that makes the current layer transparent, so that what is below shows. Nothing is erased where
    /// [`Document::erase_refusal`] says why not.
    pub fn begin_erasing(&mut self, plan: impl Into<StrokePlan>, sample: PenSample) {
        let mut plan = plan.into();
        plan.brush.action = BrushAction::Erase;
        self.begin_stroke(plan, sample);
    }

    fn begin(&mut self, kind: EditKind, plan: StrokePlan, mixing: Mixing, sample: PenSample) {
        self.end_stroke();
        let layer = self.layers.current();
        let Some(surface) = self.layers.current_surface_mut() else { return };
        let stroke = ConfinedStroke::begin(self.marks.selection.as_ref(), plan, mixing, surface, sample);
        let touched = stroke.touched();
        self.stroke = Some((kind, layer, stroke));
        self.stroked(touched);
    }

    /// Leads the brush on; nothing happens without a stroke, or if a number of the sample is not finite.
    pub fn stroke_to(&mut self, sample: PenSample) {
        if let Some((_, _, stroke)) = &mut self.stroke
            && let Some(surface) = self.layers.current_surface_mut()
            && let Some(rect) = stroke.move_to(surface, sample)
        {
            self.stroked(Some(rect));
        }
    }

    /// Whether a stroke is being painted that wants samples while the pen rests.
    pub fn stroke_goes_on_at_rest(&self) -> bool {
        self.stroke.as_ref().is_some_and(|(_, _, stroke)| stroke.goes_on_at_rest())
    }

    /// Lifts the brush: the stroke becomes one step of undo. Pixels that are lifted are put down, see
    /// [`Document::end_transform`].
    pub fn end_stroke(&mut self) {
        self.end_transform();
        self.end_painting();
    }

    /// Lifts the brush, and leaves pixels lifted.
    pub(super) fn end_painting(&mut self) {
        self.end_marking();
        if let Some(edit) = self.lift_brush() {
            self.history.record(edit);
        }
    }

    /// Takes the stroke back that is being painted, without a trace in undo and redo. Returns whether
    /// there was one.
    pub fn abandon_stroke(&mut self) -> bool {
        if self.abandon_marking() {
            return true;
        }
        let was_stroking = self.is_stroking();
        if let Some(edit) = self.lift_brush() {
            self.exchange_from_history(edit);
        }
        was_stroking
    }

    /// Ends the stroke; returns the edit that takes it back, if it changed anything.
    fn lift_brush(&mut self) -> Option<Edit> {
        let (kind, layer, mut stroke) = self.stroke.take()?;
        self.underlays.clear();
        if let Some(rect) = stroke.lift(self.layers.current_surface_mut()?) {
            self.painted_on(Some(rect));
        }
        let edit = stroke.end(layer, self.layers.current_surface_mut()?)?;
        Some(Edit { kind, change: Change::Layers { edit, meaning: None } })
    }

    /// The stroke that is being painted changed its layer there.
    fn stroked(&mut self, rect: Option<PixelRect>) {
        if let Some(rect) = rect {
            self.recompose_stroke(rect);
        }
        self.canvas_changed();
    }

    /// The current layer was painted on.
    pub(super) fn painted_on(&mut self, rect: Option<PixelRect>) {
        if let Some(rect) = rect {
            self.recompose(rect);
        }
        self.canvas_changed();
    }

    /// Whether a stroke is being painted.
    pub fn is_stroking(&self) -> bool {
        self.stroke.is_some() || self.marking.is_some()
    }

    /// Replaces the canvas by an empty sheet of the size that results have, or of its present size if
    /// no canvas can have that.
    pub fn new_sheet(&mut self, paper: Rgb) {
        let size = Size::new(self.settings.width, self.settings.height).unwrap_or(self.canvas.size());
        let (layers, sheet) = (LayerStack::new(size), Canvas::new(size, paper));
        self.replace(EditKind::NewSheet, layers, &sheet, paper, Ancestry::new(), None);
    }

    /// Replaces the canvas by the example sketch, on white paper.
    pub fn take_example(&mut self, sketch: Canvas) {
        let layers = LayerStack::of_surface("Example sketch", Surface::from_canvas(&sketch));
        self.replace(EditKind::ExampleSketch, layers, &sketch, Rgb::WHITE, Ancestry::new(), None);
    }

    /// Replaces the canvas by an opened or pasted picture. `ancestry` lists the seeds that are known to
    /// have made it.
    pub fn open_picture(&mut self, picture: Canvas, ancestry: Ancestry) {
        let layers = LayerStack::of_surface("Picture", Surface::from_canvas(&picture));
        self.replace(EditKind::OpenPicture, layers, &picture, self.paper, ancestry, None);
    }

    /// Replaces the canvas by layers from a file, over paper of this colour. `picture` is what they give, composed, and
    /// `screen` the same with layers for reference, if there are any.
    pub fn open_layers(&mut self, layers: LayerStack, paper: Rgb, picture: &Canvas, screen: Option<Canvas>) {
        self.end_stroke();
        self.composed_screen = screen;
        self.replace(EditKind::OpenPicture, layers, picture, paper, Ancestry::new(), None);
        self.composed_screen = None;
    }

    /// Replaces the canvas by a result, whose pixels these are, with an empty layer above it to paint on. The seeds in
    /// the canvas are then those in the result, and no others. Returns whether there is such a
    /// result.
    pub fn paint_over(&mut self, id: ResultId, pixels: Canvas) -> bool {
        let Some(ancestry) = self.rounds.ancestry_of(id) else { return false };
        let layers = LayerStack::over_picture(&id.layer_name(), Surface::from_canvas(&pixels));
        self.replace(EditKind::PaintOver, layers, &pixels, self.paper, ancestry, Some(id));
        true
    }

    /// Gives a canvas that shows one colour only the size in the settings, as there is nothing on its layers that
    /// could be cropped or stretched. Returns whether the canvas changed. One undo takes several of
    /// these in a row back.
    pub fn fit_blank_canvas(&mut self) -> bool {
        let Ok(size) = Size::new(self.settings.width, self.settings.height) else { return false };
        if size == self.canvas.size() || self.is_stroking() || !self.layers.is_blank() {
            return false;
        }
        let Some(color) = self.canvas.color_at(0, 0) else { return false };
        let layers = self.layers.blank_in_size(size);
        // The size that the settings had while the canvas had its present one.
        let before = size::nearest_result_size(self.canvas.size());
        let continues = self.continues_resizing_a_blank_canvas();
        let (ancestry, origin) = (self.ancestry.clone(), self.origin);
        let sheet = Canvas::new(size, color);
        let edit = self.replacement(EditKind::Resize, layers, &sheet, self.paper, ancestry, origin);
        let Some(mut inverse) = self.exchange_from_history(edit) else { return false };
        if let Change::Layers { meaning: Some(meaning), .. } = &mut inverse.change {
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
            Some(Edit { kind: EditKind::Resize, change: Change::Layers { edit, .. } }) => {
                edit.replacement().is_some_and(LayerStack::is_blank) && !self.can_redo() && self.marks.mask.is_none()
            }
            _ => false,
        }
    }

    /// Replaces the canvas by layers, and by the picture that they give.
    fn replace(
        &mut self,
        kind: EditKind,
        layers: LayerStack,
        picture: &Canvas,
        paper: Rgb,
        ancestry: Ancestry,
        origin: Option<ResultId>,
    ) {
        self.end_stroke();
        let edit = self.replacement(kind, layers, picture, paper, ancestry, origin);
        if !self.would_change(&edit) {
            return;
        }
        self.composed = Some(picture.clone());
        if let Some(inverse) = self.exchange_from_history(edit) {
            self.history.record(inverse);
        }
        self.composed = None;
    }

    fn replacement(
        &self,
        kind: EditKind,
        layers: LayerStack,
        picture: &Canvas,
        paper: Rgb,
        ancestry: Ancestry,
        origin: Option<ResultId>,
    ) -> Edit {
        // With a frame the results need not be as large as the canvas.
        let keeps_frame = self.marks.frame.is_some() && layers.size() == self.canvas.size();
        let result_size = (!keeps_frame).then(|| size::nearest_result_size(layers.size()));
        let unpainted = Some(Unpainted::new(picture));
        let meaning =
            Some(Box::new(Meaning { paper, ancestry, origin, unpainted, result_size, settings: None, marks: None }));
        Edit { kind, change: Change::Layers { edit: LayerEdit::replace(layers), meaning } }
    }

    /// Whether replacing the canvas would change anything; the same result put on it again does not.
    pub(super) fn would_change(&self, edit: &Edit) -> bool {
        match &edit.change {
            Change::Layers { edit, meaning: Some(meaning) } => {
                let size = (self.settings.width, self.settings.height);
                let is_same = (meaning.paper, &meaning.ancestry, meaning.origin)
                    == (self.paper, &self.ancestry, self.origin)
                    && meaning.result_size.is_none_or(|wanted| wanted == size)
                    && meaning.settings.as_ref().is_none_or(|settings| **settings == self.settings);
                !is_same || edit.replacement().is_none_or(|layers| !layers.is_like(&self.layers))
            }
            _ => true,
        }
    }

    /// Applies an edit without recording it; returns its inverse.
    pub(super) fn exchange(&mut self, edit: Edit) -> Result<Edit, LayerError> {
        let Edit { kind, change } = edit;
        let change = match change {
            Change::Layers { edit, meaning } => {
                let applied = edit.apply(&mut self.layers)?;
                let meaning = meaning.map(|meaning| Box::new(self.exchange_meaning(*meaning)));
                if let Some(area) = applied.area {
                    self.recompose(area);
                }
                self.canvas_changed();
                Change::Layers { edit: applied.inverse, meaning }
            }
            Change::Paper(paper) => {
                let before = std::mem::replace(&mut self.paper, paper);
                self.recompose(PixelRect::whole(self.canvas.width(), self.canvas.height()));
                self.canvas_changed();
                Change::Paper(before)
            }
            Change::Mark(mark, marked) => Change::Mark(mark, self.exchange_mark(mark, marked)),
            Change::Frame(frame) => Change::Frame(self.exchange_frame(frame)),
            Change::Several(changes) => {
                let mut done: Vec<Change> = Vec::with_capacity(changes.len());
                for change in changes {
                    match self.exchange(Edit { kind, change }) {
                        Ok(inverse) => done.push(inverse.change),
                        Err(error) => {
                            for change in done.into_iter().rev() {
                                self.exchange(Edit { kind, change })?;
                            }
                            return Err(error);
                        }
                    }
                }
                done.reverse();
                Change::Several(done)
            }
            Change::Settings(settings) => {
                self.revision += 1;
                // Only single rounds have a second pass.
                let settings = Settings { second_pass: None, ..*settings };
                Change::Settings(Box::new(std::mem::replace(&mut self.settings, settings)))
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
        let Meaning { paper, ancestry, origin, unpainted, result_size, settings, marks } = meaning;
        let before = (self.settings.width, self.settings.height);
        if let Some(size) = result_size {
            (self.settings.width, self.settings.height) = size;
        }
        let marks = match marks {
            // Those of another canvas cannot stay.
            // The canvas is composed after this.
            None if !self.marks.fit(self.canvas.size(), self.layers.size()) => Some(Marks::default()),
            other => other,
        };
        self.marks_changed();
        Meaning {
            paper: std::mem::replace(&mut self.paper, paper),
            ancestry: std::mem::replace(&mut self.ancestry, ancestry),
            origin: std::mem::replace(&mut self.origin, origin),
            unpainted: unpainted.map(|unpainted| std::mem::replace(&mut self.unpainted, unpainted)),
            result_size: result_size.map(|_| before),
            settings: settings.map(|settings| {
                let settings = Settings { second_pass: None, ..*settings };
                Box::new(std::mem::replace(&mut self.settings, settings))
            }),
            marks: marks.map(|marks| std::mem::replace(&mut self.marks, marks)),
        }
    }

    /// Applies an edit that was made on the present layers, which therefore cannot fail.
    pub(super) fn exchange_from_history(&mut self, edit: Edit) -> Option<Edit> {
        let inverse = self.exchange(edit);
        if let Err(error) = &inverse {
            tracing::error!("undo history and layers do not belong together: {error}");
        }
        inverse.ok()
    }

    /// Takes width and height out of an edit to be undone if the user chose another size since: what
    /// someone set by hand stays.
    pub(super) fn leave_chosen_size_alone(&self, edit: &mut Edit) {
        let followed = size::nearest_result_size(self.canvas.size()) == (self.settings.width, self.settings.height);
        if let Change::Layers { meaning: Some(meaning), .. } = &mut edit.change
            && !followed
        {
            meaning.result_size = None;
        }
    }

    pub(super) fn canvas_changed(&mut self) {
        self.canvas_revision += 1;
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, dot, sheet};
    use super::*;
    use crate::paint::{Composition, LayerProperties};

    /// What is shown is what the layers give, also where their picture was known and not composed.
    #[test]
    fn a_replaced_canvas_shows_what_its_layers_give() {
        let mut document = document();
        let check = |document: &Document| {
            let composed = Canvas::composed(document.layers(), document.paper(), Composition::Picture);
            assert!(document.canvas().shows_the_same_as(&composed));
        };
        dot(&mut document, 10.0, 10.0);
        document.open_picture(sheet(64, 96, Rgb([1, 2, 3])), Ancestry::new());
        assert!(document.take_dirty().is_some_and(|dirty| (dirty.width(), dirty.height()) == (64, 96)));
        check(&document);
        let mut layers = LayerStack::new(Size::new(80, 70).expect("a size"));
        if let Some(surface) = layers.current_surface_mut() {
            *surface = Surface::filled(surface.size(), Rgb([9, 8, 7]));
        }
        let picture = Canvas::composed(&layers, Rgb::WHITE, Composition::Picture);
        document.open_layers(layers, Rgb::WHITE, &picture, None);
        check(&document);
        dot(&mut document, 30.0, 30.0);
        check(&document);
        assert!(document.painted().is_painted(30, 30) && !document.painted().is_painted(60, 60));
        for _ in 0..3 {
            document.undo();
            check(&document);
        }
        document.redo();
        document.new_sheet(Rgb::BLACK);
        check(&document);
    }

    #[test]
    fn layers_for_reference_are_shown_as_they_were_composed_before() {
        let size = Size::new(64, 64).expect("a size");
        let mut layers = LayerStack::of_surface("Lines", Surface::filled(size, Rgb([9, 8, 7])));
        let id = layers.current();
        let properties = layers.get(id).expect("a layer").properties.clone();
        let properties = LayerProperties { reference: true, ..properties };
        LayerEdit::properties(id, properties).apply(&mut layers).expect("set");
        let of = |composition| Canvas::composed(&layers, Rgb::WHITE, composition);
        let (picture, screen) = (of(Composition::Picture), of(Composition::Screen));
        let mut opened = document();
        opened.open_layers(layers.clone(), Rgb::WHITE, &picture, Some(screen.clone()));
        assert!(opened.screen().shows_the_same_as(&screen) && opened.canvas().shows_the_same_as(&picture));
        assert!(opened.take_dirty().is_some_and(|dirty| (dirty.width(), dirty.height()) == (64, 64)));
        // They are not composed again: another picture would be shown too.
        let other = sheet(64, 64, Rgb([200, 0, 0]));
        let mut told = document();
        told.open_layers(layers.clone(), Rgb::WHITE, &picture, Some(other.clone()));
        assert!(told.screen().shows_the_same_as(&other));
        // Later changes are composed as ever.
        opened.undo();
        opened.redo();
        assert!(opened.screen().shows_the_same_as(&screen));
    }
}
