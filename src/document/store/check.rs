//! Looks whether everything in a document file is whole.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::Connection;

use super::{BlobHash, Store, StoreError};
use crate::document::ResultId;
use crate::paint::{Canvas, Composition};

/// How many problems of SQLite's own check are listed.
const MOST_PROBLEMS: i64 = 20;

/// What [`check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// How many rounds there are.
    pub rounds: usize,
    /// How many finished pictures there are.
    pub results: usize,
    /// How many PNG files are kept.
    pub pictures: usize,
    /// What is wrong, each as one sentence; empty if all is well.
    pub problems: Vec<String>,
}

/// Reads all of a document file and looks for damage: in the database, in the hashes of pictures, in references
/// to pictures, rounds and parents that do not exist, and in the canvas. Nothing in the file changes.
///
/// # Errors
/// If the file cannot be opened at all.
pub fn check(path: &Path) -> Result<CheckReport, StoreError> {
    let store = Store::open_read_only(path)?;
    let mut report = CheckReport::default();
    if let Err(error) = database(&store.connection, &mut report.problems) {
        report.problems.push(StoreError::read(path, &error).to_string());
    }
    let mut hashes = HashSet::new();
    if let Err(error) = pictures(&store.connection, &mut hashes, &mut report) {
        report.problems.push(StoreError::read(path, &error).to_string());
    }
    match store.load() {
        Err(error) => report.problems.push(error.to_string()),
        Ok(document) => {
            report.rounds = document.rounds.len();
            let results: HashSet<ResultId> =
                document.rounds.iter().flat_map(|round| &round.results).map(|result| result.id).collect();
            report.results = results.len();
            let missing = |id: &ResultId| !results.contains(id);
            let mut problem = |text: String| report.problems.push(text);
            for round in &document.rounds {
                let number = round.id;
                if let Some(parent) = round.parent.filter(missing) {
                    let ResultId { round, image } = parent;
                    problem(format!(
                        "Round {number} came from result {} of round {round}, which is missing.",
                        image + 1
                    ));
                }
                if round.start.as_ref().is_some_and(|start| !hashes.contains(&start.picture)) {
                    problem(format!("The start image of round {number} is missing."));
                }
                for result in round.results.iter().filter(|result| !hashes.contains(&result.picture)) {
                    problem(format!("The picture of result {} of round {number} is missing.", result.id.image + 1));
                }
            }
            if let Some(ResultId { round, image }) = document.state.origin.filter(missing) {
                problem(format!("The canvas came from result {} of round {round}, which is missing.", image + 1));
            }
            let composed = document
                .layers
                .as_ref()
                .map(|layers| Canvas::composed(layers, document.state.paper, Composition::Picture));
            if composed.is_some_and(|composed| !composed.shows_the_same_as(&document.canvas)) {
                problem("The layers do not give the picture of the canvas.".into());
            }
            if document.rounds.last().is_some_and(|last| last.id >= document.state.next_round) {
                problem("The number of the next round is used already.".into());
            }
        }
    }
    Ok(report)
}

/// SQLite's own check of pages, types and references.
fn database(connection: &Connection, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut found: Vec<String> = Vec::new();
    let walked = connection.pragma(None, "integrity_check", MOST_PROBLEMS, |row| {
        let text: String = row.get(0)?;
        if text != "ok" {
            found.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        Ok(())
    });
    if let Some(first) = found.first() {
        let count = match found.len() {
            1 => "one place".to_owned(),
            many if many as i64 >= MOST_PROBLEMS => format!("at least {many} places"),
            many => format!("{many} places"),
        };
        // Whoever looks for the cause of damage needs to know where it is.
        problems.push(format!(
            "The file's structure is damaged in {count}. The first, in SQLite's words: {}.",
            first.trim_end_matches('.')
        ));
    }
    walked
}

/// Reads every picture and compares its hash.
fn pictures(connection: &Connection, hashes: &mut HashSet<BlobHash>, report: &mut CheckReport) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT hash, bytes FROM blob")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        report.pictures += 1;
        let (name, bytes): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
        match BlobHash::from_text(&name) {
            Some(hash) if hash == BlobHash::of(&bytes) => {
                hashes.insert(hash);
            }
            Some(hash) => report.problems.push(format!("The picture {hash} is not what was written.")),
            None => report.problems.push("A picture has no valid hash.".into()),
        }
    }
    Ok(())
}
