//! What a document file holds, in a few numbers, without reading its pictures.

use std::path::Path;

use super::{Store, StoreError, header, schema};

/// A document file in a few numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSummary {
    /// The version of its tables.
    pub version: i32,
    /// Width and height of the canvas in pixels.
    pub canvas: (usize, usize),
    /// Rounds, without deleted ones.
    pub rounds: usize,
    /// Finished pictures, without deleted ones.
    pub results: usize,
    /// Rounds that wait to be made.
    pub waiting: usize,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// What a quick look found wrong, as one sentence. [`check`](super::check()) reads all of the file and may find more.
    pub problem: Option<String>,
}

/// Whether a file is a document, as far as its first bytes say.
pub fn is_document(path: &Path) -> bool {
    header::look_at(path).is_ok()
}

/// Reads what a document file holds. Nothing in it changes. The structure of the file is looked at too, in less than a
/// second for most files; pictures are not.
///
/// # Errors
/// If the file cannot be opened, or what is in it cannot be read.
pub fn summary(path: &Path) -> Result<DocumentSummary, StoreError> {
    let bytes = std::fs::metadata(path).map_err(|error| StoreError::open_io(path, &error))?.len();
    let store = Store::open_read_only(path)?;
    let fail = |error: rusqlite::Error| StoreError::read(path, &error);
    let version = schema::version_of(&store.connection).map_err(fail)?;
    let document = store.load()?;
    let rounds: Vec<_> = document.rounds.iter().filter(|round| !round.deleted).collect();
    let results = rounds.iter().flat_map(|round| &round.results).filter(|result| !result.deleted).count();
    let found: String = store.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(fail)?;
    let problem = (found != "ok").then(|| {
        "The file's structure is damaged. underpaint check says where, and --salvage saves what can be read.".into()
    });
    Ok(DocumentSummary {
        version,
        canvas: (document.state.size.width(), document.state.size.height()),
        rounds: rounds.len(),
        results,
        waiting: document.queue.len(),
        bytes,
        problem,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Deletable;
    use crate::document::store::tests::{created, place};
    use crate::document::tests::{document, make_round};

    #[test]
    fn a_document_is_summed_up_without_what_was_deleted() {
        let (folder, path) = place();
        let mut document = document();
        for seed in 1..=3 {
            make_round(&mut document, seed);
        }
        document.delete(Deletable::Round(2)).expect("deletes");
        drop(created(&path, &mut document));
        assert!(is_document(&path));
        let found = summary(&path).expect("reads");
        assert_eq!((found.version, found.canvas, found.rounds, found.results), (schema::VERSION, (64, 64), 2, 2));
        assert_eq!((found.waiting, found.problem, found.bytes > 1000), (0, None, true));
        let other = folder.path().join("x.underpaint");
        std::fs::write(&other, "no document").expect("writes");
        assert!(!is_document(&other) && summary(&other).is_err());
    }
}
