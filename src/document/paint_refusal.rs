//! Why the current layer cannot be painted on.

use super::Document;

/// Why the current layer cannot be painted on, as one sentence. It holds the name of the layer or group that is why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaintRefusal {
    /// The layer, or a group that it is in, is hidden.
    #[error("“{0}” is hidden. Show it or choose another layer, then paint.")]
    Hidden(String),
    /// The layer, or a group that it is in, is locked.
    #[error("“{0}” is locked. Unlock it or choose another layer, then paint.")]
    Locked(String),
    /// It is a group, which has no pixels of its own.
    #[error("“{0}” is a group. Choose a layer in it, then paint.")]
    Group(String),
    /// The layer keeps its alpha, so that nothing can be erased.
    #[error("The transparency of “{0}” is locked. Unlock it or choose another layer, then erase.")]
    AlphaLocked(String),
}

impl Document {
    /// Why the current layer cannot be painted on; `None` if it can.
    pub fn paint_refusal(&self) -> Option<PaintRefusal> {
        let path = self.layers.path_to(self.layers.current());
        let name = |layer: &crate::paint::Layer| layer.properties.name.clone();
        if let Some(layer) = path.iter().find(|layer| !layer.properties.visible) {
            return Some(PaintRefusal::Hidden(name(layer)));
        }
        if let Some(layer) = path.iter().find(|layer| layer.properties.locked) {
            return Some(PaintRefusal::Locked(name(layer)));
        }
        path.last().filter(|layer| layer.is_group()).map(|group| PaintRefusal::Group(name(group)))
    }

    /// Why nothing can be erased from the current layer; `None` if something can.
    pub fn erase_refusal(&self) -> Option<PaintRefusal> {
        let name = || self.layers.get(self.layers.current()).map(|layer| layer.properties.name.clone());
        let locked = || name().filter(|_| self.keeps_alpha()).map(PaintRefusal::AlphaLocked);
        self.paint_refusal().or_else(locked)
    }

    /// Whether painting leaves the alpha of the current layer as it is.
    pub(super) fn keeps_alpha(&self) -> bool {
        self.layers.get(self.layers.current()).is_some_and(|layer| layer.properties.alpha_locked)
    }
}
