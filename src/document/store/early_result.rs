//! A finished picture committed on its own, before the window tells what else has changed.

use std::collections::HashMap;
use std::path::Path;

use image::RgbImage;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::write::{self, Encoded};
use super::{BlobHash, Store, StoreError};
use crate::document::{ResultId, RoundChange};
use crate::engine::Recipe;

/// The pictures that were committed on their own, until the changes of which they are part arrive.
pub(super) type EarlyResults = HashMap<ResultId, BlobHash>;

impl Store {
    /// Commits a finished picture of a round that is in the file; it is on the disk when this returns. The same picture
    /// may be among later [`Changes`](super::Changes), which then do not write it again. Returns whether the round is in
    /// the file.
    ///
    /// # Errors
    /// If the file can only be read or cannot be written. Nothing is lost: the changes hold the picture too.
    pub fn commit_result(&mut self, id: ResultId, picture: &RgbImage, recipe: &Recipe) -> Result<bool, StoreError> {
        self.make_ready()?;
        let known =
            write::has_round(&self.connection, id.round).map_err(|error| StoreError::write(&self.path, &error))?;
        if known {
            let hash = commit(&mut self.connection, &self.path, id, picture, recipe)?;
            self.early.insert(id, hash);
        }
        Ok(known)
    }

    /// Refuses a file that can only be read, brings a removed one back, and sets the connection up for writing.
    pub(super) fn make_ready(&mut self) -> Result<(), StoreError> {
        if let Some(reason) = self.read_only {
            return Err(StoreError::ReadOnly { reason: reason.sentence(&self.path) });
        }
        self.bring_back()?;
        self.prepare().map_err(|error| StoreError::write(&self.path, &error))
    }
}

fn commit(
    connection: &mut Connection,
    path: &Path,
    id: ResultId,
    picture: &RgbImage,
    recipe: &Recipe,
) -> Result<BlobHash, StoreError> {
    let encoded = Encoded::finished(id, picture, recipe, path)?;
    let done = (|| -> rusqlite::Result<()> {
        let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
        write::write_round(&transaction, &encoded)?;
        transaction.commit()
    })();
    done.map_err(|error| StoreError::write(path, &error))?;
    // What was encoded as finished has a picture.
    encoded.picture().ok_or_else(|| StoreError::damaged(path, "a picture is missing"))
}

/// Which of these changes are finished pictures that are in the file already.
pub(super) fn is_early(early: &EarlyResults, change: &RoundChange) -> Option<(ResultId, BlobHash)> {
    match change {
        RoundChange::Finished { id, .. } => Some((*id, *early.get(id)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::document::store::tests::{created, place};
    use crate::document::tests::{document, finish};

    fn reopened(path: &Path) -> Document {
        Document::from_stored(Store::open_read_only(path).expect("opens").load().expect("loads"))
    }

    #[test]
    fn a_finished_picture_is_in_the_file_before_the_window_says_anything_and_is_written_once() {
        let (_folder, path) = place();
        let mut document = document();
        let mut store = created(&path, &mut document);
        let (round, _) = document.begin_round(5, "m".into());
        let id = ResultId { round, image: 2 };
        finish(&mut document, id, 7);
        let result = document.rounds().result(id).expect("finished").clone();
        let picture = result.image.pixels().expect("in memory").clone();
        assert!(!store.commit_result(id, &picture, &result.recipe).expect("asks"), "its round is not in the file");
        let changes = document.take_changes();
        let only_begun = |change: &RoundChange| matches!(change, RoundChange::Begun(_));
        let begun = super::super::Changes {
            rounds: changes.rounds.iter().filter(|change| only_begun(change)).cloned().collect(),
            state: changes.state.clone(),
            tiles: Vec::new(),
            layers: None,
            queue: None,
        };
        store.commit(&begun).expect("commits");
        assert!(store.commit_result(id, &picture, &result.recipe).expect("commits"));
        // What a kill at this moment leaves.
        let left = reopened(&path);
        assert_eq!(left.rounds().result(id).map(|result| result.recipe.seed), Some(7));

        document.return_changes(&changes);
        document.rounds_mut().star(id, true);
        let committed = store.commit(&document.take_changes()).expect("commits");
        assert_eq!(committed.pictures.len(), 1, "the window is told where it is");
        assert!(store.picture(committed.pictures[0].1).is_ok() && store.early.is_empty());
        assert!(reopened(&path).rounds().result(id).is_some_and(|result| result.starred));
    }

    #[test]
    fn a_file_that_can_only_be_read_takes_no_picture() {
        let (_folder, path) = place();
        let mut document = document();
        drop(created(&path, &mut document));
        let mut store = Store::open_read_only(&path).expect("opens");
        let refused = store.commit_result(ResultId { round: 1, image: 0 }, &RgbImage::new(8, 8), &Recipe::default());
        assert!(matches!(refused, Err(StoreError::ReadOnly { .. })));
    }
}
