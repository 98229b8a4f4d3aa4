//! Layers in and out of files, told as stories.

use std::path::Path;

use super::tests::{assert_same, created, place, worked_on};
use super::*;
use crate::document::Document;
use crate::document::tests::{document, dot, sheet};
use crate::paint::{BlendMode, Canvas, Composition, LayerDirection, LayerProperties, Rgb};

/// A document with a group, a clipped layer, a hidden one and one for reference.
fn layered() -> Document {
    let mut document = worked_on();
    document.add_layer().expect("added");
    dot(&mut document, 40.0, 40.0);
    let set = |document: &mut Document, change: &dyn Fn(&mut LayerProperties)| {
        let id = document.layers().current();
        let mut properties = document.layers().get(id).expect("there").properties.clone();
        change(&mut properties);
        document.set_layer(id, properties).expect("set");
    };
    set(&mut document, &|layer| (layer.blend, layer.opacity) = (BlendMode::Multiply, 0.75));
    document.group_layer(document.layers().current()).expect("grouped");
    set(&mut document, &|layer| layer.name = "the \"shadows\" 🍐".into());
    document.add_layer().expect("added");
    dot(&mut document, 100.0, 60.0);
    set(&mut document, &|layer| (layer.clipped, layer.alpha_locked) = (true, true));
    document.choose_layer(document.layers().layers()[0].id);
    document.add_layer().expect("added");
    dot(&mut document, 70.0, 20.0);
    set(&mut document, &|layer| layer.reference = true);
    document.add_layer().expect("added");
    dot(&mut document, 120.0, 20.0);
    set(&mut document, &|layer| (layer.visible, layer.locked) = (false, true));
    document
}

fn reopened(path: &Path) -> Document {
    Document::from_stored(Store::open(path).expect("opens").load().expect("loads"))
}

fn assert_same_layers(one: &Document, other: &Document) {
    assert!(one.layers().is_like(other.layers()));
    let ids = |document: &Document| document.layers().all().map(|layer| layer.id).collect::<Vec<_>>();
    assert_eq!((ids(one), one.layers().current()), (ids(other), other.layers().current()));
    assert!(one.canvas().shows_the_same_as(other.canvas()) && one.screen().shows_the_same_as(other.screen()));
}

#[test]
fn layers_come_back_with_their_pixels_order_and_properties() {
    let (_folder, path) = place();
    let mut before = layered();
    drop(created(&path, &mut before));
    let mut after = reopened(&path);
    assert_same_layers(&before, &after);
    assert!(!after.screen().shows_the_same_as(after.canvas()), "the reference layer is seen");
    assert!(!after.has_changes());
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());
    after.undo();
    assert!(!after.can_undo(), "undo is not in the file");
}

#[test]
fn a_commit_writes_the_changed_tiles_of_the_changed_layer_only() {
    let (_folder, path) = place();
    let mut document = layered();
    let mut store = created(&path, &mut document);
    let changes = document.take_changes();
    assert!(changes.layers.is_none());
    store.commit(&changes).expect("commits");
    document.choose_layer(document.layers().layers()[0].id);
    dot(&mut document, 10.0, 10.0);
    let changes = document.take_changes();
    let layers = changes.layers.as_ref().expect("changed");
    assert_eq!((layers.is_whole, layers.tiles.len()), (false, 1));
    store.commit(&changes).expect("commits");
    // Erased tiles, moved and deleted layers leave nothing behind.
    let hidden = document.layers().all().find(|layer| layer.properties.locked).expect("the hidden one").id;
    document.delete_layer(hidden).expect("deleted");
    let group = document.layers().all().find(|layer| layer.is_group()).expect("the group").id;
    document.step_layer(group, LayerDirection::Down).expect("moved");
    document.begin_erasing(
        crate::paint::Brush { size: 200.0, hardness: 1.0, ..Default::default() },
        crate::paint::PenSample::mouse(75.0, 45.0, 0.0),
    );
    document.stroke_to(crate::paint::PenSample::mouse(80.0, 45.0, 0.0));
    store.commit(&document.take_changes()).expect("commits in the middle of a stroke");
    document.end_stroke();
    store.commit(&document.take_changes()).expect("commits");
    let count = |sql: &str| -> i64 { store.connection.query_row(sql, [], |row| row.get(0)).expect("counts") };
    assert_eq!(count("SELECT count(*) FROM layer"), document.layers().all().count() as i64);
    let tiles: usize =
        document.layers().all().filter_map(|layer| layer.surface()).map(|surface| surface.tiles().count()).sum();
    assert_eq!(count("SELECT count(*) FROM layer_tile"), tiles as i64);
    drop(store);
    assert_same_layers(&document, &reopened(&path));
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());
}

#[test]
fn a_failed_commit_of_layers_is_made_good_by_the_next_one() {
    let (_folder, path) = place();
    let mut document = layered();
    let mut store = created(&path, &mut document);
    document.delete_layer(document.layers().layers()[0].id).expect("deleted");
    let changes = document.take_changes();
    document.return_changes(&changes);
    dot(&mut document, 10.0, 70.0);
    let changes = document.take_changes();
    assert!(changes.layers.as_ref().is_some_and(|layers| layers.is_whole));
    store.commit(&changes).expect("commits");
    drop(store);
    assert_same_layers(&document, &reopened(&path));
}

#[test]
fn another_size_of_the_canvas_leaves_no_old_tiles_of_layers() {
    let (_folder, path) = place();
    let mut document = layered();
    let mut store = created(&path, &mut document);
    document.open_picture(sheet(70, 64, Rgb::WHITE), vec![]);
    store.commit(&document.take_changes()).expect("commits");
    let count: i64 =
        store.connection.query_row("SELECT count(*) FROM layer_tile", [], |row| row.get(0)).expect("counts");
    assert_eq!(count, 2);
    document.undo();
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    assert_same_layers(&document, &reopened(&path));
}

/// A file as version 5 of the program wrote it, which had no layers.
#[test]
fn a_file_of_version_5_is_one_layer_and_changes_only_with_the_first_commit() {
    let (folder, path) = place();
    let fifth = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-5.underpaint");
    std::fs::copy(&fifth, &path).expect("copies");
    let only_read = Document::from_stored(Store::open_read_only(&path).expect("opens").load().expect("loads"));
    assert!(std::fs::read(&path).expect("reads") == std::fs::read(&fifth).expect("reads"), "not one byte changed");
    assert_eq!(only_read.layers().all().count(), 1);
    assert_eq!(only_read.rounds().count(), 3);
    assert_eq!(only_read.canvas().color_at(149, 89), Some(Rgb::BLACK));
    let saved = folder.path().join("saved.underpaint");
    let report = salvage(&path, &saved).expect("salvages");
    assert_eq!((report.losses, report.results), (Vec::new(), 3));
    assert_same(&only_read, &reopened(&saved));

    let mut store = Store::open(&path).expect("migrates");
    let mut document = Document::from_stored(store.load().expect("loads"));
    assert_same(&only_read, &document);
    assert!(!document.has_changes());
    document.add_layer().expect("added");
    dot(&mut document, 9.0, 9.0);
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    assert_same_layers(&document, &reopened(&path));
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());
}

fn damaged(sql: &str) -> (tempfile::TempDir, std::path::PathBuf, Document) {
    let (folder, path) = place();
    let mut document = layered();
    drop(created(&path, &mut document));
    rusqlite::Connection::open(&path).expect("opens").execute_batch(sql).expect(sql);
    (folder, path, document)
}

#[test]
fn damaged_layers_are_named_and_what_is_left_of_them_gives_the_same_picture() {
    for (sql, words) in [
        ("UPDATE layer SET kind = 'x' WHERE kind = 'group'", "kind cannot be"),
        ("UPDATE layer SET properties = '[' WHERE id = 1", "properties cannot be"),
        ("UPDATE layer SET properties = '{\"blend\": \"mauve\"}' WHERE id = 1", "blend cannot be"),
        ("UPDATE layer SET parent = id WHERE kind = 'group'", "a group that is missing"),
        ("UPDATE layer SET parent = 99 WHERE id = 1", "a group that is missing"),
        ("UPDATE layer SET id = -5 WHERE id = 1", "-5 is not the number of a layer"),
        ("DELETE FROM layer WHERE id = 1", "a group that is missing"),
        ("UPDATE layer_tile SET pixels = x'00' WHERE layer = 1 AND x = 1", "tile 1, 0 of layer 1 is bad"),
        ("UPDATE layer_tile SET x = 70 WHERE layer = 1 AND x = 1 AND y = 0", "tile 70, 0 of layer 1 is bad"),
        ("UPDATE layer_tile SET layer = 77 WHERE layer = 1", "a group that is missing"),
    ] {
        let (folder, path, document) = damaged(sql);
        let text = Store::open(&path).and_then(|store| store.load().map(|_| ())).expect_err(sql).to_string();
        assert!(text.contains(words) && text.contains("--salvage"), "{sql}: {text}");
        let new = folder.path().join("saved.underpaint");
        salvage(&path, &new).expect(sql);
        assert_eq!(check(&new).expect("opens").problems, Vec::<String>::new(), "{sql}");
        assert!(reopened(&new).canvas().shows_the_same_as(document.canvas()), "{sql}");
    }
}

#[test]
fn a_missing_tile_is_found_and_a_canvas_is_made_again_from_its_layers() {
    let (folder, path, document) = damaged("DELETE FROM layer_tile WHERE layer = 1 AND x = 1");
    let problems = check(&path).expect("opens").problems;
    assert_eq!(problems, ["The layers do not give the picture of the canvas."]);
    let new = folder.path().join("saved.underpaint");
    assert_eq!(salvage(&path, &new).expect("saves").losses.len(), 1);
    assert!(reopened(&new).canvas().shows_the_same_as(document.canvas()));

    let (folder, path, document) = damaged("UPDATE tile SET pixels = x'00'");
    let new = folder.path().join("saved.underpaint");
    let report = salvage(&path, &new).expect("saves");
    assert_eq!((report.tiles, report.losses), (report.all_tiles, Vec::new()), "nothing is lost");
    assert_same_layers(&document, &reopened(&new));
}

#[test]
fn a_file_holds_the_picture_of_its_layers() {
    let (_folder, path) = place();
    let mut document = document();
    dot(&mut document, 30.0, 30.0);
    let mut store = created(&path, &mut document);
    document.set_paper(Rgb([9, 90, 200]));
    store.commit(&document.take_changes()).expect("commits");
    let stored = store.load().expect("loads");
    let layers = stored.layers.expect("it has layers");
    let composed = Canvas::composed(&layers, stored.state.paper, Composition::Picture);
    assert!(composed.shows_the_same_as(&stored.canvas) && stored.canvas.color_at(1, 1) == Some(Rgb([9, 90, 200])));
}
