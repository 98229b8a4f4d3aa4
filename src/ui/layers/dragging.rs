//! The place that a dragged row would take.

use egui::Rect;

use super::rows::LayerRow;
use crate::paint::{LayerId, LayerPlace, LayerStack};

/// Where a dragged row is dropped: over which row, and in which part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Drop {
    /// Right above this row.
    Above(LayerId),
    /// Right below this row.
    Below(LayerId),
    /// Into this group, at its top.
    Into(LayerId),
}

impl Drop {
    /// What a pointer at this height over a row means: a group has a middle part that leads into it.
    pub fn at(row: &LayerRow<'_>, rect: Rect, y: f32) -> Self {
        let share = (y - rect.top()) / rect.height().max(1.0);
        let id = row.layer.id;
        match (row.layer.is_group(), share) {
            (true, share) if share < 0.3 => Self::Above(id),
            // Below the row of a group that is not folded is its topmost layer.
            (true, share) if share < 0.7 || !row.is_folded => Self::Into(id),
            (false, share) if share < 0.5 => Self::Above(id),
            _ => Self::Below(id),
        }
    }

    /// The place of a layer that is dropped here; the index counts without the layer. `None` where it cannot be
    /// dropped: on itself, or in itself.
    pub fn place(self, layers: &LayerStack, moved: LayerId) -> Option<LayerPlace> {
        let (Self::Above(target) | Self::Below(target) | Self::Into(target)) = self;
        if layers.path_to(target).iter().any(|layer| layer.id == moved) {
            return None;
        }
        let place = layers.place_of(target)?;
        let to = match self {
            Self::Above(_) => LayerPlace { index: place.index + 1, ..place },
            Self::Below(_) => place,
            Self::Into(group) => LayerPlace { group: Some(group), index: layers.get(group)?.children().len() },
        };
        let from = layers.place_of(moved)?;
        let is_shifted = from.group == to.group && from.index < to.index;
        Some(LayerPlace { index: to.index - usize::from(is_shifted), ..to })
    }
}

/// The place below all layers.
pub(super) fn bottom() -> LayerPlace {
    LayerPlace { group: None, index: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{LayerEdit, Size};

    /// From bottom to top: a, b, c.
    fn three() -> (LayerStack, [LayerId; 3]) {
        let mut layers = LayerStack::new(Size::DEFAULT);
        let mut ids = [layers.current(); 3];
        for id in &mut ids[1..] {
            layers.add_layer(None, None).apply(&mut layers).expect("added");
            *id = layers.current();
        }
        (layers, ids)
    }

    fn order(layers: &LayerStack) -> Vec<LayerId> {
        layers.layers().iter().map(|layer| layer.id).collect()
    }

    #[test]
    fn a_row_lands_where_it_was_dropped() {
        let (layers, [a, b, c]) = three();
        for (moved, drop, expected) in [
            (a, Drop::Above(c), [b, c, a]),
            (a, Drop::Above(b), [b, a, c]),
            (c, Drop::Below(a), [c, a, b]),
            (c, Drop::Above(a), [a, c, b]),
            (a, Drop::Below(b), [a, b, c]),
        ] {
            let mut layers = layers.clone();
            let place = drop.place(&layers, moved).expect("a place");
            LayerEdit::move_to(moved, place).apply(&mut layers).expect("moved");
            assert_eq!(order(&layers), expected, "{moved:?} {drop:?}");
        }
        assert_eq!(Drop::Above(a).place(&layers, a), None);
    }

    #[test]
    fn a_row_can_be_dropped_into_a_group_but_a_group_not_into_itself() {
        let (mut layers, [a, b, _]) = three();
        layers.group(b).expect("groups").apply(&mut layers).expect("grouped");
        let group = layers.current();
        let place = Drop::Into(group).place(&layers, a).expect("a place");
        assert_eq!(place, LayerPlace { group: Some(group), index: 1 });
        assert_eq!(Drop::Above(b).place(&layers, group), None);
        assert_eq!(Drop::Into(group).place(&layers, group), None);
    }
}
