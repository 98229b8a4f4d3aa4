//! Colour laid over areas of the current layer: fills, gradients, shapes, clearing.

use super::Document;
use super::edit::{Change, Edit, EditKind};
use super::marks::AreaSource;
use crate::paint::{
    BrushAction, Gradient, LayerEdit, Mixing, PenSample, PixelRect, Rgb, Selection, SelectionMode, SimilarArea,
    StrokePlan, Surface, cover, cover_with,
};

impl Document {
    /// Fills the area of nearly one colour around a pixel of the picture, on the current layer and inside the selection;
    /// outside the canvas nothing happens, nor where [`Document::paint_refusal`] says why not.
    pub fn fill(&mut self, x: usize, y: usize, color: Rgb) {
        self.fill_area((x, y), color, SimilarArea::default(), AreaSource::Picture);
    }

    /// As [`Document::fill`], for an area found in another way.
    pub fn fill_area(&mut self, at: (usize, usize), color: Rgb, how: SimilarArea, source: AreaSource) {
        self.end_stroke();
        let seen = self.canvas.color_at(at.0, at.1);
        if self.paint_refusal().is_some() || source == AreaSource::Picture && seen == Some(color) {
            return;
        }
        if let Some(area) = self.area_at(at, how, source) {
            self.cover_area(EditKind::Fill, &area, color);
        }
    }

    /// Fills the selection on the current layer, or all of the layer without one. Nothing happens where
    /// [`Document::paint_refusal`] says why not. Returns whether anything changed.
    pub fn fill_selection(&mut self, color: Rgb) -> bool {
        let everything = Selection::all(self.canvas.size());
        self.cover_area(EditKind::Fill, &everything, color)
    }

    /// Lays a colour over an area of the current layer, inside the selection. Nothing happens where
    /// [`Document::paint_refusal`] says why not. Returns whether anything changed.
    pub fn paint_shape(&mut self, area: &Selection, color: Rgb) -> bool {
        self.cover_area(EditKind::Shape, area, color)
    }

    /// Paints a line through these places with the brush, as one step of undo, as a mouse would. Nothing happens where
    /// [`Document::paint_refusal`] says why not.
    pub fn paint_line(&mut self, points: &[(f32, f32)], plan: impl Into<StrokePlan>) {
        let Some(((x, y), rest)) = points.split_first() else { return };
        let mut plan = plan.into();
        plan.brush.action = BrushAction::Paint;
        self.begin_stroke(plan, PenSample::mouse(*x, *y, 0.0));
        rest.iter().for_each(|(x, y)| self.stroke_to(PenSample::mouse(*x, *y, 0.0)));
        if let Some((kind, ..)) = &mut self.stroke {
            *kind = EditKind::Shape;
        }
        self.end_stroke();
    }

    /// Lays a gradient over the current layer, inside the selection. Nothing happens where [`Document::paint_refusal`]
    /// says why not. Returns whether anything changed.
    pub fn paint_gradient(&mut self, gradient: &Gradient) -> bool {
        self.end_stroke();
        if self.paint_refusal().is_some() {
            return false;
        }
        let chosen = self.selection().cloned().unwrap_or_else(|| Selection::all(self.canvas.size()));
        let (layer, keeps_alpha) = (self.layers.current(), self.keeps_alpha());
        let Some(surface) = self.layers.current_surface_mut() else { return false };
        let done = cover_with((layer, surface), &chosen, keeps_alpha, |x, y| gradient.color_at(x, y));
        self.covered(EditKind::Gradient, done)
    }

    /// Makes the selection on the current layer transparent, or all of the layer without one. Nothing happens where
    /// [`Document::erase_refusal`] says why not. Returns whether anything changed.
    pub fn clear_selection(&mut self) -> bool {
        self.end_stroke();
        if self.erase_refusal().is_some() {
            return false;
        }
        let everything = Selection::all(self.canvas.size());
        self.cover_with_mixing(EditKind::Clear, &everything, Mixing::Erase)
    }

    /// A copy of what is selected, or of everything without a selection: of the picture that all layers give, or of the
    /// current layer. The pixels lie where they were; the rectangle goes around them. `None` if there are none.
    pub fn copied(&self, merged: bool) -> Option<(Surface, PixelRect)> {
        let size = self.canvas.size();
        let source = match merged {
            true => Surface::from_canvas(&self.canvas),
            false => self.layers.get(self.layers.current())?.surface()?.clone(),
        };
        let copied = match self.selection() {
            Some(selection) => {
                let mut copied = Surface::new(size);
                let whole = PixelRect::whole(size.width(), size.height());
                selection.let_through(&Surface::new(size), &source, &mut copied, whole);
                copied
            }
            None => source,
        };
        let bounds = Selection::from_alpha(&copied).bounds()?;
        Some((copied, bounds))
    }

    fn cover_area(&mut self, kind: EditKind, area: &Selection, color: Rgb) -> bool {
        self.end_stroke();
        if self.paint_refusal().is_some() {
            return false;
        }
        let mixing = if self.keeps_alpha() { Mixing::PaintInside(color) } else { Mixing::Paint(color) };
        self.cover_with_mixing(kind, area, mixing)
    }

    fn cover_with_mixing(&mut self, kind: EditKind, area: &Selection, mixing: Mixing) -> bool {
        let chosen = match self.selection() {
            Some(selection) => selection.combined(area, SelectionMode::Intersect),
            None => area.clone(),
        };
        let layer = self.layers.current();
        let Some(surface) = self.layers.current_surface_mut() else { return false };
        let done = cover((layer, surface), &chosen, mixing);
        self.covered(kind, done)
    }

    /// The current layer was covered.
    fn covered(&mut self, kind: EditKind, done: Option<(LayerEdit, PixelRect)>) -> bool {
        let Some((edit, rect)) = done else { return false };
        self.history.record(Edit { kind, change: Change::Layers { edit, meaning: None } });
        self.painted_on(Some(rect));
        true
    }
}
