//! Writes changes into a document file: pictures are encoded first, then everything goes into one transaction.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use image::RgbImage;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::early_result::{EarlyResults, is_early};
use super::{BlobHash, Changes, Committed, StoreError, StoredState, layer_rows, queue_rows, steps, tile_bytes};
use crate::document::settings_json::{document_to_json, round_to_json, settings_to_json};
use crate::document::{Ancestry, BegunRound, ResultId, RoundChange, RoundId};
use crate::engine::Recipe;
use crate::paint::TILE_SIDE;
use crate::picture::encode_png;

/// The longest side of a thumbnail in pixels.
const THUMBNAIL_SIDE: u32 = 160;

/// A PNG and its name.
pub(super) struct Png {
    hash: BlobHash,
    bytes: Vec<u8>,
}

/// A change with its pictures encoded.
pub(super) enum Encoded<'a> {
    Begun {
        round: &'a BegunRound,
        start: Option<Png>,
    },
    Finished {
        id: ResultId,
        recipe: &'a Recipe,
        picture: Png,
        thumbnail: Vec<u8>,
    },
    /// A finished picture that is in the file already.
    Early(ResultId, BlobHash),
    Other(&'a RoundChange),
}

impl<'a> Encoded<'a> {
    /// A finished picture.
    pub fn finished(id: ResultId, picture: &RgbImage, recipe: &'a Recipe, path: &Path) -> Result<Self, StoreError> {
        let thumbnail = png(&thumbnail(picture), None, path)?.bytes;
        Ok(Self::Finished { id, recipe, picture: png(picture, Some(&recipe.infotext()), path)?, thumbnail })
    }

    /// The hash of a finished picture.
    pub fn picture(&self) -> Option<BlobHash> {
        match self {
            Self::Finished { picture, .. } => Some(picture.hash),
            Self::Early(_, hash) => Some(*hash),
            Self::Begun { .. } | Self::Other(_) => None,
        }
    }
}

/// Commits changes as one transaction. `early` are pictures that are in the file already. Committing the same changes twice gives the same file as once.
pub(super) fn commit(
    connection: &mut Connection,
    path: &Path,
    changes: &Changes,
    early: &EarlyResults,
) -> Result<Committed, StoreError> {
    let tiles: Vec<Vec<u8>> = changes.tiles.iter().map(|tile| tile_bytes::deflate(&tile.rgb())).collect();
    let layer_tiles: Vec<Option<Vec<u8>>> = match &changes.layers {
        Some(layers) => {
            layers.tiles.iter().map(|tile| tile.pixels.as_ref().map(|tile| tile_bytes::deflate(tile.bytes()))).collect()
        }
        None => Vec::new(),
    };
    let rounds = changes.rounds.iter().map(|change| encode(change, path, early)).collect::<Result<Vec<_>, _>>()?;
    write(connection, changes, (&tiles, &layer_tiles), &rounds).map_err(|error| StoreError::write(path, &error))?;
    let pictures = rounds.iter().filter_map(|change| match change {
        Encoded::Finished { id, picture, .. } => Some((*id, picture.hash)),
        Encoded::Early(id, hash) => Some((*id, *hash)),
        Encoded::Begun { .. } | Encoded::Other(_) => None,
    });
    let starts = rounds.iter().filter_map(|change| match change {
        Encoded::Begun { round, start } => Some((round.id, start.as_ref()?.hash)),
        Encoded::Finished { .. } | Encoded::Early(..) | Encoded::Other(_) => None,
    });
    Ok(Committed { pictures: pictures.collect(), starts: starts.collect() })
}

fn encode<'a>(change: &'a RoundChange, path: &Path, early: &EarlyResults) -> Result<Encoded<'a>, StoreError> {
    if let Some((id, hash)) = is_early(early, change) {
        return Ok(Encoded::Early(id, hash));
    }
    Ok(match change {
        RoundChange::Begun(round) => {
            let start = round.start.as_ref().map(|start| png(&start.picture, None, path)).transpose()?;
            Encoded::Begun { round, start }
        }
        RoundChange::Finished { id, picture, recipe } => Encoded::finished(*id, picture, recipe, path)?,
        other => Encoded::Other(other),
    })
}

fn png(picture: &RgbImage, settings: Option<&str>, path: &Path) -> Result<Png, StoreError> {
    let bytes = encode_png(picture, settings)
        .map_err(|error| StoreError::Write { path: path.to_path_buf(), reason: error.to_string() })?;
    Ok(Png { hash: BlobHash::of(&bytes), bytes })
}

/// A small copy of a picture, at most 160 pixels wide and high.
pub(in crate::document) fn thumbnail(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= THUMBNAIL_SIDE {
        return picture.clone();
    }
    let side = |side: u32| (side * THUMBNAIL_SIDE / longest).max(1);
    image::imageops::thumbnail(picture, side(width), side(height))
}

fn write(
    connection: &mut Connection,
    changes: &Changes,
    (tiles, layer_tiles): (&[Vec<u8>], &[Option<Vec<u8>>]),
    rounds: &[Encoded<'_>],
) -> rusqlite::Result<()> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    write_state(&transaction, &changes.state)?;
    {
        let size = changes.state.size;
        let mut insert = transaction.prepare(
            "INSERT INTO tile (x, y, pixels) VALUES (?1, ?2, ?3) ON CONFLICT (x, y) DO UPDATE SET pixels = excluded.pixels",
        )?;
        for (tile, pixels) in changes.tiles.iter().zip(tiles) {
            insert.execute(params![number(tile.place.column), number(tile.place.row), pixels])?;
        }
        // Those of a canvas that was larger.
        let (across, down) = (size.width().div_ceil(TILE_SIDE), size.height().div_ceil(TILE_SIDE));
        transaction.execute("DELETE FROM tile WHERE x >= ?1 OR y >= ?2", params![number(across), number(down)])?;
    }
    if let Some(layers) = &changes.layers {
        layer_rows::write(&transaction, layers, layer_tiles)?;
    }
    steps::record(&transaction, changes, tiles)?;
    for change in rounds {
        write_round(&transaction, change)?;
    }
    if let Some(jobs) = &changes.queue {
        queue_rows::write(&transaction, jobs)?;
    }
    transaction.commit()
}

fn write_state(transaction: &Transaction<'_>, state: &StoredState) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT OR REPLACE INTO document (id, width, height, paper, ancestry, origin_round, origin_image, settings,
            model, next_round, shown_round) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            number(state.size.width()),
            number(state.size.height()),
            state.paper.hex(),
            seeds(&state.ancestry),
            state.origin.map(|id| number(id.round)),
            state.origin.map(|id| number(id.image)),
            document_to_json(state),
            state.model,
            number(state.next_round),
            state.shown_round.map(number),
        ],
    )?;
    let sql = "INSERT OR REPLACE INTO view (id, state) VALUES (1, ?1)";
    transaction.execute(sql, [state.view.to_json()])?;
    Ok(())
}

pub(super) fn write_round(transaction: &Transaction<'_>, change: &Encoded<'_>) -> rusqlite::Result<()> {
    match change {
        Encoded::Begun { round, start } => {
            if let Some(start) = start {
                write_blob(transaction, start)?;
            }
            let from = round.start.as_ref();
            transaction.execute(
                "INSERT INTO round (id, begun, settings, model, parent_round, parent_image, ancestry, start, start_fit,
                    start_paper) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING",
                params![
                    number(round.id),
                    round.begun,
                    round_to_json(&round.settings, &round.plan, round.place),
                    round.model,
                    round.parent.map(|id| number(id.round)),
                    round.parent.map(|id| number(id.image)),
                    seeds(&round.ancestry),
                    start.as_ref().map(|start| start.hash.to_string()),
                    from.map(|start| start.fit.id()),
                    from.map(|start| start.paper.hex()),
                ],
            )?;
        }
        Encoded::Finished { id, recipe, picture, thumbnail } => {
            write_blob(transaction, picture)?;
            transaction.execute(
                "INSERT INTO result (round, image, finished, picture, settings, seed, model, from_picture, thumbnail,
                        made_with) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                    ON CONFLICT (round, image) DO UPDATE SET picture = excluded.picture, settings = excluded.settings,
                        seed = excluded.seed, model = excluded.model, from_picture = excluded.from_picture,
                        thumbnail = excluded.thumbnail, made_with = excluded.made_with",
                params![
                    number(id.round),
                    number(id.image),
                    now(),
                    picture.hash.to_string(),
                    settings_to_json(&recipe.settings),
                    recipe.seed as i64,
                    recipe.model,
                    recipe.from_picture,
                    thumbnail,
                    // Four texts can always be written.
                    serde_json::to_string(&recipe.made_with).unwrap_or_default(),
                ],
            )?;
        }
        Encoded::Early(..) => {}
        Encoded::Other(change) => write_mark(transaction, change)?,
    }
    Ok(())
}

fn write_mark(transaction: &Transaction<'_>, change: &RoundChange) -> rusqlite::Result<()> {
    let set = |column: &str, id: &ResultId, value: &dyn rusqlite::ToSql| {
        let sql = format!("UPDATE result SET {column} = ?3 WHERE round = ?1 AND image = ?2");
        transaction.execute(&sql, params![number(id.round), number(id.image), value]).map(|_| ())
    };
    match change {
        // A path that is not UTF-8 is left out: the picture is in this file all the same.
        RoundChange::Saved(id, file) => set("file", id, &file.to_str()),
        RoundChange::Starred(id, starred) => set("starred", id, starred),
        RoundChange::Noted(id, note) => set("note", id, note),
        RoundChange::Deleted(id, deleted) => set("deleted", id, deleted),
        RoundChange::RoundDeleted(round, deleted) => {
            let sql = "UPDATE round SET deleted = ?2 WHERE id = ?1";
            transaction.execute(sql, params![number(*round), deleted]).map(|_| ())
        }
        RoundChange::Begun(_) | RoundChange::Finished { .. } => Ok(()),
    }
}

fn write_blob(transaction: &Transaction<'_>, png: &Png) -> rusqlite::Result<()> {
    let sql = "INSERT INTO blob (hash, bytes) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING";
    transaction.execute(sql, params![png.hash.to_string(), png.bytes])?;
    Ok(())
}

/// Whether there is such a round in the file.
pub(super) fn has_round(connection: &Connection, round: RoundId) -> rusqlite::Result<bool> {
    connection
        .query_row("SELECT count(*) FROM round WHERE id = ?1", [number(round)], |row| row.get::<_, i64>(0))
        .map(|count| count > 0)
}

/// Seeds as a JSON list.
fn seeds(ancestry: &Ancestry) -> String {
    // A list of numbers can always be written.
    serde_json::to_string(ancestry).unwrap_or_else(|_| "[]".into())
}

/// A count or number as SQLite keeps it.
fn number(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Now, in seconds since 1970.
pub(in crate::document) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
