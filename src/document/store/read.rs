//! Reads a document file: everything but the pictures of rounds.

use std::path::Path;
use std::sync::Arc;

use rusqlite::types::FromSql;
use rusqlite::{Connection, Row};

use super::{
    BlobHash, StoreError, StoredDocument, StoredResult, StoredRound, StoredStart, StoredState, layer_rows, queue_rows,
    schema, tile_bytes,
};
use crate::document::settings_json::{
    frame_from_json, mask_from_json, painted_from_json, plan_from_json, selection_from_json, settings_from_json,
};
use crate::document::{Ancestry, PaintedPixels, ResultId, RoundId, ViewState};
use crate::engine::Recipe;
use crate::paint::{Canvas, Rgb, Size, TilePlace};
use crate::picture::Fit;

/// How many pictures a round can have; a damaged number must not ask for more places than memory has.
const MOST_IMAGES: i64 = 1024;
/// The highest number of a round. Counting on from it never overflows.
const LAST_ROUND: i64 = 1 << 40;

/// Why a row cannot be used.
#[derive(Debug)]
pub(super) enum RowError {
    /// SQLite cannot read it.
    Sql(rusqlite::Error),
    /// A value in it is not what it should be.
    Value(String),
}

impl RowError {
    fn value(text: impl Into<String>) -> Self {
        Self::Value(text.into())
    }

    pub fn in_file(self, path: &Path) -> StoreError {
        match self {
            Self::Sql(error) => StoreError::read(path, &error),
            Self::Value(text) => StoreError::damaged(path, text),
        }
    }
}

impl From<rusqlite::Error> for RowError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// What a row holds, or why it cannot be used.
pub(super) type Parse<T> = Result<T, RowError>;

/// Reads everything in one transaction, so that another window's commit cannot fall between two tables.
pub(super) fn document(connection: &Connection) -> Parse<StoredDocument> {
    let transaction = connection.unchecked_transaction()?;
    let state = state(&transaction)?;
    let canvas = canvas(&transaction, state.size)?;
    let layers = layer_rows::read(&transaction, state.size)?;
    let rounds = rounds(&transaction)?;
    let queue = queue_rows::read(&transaction)?;
    transaction.finish()?;
    Ok(StoredDocument { state, canvas, layers, rounds, queue })
}

/// The row of the document.
pub(super) fn state(connection: &Connection) -> Parse<StoredState> {
    let mut statement = connection.prepare("SELECT * FROM document")?;
    let mut rows = statement.query([])?;
    let row = rows.next()?.ok_or_else(|| RowError::value("it holds no canvas"))?;
    let (width, height): (i64, i64) = (get(row, "width")?, get(row, "height")?);
    let size = usize::try_from(width).ok().zip(usize::try_from(height).ok());
    let size = size.and_then(|(width, height)| Size::new(width, height).ok());
    let json: String = get(row, "settings")?;
    Ok(StoredState {
        size: size.ok_or_else(|| RowError::value(format!("no canvas has {width} by {height} pixels")))?,
        paper: color(&get::<String>(row, "paper")?)?,
        ancestry: seeds(&get::<String>(row, "ancestry")?)?,
        origin: result_id(get(row, "origin_round")?, get(row, "origin_image")?)?,
        painted: PaintedPixels::Known(painted_from_json(&json)),
        mask: size.and_then(|size| mask_from_json(&json, size)),
        selection: size.and_then(|size| selection_from_json(&json, size)),
        frame: frame_from_json(&json),
        settings: settings(&json)?,
        model: get(row, "model")?,
        next_round: round_number(get(row, "next_round")?)?,
        shown_round: get::<Option<i64>>(row, "shown_round")?.map(round_number).transpose()?,
        view: view(connection),
    })
}

/// How the window looked. Files of version 1 do not say, and one that says it wrongly is no less whole.
fn view(connection: &Connection) -> ViewState {
    let json = connection.query_row("SELECT state FROM view", [], |row| row.get::<_, String>(0));
    json.map_or_else(|_| ViewState::default(), |json| ViewState::from_json(&json))
}

/// The pixels. Every tile must be there and whole.
pub(super) fn canvas(connection: &Connection, size: Size) -> Parse<Canvas> {
    let mut rgb = vec![0; size.pixels() * 3];
    let mut statement = connection.prepare("SELECT pixels FROM tile WHERE x = ?1 AND y = ?2")?;
    for place in TilePlace::all(size) {
        let mut rows = statement.query([place.column as i64, place.row as i64])?;
        let rect = place.rect(size);
        let pixels = match rows.next()? {
            Some(row) => tile_bytes::inflate(&get::<Vec<u8>>(row, "pixels")?, rect.width() * rect.height() * 3),
            None => None,
        };
        let pixels = pixels
            .ok_or_else(|| RowError::value(format!("tile {}, {} of the canvas is bad", place.column, place.row)))?;
        for (line, y) in pixels.chunks_exact(rect.width() * 3).zip(rect.y0..rect.y1) {
            let at = (y * size.width() + rect.x0) * 3;
            rgb[at..at + line.len()].copy_from_slice(line);
        }
    }
    Canvas::from_rgb(size.width(), size.height(), &rgb).map_err(|error| RowError::value(error.to_string()))
}

/// All rounds with their results, oldest first.
pub(super) fn rounds(connection: &Connection) -> Parse<Vec<StoredRound>> {
    let mut statement = connection.prepare("SELECT * FROM round ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut rounds = Vec::new();
    while let Some(row) = rows.next()? {
        rounds.push(round(row)?);
    }
    let mut statement = connection.prepare(&results_query(connection)?)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let result = result(row)?;
        let at = rounds.binary_search_by_key(&result.id.round, |round| round.id);
        let at = at
            .map_err(|_| RowError::value(format!("a result belongs to round {}, which is missing", result.id.round)))?;
        rounds[at].results.push(result);
    }
    Ok(rounds)
}

/// All columns of results but the thumbnails, also of an older version that can only be read.
pub(super) fn results_query(connection: &Connection) -> rusqlite::Result<String> {
    let has_made_with = schema::columns(connection, "result")?.iter().any(|name| name == "made_with");
    let made_with = if has_made_with { "made_with" } else { "'' AS made_with" };
    Ok(format!(
        "SELECT round, image, finished, picture, settings, seed, model, from_picture, file, starred, note, deleted,
            {made_with} FROM result ORDER BY round, image"
    ))
}

/// The start image of one round; `None` if it has none or there is no such round.
pub(super) fn round_start(connection: &Connection, round: RoundId) -> Parse<Option<StoredStart>> {
    let mut statement = connection.prepare("SELECT start, start_fit, start_paper FROM round WHERE id = ?1")?;
    let mut rows = statement.query([round as i64])?;
    rows.next()?.map_or(Ok(None), start)
}

/// What a row of the rounds says about its start image.
fn start(row: &Row<'_>) -> Parse<Option<StoredStart>> {
    let Some(picture) = get::<Option<String>>(row, "start")? else { return Ok(None) };
    let fit: String = get(row, "start_fit")?;
    Ok(Some(StoredStart {
        picture: hash(&picture)?,
        fit: Fit::ALL.into_iter().find(|known| known.id() == fit).ok_or_else(|| bad("start_fit", &fit))?,
        paper: color(&get::<String>(row, "start_paper")?)?,
    }))
}

/// A row of the rounds.
pub(super) fn round(row: &Row<'_>) -> Parse<StoredRound> {
    let start = start(row)?;
    let json: String = get(row, "settings")?;
    Ok(StoredRound {
        id: round_number(get(row, "id")?)?,
        begun: get(row, "begun")?,
        settings: Arc::new(settings(&json)?),
        plan: Arc::new(plan_from_json(&json)),
        place: frame_from_json(&json),
        model: get(row, "model")?,
        parent: result_id(get(row, "parent_round")?, get(row, "parent_image")?)?,
        ancestry: seeds(&get::<String>(row, "ancestry")?)?,
        start,
        deleted: get(row, "deleted")?,
        results: Vec::new(),
    })
}

/// A row of the results; see [`results_query`].
pub(super) fn result(row: &Row<'_>) -> Parse<StoredResult> {
    let id = result_id(Some(get(row, "round")?), Some(get(row, "image")?))?;
    Ok(StoredResult {
        id: id.ok_or_else(|| RowError::value("a result has no number"))?,
        finished: get(row, "finished")?,
        picture: hash(&get::<String>(row, "picture")?)?,
        recipe: Arc::new(Recipe {
            settings: settings(&get::<String>(row, "settings")?)?,
            seed: get::<i64>(row, "seed")? as u64,
            model: get(row, "model")?,
            from_picture: get(row, "from_picture")?,
            made_with: serde_json::from_str(&get::<String>(row, "made_with")?).unwrap_or_default(),
        }),
        file: get::<Option<String>>(row, "file")?.map(Into::into),
        starred: get(row, "starred")?,
        note: get(row, "note")?,
        deleted: get(row, "deleted")?,
    })
}

/// A value by the name of its column.
pub(super) fn get<T: FromSql>(row: &Row<'_>, column: &str) -> Parse<T> {
    Ok(row.get(column)?)
}

/// A value that cannot be used.
pub(super) fn bad(column: &str, value: &str) -> RowError {
    // A damaged value can be long and hold anything.
    let start: String = value.chars().filter(|c| !c.is_control()).take(40).collect();
    RowError::value(format!("{column} cannot be {start:?}"))
}

fn color(text: &str) -> Parse<Rgb> {
    Rgb::from_hex(text).ok_or_else(|| bad("paper", text))
}

fn seeds(text: &str) -> Parse<Ancestry> {
    serde_json::from_str(text).map_err(|_| bad("ancestry", text))
}

fn settings(text: &str) -> Parse<crate::document::Settings> {
    settings_from_json(text).ok_or_else(|| bad("settings", text))
}

fn hash(text: &str) -> Parse<BlobHash> {
    BlobHash::from_text(text).ok_or_else(|| bad("picture", text))
}

/// The number of a round, if it can be one.
pub(super) fn round_number(number: i64) -> Parse<usize> {
    match usize::try_from(number) {
        Ok(id) if (1..=LAST_ROUND).contains(&number) => Ok(id),
        _ => Err(RowError::value(format!("{number} is not the number of a round"))),
    }
}

fn result_id(round: Option<i64>, image: Option<i64>) -> Parse<Option<ResultId>> {
    let (Some(round), Some(image)) = (round, image) else { return Ok(None) };
    let round = round_number(round)?;
    match usize::try_from(image) {
        Ok(place) if image < MOST_IMAGES => Ok(Some(ResultId { round, image: place })),
        _ => Err(RowError::value(format!("{image} is not the place of a picture in its round"))),
    }
}
