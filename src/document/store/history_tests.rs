//! Deleted rounds, views and renamed files, in and out of files.

use std::path::Path;

use super::tests::{assert_same, created, place, worked_on};
use super::*;
use crate::document::tests::dot;
use crate::document::{Deletable, Document, HistoryView, ResultId, ViewState};

fn reopened(path: &Path) -> Document {
    Document::from_stored(Store::open(path).expect("opens").load().expect("loads"))
}

#[test]
fn what_is_deleted_stays_deleted_keeps_its_number_and_comes_back_whole() {
    let (_folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    document.delete(Deletable::Round(1)).expect("deletes");
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    let mut again = reopened(&path);
    assert_same(&document, &again);
    assert!(again.rounds().get(1).is_none());
    assert_eq!(again.rounds().next_id(), 3);
    assert_eq!(again.begin_round(5, "m".into()).0, 3, "numbers are never used again");
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());

    let mut store = Store::open(&path).expect("opens");
    document.undo();
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    let again = reopened(&path);
    assert_same(&document, &again);
    let result = again.rounds().result(ResultId { round: 1, image: 0 }).expect("it is back");
    assert!(result.starred && result.note.contains("too dark"));
}

#[test]
fn the_start_image_of_a_round_is_read_by_its_number() {
    let (_folder, path) = place();
    let mut document = worked_on();
    let store = created(&path, &mut document);
    let start = store.start_image(1).expect("reads").expect("it started from the canvas");
    assert_eq!(start.picture.dimensions(), (150, 90));
    assert!(store.start_image(9).expect("reads").is_none());
    let paper = document.rounds().get(1).and_then(|round| round.start).map(|start| start.paper);
    assert_eq!(paper, Some(document.paper()));
    drop(store);
    let round = |document: &Document| document.rounds().get(1).expect("made").start;
    assert_eq!(round(&reopened(&path)), round(&document));
}

#[test]
fn the_view_comes_back_and_a_broken_one_loses_nothing_else() {
    let (_folder, path) = place();
    let mut document = worked_on();
    document.note_view(ViewState { result: 1, history: Some(HistoryView::Tree), ..ViewState::default() });
    let store = created(&path, &mut document);
    drop(store);
    assert_eq!(reopened(&path).view(), document.view());
    for broken in ["UPDATE view SET state = '{\"history\": 3'", "DELETE FROM view"] {
        Connection::open(&path).expect("opens").execute(broken, []).expect("breaks it");
        let again = reopened(&path);
        assert_eq!(again.view(), &ViewState::default(), "{broken}");
        assert_same(&document, &again);
    }
}

#[test]
fn a_file_of_version_1_gets_a_view_and_can_be_read_as_it_is() {
    let (_folder, path) = place();
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1.underpaint");
    std::fs::copy(first, &path).expect("copies");
    let bytes = std::fs::read(&path).expect("reads");
    let store = Store::open_read_only(&path).expect("opens without a change");
    let before = Document::from_stored(store.load().expect("loads"));
    assert_eq!(before.view(), &ViewState::default());
    drop(store);
    assert!(std::fs::read(&path).expect("reads") == bytes);

    let mut store = Store::open(&path).expect("migrates");
    assert_eq!(schema::version_of(&store.connection).expect("reads"), schema::VERSION);
    let mut after = Document::from_stored(store.load().expect("loads"));
    assert_same(&before, &after);
    after.note_view(ViewState { history: Some(HistoryView::Strip), ..ViewState::default() });
    store.commit(&after.take_changes()).expect("commits");
    drop(store);
    assert_eq!(reopened(&path).view().history, Some(HistoryView::Strip));
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());
}

#[test]
fn a_renamed_file_goes_on_under_its_new_name_and_the_old_one_is_gone() {
    let (folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    dot(&mut document, 9.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    let new = folder.path().join("apple.underpaint");
    store.rename(&new).expect("renames");
    assert_eq!(store.path(), new);
    assert!(!path.exists() && !path.with_extension("underpaint-wal").exists());
    dot(&mut document, 60.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    assert_eq!(Store::open(&new).expect("opens").read_only(), Some(ReadOnlyReason::InUse));
    assert!(!Store::is_taken(&path), "the old name is free again");
    drop(store);
    assert_same(&document, &reopened(&new));
}

#[test]
fn a_name_that_is_taken_or_a_file_that_can_only_be_read_is_not_renamed() {
    let (folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    let taken = folder.path().join("taken.underpaint");
    std::fs::write(&taken, "somebody else's").expect("writes");
    let text = store.rename(&taken).expect_err("refused").to_string();
    assert!(text.contains("of this name already"), "{text}");
    assert_eq!(std::fs::read_to_string(&taken).expect("reads"), "somebody else's");
    let text = store.rename(&folder.path().join("missing/a.underpaint")).expect_err("refused").to_string();
    assert!(text.contains("could not be written"), "{text}");
    let mut second = Store::open(&path).expect("opens");
    second.rename(&folder.path().join("b.underpaint")).expect_err("it can only be read");
    assert_eq!(store.path(), path);
    dot(&mut document, 60.0, 9.0);
    store.commit(&document.take_changes()).expect("it goes on under its name");
}

#[test]
fn a_document_without_a_file_is_made_under_its_new_name() {
    let (folder, path) = place();
    let mut file = DocumentFile::New(NewDocument::claim(&path).expect("claims"));
    let new = folder.path().join("apple.underpaint");
    file.rename(&new).expect("renames");
    assert!(!Store::is_taken(&path));
    file.commit(&worked_on().take_changes()).expect("makes the file");
    assert!(new.exists() && !path.exists());
}
