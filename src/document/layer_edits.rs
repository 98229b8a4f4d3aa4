//! What can be done to the layers of a document. Each is one step of undo.

use super::edit::Change;
use super::{Document, Edit, EditKind, ResultId};
use crate::paint::{LayerDirection, LayerEdit, LayerError, LayerId, LayerPlace, LayerProperties, Rgb, Surface};

impl Document {
    /// Makes a layer the current one, which is painted on. That is no step of undo. Returns whether there is such a
    /// layer.
    pub fn choose_layer(&mut self, id: LayerId) -> bool {
        if id == self.layers.current() {
            return true;
        }
        self.end_stroke();
        let is_there = self.layers.choose(id);
        if is_there {
            self.revision += 1;
        }
        is_there
    }

    /// Adds an empty layer above the current one, and makes it the current one.
    ///
    /// # Errors
    /// If there are too many layers.
    pub fn add_layer(&mut self) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.add_layer(None, None);
        self.edit_layers(EditKind::AddLayer, edit)
    }

    /// Adds a layer with these pixels, which have the size of the canvas, above the current one, and makes it the
    /// current one.
    ///
    /// # Errors
    /// If there are too many layers, or the size is another one.
    pub fn paste_layer(&mut self, name: &str, pixels: Surface) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.add_layer(Some(name), Some(pixels));
        self.edit_layers(EditKind::PasteLayer, edit)
    }

    /// Adds a result, whose pixels these are in the size of the canvas, as a layer above all others. The seeds in it
    /// are in the canvas from then on. Returns whether there is such a result.
    ///
    /// # Errors
    /// If there are too many layers, or the size is another one.
    pub fn add_result(&mut self, id: ResultId, pixels: Surface) -> Result<bool, LayerError> {
        let Some(seeds) = self.rounds.ancestry_of(id) else { return Ok(false) };
        self.end_stroke();
        let edit = self.layers.add_on_top(&id.layer_name(), pixels);
        let mut ancestry = self.ancestry.clone();
        ancestry.extend(seeds.into_iter().filter(|seed| !self.ancestry.contains(seed)));
        let meaning = super::edit::Meaning {
            paper: self.paper,
            ancestry,
            origin: self.origin,
            unpainted: None,
            result_size: None,
            settings: None,
            marks: None,
        };
        let change = Change::Layers { edit, meaning: Some(Box::new(meaning)) };
        let inverse = self.exchange(Edit { kind: EditKind::AddResult, change })?;
        self.history.record(inverse);
        Ok(true)
    }

    /// Copies a layer; the copy lies above it and becomes the current one.
    ///
    /// # Errors
    /// If there is no such layer, or there are too many.
    pub fn duplicate_layer(&mut self, id: LayerId) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.duplicate(id)?;
        self.edit_layers(EditKind::DuplicateLayer, edit)
    }

    /// Deletes a layer with all layers in it.
    ///
    /// # Errors
    /// If there is no such layer, or it is the last one.
    pub fn delete_layer(&mut self, id: LayerId) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.delete(id)?;
        self.edit_layers(EditKind::DeleteLayer, edit)
    }

    /// Moves a layer one place up or down, into groups and out of them.
    ///
    /// # Errors
    /// If there is no such layer, or it cannot be moved further.
    pub fn step_layer(&mut self, id: LayerId, direction: LayerDirection) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.step(id, direction)?;
        self.edit_layers(EditKind::MoveLayer, edit)
    }

    /// Moves a layer to a place. The index of the place counts without the layer.
    ///
    /// # Errors
    /// If there is no such layer or group, or the group is in the layer.
    pub fn move_layer(&mut self, id: LayerId, place: LayerPlace) -> Result<(), LayerError> {
        self.end_stroke();
        if self.layers.place_of(id) == Some(place) {
            return Ok(());
        }
        self.edit_layers(EditKind::MoveLayer, LayerEdit::move_to(id, place))
    }

    /// Gives a layer these properties. An opacity that is changed several times in a row is one step of undo.
    ///
    /// # Errors
    /// If there is no such layer.
    pub fn set_layer(&mut self, id: LayerId, properties: LayerProperties) -> Result<(), LayerError> {
        let now = &self.layers.get(id).ok_or(LayerError::Missing)?.properties;
        let properties = LayerProperties {
            opacity: if properties.opacity.is_nan() { now.opacity } else { properties.opacity.clamp(0.0, 1.0) },
            name: LayerProperties::named(&properties.name).name,
            ..properties
        };
        if properties == *now {
            return Ok(());
        }
        self.end_stroke();
        let now = &self.layers.get(id).ok_or(LayerError::Missing)?.properties;
        let but = |change: fn(&mut LayerProperties, &LayerProperties)| {
            let mut same = properties.clone();
            change(&mut same, now);
            same == *now
        };
        let kind = if but(|same, now| same.opacity = now.opacity) {
            EditKind::LayerOpacity
        } else if but(|same, now| same.visible = now.visible) {
            EditKind::LayerVisibility
        } else if but(|same, now| same.name.clone_from(&now.name)) {
            EditKind::RenameLayer
        } else {
            EditKind::LayerProperties
        };
        let continues = kind == EditKind::LayerOpacity && self.continues_opacity(id);
        let change = Change::Layers { edit: LayerEdit::properties(id, properties), meaning: None };
        let inverse = self.exchange(Edit { kind, change })?;
        if !continues {
            self.history.record(inverse);
        }
        Ok(())
    }

    /// Merges a layer into the one below it.
    ///
    /// # Errors
    /// If there is nothing below, or one of both is hidden or locked.
    pub fn merge_layer_down(&mut self, id: LayerId) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.merge_down(id)?;
        self.edit_layers(EditKind::MergeLayers, edit)
    }

    /// Merges all visible layers to one.
    ///
    /// # Errors
    /// If none is visible, or one of them is locked.
    pub fn merge_visible_layers(&mut self) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.merge_visible()?;
        self.edit_layers(EditKind::MergeLayers, edit)
    }

    /// Makes one opaque layer of the canvas; hidden layers are dropped.
    ///
    /// # Errors
    /// If a layer is locked.
    pub fn flatten_layers(&mut self) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.flatten(self.paper)?;
        self.edit_layers(EditKind::MergeLayers, edit)
    }

    /// Puts a layer into a new group.
    ///
    /// # Errors
    /// If there is no such layer, or too many groups lie inside each other.
    pub fn group_layer(&mut self, id: LayerId) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.group(id)?;
        self.edit_layers(EditKind::GroupLayer, edit)
    }

    /// Takes a group apart.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn ungroup_layers(&mut self, id: LayerId) -> Result<(), LayerError> {
        self.end_stroke();
        let edit = self.layers.ungroup(id)?;
        self.edit_layers(EditKind::Ungroup, edit)
    }

    /// Gives the paper another colour.
    pub fn set_paper(&mut self, paper: Rgb) {
        if paper == self.paper {
            return;
        }
        self.end_stroke();
        let continues = !self.can_redo() && self.history.next_undo().is_some_and(|edit| edit.kind == EditKind::Paper);
        let edit = Edit { kind: EditKind::Paper, change: Change::Paper(paper) };
        if let Some(inverse) = self.exchange_from_history(edit)
            && !continues
        {
            self.history.record(inverse);
        }
    }

    pub(super) fn edit_layers(&mut self, kind: EditKind, edit: LayerEdit) -> Result<(), LayerError> {
        let inverse = self.exchange(Edit { kind, change: Change::Layers { edit, meaning: None } })?;
        self.history.record(inverse);
        Ok(())
    }

    /// Whether the last change was to the opacity of this layer too, so that undo may skip what was in between.
    fn continues_opacity(&self, id: LayerId) -> bool {
        let is_opacity = |edit: &Edit| match &edit.change {
            Change::Layers { edit, .. } => edit.changes_only_opacity(&self.layers) == Some(id),
            _ => false,
        };
        let last = self.history.next_undo();
        !self.can_redo() && last.is_some_and(|edit| edit.kind == EditKind::LayerOpacity && is_opacity(edit))
    }
}

impl ResultId {
    /// The name of a layer that shows this result.
    pub(super) fn layer_name(self) -> String {
        format!("Round {}, result {}", self.round, self.image.saturating_add(1))
    }
}
