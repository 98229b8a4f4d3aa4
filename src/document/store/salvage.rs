//! Saves what can still be read of a damaged document file into a new one.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::lock::DocumentLock;
use super::{BlobHash, StoreError, connection, header, new_file, queue_rows, read, salvage_layers, schema, tile_bytes};
use crate::document::Settings;
use crate::document::settings_json::settings_to_json;
use crate::paint::{Canvas, Composition, MAX_SIDE, Rgb, Size, TILE_SIDE, TilePlace};

/// How many rows inside a damaged part of a table are tried one by one.
const MOST_TRIES: i64 = 100_000;

/// What [`salvage`] could read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalvageReport {
    /// Rounds in the new file.
    pub rounds: usize,
    /// Finished pictures in the new file.
    pub results: usize,
    /// Tiles of the canvas in the new file that are as they were; the others show what is left of the layers, or paper.
    pub tiles: usize,
    /// Tiles that the canvas has.
    pub all_tiles: usize,
    /// What is not in the new file, or only in part, each as one sentence.
    pub losses: Vec<String>,
}

/// Reads every table row by row and writes what can be read into a new document file.
///
/// # Errors
/// If the damaged file cannot be opened at all, or the new one cannot be written; there must be no file of
/// its name.
pub fn salvage(damaged: &Path, new: &Path) -> Result<SalvageReport, StoreError> {
    header::look_at(damaged)?;
    if new.try_exists().unwrap_or(true) {
        return Err(StoreError::Write {
            path: new.to_path_buf(),
            reason: "there is something of this name already".into(),
        });
    }
    // Held until the end, so that nobody changes the file meanwhile.
    let lock = DocumentLock::claim(damaged);
    let is_free = matches!(lock, Ok(Some(_))) && connection::can_be_frozen(damaged);
    let opened = if is_free { connection::frozen(damaged) } else { connection::open(damaged, true) };
    let from = opened.map_err(|error| StoreError::read(damaged, &error))?;
    // Any table at all; else the new file would be empty and pretend to be something.
    from.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(|error| StoreError::read(damaged, &error))?;
    let fail = |error: rusqlite::Error| StoreError::write(new, &error);
    let mut to = Connection::open_in_memory().map_err(fail)?;
    schema::migrate(&mut to).map_err(fail)?;
    // Rows are copied before what they refer to is known to be good.
    to.pragma_update(None, "foreign_keys", false).map_err(fail)?;
    let mut report = SalvageReport::default();
    let version = schema::version_of(&from).unwrap_or(0);
    let mut layers_are_whole = true;
    for (table, things, since) in TABLES {
        // A damaged version is 0; every table is looked for then.
        if (1..since).contains(&version) {
            continue;
        }
        let lost = copy_table(&from, &to, table);
        if lost > 0 {
            layers_are_whole &= !table.starts_with("layer");
            report.losses.push(format!("{lost} {things} could not be read."));
        }
    }
    mend(&to, layers_are_whole, &mut report).map_err(fail)?;
    let document = read::document(&to).map_err(|error| error.in_file(damaged))?;
    report.rounds = document.rounds.len();
    report.results = document.rounds.iter().map(|round| round.results.len()).sum();
    new_file::persist(&to, new, false)?;
    Ok(report)
}

/// The tables, what a row of each is called, and since which version of the file there is one.
const TABLES: [(&str, &str, i32); 8] = [
    ("document", "row of canvas and settings", 1),
    ("tile", "tiles of the canvas", 1),
    ("blob", "pictures", 1),
    ("round", "rounds", 1),
    ("result", "results", 1),
    ("queue", "waiting rounds", 4),
    ("layer", "layers", 6),
    ("layer_tile", "tiles of layers", 6),
];

/// Copies every row that can be read; returns how many are known to be lost.
fn copy_table(from: &Connection, to: &Connection, table: &str) -> usize {
    let forwards = rows(from, to, table, "ORDER BY rowid");
    if !forwards.failed {
        return forwards.refused;
    }
    // From the other end up to the damaged part, and then one by one what may lie in between.
    let backwards = rows(from, to, table, "ORDER BY rowid DESC");
    let (first, last) = (forwards.last.unwrap_or(0), backwards.last.unwrap_or(forwards.last.unwrap_or(0)));
    for rowid in (first.saturating_add(1)..last).take(MOST_TRIES as usize) {
        rows(from, to, table, &format!("WHERE rowid = {rowid}"));
    }
    // How many lay in the damaged part cannot be known; one at least.
    (forwards.refused + backwards.refused).max(1)
}

/// How far a query came.
#[derive(Default)]
struct Copied {
    /// The last row that could be read.
    last: Option<i64>,
    /// Whether it ended with an error.
    failed: bool,
    /// Rows that cannot stand in a good file.
    refused: usize,
}

/// Copies the rows that a query finds. Columns are named by the new file: the damaged one can call them anything.
fn rows(from: &Connection, to: &Connection, table: &str, which: &str) -> Copied {
    let mut copied = Copied::default();
    let walked = (|| -> rusqlite::Result<()> {
        // A file of an older version lacks some of them, which have defaults.
        let known = schema::columns(from, table).unwrap_or_default();
        let mut columns = schema::columns(to, table)?;
        columns.retain(|name| known.is_empty() || known.contains(name));
        let names = columns.join(", ");
        let mut statement = from.prepare(&format!("SELECT rowid, {names} FROM {table} {which}"))?;
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let mut insert =
            to.prepare(&format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({})", places.join(", ")))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            copied.last = Some(row.get(0)?);
            let values = (1..=columns.len()).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<Value>>>();
            // A value of a wrong type is refused by the strict table.
            if values.and_then(|values| insert.execute(params_from_iter(values))).is_err() {
                copied.refused += 1;
            }
        }
        Ok(())
    })();
    copied.failed = walked.is_err();
    copied
}

/// Makes a good document of the rows that were read.
fn mend(to: &Connection, layers_are_whole: bool, report: &mut SalvageReport) -> rusqlite::Result<()> {
    let good = good_pictures(to, report)?;
    mend_rounds(to, &good, report)?;
    mend_canvas(to, layers_are_whole, report)
}

/// Removes the pictures that are not what was written; returns the others.
fn good_pictures(to: &Connection, report: &mut SalvageReport) -> rusqlite::Result<HashSet<String>> {
    let mut good = HashSet::new();
    let mut bad = Vec::new();
    let mut statement = to.prepare("SELECT rowid, hash, bytes FROM blob")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (rowid, name, bytes): (i64, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if BlobHash::from_text(&name) == Some(BlobHash::of(&bytes)) {
            good.insert(name);
        } else {
            bad.push(rowid);
        }
    }
    if !bad.is_empty() {
        report.losses.push(format!("{} pictures are not what was written.", bad.len()));
    }
    for rowid in bad {
        to.execute("DELETE FROM blob WHERE rowid = ?1", [rowid])?;
    }
    Ok(good)
}

/// Removes rounds and results that cannot be used, and gives results without their round a new one.
fn mend_rounds(to: &Connection, good: &HashSet<String>, report: &mut SalvageReport) -> rusqlite::Result<()> {
    let mut lost = [0, 0, 0];
    let numbers =
        |sql: &str| -> rusqlite::Result<Vec<i64>> { to.prepare(sql)?.query_map([], |row| row.get(0))?.collect() };
    for id in numbers("SELECT id FROM round")? {
        let kept = to.query_row("SELECT * FROM round WHERE id = ?1", [id], |row| Ok(read::round(row).ok()))?;
        match kept {
            None => {
                lost[0] += 1;
                to.execute("DELETE FROM round WHERE id = ?1", [id])?;
            }
            Some(round) if round.start.as_ref().is_some_and(|start| !good.contains(&start.picture.to_string())) => {
                lost[1] += 1;
                to.execute("UPDATE round SET start = NULL WHERE id = ?1", [id])?;
            }
            Some(_) => {}
        }
    }
    for rowid in numbers("SELECT rowid FROM result")? {
        let sql = "SELECT * FROM result WHERE rowid = ?1";
        let kept = to.query_row(sql, [rowid], |row| Ok(read::result(row).ok()))?;
        let Some(result) = kept.filter(|result| good.contains(&result.picture.to_string())) else {
            lost[2] += 1;
            to.execute("DELETE FROM result WHERE rowid = ?1", [rowid])?;
            continue;
        };
        // Its own settings are those of its round, but for the seeds.
        to.execute(
            "INSERT OR IGNORE INTO round (id, begun, settings, model, ancestry) VALUES (?1, ?2, ?3, ?4, '[]')",
            params![
                result.id.round as i64,
                result.finished,
                settings_to_json(&result.recipe.settings),
                result.recipe.model
            ],
        )?;
    }
    to.execute_batch(
        "DELETE FROM queue WHERE round NOT IN (SELECT id FROM round);
        UPDATE round SET parent_round = NULL, parent_image = NULL WHERE parent_round IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM result WHERE round = parent_round AND image = parent_image)",
    )?;
    if queue_rows::read(to).is_err() {
        to.execute("DELETE FROM queue", [])?;
        report.losses.push("The list of waiting rounds is damaged.".into());
    }
    for (count, things) in lost.into_iter().zip(["rounds", "start images", "results"]) {
        if count > 0 {
            report.losses.push(format!("{count} {things} are damaged or lack their picture."));
        }
    }
    Ok(())
}

/// Gives the document a row and every tile of its canvas.
fn mend_canvas(to: &Connection, layers_are_whole: bool, report: &mut SalvageReport) -> rusqlite::Result<()> {
    let state = read::state(to).ok();
    if state.is_none() {
        report
            .losses
            .push("Size of the canvas, prompt and settings are lost; those of the latest round are used.".into());
    }
    let side = |column: &str| -> rusqlite::Result<usize> {
        let most: i64 = to.query_row(&format!("SELECT coalesce(max({column}), 7) FROM tile"), [], |row| row.get(0))?;
        Ok(usize::try_from(most).map_or(0, |tile| (tile + 1).min(MAX_SIDE / TILE_SIDE) * TILE_SIDE))
    };
    let size = match &state {
        Some(state) => state.size,
        None => Size::new(side("x")?, side("y")?).unwrap_or(Size::DEFAULT),
    };
    let paper = state.as_ref().map_or(Rgb::WHITE, |state| state.paper);
    if state.is_none() {
        let settings: Option<String> = to
            .query_row("SELECT settings FROM round ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
            .unwrap_or_default();
        to.execute("DELETE FROM document", [])?;
        to.execute(
            "INSERT INTO document (id, width, height, paper, ancestry, settings, next_round)
                VALUES (1, ?1, ?2, '#ffffff', '[]', ?3, 1)",
            params![
                size.width() as i64,
                size.height() as i64,
                settings.unwrap_or_else(|| settings_to_json(&Settings::default()))
            ],
        )?;
    }
    let losses = report.losses.len();
    let layers = salvage_layers::mend(to, size, report)?;
    let layers_are_whole = layers_are_whole && layers.is_some() && report.losses.len() == losses;
    // What the canvas has lost may still be in its layers.
    let composed = match &layers {
        Some(layers) => Canvas::composed(layers, paper, Composition::Picture),
        None => Canvas::new(size, paper),
    };
    for place in TilePlace::all(size) {
        report.all_tiles += 1;
        let rect = place.rect(size);
        let bytes = rect.width() * rect.height() * 3;
        let at = params![place.column as i64, place.row as i64];
        let pixels: Option<Vec<u8>> =
            to.query_row("SELECT pixels FROM tile WHERE x = ?1 AND y = ?2", at, |row| row.get(0)).ok();
        if pixels.is_some_and(|pixels| tile_bytes::inflate(&pixels, bytes).is_some()) {
            report.tiles += 1;
            continue;
        }
        report.tiles += usize::from(layers_are_whole);
        let pixels = tile_bytes::deflate(&composed.tile_rgb(place));
        to.execute(
            "INSERT OR REPLACE INTO tile (x, y, pixels) VALUES (?1, ?2, ?3)",
            params![place.column as i64, place.row as i64, pixels],
        )?;
    }
    if report.tiles < report.all_tiles {
        report.losses.push(format!(
            "{} of {} tiles of the canvas are lost; they show what is left of the layers.",
            report.all_tiles - report.tiles,
            report.all_tiles
        ));
    }
    let (across, down) = (size.width().div_ceil(TILE_SIDE) as i64, size.height().div_ceil(TILE_SIDE) as i64);
    to.execute("DELETE FROM tile WHERE x NOT BETWEEN 0 AND ?1 - 1 OR y NOT BETWEEN 0 AND ?2 - 1", [across, down])?;
    if let Some(layers) = layers
        && let Ok(canvas) = read::canvas(to, size)
    {
        salvage_layers::agree(to, layers, &canvas, paper, report)?;
    }
    to.execute_batch(
        "UPDATE document SET next_round = max(next_round, 1 + coalesce((SELECT max(id) FROM round), 0));
        UPDATE document SET origin_round = NULL, origin_image = NULL WHERE NOT EXISTS
            (SELECT 1 FROM result WHERE round = origin_round AND image = origin_image);",
    )
}
