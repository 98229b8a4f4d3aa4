//! Strokes of the brush that select, mask, or bring in the pixels of another picture.

use super::edit::{Change, Edit, EditKind};
use super::{Document, Mark};
use crate::paint::{
    BrushAction, ConfinedStroke, LayerEdit, LayerId, Mixing, PenSample, PixelRect, Rgb, Selection, Stroke, StrokePlan,
    Surface,
};

/// What a stroke works on that lays down no colour of its own.
pub(super) enum Marking {
    /// It selects or masks, or takes away from the selection or the mask.
    Mark { mark: Mark, before: Option<Selection>, surface: Surface, stroke: Box<Stroke> },
    /// It shows another picture on a layer.
    Clone(Box<Cloning>),
}

/// A stroke that shows another picture on a layer.
pub(super) struct Cloning {
    layer: LayerId,
    source: Surface,
    /// Whether the layer keeps its alpha.
    keeps_alpha: bool,
    before: Surface,
    /// As opaque as the stroke covers.
    covered: Surface,
    stroke: ConfinedStroke,
}

impl Document {
    /// Starts a stroke that adds to the selection or the mask, or takes away from it. The brush's opacity counts, its
    /// colour does not.
    pub fn begin_marking(&mut self, mark: Mark, erases: bool, plan: impl Into<StrokePlan>, sample: PenSample) {
        self.end_stroke();
        let plan = painting(plan.into());
        let before = self.marked(mark).cloned();
        let mut surface = match &before {
            Some(before) => before.as_surface().clone(),
            None => Surface::new(self.canvas.size()),
        };
        let mixing = if erases { Mixing::Erase } else { Mixing::Paint(Rgb::WHITE) };
        let stroke = Box::new(Stroke::begin(plan, mixing, &mut surface, sample));
        self.show_mark(mark, &surface);
        self.marking = Some(Marking::Mark { mark, before, surface, stroke });
    }

    /// Starts a stroke that paints another picture in place onto the current layer: each pixel of the layer takes the
    /// colour that the picture has there. Nothing happens where [`Document::paint_refusal`] says why not, or if the
    /// picture has another size than the canvas.
    pub fn begin_cloning(&mut self, source: &Surface, plan: impl Into<StrokePlan>, sample: PenSample) {
        self.end_stroke();
        let plan = painting(plan.into());
        if self.paint_refusal().is_some() || source.size() != self.canvas.size() {
            return;
        }
        let (layer, keeps_alpha) = (self.layers.current(), self.keeps_alpha());
        let Some(before) = self.layers.current_surface_mut().map(|surface| surface.clone()) else { return };
        let source = source.clone();
        let mut covered = Surface::new(self.canvas.size());
        let mixing = Mixing::Paint(Rgb::WHITE);
        let stroke = ConfinedStroke::begin(self.marks.selection.as_ref(), plan, mixing, &mut covered, sample);
        let touched = stroke.touched();
        self.marking = Some(Marking::Clone(Box::new(Cloning { layer, source, keeps_alpha, before, covered, stroke })));
        self.show_cloned(touched);
    }

    /// Leads the brush on; nothing happens without such a stroke, or if a number of the sample is not finite.
    pub fn mark_to(&mut self, sample: PenSample) {
        self.go_on(Some(sample));
    }

    /// Leads the brush to a sample, or lifts it, and shows what changed.
    fn go_on(&mut self, sample: Option<PenSample>) {
        match &mut self.marking {
            Some(Marking::Mark { mark, surface, stroke, .. }) => {
                let touched = match sample {
                    Some(sample) => stroke.move_to(surface, sample),
                    None => stroke.lift(surface),
                };
                if touched.is_none() {
                    return;
                }
                let (mark, surface) = (*mark, surface.clone());
                self.show_mark(mark, &surface);
            }
            Some(Marking::Clone(cloning)) => {
                let Cloning { stroke, covered, .. } = cloning.as_mut();
                let touched = match sample {
                    Some(sample) => stroke.move_to(covered, sample),
                    None => stroke.lift(covered),
                };
                self.show_cloned(touched);
            }
            None => {}
        }
    }

    /// Lifts the brush: the stroke becomes one step of undo.
    pub(super) fn end_marking(&mut self) {
        self.lift_marking();
        match self.marking.take() {
            None => {}
            Some(Marking::Mark { mark, before, .. }) => {
                let now = self.exchange_mark(mark, before);
                self.set_mark(mark, now);
            }
            Some(Marking::Clone(cloning)) => {
                let Cloning { layer, before, stroke, .. } = *cloning;
                let edit = stroke.touched().and_then(|rect| {
                    let surface = self.layers.current_surface_mut()?;
                    LayerEdit::back_to(layer, &before, surface, rect)
                });
                if let Some(edit) = edit {
                    self.history.record(Edit { kind: EditKind::Clone, change: Change::Layers { edit, meaning: None } });
                }
            }
        }
    }

    /// The pen was lifted: the stroke goes on to where it was.
    fn lift_marking(&mut self) {
        self.go_on(None);
    }

    /// Takes the stroke back; returns whether there was one.
    pub(super) fn abandon_marking(&mut self) -> bool {
        match self.marking.take() {
            None => return false,
            Some(Marking::Mark { mark, before, .. }) => {
                self.exchange_mark(mark, before);
            }
            Some(Marking::Clone(cloning)) => {
                let Cloning { before, stroke, .. } = *cloning;
                if let Some(surface) = self.layers.current_surface_mut() {
                    *surface = before;
                }
                self.painted_on(stroke.touched());
            }
        }
        true
    }

    /// What the stroke that is being painted will be called.
    pub(super) fn marking_kind(&self) -> Option<EditKind> {
        self.marking.as_ref().map(|marking| match marking {
            Marking::Mark { mark: Mark::Selection, .. } => EditKind::Select,
            Marking::Mark { mark: Mark::Mask, .. } => EditKind::Mask,
            Marking::Clone(_) => EditKind::Clone,
        })
    }

    /// Shows the selection or mask as it is being painted.
    fn show_mark(&mut self, mark: Mark, surface: &Surface) {
        let shown = Some(Selection::from_painted(surface.clone())).filter(|shown| !shown.is_empty());
        self.exchange_mark(mark, shown);
    }

    /// Shows on the layer what the stroke covered of the other picture.
    fn show_cloned(&mut self, touched: Option<PixelRect>) {
        if let Some(rect) = touched
            && let Some(Marking::Clone(cloning)) = &mut self.marking
            && let Some(surface) = self.layers.current_surface_mut()
        {
            if cloning.keeps_alpha {
                cloning.source.take_alpha_of(&cloning.before, rect);
            }
            let covered = Selection::from_painted(cloning.covered.clone());
            covered.let_through(&cloning.before, &cloning.source, surface, rect);
            self.painted_on(Some(rect));
        }
    }
}

/// The plan of a stroke that lays something down, whatever else its brush does.
fn painting(mut plan: StrokePlan) -> StrokePlan {
    plan.brush.action = BrushAction::Paint;
    plan
}
