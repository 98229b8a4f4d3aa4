//! Documents in and out of files, told as stories.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::document::tests::{document, dot, make_round, noise, sheet, state_of};
use crate::document::{Document, Mark, ResultId};
use crate::paint::{Brush, PenSample, Rgb, Selection};

/// A folder, and the name of a document in it.
pub(super) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("work.underpaint");
    (folder, path)
}

/// A document with a drawing and two rounds, the second from a result of the first.
pub(super) fn worked_on() -> Document {
    let mut document = document();
    document.settings_mut().batch = 2;
    document.open_picture(sheet(150, 90, Rgb([10, 200, 30])), vec![3]);
    dot(&mut document, 30.0, 30.0);
    let first = make_round(&mut document, 7);
    document.paint_over(first, sheet(150, 90, Rgb::BLACK));
    make_round(&mut document, 9);
    document.rounds_mut().star(first, true);
    document.rounds_mut().note(first, "leaves \"too dark\" 🍐");
    document.rounds_mut().saved(first, "/pictures/00001-7.png".into());
    document.settings_mut().prompt = "a pear".into();
    document.set_model("m".into());
    document.note_shown_round(2);
    document
}

pub(super) fn created(path: &Path, document: &mut Document) -> Store {
    Store::create(path, &document.take_changes()).expect("creates")
}

/// Whether two documents are the same as far as a file keeps them.
pub(super) fn assert_same(one: &Document, other: &Document) {
    assert!(state_of(one) == state_of(other), "the canvas");
    for mark in [Mark::Selection, Mark::Mask] {
        assert!(one.marked(mark) == other.marked(mark), "{mark:?}");
    }
    assert_eq!(one.frame(), other.frame());
    assert_eq!((one.settings(), one.model()), (other.settings(), other.model()));
    assert_eq!(one.rounds().next_id(), other.rounds().next_id());
    let waits = |round: &crate::document::Round| one.queue().job(round.id).is_some();
    let shown: Vec<_> = one.rounds().iter().filter(|round| round.has_results() || waits(round)).collect();
    assert_eq!(shown.len(), other.rounds().count());
    for (one, other) in shown.into_iter().zip(other.rounds().iter()) {
        assert_eq!(
            (one.id, &one.settings, one.parent, &one.ancestry, one.place),
            (other.id, &other.settings, other.parent, &other.ancestry, other.place)
        );
        assert_eq!((one.slots.len(), &one.model), (other.slots.len(), &other.model));
        for (one, other) in one.slots.iter().zip(&other.slots) {
            let facts = |slot: &crate::document::Slot| {
                slot.result().map(|r| (r.recipe.clone(), r.parent, r.file.clone(), r.starred, r.note.clone()))
            };
            assert_eq!(facts(one), facts(other));
        }
    }
}

fn reopened(path: &Path) -> Document {
    Document::from_stored(Store::open(path).expect("opens").load().expect("loads"))
}

fn files_in(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).expect("lists").map(|e| e.expect("entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_round_comes_back_with_its_sheet_and_a_place_for_each_picture() {
    let (_folder, path) = place();
    let mut before = worked_on();
    let mask = crate::engine::Mask::from_fn(64, 64, |x, _| x == 3);
    let plan = crate::engine::Plan {
        sheet: Some(crate::engine::Sheet::strength_ladder()),
        mask: Some(mask),
        ..Default::default()
    };
    let (round, _) = before.begin_planned(5, plan, "m".into());
    crate::document::tests::finish(&mut before, ResultId { round, image: 1 }, 5);
    before.rounds_mut().end(round);
    drop(created(&path, &mut before));
    let after = reopened(&path);
    assert_same(&before, &after);
    let round = after.rounds().get(round).expect("the round");
    assert_eq!((round.slots.len(), &round.plan), (4, &before.rounds().get(round.id).expect("the round").plan));
    assert!(round.plan.sheet.is_some());
}

#[test]
fn mask_and_selection_are_there_after_reopening() {
    let (_folder, path) = place();
    let mut before = worked_on();
    let size = before.canvas().size();
    let mask = Selection::ellipse(size, (10.0, 10.0), (60.0, 50.0), true).feathered(5.0);
    before.set_mark(Mark::Mask, Some(mask.clone()));
    let selection = mask.grown(3.0);
    before.set_mark(Mark::Selection, Some(selection.clone()));
    drop(created(&path, &mut before));
    let mut after = reopened(&path);
    assert!(after.mask().is_some_and(|kept| kept.is_like(&mask)));
    assert!(after.selection().is_some_and(|kept| kept.is_like(&selection)) && !after.can_undo());
    after.set_mark(Mark::Mask, None);
    let mut store = Store::open(&path).expect("opens");
    store.commit(&after.take_changes()).expect("commits");
    let again = Document::from_stored(store.load().expect("loads"));
    assert!(again.mask().is_none() && again.selection().is_some());
    after.set_mark(Mark::Selection, None);
    store.commit(&after.take_changes()).expect("commits");
    assert!(Document::from_stored(store.load().expect("loads")).selection().is_none());
}

#[test]
fn what_was_painted_since_the_last_pick_is_known_after_reopening() {
    let (_folder, path) = place();
    let mut before = worked_on();
    dot(&mut before, 100.0, 50.0);
    let painted = before.painted();
    assert!(painted.is_painted(100, 50) && !painted.is_painted(30, 30));
    drop(created(&path, &mut before));
    let mut after = reopened(&path);
    assert_eq!(after.painted(), painted);
    dot(&mut after, 30.0, 30.0);
    assert!(after.painted().is_painted(100, 50) && after.painted().is_painted(30, 30));
    after.new_sheet(Rgb::WHITE);
    assert!(after.painted().is_empty());
    let mut store = Store::open(&path).expect("opens");
    store.commit(&after.take_changes()).expect("commits");
    assert!(Document::from_stored(store.load().expect("loads")).painted().is_empty());
}

#[test]
fn a_document_comes_back_with_its_canvas_rounds_and_pictures() {
    let (folder, path) = place();
    let mut before = worked_on();
    let store = created(&path, &mut before);
    assert_eq!(store.read_only(), None);
    drop(store);
    let store = Store::open(&path).expect("opens");
    let stored = store.load().expect("loads");
    let start = stored.rounds[0].start.clone().expect("it started from the canvas");
    let start = crate::picture::read(&store.picture(start.picture).expect("kept"), "it").expect("a picture");
    assert_eq!(start.dimensions(), (150, 90));
    assert_eq!(start.get_pixel(140, 80).0, [10, 200, 30]);
    let after = Document::from_stored(stored);
    assert_same(&before, &after);
    assert!(!after.can_undo() && !after.has_changes());
    assert_eq!(after.shown_round(), Some(2));
    let id = ResultId { round: 1, image: 0 };
    let pixels = after.rounds().result(id).expect("kept").image.decode(Some(&store)).expect("decodes");
    assert_eq!(*pixels, image::RgbImage::new(64, 64));
    assert!(store.thumbnail(id).expect("reads").is_some_and(|png| png.starts_with(b"\x89PNG")));
    assert_eq!(store.thumbnail(ResultId { round: 9, image: 0 }).expect("reads"), None);
    drop(store);
    assert_eq!(
        files_in(folder.path()),
        if cfg!(unix) { &["work.underpaint"][..] } else { &[".work.underpaint.lock", "work.underpaint"] }
    );
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());
}

#[test]
fn a_commit_writes_the_changed_tiles_and_is_there_though_the_stroke_goes_on() {
    let (_folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    document.begin_stroke(Brush { size: 4.0, ..Brush::default() }, PenSample::mouse(20.0, 20.0, 0.0));
    document.stroke_to(PenSample::mouse(30.0, 20.0, 0.0));
    let changes = document.take_changes();
    assert_eq!(changes.tiles.len(), 1, "the stroke lies in one tile");
    assert!(changes.rounds.is_empty());
    store.commit(&changes).expect("commits");
    assert!(document.is_stroking() && !document.has_changes());
    // Whoever looks now, as after a crash, sees half the stroke.
    let seen = Document::from_stored(Store::open_read_only(&path).expect("opens").load().expect("loads"));
    assert_same(&document, &seen);
    document.stroke_to(PenSample::mouse(100.0, 20.0, 0.0));
    document.abandon_stroke();
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    assert_same(&document, &reopened(&path));
}

#[test]
fn another_size_of_the_canvas_leaves_no_old_tiles() {
    let (_folder, path) = place();
    let mut document = document();
    document.open_picture(sheet(400, 300, Rgb::BLACK), vec![]);
    let mut store = created(&path, &mut document);
    document.open_picture(sheet(70, 64, Rgb::WHITE), vec![]);
    store.commit(&document.take_changes()).expect("commits");
    let tiles: i64 = store.connection.query_row("SELECT count(*) FROM tile", [], |row| row.get(0)).expect("counts");
    assert_eq!(tiles, 2);
    document.undo();
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    assert_same(&document, &reopened(&path));
}

#[test]
fn opening_and_reading_change_not_one_byte() {
    let (folder, path) = place();
    drop(created(&path, &mut worked_on()));
    let mut store = Store::open(&path).expect("opens");
    let mut document = Document::from_stored(store.load().expect("loads"));
    dot(&mut document, 9.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    let (before, files) = (std::fs::read(&path).expect("reads"), files_in(folder.path()));
    for open in [Store::open, Store::open_read_only] {
        let store = open(&path).expect("opens");
        let stored = store.load().expect("loads");
        store.picture(stored.rounds[0].results[0].picture).expect("reads");
        drop(store);
        assert!(std::fs::read(&path).expect("reads") == before);
    }
    check(&path).expect("opens");
    assert!(std::fs::read(&path).expect("reads") == before);
    assert_eq!(files_in(folder.path()), files, "no files beside it");
}

#[test]
fn what_is_no_document_is_refused_with_a_sentence_and_left_alone() {
    let (folder, path) = place();
    drop(created(&path, &mut worked_on()));
    let good = std::fs::read(&path).expect("reads");
    let mut foreign = good.clone();
    foreign[68..72].fill(0);
    let mut no_version = good.clone();
    no_version[60..64].fill(0);
    let cases: [(&str, Option<&[u8]>, &str); 7] = [
        ("missing", None, "it does not exist"),
        ("empty", Some(b""), "it is empty and not an underpaint document"),
        ("text", Some(b"a shopping list"), "some other file"),
        ("short", Some(&good[..50]), "most of it is missing"),
        ("half", Some(&good[..good.len() / 2]), "is damaged"),
        ("foreign", Some(&foreign), "a database of another program"),
        ("no version", Some(&no_version), "its version is missing"),
    ];
    for (name, bytes, words) in cases {
        let file = folder.path().join(name);
        if let Some(bytes) = bytes {
            std::fs::write(&file, bytes).expect("writes");
        }
        let opened = Store::open(&file).and_then(|store| store.load().map(|_| ()));
        let text = opened.expect_err(name).to_string();
        assert!(text.contains(words) && text.contains(name) && text.ends_with('.'), "{name}: {text}");
        if let Some(bytes) = bytes {
            assert!(std::fs::read(&file).expect("reads") == bytes, "{name}");
            assert!(NewDocument::claim(&file).is_err(), "{name} is not written over");
        }
    }
    let text = Store::open(folder.path()).err().expect("refused").to_string();
    assert!(text.contains("a folder"), "{text}");
    let text = Store::open(&path.join("below")).err().expect("refused").to_string();
    assert!(text.contains("not a folder"), "{text}");
}

#[test]
fn a_newer_file_and_one_that_is_open_elsewhere_can_only_be_read() {
    let (_folder, path) = place();
    let mut document = worked_on();
    let mut first = created(&path, &mut document);
    let mut second = Store::open(&path).expect("opens");
    assert_eq!(second.read_only(), Some(ReadOnlyReason::InUse));
    let text = second.commit(&document.take_changes()).expect_err("refused").to_string();
    assert!(text.contains("open in another window"), "{text}");
    dot(&mut document, 60.0, 60.0);
    first.commit(&document.take_changes()).expect("commits");
    assert_same(&document, &Document::from_stored(second.load().expect("loads")));
    drop((first, second));
    assert_eq!(Store::open(&path).expect("opens").read_only(), None, "the lock is free again");

    rusqlite::Connection::open(&path).expect("opens").pragma_update(None, "user_version", 99).expect("updates");
    let before = std::fs::read(&path).expect("reads");
    let mut newer = Store::open(&path).expect("opens");
    assert_eq!(newer.read_only(), Some(ReadOnlyReason::Newer));
    newer.load().expect("what is known of it is read");
    let text = newer.commit(&document.take_changes()).expect_err("refused").to_string();
    assert!(text.contains("newer underpaint"), "{text}");
    let copy = path.with_file_name("copy.underpaint");
    assert!(newer.save_as(&copy).is_err(), "it could not be written there either");
    newer.copy_to(&copy).expect("copies");
    assert!(newer.copy_to(&path).expect_err("itself").to_string().contains("choose another name"));
    let loaded = Document::from_stored(newer.load().expect("loads"));
    drop(newer);
    let again = Store::open(&copy).expect("opens");
    assert_eq!(again.read_only(), Some(ReadOnlyReason::Newer));
    assert_same(&Document::from_stored(again.load().expect("loads")), &loaded);
    drop(again);
    assert!(std::fs::read(&path).expect("reads") == before);
}

#[test]
fn a_copy_becomes_the_open_file_and_the_old_one_stays_as_it_was() {
    let (folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    dot(&mut document, 9.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    let copy = folder.path().join("copy.underpaint");
    std::fs::write(&copy, "an old file, which the dialog has asked about").expect("writes");
    std::fs::write(folder.path().join("copy.underpaint-wal"), "its log").expect("writes");
    store.save_as(&copy).expect("copies");
    assert_eq!((store.path(), store.read_only()), (copy.as_path(), None));
    let old = document.canvas().to_rgb();
    dot(&mut document, 60.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    assert_same(&document, &reopened(&copy));
    assert!(reopened(&path).canvas().to_rgb() == old);
    // Onto itself, and onto what another window has open.
    let mut store = Store::open(&path).expect("opens");
    store.save_as(&path).expect("nothing to do");
    let other = Store::open(&copy).expect("opens");
    let text = store.save_as(&copy).expect_err("refused").to_string();
    assert!(text.contains("another window"), "{text}");
    assert_eq!(store.path(), path);
    drop(other);
}

#[test]
fn a_full_disk_leaves_the_old_state_and_the_same_changes_go_in_later() {
    let (_folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    let before = reopened_state(&path);
    let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("counts");
    store.limit_pages(pages);
    document.open_picture(noise(700), vec![]);
    make_round(&mut document, 11);
    let changes = document.take_changes();
    let text = store.commit(&changes).expect_err("full").to_string();
    assert!(text.ends_with("could not be written: the disk is full."), "{text}");
    document.return_changes(&changes);
    assert!(reopened_state(&path) == before, "nothing is half written");
    // Painting goes on, and the disk has room again.
    dot(&mut document, 300.0, 300.0);
    store.limit_pages(1 << 30);
    let committed = store.commit(&document.take_changes()).expect("commits");
    assert_eq!(committed.pictures.len(), 1);
    document.committed(&committed);
    drop(store);
    assert_same(&document, &reopened(&path));
}

fn reopened_state(path: &Path) -> (StoredState, Vec<StoredRound>, Vec<u8>) {
    let stored = Store::open_read_only(path).expect("opens").load().expect("loads");
    (stored.state, stored.rounds, stored.canvas.to_rgb())
}

#[cfg(unix)]
#[test]
fn a_file_removed_while_it_is_open_is_written_again_and_one_in_its_place_is_left_alone() {
    let (folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    dot(&mut document, 9.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    std::fs::remove_file(&path).expect("removes");
    dot(&mut document, 60.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    assert_eq!(Store::open(&path).expect("opens").read_only(), Some(ReadOnlyReason::InUse));
    drop(store);
    assert_same(&document, &reopened(&path));
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());

    let mut store = Store::open(&path).expect("opens");
    std::fs::remove_file(&path).expect("removes");
    std::fs::write(&path, "somebody else's").expect("writes");
    dot(&mut document, 9.0, 60.0);
    let changes = document.take_changes();
    let text = store.commit(&changes).expect_err("refused").to_string();
    assert!(text.contains("another file has taken its place"), "{text}");
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), "somebody else's");
    // The folder is gone.
    std::fs::remove_dir_all(folder.path()).expect("removes");
    let text = store.commit(&changes).expect_err("refused").to_string();
    assert!(text.contains("could not be written"), "{text}");
    std::fs::create_dir_all(folder.path()).expect("makes");
    store.commit(&changes).expect("the folder is back");
    drop(store);
    assert_same(&document, &reopened(&path));
}

#[test]
fn the_same_changes_twice_are_the_same_as_once() {
    let (_folder, path) = place();
    let mut document = worked_on();
    let changes = document.take_changes();
    let mut store = Store::create(&path, &changes).expect("creates");
    store.commit(&changes).expect("commits");
    let blobs: i64 = store.connection.query_row("SELECT count(*) FROM blob", [], |row| row.get(0)).expect("counts");
    assert_eq!(blobs, 4, "two start images and two results");
    drop(store);
    assert_same(&document, &reopened(&path));
}

#[test]
fn what_is_marked_as_deleted_is_kept_and_not_shown() {
    let (_folder, path) = place();
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    let id = ResultId { round: 2, image: 0 };
    let mut changes = document.take_changes();
    changes.rounds.push(crate::document::RoundChange::Deleted(id, true));
    store.commit(&changes).expect("commits");
    let stored = store.load().expect("loads");
    assert!(stored.rounds[1].results[0].deleted);
    store.picture(stored.rounds[1].results[0].picture).expect("kept");
    let shown = Document::from_stored(stored);
    assert_eq!((shown.rounds().count(), shown.rounds().next_id(), shown.shown_round()), (1, 3, None));
}

#[test]
fn a_round_that_was_cut_off_is_kept_without_results() {
    let (_folder, path) = place();
    let mut document = document();
    document.begin_round(5, "m".into());
    let store = created(&path, &mut document);
    let stored = store.load().expect("loads");
    assert_eq!((stored.rounds.len(), stored.rounds[0].results.len()), (1, 0));
    assert_eq!(stored.rounds[0].settings.seed, 5);
    let shown = Document::from_stored(stored);
    assert_eq!((shown.rounds().count(), shown.rounds().next_id()), (0, 2));
}

/// A read-only folder, as on a medium that cannot be written, where SQLite can make no files of its own.
#[test]
fn a_file_can_be_read_as_one_that_nobody_changes() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("50% apple #1?.underpaint");
    let mut document = worked_on();
    let mut store = created(&path, &mut document);
    dot(&mut document, 9.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    assert!(!connection::can_be_frozen(&path), "its log is there");
    drop(store);
    assert!(connection::can_be_frozen(&path));
    let files = files_in(folder.path());
    let frozen = connection::frozen(&path).expect("opens");
    assert_same(&document, &Document::from_stored(read::document(&frozen).expect("reads")));
    assert_eq!(files_in(folder.path()), files, "no files beside it");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8_is_one() {
    use std::os::unix::ffi::OsStringExt;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join(std::ffi::OsString::from_vec(b"caf\xe9.underpaint".to_vec()));
    let mut document = worked_on();
    drop(created(&path, &mut document));
    let mut store = Store::open(&path).expect("opens");
    dot(&mut document, 9.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    assert_same(&document, &reopened(&path));
}

/// A file as version 1 of the program wrote it. Later versions must read it.
#[test]
fn a_file_of_version_1_is_read() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("first.underpaint");
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1.underpaint");
    std::fs::copy(first, &path).expect("copies");
    let document = reopened(&path);
    let text = format!("{:?}", document.canvas());
    assert_eq!(text, "Canvas of 150 by 90 pixels");
    assert_eq!(document.canvas().color_at(149, 89), Some(Rgb::BLACK));
    assert_eq!((document.settings().prompt.as_str(), document.ancestry()), ("a pear", &[3, 7][..]));
    let result = document.rounds().result(ResultId { round: 1, image: 0 }).expect("a result");
    assert!(result.starred && result.note == "leaves \"too dark\" 🍐" && result.recipe.seed == 7);
    assert_eq!(document.rounds().get(2).and_then(|round| round.parent), Some(ResultId { round: 1, image: 0 }));
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());
}

/// A file of version 1 stays as it is where it is only read, and nothing of it is lost on any way.
#[test]
fn a_file_of_version_1_can_be_only_read_salvaged_and_worked_on() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("first.underpaint");
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1.underpaint");
    std::fs::copy(&first, &path).expect("copies");
    let store = Store::open_read_only(&path).expect("opens");
    let only_read = Document::from_stored(store.load().expect("loads"));
    assert!(store.steps().expect("reads").is_empty(), "it has no steps");
    drop(store);
    assert!(std::fs::read(&path).expect("reads") == std::fs::read(&first).expect("reads"), "not one byte changed");
    let saved = folder.path().join("saved.underpaint");
    let report = salvage(&path, &saved).expect("salvages");
    assert_eq!((report.losses, report.results), (Vec::new(), 2));
    assert_same(&only_read, &reopened(&saved));
    let mut store = Store::open(&path).expect("migrates");
    let mut document = Document::from_stored(store.load().expect("loads"));
    assert_same(&only_read, &document);
    dot(&mut document, 9.0, 9.0);
    let recipe = crate::engine::Recipe {
        seed: 5,
        made_with: crate::engine::MadeWith { precision: "f32".into(), ..Default::default() },
        ..Default::default()
    };
    document.settings_mut().batch = 1;
    let (round, _) = document.begin_round(5, "m".into());
    let id = ResultId { round, image: 0 };
    document.rounds_mut().finished(id, image::RgbImage::new(64, 64).into(), recipe.clone().into());
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    let after = reopened(&path);
    assert_same(&document, &after);
    assert_eq!(*after.rounds().result(id).expect("a result").recipe, recipe, "what computed it is kept");
    let first = ResultId { round: 1, image: 0 };
    assert_eq!(after.rounds().result(first).expect("a result").recipe.made_with, Default::default());
}

/// Looking at a file of version 1 changes nothing; opening it to write adds the queue, and keeps everything else.
#[test]
fn a_file_of_version_1_has_no_queue_until_it_is_opened_to_write() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("first.underpaint");
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1.underpaint");
    std::fs::copy(&first, &path).expect("copies");
    let looked_at = Store::open_read_only(&path).expect("opens").load().expect("loads");
    assert!(looked_at.queue.is_empty());
    assert!(std::fs::read(&path).expect("reads") == std::fs::read(&first).expect("reads"));

    let mut store = Store::open(&path).expect("opens");
    assert_eq!(schema::version_of(&store.connection).expect("reads"), schema::VERSION);
    let mut document = Document::from_stored(store.load().expect("loads"));
    assert_same(&Document::from_stored(looked_at), &document);
    let (round, start) = document.begin_round(5, "m".into());
    document.queue_mut().add(crate::document::QueuedJob::new(round, crate::engine::ModelChoice::Starter, start));
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    let again = reopened(&path);
    assert_eq!(again.queue().waiting().iter().map(|job| job.round).collect::<Vec<_>>(), [round]);
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());
}
