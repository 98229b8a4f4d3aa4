//! Moving, scaling, turning and mirroring what is selected on the current layer.

use super::edit::{Change, Edit, EditKind};
use super::{Document, Mark};
use crate::paint::{Affine, Floating, PixelRect, Placement, Resampling};

impl Document {
    /// Lifts what is selected off the current layer, or all of the layer without a selection, so that it can be placed
    /// elsewhere. Returns whether something is lifted: not if there is nothing, nor where [`Document::erase_refusal`] says
    /// why not. Nothing happens if something is lifted already.
    pub fn begin_transform(&mut self) -> bool {
        if self.floating.is_some() {
            return true;
        }
        self.end_stroke();
        if self.erase_refusal().is_none() {
            let (layer, selection) = (self.layers.current(), self.marks.selection.clone());
            let lift = |surface: &mut _| Floating::lift(layer, surface, selection.as_ref());
            self.floating = self.layers.current_surface_mut().and_then(lift);
        }
        self.floating.is_some()
    }

    /// Whether something is lifted.
    pub fn is_transforming(&self) -> bool {
        self.floating.is_some()
    }

    /// Where the lifted pixels are; `None` if nothing is lifted.
    pub fn placement(&self) -> Option<Placement> {
        self.floating.as_ref().map(Floating::placement)
    }

    /// The rectangle around the lifted pixels before they were moved, and the map to where they are; `None` if nothing
    /// is lifted.
    pub fn transform_frame(&self) -> Option<(PixelRect, Affine)> {
        self.floating.as_ref().map(|floating| (floating.bounds(), floating.map()))
    }

    /// Places the lifted pixels elsewhere; nothing happens if nothing is lifted. `Nearest` is quick and meant for while
    /// they are being dragged.
    pub fn transform(&mut self, placement: Placement, how: Resampling) {
        let Some(floating) = &mut self.floating else { return };
        let Some(surface) = self.layers.surface_mut(floating.layer()) else { return };
        let changed = floating.place(placement, surface, how);
        self.marks_changed();
        self.painted_on(Some(changed));
    }

    /// Puts the lifted pixels down where they are, and moves the selection with them, as one step of undo.
    pub fn end_transform(&mut self) {
        let Some(floating) = self.floating.take() else { return };
        let Some(surface) = self.layers.surface_mut(floating.layer()) else { return };
        let Some((edit, changed, selection)) = floating.put_down(surface) else { return };
        let mut changes = vec![Change::Layers { edit, meaning: None }];
        if let Some(selection) = selection {
            let selection = Some(selection).filter(|selection| !selection.is_empty());
            changes.push(Change::Mark(Mark::Selection, self.exchange_mark(Mark::Selection, selection)));
        }
        self.history.record(Edit { kind: EditKind::Transform, change: Change::Several(changes) });
        self.marks_changed();
        self.painted_on(Some(changed));
    }

    /// Leaves all as it was before something was lifted. Returns whether something was.
    pub fn abandon_transform(&mut self) -> bool {
        let Some(floating) = self.floating.take() else { return false };
        if let Some(surface) = self.layers.surface_mut(floating.layer()) {
            let changed = floating.give_up(surface);
            self.marks_changed();
            self.painted_on(Some(changed));
        }
        true
    }
}
