//! The canvas after each commit, for time-lapses. What would take more than the budget is made coarser: two steps
//! become one, so that the whole story stays.

use std::path::Path;

use image::RgbImage;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::read::RowError;
use super::{Changes, StoreError, schema, tile_bytes};
use crate::paint::{Size, TILE_SIDE, TilePlace};

/// How many bytes the tiles of all steps take at most.
const BUDGET: i64 = 32 << 20;

/// The canvas after one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredStep {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When, in seconds since 1970 (UTC).
    pub made: i64,
    /// The size of the canvas.
    pub size: Size,
}

/// Records the tiles of a commit, whose deflated pixels these are. The tiles are in the table of the canvas
/// already.
pub(super) fn record(transaction: &Transaction<'_>, changes: &Changes, pixels: &[Vec<u8>]) -> rusqlite::Result<()> {
    record_within(transaction, changes, pixels, BUDGET)
}

fn record_within(
    transaction: &Transaction<'_>,
    changes: &Changes,
    pixels: &[Vec<u8>],
    budget: i64,
) -> rusqlite::Result<()> {
    if changes.tiles.is_empty() {
        return Ok(());
    }
    let last: Option<(i64, i64)> = transaction
        .query_row("SELECT id, total FROM step ORDER BY id DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (id, before) = last.map_or((1, 0), |(id, total)| (id.saturating_add(1), total));
    let mut bytes: i64 = pixels.iter().map(|tile| tile.len() as i64).sum();
    if last.is_none() {
        bytes = transaction.query_row("SELECT coalesce(sum(length(pixels)), 0) FROM tile", [], |row| row.get(0))?;
    }
    let (width, height) = (changes.state.size.width() as i64, changes.state.size.height() as i64);
    let total = before.saturating_add(bytes);
    let sql = "INSERT INTO step (id, made, width, height, total) VALUES (?1, ?2, ?3, ?4, ?5)";
    transaction.execute(sql, params![id, super::now(), width, height, total])?;
    if last.is_none() {
        // The first step holds the whole canvas, also of a file that had none before.
        transaction.execute("INSERT INTO step_tile SELECT ?1, x, y, pixels FROM tile", [id])?;
    } else {
        let mut insert = transaction.prepare("INSERT INTO step_tile (step, x, y, pixels) VALUES (?1, ?2, ?3, ?4)")?;
        for (tile, pixels) in changes.tiles.iter().zip(pixels) {
            insert.execute(params![id, tile.place.column as i64, tile.place.row as i64, pixels])?;
        }
    }
    if total > budget { thin(transaction, budget / 4 * 3) } else { Ok(()) }
}

/// Lets every second step go up into the next one until the rest takes so many bytes. The first and the last step
/// stay.
fn thin(transaction: &Transaction<'_>, budget: i64) -> rusqlite::Result<()> {
    loop {
        let ids: Vec<i64> = transaction
            .prepare("SELECT id FROM step ORDER BY id")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if ids.len() <= 2 {
            return Ok(());
        }
        let inner = &ids[1..ids.len() - 1];
        for (at, id) in inner.iter().enumerate().step_by(2) {
            let next = inner.get(at + 1).or(ids.last()).copied().unwrap_or(*id);
            // Where both have a tile, the later one counts.
            transaction.execute("UPDATE OR IGNORE step_tile SET step = ?2 WHERE step = ?1", [*id, next])?;
            transaction.execute("DELETE FROM step_tile WHERE step = ?1", [*id])?;
            transaction.execute("DELETE FROM step WHERE id = ?1", [*id])?;
        }
        let sizes: Vec<(i64, i64)> = transaction
            .prepare("SELECT step, sum(length(pixels)) FROM step_tile GROUP BY step ORDER BY step")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut total: i64 = 0;
        let mut update = transaction.prepare("UPDATE step SET total = ?2 WHERE id = ?1")?;
        for (id, bytes) in sizes {
            total = total.saturating_add(bytes);
            update.execute([id, total])?;
        }
        if total <= budget {
            return Ok(());
        }
    }
}

/// All steps, the first one first; none of a file of an older version that can only be read.
pub(super) fn all(connection: &Connection, path: &Path) -> Result<Vec<StoredStep>, StoreError> {
    read_all(connection).map_err(|error| error.in_file(path))
}

fn read_all(connection: &Connection) -> Result<Vec<StoredStep>, RowError> {
    if schema::columns(connection, "step")?.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare("SELECT id, made, width, height FROM step ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let (width, height): (i64, i64) = (row.get("width")?, row.get("height")?);
        let size = usize::try_from(width).ok().zip(usize::try_from(height).ok());
        // A step that is not what it should be is left out: the picture itself does not depend on it.
        if let Some(size) = size.and_then(|(width, height)| Size::new(width, height).ok()) {
            steps.push(StoredStep { id: row.get("id")?, made: row.get("made")?, size });
        }
    }
    Ok(steps)
}

/// Shows the canvas after every step, in their order. A damaged tile shows what was there before it. Ends early
/// when `visit` returns false.
pub(super) fn replay(
    connection: &Connection,
    path: &Path,
    visit: &mut dyn FnMut(&StoredStep, &RgbImage) -> bool,
) -> Result<(), StoreError> {
    let steps = all(connection, path)?;
    let fail = |error: rusqlite::Error| StoreError::read(path, &error);
    let mut picture = RgbImage::new(0, 0);
    let mut statement = match steps.is_empty() {
        true => return Ok(()),
        false => connection.prepare("SELECT x, y, pixels FROM step_tile WHERE step = ?1").map_err(fail)?,
    };
    for step in &steps {
        let (width, height) = (step.size.width() as u32, step.size.height() as u32);
        if picture.dimensions() != (width, height) {
            picture = RgbImage::from_pixel(width, height, image::Rgb([255; 3]));
        }
        let mut rows = statement.query([step.id]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let (x, y, pixels) = tile(row).map_err(fail)?;
            if let (Ok(column), Ok(row)) = (usize::try_from(x), usize::try_from(y)) {
                put(&mut picture, step.size, TilePlace { row, column }, &pixels);
            }
        }
        if !visit(step, &picture) {
            break;
        }
    }
    Ok(())
}

/// Column, row and deflated pixels of a tile.
fn tile(row: &Row<'_>) -> rusqlite::Result<(i64, i64, Vec<u8>)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// Puts a deflated tile into the picture, if it is whole and lies inside.
fn put(picture: &mut RgbImage, size: Size, place: TilePlace, deflated: &[u8]) {
    let rect = place.rect(size);
    let Some(pixels) = tile_bytes::inflate(deflated, rect.width() * rect.height() * 3) else { return };
    let width = size.width() * 3;
    let bytes: &mut [u8] = picture;
    for (line, y) in pixels.chunks_exact((rect.width() * 3).max(1)).zip(rect.y0..rect.y1) {
        let at = y * width + rect.x0 * 3;
        bytes[at..at + line.len()].copy_from_slice(line);
    }
}

const _: () = assert!(TILE_SIDE == 64, "the tiles of files that exist have this side");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::store::tests::{created, place};
    use crate::document::tests::{document, dot, sheet};
    use crate::document::{Document, store::Store};
    use crate::paint::Rgb;

    fn pictures(store: &Store) -> Vec<RgbImage> {
        let mut pictures = Vec::new();
        store
            .replay(&mut |_, picture| {
                pictures.push(picture.clone());
                true
            })
            .expect("replays");
        pictures
    }

    /// Paints so many dots, each a commit of its own; returns what the canvas showed after each commit.
    fn painted(path: &Path, dots: usize) -> (Store, Document, Vec<RgbImage>) {
        let mut document = document();
        document.open_picture(sheet(200, 130, Rgb([10, 200, 30])), vec![]);
        let mut store = created(path, &mut document);
        let mut seen = vec![document.picture()];
        for at in 0..dots {
            dot(&mut document, (at * 37 % 200) as f32, (at * 53 % 130) as f32);
            store.commit(&document.take_changes()).expect("commits");
            seen.push(document.picture());
        }
        (store, document, seen)
    }

    #[test]
    fn every_commit_is_seen_again_also_after_a_change_of_size() {
        let (_folder, path) = place();
        let (mut store, mut document, mut seen) = painted(&path, 5);
        document.settings_mut().prompt = "no pixels change".into();
        store.commit(&document.take_changes()).expect("commits");
        document.open_picture(sheet(70, 64, Rgb::BLACK), vec![]);
        store.commit(&document.take_changes()).expect("commits");
        seen.push(document.picture());
        document.undo();
        dot(&mut document, 60.0, 60.0);
        store.commit(&document.take_changes()).expect("commits");
        seen.push(document.picture());
        assert!(pictures(&store) == seen);
        drop(store);
        assert!(pictures(&Store::open_read_only(&path).expect("opens")) == seen, "also later");
    }

    #[test]
    fn beyond_the_budget_steps_become_fewer_and_the_ends_stay() {
        let (_folder, path) = place();
        let (mut store, mut document, seen) = painted(&path, 40);
        dot(&mut document, 100.0, 100.0);
        let changes = document.take_changes();
        let tiles: Vec<Vec<u8>> = changes.tiles.iter().map(|tile| tile_bytes::deflate(&tile.rgb())).collect();
        let total = |store: &Store| -> (i64, i64) {
            let sql =
                "SELECT (SELECT total FROM step ORDER BY id DESC LIMIT 1), (SELECT sum(length(pixels)) FROM step_tile)";
            store.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("counts")
        };
        let (before, counted) = total(&store);
        assert_eq!(before, counted, "the running total is true");
        let budget = before / 5 * 4;
        let transaction = store.connection.transaction().expect("begins");
        record_within(&transaction, &changes, &tiles, budget).expect("records");
        transaction.commit().expect("commits");
        let (after, counted) = total(&store);
        assert!(after == counted && after <= budget, "{after} of {budget}");
        let left = pictures(&store);
        assert!((3..41).contains(&left.len()), "{}", left.len());
        assert!(left[0] == seen[0] && left.last() == Some(&document.picture()), "the ends");
        // Every picture that is left is one that was there.
        let mut later = seen.iter().chain(std::iter::once(left.last().expect("one")));
        assert!(left.iter().all(|picture| later.any(|seen| seen == picture)), "in their order");
    }

    #[test]
    fn a_file_without_steps_begins_with_its_whole_canvas_and_damaged_tiles_do_no_harm() {
        let (_folder, path) = place();
        let (store, mut document, _) = painted(&path, 3);
        store.connection.execute_batch("DELETE FROM step_tile; DELETE FROM step").expect("deletes");
        drop(store);
        let mut store = Store::open(&path).expect("opens");
        dot(&mut document, 9.0, 9.0);
        store.commit(&document.take_changes()).expect("commits");
        assert!(pictures(&store) == [document.picture()]);
        store.connection.execute("UPDATE step_tile SET pixels = x'00ff' WHERE x = 0", []).expect("updates");
        store.connection.execute("UPDATE step_tile SET x = 99 WHERE x = 1 AND y = 0", []).expect("updates");
        assert_eq!(pictures(&store).len(), 1);
        store.connection.execute("UPDATE step SET width = 0", []).expect("updates");
        assert!(pictures(&store).is_empty());
    }
}
