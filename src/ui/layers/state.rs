//! What the list of layers remembers.

use std::collections::HashSet;

use super::thumbnails::LayerThumbnails;
use crate::paint::{LayerId, LayerStack};

/// The list of layers, apart from the layers themselves.
#[derive(Default)]
pub(in crate::ui) struct LayerPanel {
    /// The next paste becomes a layer.
    pub pastes_layer: bool,
    pub(super) renaming: Option<TypedName>,
    /// Groups whose layers are not listed.
    pub(super) folded: HashSet<LayerId>,
    pub(super) thumbnails: LayerThumbnails,
}

/// A name being typed.
pub(super) struct TypedName {
    pub layer: LayerId,
    pub text: String,
    /// Whether the field is to get the keyboard.
    pub is_new: bool,
}

impl LayerPanel {
    /// Another document is shown.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Asks for another name of a layer.
    pub fn rename(&mut self, layers: &LayerStack, layer: LayerId) {
        // A layer in a folded group would not be seen.
        for group in layers.path_to(layer) {
            if group.id != layer {
                self.folded.remove(&group.id);
            }
        }
        let text = layers.get(layer).map(|layer| layer.properties.name.clone());
        self.renaming = text.map(|text| TypedName { layer, text, is_new: true });
    }

    /// Ends asking for a name.
    pub fn keep_name(&mut self) {
        self.renaming = None;
    }

    /// Folds a group, or unfolds it.
    pub fn fold(&mut self, group: LayerId) {
        if !self.folded.remove(&group) {
            self.folded.insert(group);
        }
    }
}
