//! Layers as rows of the file: the tree with its properties, and the tiles of each layer.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::read::{Parse, RowError, bad, get};
use super::{ChangedLayers, StoredLayer, schema, tile_bytes};
use crate::paint::{
    BlendMode, Layer, LayerContent, LayerId, LayerProperties, LayerStack, Size, Surface, Tile, TilePlace,
};

/// The highest number of a layer. Counting on from it never overflows.
const LAST_LAYER: i64 = 1 << 40;

/// How a layer is drawn, as JSON. What a file does not say is as for a new layer; what is not known here is passed over.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct DrawnHow {
    visible: bool,
    opacity: f32,
    blend: String,
    locked: bool,
    alpha_locked: bool,
    clipped: bool,
    reference: bool,
}

impl Default for DrawnHow {
    fn default() -> Self {
        Self::from(&LayerProperties::named(""))
    }
}

impl From<&LayerProperties> for DrawnHow {
    fn from(of: &LayerProperties) -> Self {
        Self {
            visible: of.visible,
            opacity: of.opacity,
            blend: of.blend.id().into(),
            locked: of.locked,
            alpha_locked: of.alpha_locked,
            clipped: of.clipped,
            reference: of.reference,
        }
    }
}

/// Writes what changed in the layers. `tiles` are the deflated pixels of the changed tiles, in their order.
pub(super) fn write(
    transaction: &Transaction<'_>,
    changes: &ChangedLayers,
    tiles: &[Option<Vec<u8>>],
) -> rusqlite::Result<()> {
    if changes.is_whole {
        transaction.execute("DELETE FROM layer_tile", [])?;
    }
    transaction.execute("DELETE FROM layer", [])?;
    let mut insert = transaction.prepare(
        "INSERT INTO layer (id, parent, place, kind, name, properties, current) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for row in &changes.rows {
        insert.execute(params![
            number(row.id),
            row.parent.map(number),
            row.place as i64,
            if row.is_group { "group" } else { "pixels" },
            row.properties.name,
            // Numbers, truth values and a known name can always be written.
            serde_json::to_string(&DrawnHow::from(&row.properties)).unwrap_or_default(),
            row.is_current,
        ])?;
    }
    let mut put = transaction.prepare(
        "INSERT INTO layer_tile (layer, x, y, pixels) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (layer, x, y) DO UPDATE SET pixels = excluded.pixels",
    )?;
    let mut clear = transaction.prepare("DELETE FROM layer_tile WHERE layer = ?1 AND x = ?2 AND y = ?3")?;
    for (tile, pixels) in changes.tiles.iter().zip(tiles) {
        let (layer, x, y) = (number(tile.layer), tile.place.column as i64, tile.place.row as i64);
        match pixels {
            Some(pixels) => put.execute(params![layer, x, y, pixels])?,
            None => clear.execute(params![layer, x, y])?,
        };
    }
    // Those of layers that are gone.
    transaction
        .execute("DELETE FROM layer_tile WHERE layer NOT IN (SELECT id FROM layer WHERE kind = 'pixels')", [])?;
    Ok(())
}

/// All layers of a file; `None` if it has none, as those of older versions.
pub(super) fn read(connection: &Connection, size: Size) -> Parse<Option<LayerStack>> {
    if schema::columns(connection, "layer")?.is_empty() {
        return Ok(None);
    }
    let mut statement = connection.prepare("SELECT * FROM layer ORDER BY parent, place, id")?;
    let mut rows = statement.query([])?;
    let (mut lists, mut count, mut current) = (HashMap::<Option<LayerId>, Vec<StoredLayer>>::new(), 0, None);
    while let Some(row) = rows.next()? {
        let layer = layer(row)?;
        count += 1;
        if layer.is_current {
            current = Some(layer.id);
        }
        lists.entry(layer.parent).or_default().push(layer);
    }
    if count == 0 {
        return Ok(None);
    }
    let mut surfaces = surfaces(connection, size)?;
    let layers = list(&mut lists, &mut surfaces, None, size, 0)?;
    let stack = LayerStack::from_layers(size, layers, current.unwrap_or(LayerId(0)))
        .map_err(|error| RowError::Value(error.to_string().trim_end_matches('.').to_owned()))?;
    match stack.all().count() == count && surfaces.is_empty() {
        true => Ok(Some(stack)),
        false => Err(RowError::Value("a layer belongs to a group that is missing".into())),
    }
}

/// The layers of one group, with those in them.
fn list(
    lists: &mut HashMap<Option<LayerId>, Vec<StoredLayer>>,
    surfaces: &mut HashMap<LayerId, Surface>,
    parent: Option<LayerId>,
    size: Size,
    depth: usize,
) -> Parse<Vec<Layer>> {
    if depth > LayerStack::MAX_DEPTH {
        return Err(RowError::Value("too many groups of layers lie inside each other".into()));
    }
    let rows = lists.remove(&parent).unwrap_or_default();
    let layer = |StoredLayer { id, is_group, properties, .. }: StoredLayer| {
        let content = match is_group {
            true => LayerContent::Group(list(lists, surfaces, Some(id), size, depth + 1)?),
            false => LayerContent::Pixels(surfaces.remove(&id).unwrap_or_else(|| Surface::new(size))),
        };
        Ok(Layer { id, properties, content })
    };
    rows.into_iter().map(layer).collect()
}

/// A row of the layers.
pub(super) fn layer(row: &Row<'_>) -> Parse<StoredLayer> {
    let (kind, json): (String, String) = (get(row, "kind")?, get(row, "properties")?);
    let how: DrawnHow = serde_json::from_str(&json).map_err(|_| bad("properties", &json))?;
    let blend = BlendMode::from_id(&how.blend).ok_or_else(|| bad("blend", &how.blend))?;
    let is_group = match kind.as_str() {
        "pixels" => false,
        "group" => true,
        _ => return Err(bad("kind", &kind)),
    };
    let properties = LayerProperties {
        visible: how.visible,
        opacity: how.opacity.clamp(0.0, 1.0),
        blend,
        locked: how.locked,
        alpha_locked: how.alpha_locked,
        clipped: how.clipped,
        reference: how.reference,
        ..LayerProperties::named(&get::<String>(row, "name")?)
    };
    Ok(StoredLayer {
        id: layer_id(get(row, "id")?)?,
        parent: get::<Option<i64>>(row, "parent")?.map(layer_id).transpose()?,
        place: usize::try_from(get::<i64>(row, "place")?).unwrap_or(0),
        is_group,
        properties,
        is_current: get(row, "current")?,
    })
}

/// The pixels of all layers that have some.
fn surfaces(connection: &Connection, size: Size) -> Parse<HashMap<LayerId, Surface>> {
    let mut statement = connection.prepare("SELECT layer, x, y, pixels FROM layer_tile")?;
    let mut rows = statement.query([])?;
    let mut surfaces = HashMap::new();
    while let Some(row) = rows.next()? {
        let (id, x, y): (i64, i64, i64) = (get(row, "layer")?, get(row, "x")?, get(row, "y")?);
        let tile = whole_tile(size, (x, y), &get::<Vec<u8>>(row, "pixels")?);
        let (place, tile) = tile.ok_or_else(|| RowError::Value(format!("tile {x}, {y} of layer {id} is bad")))?;
        let surface = surfaces.entry(layer_id(id)?).or_insert_with(|| Surface::new(size));
        surface.set_tile(place, Some(Arc::new(tile)));
    }
    Ok(surfaces)
}

/// A tile of a layer from its deflated bytes; `None` if it is not whole, lies outside the canvas, or has something
/// beyond its edge.
pub(super) fn whole_tile(size: Size, (x, y): (i64, i64), deflated: &[u8]) -> Option<(TilePlace, Tile)> {
    let place = TilePlace { row: usize::try_from(y).ok()?, column: usize::try_from(x).ok()? };
    let rect = place.rect(size);
    let tile = Tile::from_bytes(&tile_bytes::inflate(deflated, Tile::BYTES)?)?;
    let is_clear = |pixels: &[[u8; 4]]| pixels.iter().all(|pixel| pixel[3] == 0);
    let is_cut = (0..crate::paint::TILE_SIDE).all(|y| {
        let width = if y < rect.height() { rect.width() } else { 0 };
        is_clear(&tile.row(y)[width..])
    });
    (rect.width() > 0 && rect.height() > 0 && is_cut).then_some((place, tile))
}

fn layer_id(number: i64) -> Parse<LayerId> {
    match u64::try_from(number) {
        Ok(id) if (1..=LAST_LAYER).contains(&number) => Ok(LayerId(id)),
        _ => Err(RowError::Value(format!("{number} is not the number of a layer"))),
    }
}

/// The number of a layer as SQLite keeps it.
fn number(id: LayerId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}
