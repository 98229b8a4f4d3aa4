//! What a person can do with layers, as edits.

use super::compose::compose_surface;
use super::{
    BlendMode, Canvas, Composition, Layer, LayerContent, LayerEdit, LayerError, LayerId, LayerPlace, LayerProperties,
    LayerStack, Rgb, Surface,
};

/// A direction in the list of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerDirection {
    /// Towards the top of the picture.
    Up,
    /// Towards the paper.
    Down,
}

impl LayerStack {
    /// The edit that adds a layer of pixels above the current one, or at the top of the current group, and makes it
    /// the current one. Without pixels it is empty.
    pub fn add_layer(&mut self, name: Option<&str>, surface: Option<Surface>) -> LayerEdit {
        let name = name.map_or_else(|| self.new_name("Layer"), str::to_owned);
        let surface = surface.unwrap_or_else(|| Surface::new(self.size()));
        let layer = Layer::of_pixels(self.new_id(), &name, surface);
        LayerEdit::insert(layer, self.place_for_new())
    }

    /// The edit that adds a layer of pixels as [`LayerStack::add_layer`] does, which is not drawn.
    pub fn add_hidden(&mut self, name: &str, surface: Surface) -> LayerEdit {
        let mut layer = Layer::of_pixels(self.new_id(), name, surface);
        layer.properties.visible = false;
        LayerEdit::insert(layer, self.place_for_new())
    }

    /// The edit that adds a layer of pixels above all others.
    pub fn add_on_top(&mut self, name: &str, surface: Surface) -> LayerEdit {
        let layer = Layer::of_pixels(self.new_id(), name, surface);
        LayerEdit::insert(layer, LayerPlace { group: None, index: self.layers().len() })
    }

    /// The edit that copies a layer, with all layers in it, and puts the copy above it.
    ///
    /// # Errors
    /// If there is no such layer.
    pub fn duplicate(&mut self, id: LayerId) -> Result<LayerEdit, LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        let mut copy = self.get(id).ok_or(LayerError::Missing)?.clone();
        copy.properties.name = LayerProperties::named(&format!("{} copy", copy.properties.name)).name;
        self.number_again(&mut copy);
        Ok(LayerEdit::insert(copy, LayerPlace { index: place.index + 1, ..place }))
    }

    /// The edit that deletes a layer, with all layers in it.
    ///
    /// # Errors
    /// If there is no such layer, or it is the last one.
    pub fn delete(&self, id: LayerId) -> Result<LayerEdit, LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        match place.group {
            None if self.layers().len() == 1 => Err(LayerError::LastLayer),
            _ => Ok(LayerEdit::remove(id)),
        }
    }

    /// The edit that moves a layer one place up or down. At the end of its group it leaves the group; next to a group
    /// it enters it.
    ///
    /// # Errors
    /// If there is no such layer, or it is at the end already.
    pub fn step(&self, id: LayerId, direction: LayerDirection) -> Result<LayerEdit, LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        let list = self.children_of(place.group).ok_or(LayerError::Missing)?;
        let next = match direction {
            LayerDirection::Up => list.get(place.index + 1),
            LayerDirection::Down => place.index.checked_sub(1).and_then(|below| list.get(below)),
        };
        let to = match (next, place.group, direction) {
            (Some(group), _, direction) if group.is_group() => {
                let index = if direction == LayerDirection::Up { 0 } else { group.children().len() };
                LayerPlace { group: Some(group.id), index }
            }
            (Some(_), _, LayerDirection::Up) => LayerPlace { index: place.index + 1, ..place },
            (Some(_), _, LayerDirection::Down) => LayerPlace { index: place.index - 1, ..place },
            (None, Some(group), direction) => {
                let around = self.place_of(group).ok_or(LayerError::Missing)?;
                LayerPlace { index: around.index + usize::from(direction == LayerDirection::Up), ..around }
            }
            (None, None, _) => return Err(LayerError::NoFurther),
        };
        Ok(LayerEdit::move_to(id, to))
    }

    /// The edit that puts a layer into a new group in its place.
    ///
    /// # Errors
    /// If there is no such layer, or there are too many groups inside each other.
    pub fn group(&mut self, id: LayerId) -> Result<LayerEdit, LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        let inside = self.get(id).ok_or(LayerError::Missing)?.properties.clone();
        let name = self.new_name("Group");
        let group = self.new_id();
        // What is clipped stays clipped to the same layer, as a group.
        let properties = LayerProperties { clipped: inside.clipped, ..LayerProperties::named(&name) };
        let new = Layer { id: group, properties, content: LayerContent::Group(Vec::new()) };
        let above = LayerPlace { index: place.index + 1, ..place };
        let mut edits =
            vec![LayerEdit::insert(new, above), LayerEdit::move_to(id, LayerPlace { group: Some(group), index: 0 })];
        if inside.clipped {
            edits.push(LayerEdit::properties(id, LayerProperties { clipped: false, ..inside }));
        }
        Ok(LayerEdit::several(edits).and_choose(group))
    }

    /// The edit that takes a group apart: its layers take its place.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn ungroup(&self, id: LayerId) -> Result<LayerEdit, LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        let group = self.get(id).filter(|layer| layer.is_group()).ok_or(LayerError::NoGroup)?;
        if group.children().is_empty() {
            return self.delete(id);
        }
        let out = |(at, child): (usize, &Layer)| {
            LayerEdit::move_to(child.id, LayerPlace { group: place.group, index: place.index + 1 + at })
        };
        let edits = group.children().iter().enumerate().map(out);
        Ok(LayerEdit::several(edits.chain([LayerEdit::remove(id)])))
    }

    /// The edit that merges a layer into the one below it, which keeps its name and blend mode. The merged pixels hold
    /// the opacity of both. A group below is merged to one layer first. For a group without a layer below, its layers
    /// become one.
    ///
    /// # Errors
    /// If there is nothing below, or one of both is hidden or locked.
    pub fn merge_down(&mut self, id: LayerId) -> Result<LayerEdit, LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        let upper = self.get(id).ok_or(LayerError::Missing)?.clone();
        let list = self.children_of(place.group).ok_or(LayerError::Missing)?;
        let Some(lower) = place.index.checked_sub(1).and_then(|below| list.get(below)).cloned() else {
            return if upper.is_group() { self.flatten_group(id) } else { Err(LayerError::NothingBelow) };
        };
        check_mergeable([&upper, &lower])?;
        let reference = lower.properties.reference && upper.properties.reference;
        let properties = LayerProperties { opacity: 1.0, reference, ..lower.properties.clone() };
        let mut bottom = lower.clone();
        bottom.properties = LayerProperties {
            blend: BlendMode::Normal,
            clipped: false,
            reference: false,
            alpha_locked: false,
            ..lower.properties.clone()
        };
        let mut top = upper;
        top.properties.reference = false;
        // Two layers that are clipped to the same one are drawn one over the other.
        top.properties.clipped &= !lower.properties.clipped;
        let surface = compose_surface(&[bottom, top], self.size());
        let merged = Layer { id: self.new_id(), properties, content: LayerContent::Pixels(surface) };
        let above = LayerPlace { index: place.index + 1, ..place };
        let edits = [LayerEdit::insert(merged.clone(), above), LayerEdit::remove(id), LayerEdit::remove(lower.id)];
        Ok(LayerEdit::several(edits).and_choose(merged.id))
    }

    /// The edit that makes one layer of a group, with the group's name and properties.
    ///
    /// # Errors
    /// If there is no such group, or it or a layer in it is locked.
    pub fn flatten_group(&mut self, id: LayerId) -> Result<LayerEdit, LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        let group = self.get(id).filter(|layer| layer.is_group()).ok_or(LayerError::NoGroup)?;
        if group.all().any(|layer| layer.properties.locked) {
            return Err(LayerError::LockedMerge);
        }
        let surface = compose_surface(group.children(), self.size());
        let properties = group.properties.clone();
        let merged = Layer { id: self.new_id(), properties, content: LayerContent::Pixels(surface) };
        let new = merged.id;
        Ok(LayerEdit::several([LayerEdit::insert(merged, place), LayerEdit::remove(id)]).and_choose(new))
    }

    /// The edit that merges all visible layers to one, in the place of the lowest of them. Hidden layers and reference
    /// layers stay.
    ///
    /// # Errors
    /// If no layer is visible, or one that is visible is locked.
    pub fn merge_visible(&mut self) -> Result<LayerEdit, LayerError> {
        let is_merged = |layer: &&Layer| layer.properties.visible && !layer.properties.reference;
        let merged: Vec<Layer> = self.layers().iter().filter(is_merged).cloned().collect();
        let lowest = merged.first().ok_or(LayerError::NothingVisible)?;
        check_mergeable(&merged)?;
        let place = self.place_of(lowest.id).ok_or(LayerError::Missing)?;
        // A layer that was clipped to a hidden one was not drawn.
        let surface = compose_surface(self.layers(), self.size());
        let new = Layer::of_pixels(self.new_id(), &lowest.properties.name, surface);
        let id = new.id;
        let edits = std::iter::once(LayerEdit::insert(new, place));
        Ok(LayerEdit::several(edits.chain(merged.iter().map(|layer| LayerEdit::remove(layer.id)))).and_choose(id))
    }

    /// The edit that makes one opaque layer of the picture and its paper. Hidden layers are dropped; reference layers
    /// stay.
    ///
    /// # Errors
    /// If a layer is locked that would go into it or be dropped.
    pub fn flatten(&mut self, paper: Rgb) -> Result<LayerEdit, LayerError> {
        let is_locked = |layer: &Layer| layer.all().any(|layer| layer.properties.locked);
        if self.layers().iter().any(|layer| !layer.properties.reference && is_locked(layer)) {
            return Err(LayerError::LockedMerge);
        }
        let canvas = Canvas::composed(self, paper, Composition::Picture);
        let new = Layer::of_pixels(self.new_id(), "Picture", Surface::from_canvas(&canvas));
        let id = new.id;
        let dropped: Vec<LayerId> =
            self.layers().iter().filter(|layer| !layer.properties.reference).map(|layer| layer.id).collect();
        let edits = std::iter::once(LayerEdit::insert(new, LayerPlace { group: None, index: 0 }));
        Ok(LayerEdit::several(edits.chain(dropped.into_iter().map(LayerEdit::remove))).and_choose(id))
    }

    /// Where a new layer goes: above the current one, or to the top of the current group.
    fn place_for_new(&self) -> LayerPlace {
        let current = self.current();
        match (self.get(current), self.place_of(current)) {
            (Some(layer), _) if layer.is_group() => LayerPlace { group: Some(current), index: layer.children().len() },
            (_, Some(place)) => LayerPlace { index: place.index + 1, ..place },
            _ => LayerPlace { group: None, index: self.layers().len() },
        }
    }

    /// Gives a copy of a layer, and the layers in it, numbers of their own.
    fn number_again(&mut self, layer: &mut Layer) {
        layer.id = self.new_id();
        if let LayerContent::Group(layers) = &mut layer.content {
            for layer in layers {
                self.number_again(layer);
            }
        }
    }
}

/// Refuses to merge layers of which one is hidden or locked.
fn check_mergeable<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Result<(), LayerError> {
    for layer in layers {
        if !layer.properties.visible {
            return Err(LayerError::HiddenMerge);
        }
        if layer.all().any(|layer| layer.properties.locked) {
            return Err(LayerError::LockedMerge);
        }
    }
    Ok(())
}
