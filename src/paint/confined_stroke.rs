//! A stroke that leaves its mark only where something is chosen.

use super::{LayerEdit, LayerId, Mixing, PenSample, PixelRect, Selection, Stroke, StrokePlan, Surface};

/// A [`Stroke`] that is let through a selection.
///
/// It paints on a copy of the layer as if there were no selection; what it changed there goes to the layer as far as
/// it is chosen. So every kind of stroke keeps to the selection.
pub struct ConfinedStroke {
    stroke: Stroke,
    /// The selection, the layer as it was when the stroke began, and the copy that is painted on.
    inside: Option<Box<(Selection, Surface, Surface)>>,
}

impl ConfinedStroke {
    /// Starts a stroke and leaves its first dab, see [`Stroke::begin`]. Without a selection, or with one of another
    /// size, it paints everywhere.
    pub fn begin(
        selection: Option<&Selection>,
        plan: impl Into<StrokePlan>,
        mixing: Mixing,
        surface: &mut Surface,
        sample: PenSample,
    ) -> Self {
        let Some(selection) = selection.filter(|selection| selection.size() == surface.size()) else {
            return Self { stroke: Stroke::begin(plan, mixing, surface, sample), inside: None };
        };
        let (before, mut free) = (surface.clone(), surface.clone());
        let stroke = Stroke::begin(plan, mixing, &mut free, sample);
        if let Some(rect) = stroke.touched() {
            selection.let_through(&before, &free, surface, rect);
        }
        Self { stroke, inside: Some(Box::new((selection.clone(), before, free))) }
    }

    /// Leads the brush on to a sample; returns where that can have changed pixels, see [`Stroke::move_to`].
    pub fn move_to(&mut self, surface: &mut Surface, sample: PenSample) -> Option<PixelRect> {
        self.change(surface, |stroke, surface| stroke.move_to(surface, sample))
    }

    /// The pen was lifted; returns where that can have changed pixels, see [`Stroke::lift`].
    pub fn lift(&mut self, surface: &mut Surface) -> Option<PixelRect> {
        self.change(surface, Stroke::lift)
    }

    /// Whether samples are wanted while the pen rests, because the stroke goes on with time.
    pub fn goes_on_at_rest(&self) -> bool {
        self.stroke.goes_on_at_rest()
    }

    /// The rectangle around everything that can have changed so far.
    pub fn touched(&self) -> Option<PixelRect> {
        self.stroke.touched()
    }

    /// Ends the stroke; returns the edit that takes it back, `None` if it changed nothing.
    pub fn end(self, layer: LayerId, surface: &mut Surface) -> Option<LayerEdit> {
        match self.inside {
            None => self.stroke.end(layer, surface),
            Some(inside) => {
                let touched = self.stroke.touched()?;
                surface.prune(touched);
                LayerEdit::back_to(layer, &inside.1, surface, touched)
            }
        }
    }

    fn change(
        &mut self,
        surface: &mut Surface,
        change: impl FnOnce(&mut Stroke, &mut Surface) -> Option<PixelRect>,
    ) -> Option<PixelRect> {
        match self.inside.as_deref_mut() {
            None => change(&mut self.stroke, surface),
            Some((selection, before, free)) => {
                let rect = change(&mut self.stroke, free)?;
                selection.let_through(before, free, surface, rect);
                Some(rect)
            }
        }
    }
}
