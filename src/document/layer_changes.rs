//! What changed in the layers since they were last handed to the document's file.

use std::sync::Arc;

use super::store::{ChangedLayers, LayerTile, StoredLayer};
use crate::paint::{Layer, LayerId, LayerStack, Surface, TilePlace};

/// What changed from one state of the layers to another; everything if it is not known what the file holds. `None` if
/// nothing changed.
pub(super) fn layer_changes(before: Option<&LayerStack>, now: &LayerStack) -> Option<ChangedLayers> {
    let before = before.filter(|before| before.size() == now.size());
    let rows = rows(now);
    let tiles = match before {
        None => now.all().flat_map(all_tiles).collect::<Vec<_>>(),
        Some(before) => {
            let changed = now.all().flat_map(|layer| {
                let old = before.get(layer.id).and_then(Layer::surface);
                old.map_or_else(|| all_tiles(layer), |old| changed_tiles(layer, old))
            });
            changed.collect()
        }
    };
    let is_same = before.is_some_and(|before| tiles.is_empty() && self::rows(before) == rows);
    (!is_same).then_some(ChangedLayers { is_whole: before.is_none(), rows, tiles })
}

/// All layers as rows, each group before its layers.
fn rows(layers: &LayerStack) -> Vec<StoredLayer> {
    fn walk(list: &[Layer], parent: Option<LayerId>, current: LayerId, rows: &mut Vec<StoredLayer>) {
        for (place, layer) in list.iter().enumerate() {
            rows.push(StoredLayer {
                id: layer.id,
                parent,
                place,
                is_group: layer.is_group(),
                properties: layer.properties.clone(),
                is_current: layer.id == current,
            });
            walk(layer.children(), Some(layer.id), current, rows);
        }
    }
    let mut rows = Vec::new();
    walk(layers.layers(), None, layers.current(), &mut rows);
    rows
}

fn all_tiles(layer: &Layer) -> Vec<LayerTile> {
    let tile =
        |(place, tile): (TilePlace, &Arc<_>)| LayerTile { layer: layer.id, place, pixels: Some(Arc::clone(tile)) };
    layer.surface().map(|surface| surface.tiles().map(tile).collect()).unwrap_or_default()
}

/// The tiles of a layer that are not those that it shared before.
fn changed_tiles(layer: &Layer, old: &Surface) -> Vec<LayerTile> {
    let Some(surface) = layer.surface().filter(|surface| !surface.shares_all_tiles_with(old)) else {
        return Vec::new();
    };
    let changed = TilePlace::all(surface.size()).filter_map(|place| {
        let (now, before) = (surface.tile(place), old.tile(place));
        let is_same = match (now, before) {
            (Some(now), Some(before)) => Arc::ptr_eq(now, before),
            (now, before) => now.is_some() == before.is_some(),
        };
        (!is_same).then(|| LayerTile { layer: layer.id, place, pixels: now.cloned() })
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{document, dot};

    #[test]
    fn only_what_changed_is_handed_on() {
        let mut document = document();
        dot(&mut document, 10.0, 10.0);
        document.add_layer().expect("added");
        let before = document.layers().clone();
        let whole = layer_changes(None, &before).expect("everything");
        assert_eq!((whole.is_whole, whole.rows.len(), whole.tiles.len()), (true, 2, 1));
        assert!(layer_changes(Some(&before), &before).is_none());
        dot(&mut document, 30.0, 30.0);
        let stroke = layer_changes(Some(&before), document.layers()).expect("a stroke");
        assert_eq!((stroke.is_whole, stroke.tiles.len()), (false, 1));
        assert_eq!(stroke.tiles[0].layer, document.layers().current());
        document.undo();
        let again = layer_changes(Some(document.layers()), &before);
        assert!(again.is_none_or(|changes| changes.tiles.iter().all(|tile| tile.pixels.is_none())));
        document.choose_layer(before.layers()[0].id);
        let chosen = layer_changes(Some(&before), document.layers()).expect("another current layer");
        assert_eq!(chosen.rows.iter().filter(|row| row.is_current).count(), 1);
    }
}
