//! Which layers are listed, from top to bottom.

use std::collections::HashSet;

use super::LayerPanel;
use crate::paint::{Layer, LayerDirection, LayerId, LayerStack};

/// One row of the list.
#[derive(Clone, Copy)]
pub(super) struct LayerRow<'a> {
    pub layer: &'a Layer,
    /// In how many groups it is.
    pub depth: usize,
    /// Whether a group that it is in is hidden.
    pub is_in_hidden: bool,
    /// Whether it is a group whose layers are not listed.
    pub is_folded: bool,
}

/// The rows of a list of layers in which these groups are folded.
pub(super) fn rows<'a>(layers: &'a LayerStack, folded: &HashSet<LayerId>) -> Vec<LayerRow<'a>> {
    fn walk<'a>(
        list: &'a [Layer],
        depth: usize,
        is_in_hidden: bool,
        folded: &HashSet<LayerId>,
        rows: &mut Vec<LayerRow<'a>>,
    ) {
        for layer in list.iter().rev() {
            let is_folded = layer.is_group() && folded.contains(&layer.id);
            rows.push(LayerRow { layer, depth, is_in_hidden, is_folded });
            if !is_folded {
                walk(layer.children(), depth + 1, is_in_hidden || !layer.properties.visible, folded, rows);
            }
        }
    }
    let mut rows = Vec::new();
    walk(layers.layers(), 0, false, folded, &mut rows);
    rows
}

/// The layer in the row above or below that of the current one; `None` at the end of the list. Where the current layer
/// is in a folded group, its group's row counts.
pub(in crate::ui) fn next(layers: &LayerStack, panel: &LayerPanel, direction: LayerDirection) -> Option<LayerId> {
    let rows = rows(layers, &panel.folded);
    let path = layers.path_to(layers.current());
    let at = path.iter().rev().find_map(|layer| rows.iter().position(|row| row.layer.id == layer.id))?;
    let at = match direction {
        LayerDirection::Up => at.checked_sub(1)?,
        LayerDirection::Down => at + 1,
    };
    rows.get(at).map(|row| row.layer.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Size;

    #[test]
    fn rows_go_from_top_to_bottom_and_folded_groups_are_one_row() {
        let mut layers = LayerStack::new(Size::DEFAULT);
        let bottom = layers.current();
        layers.add_layer(None, None).apply(&mut layers).expect("added");
        let inner = layers.current();
        layers.group(inner).expect("groups").apply(&mut layers).expect("grouped");
        let group = layers.current();
        let mut panel = LayerPanel::default();
        let listed = |panel: &LayerPanel| {
            rows(&layers, &panel.folded).iter().map(|row| (row.layer.id, row.depth)).collect::<Vec<_>>()
        };
        assert_eq!(listed(&panel), [(group, 0), (inner, 1), (bottom, 0)]);
        assert_eq!(next(&layers, &panel, LayerDirection::Down), Some(inner));
        assert_eq!(next(&layers, &panel, LayerDirection::Up), None);
        panel.fold(group);
        assert_eq!(listed(&panel), [(group, 0), (bottom, 0)]);
        assert_eq!(next(&layers, &panel, LayerDirection::Down), Some(bottom));
        panel.rename(&layers, inner);
        assert_eq!(listed(&panel).len(), 3, "what is renamed is shown");
    }
}
