//! Makes a good stack of the layers that could be read from a damaged file.

use rusqlite::Connection;

use super::read::RowError;
use super::{SalvageReport, layer_rows, tile_bytes};
use crate::document::layer_changes::layer_changes;
use crate::paint::{Canvas, Composition, LayerStack, Rgb, Size, Surface};

/// The layers that are left, for a canvas of this size; `None` without any. Removes rows and tiles that cannot be used.
pub(super) fn mend(to: &Connection, size: Size, report: &mut SalvageReport) -> rusqlite::Result<Option<LayerStack>> {
    let numbers =
        |sql: &str| -> rusqlite::Result<Vec<i64>> { to.prepare(sql)?.query_map([], |row| row.get(0))?.collect() };
    let (mut lost_layers, mut lost_tiles) = (0, 0);
    for id in numbers("SELECT id FROM layer")? {
        let sql = "SELECT * FROM layer WHERE id = ?1";
        if to.query_row(sql, [id], |row| Ok(layer_rows::layer(row).is_err()))? {
            lost_layers += to.execute("DELETE FROM layer WHERE id = ?1", [id])?;
        }
    }
    // What is in no group, or in one that is inside itself or too deep, becomes an outermost layer.
    to.execute_batch(&format!(
        "UPDATE layer SET parent = NULL WHERE parent NOT IN (SELECT id FROM layer WHERE kind = 'group');
        UPDATE layer SET parent = NULL WHERE id NOT IN (
            WITH RECURSIVE reached (id, depth) AS (
                SELECT id, 0 FROM layer WHERE parent IS NULL
                UNION ALL SELECT layer.id, depth + 1 FROM layer JOIN reached ON layer.parent = reached.id WHERE depth < {}
            ) SELECT id FROM reached);",
        LayerStack::MAX_DEPTH
    ))?;
    for rowid in numbers("SELECT rowid FROM layer_tile")? {
        let sql = "SELECT x, y, pixels FROM layer_tile WHERE rowid = ?1";
        let is_bad = to.query_row(sql, [rowid], |row| {
            let place = (row.get(0)?, row.get(1)?);
            Ok(layer_rows::whole_tile(size, place, &row.get::<_, Vec<u8>>(2)?).is_none())
        })?;
        if is_bad {
            lost_tiles += to.execute("DELETE FROM layer_tile WHERE rowid = ?1", [rowid])?;
        }
    }
    let sql = "DELETE FROM layer_tile WHERE layer NOT IN (SELECT id FROM layer WHERE kind = 'pixels')";
    lost_tiles += to.execute(sql, [])?;
    for (count, things) in [(lost_layers, "layers"), (lost_tiles, "tiles of layers")] {
        if count > 0 {
            report.losses.push(format!("{count} {things} are damaged."));
        }
    }
    match layer_rows::read(to, size) {
        Ok(layers) => Ok(layers),
        Err(RowError::Sql(error)) => Err(error),
        Err(RowError::Value(_)) => {
            to.execute_batch("DELETE FROM layer_tile; DELETE FROM layer")?;
            report.losses.push("The layers are damaged; the canvas is one layer now.".into());
            Ok(None)
        }
    }
}

/// Makes the layers give the picture of the canvas, by a layer on top where they do not.
pub(super) fn agree(
    to: &Connection,
    mut layers: LayerStack,
    canvas: &Canvas,
    paper: Rgb,
    report: &mut SalvageReport,
) -> rusqlite::Result<()> {
    if !Canvas::composed(&layers, paper, Composition::Picture).shows_the_same_as(canvas) {
        let edit = layers.add_on_top("Picture before the damage", Surface::from_canvas(canvas));
        if edit.apply(&mut layers).is_err() {
            // There are as many layers as a picture can have.
            layers = LayerStack::of_surface("Picture before the damage", Surface::from_canvas(canvas));
        }
        report.losses.push("The layers do not give the picture of the canvas, which is a layer on top now.".into());
    }
    let Some(changes) = layer_changes(None, &layers) else { return Ok(()) };
    let tiles: Vec<_> = changes
        .tiles
        .iter()
        .map(|tile| tile.pixels.as_ref().map(|pixels| tile_bytes::deflate(pixels.bytes())))
        .collect();
    let transaction = to.unchecked_transaction()?;
    layer_rows::write(&transaction, &changes, &tiles)?;
    transaction.commit()
}
