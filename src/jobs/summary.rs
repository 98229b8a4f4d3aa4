//! Makes contact sheets and time-lapses of documents.

use std::path::Path;

use super::task::ContactResult;
use super::{FileReport, Reporter};
use crate::document::TimeLapse;
use crate::document::store::Store;
use crate::picture::{ContactPicture, FileKind, contact_sheet, encode, write_atomically};

/// Draws the results of a round as one picture and writes it.
pub(super) fn write_sheet(title: &str, results: &[ContactResult], store: Option<&Store>, path: &Path) -> FileReport {
    let made = results
        .iter()
        .map(|one| {
            let picture = (*one.picture.decode(store).map_err(|error| error.to_string())?).clone();
            Ok(ContactPicture { picture, recipe: (*one.recipe).clone(), image: one.image })
        })
        .collect::<Result<Vec<_>, String>>()
        .and_then(|pictures| {
            let kind = FileKind::from_path(path).unwrap_or_default();
            encode(&contact_sheet(title, &pictures), kind, None).map_err(|error| error.to_string())
        })
        .and_then(|bytes| write_atomically(path, &bytes).map_err(|error| error.to_string()));
    match made {
        Ok(()) => FileReport::Saved(path.to_path_buf()),
        Err(reason) => FileReport::Failed(reason),
    }
}

/// Makes a time-lapse on a thread of its own: it takes seconds, and the document must be written meanwhile.
pub(super) fn write_time_lapse(document: &Path, lapse: TimeLapse, path: &Path, reporter: &Reporter) {
    let (document, path, reporter) = (document.to_path_buf(), path.to_path_buf(), reporter.clone());
    std::thread::spawn(move || {
        let made = Store::open_read_only(&document)
            .map_err(|error| error.to_string())
            .and_then(|store| lapse.make(&store).map_err(|error| error.to_string()))
            .and_then(|bytes| write_atomically(&path, &bytes).map_err(|error| error.to_string()));
        reporter.send(match made {
            Ok(()) => FileReport::Saved(path),
            Err(reason) => FileReport::Failed(reason),
        });
    });
}
