//! Living in the history of a picture: strip and tree, going back, stars and notes, deleting, renaming.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::diffusion::LocalEngine;
use underpaint::document::{HistoryView, ResultId, RoundFilter};
use underpaint::ui::{App, CanvasCommand, DocumentCommand, HistoryCommand, Paper, ResultCommand, RoundCommand};

use crate::harness::{click_canvas, close, options, perform, pixels, results, stored, wait};

fn launched(folder: &Path, size: Vec2) -> Harness<'static, App> {
    let options = options(&folder.join("results"), Some(folder.join("data")));
    let mut harness = Harness::builder()
        .with_size(size)
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    wait(&mut harness, "opening", |app| app.document_path().is_some() && !app.is_loading());
    harness
}

/// A window with three rounds of two results: the second from result 2 of the first, the third from result 1 of it.
fn window(folder: &Path) -> Harness<'static, App> {
    let mut harness = launched(folder, Vec2::new(1320.0, 860.0));
    let mut settings = harness.state_mut().settings_mut();
    (settings.batch, settings.steps, settings.width, settings.height) = (2, 2, 64, 64);
    settings.prompt = "a green apple".into();
    drop(settings);
    harness.run_steps(3);
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    perform(&mut harness, ResultCommand::PaintOver(1, 1));
    harness.state_mut().settings_mut().prompt = "a pear on a table".into();
    generate(&mut harness);
    perform(&mut harness, ResultCommand::PaintOver(1, 0));
    generate(&mut harness);
    harness
}

fn generate(harness: &mut Harness<'static, App>) {
    perform(harness, RoundCommand::Generate);
    wait(harness, "the round", |app| !app.is_running());
}

fn keep(harness: &mut Harness<'static, App>) {
    wait(harness, "keeping", App::is_kept);
}

fn untitled(folder: &Path) -> PathBuf {
    folder.join("data/untitled.underpaint")
}

/// What the document notes as shown: the round and the place of the result in it.
fn shown(harness: &Harness<'static, App>) -> (usize, usize) {
    let document = harness.state().document();
    (document.shown_round().expect("a round is shown"), document.view().result)
}

/// Whether this is the name of a round in the list, and not that of a layer with a result.
fn is_round(label: &str) -> bool {
    label.starts_with("Round ") && label.contains(", from ")
}

/// The rounds of the list from first to last, as assistive technology hears them.
fn listed(harness: &Harness<'static, App>) -> Vec<String> {
    let mut rows: Vec<_> = harness
        .query_all_by(|node| node.role() == Role::Button && node.label().is_some_and(|label| is_round(&label)))
        .map(|node| (node.rect(), node.accesskit_node().label().unwrap_or_default()))
        .collect();
    rows.sort_by(|(one, _), (other, _)| one.top().total_cmp(&other.top()).then(one.left().total_cmp(&other.left())));
    rows.into_iter().map(|(_, label)| label).collect()
}

fn press(harness: &mut Harness<'static, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

const FIRST: &str = "Round 1, from a drawing";
const SECOND: &str = "Round 2, from result 2 of round 1";
const THIRD: &str = "Round 3, from result 1 of round 1";

#[test]
fn the_strip_shows_every_round_and_one_undo_takes_going_back_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    assert_eq!(listed(&harness), [FIRST, SECOND, THIRD]);
    assert_eq!(shown(&harness).0, 3);
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    harness.state_mut().settings_mut().prompt = "something else".into();
    harness.state_mut().settings_mut().steps = 7;
    let (canvas, settings) = (pixels(harness.state()), harness.state().settings().clone());

    harness.get_by_label(SECOND).click();
    harness.run_steps(3);
    assert_eq!(shown(&harness).0, 2);
    assert!(pixels(harness.state()) == canvas, "looking changes nothing");
    // The click gave the list the keyboard.
    press(&mut harness, Key::Enter);
    let first = results(harness.state(), 1)[1].clone();
    wait(&mut harness, "going back", |app| pixels(app) == *first.as_raw());
    let app = harness.state();
    assert_eq!((app.settings().prompt.as_str(), app.settings().steps), ("a pear on a table", 2));
    assert_eq!(app.document().origin(), Some(ResultId { round: 1, image: 1 }));
    assert_eq!(app.document().ancestry(), app.rounds().get(2).expect("made").ancestry);
    assert!(app.status().starts_with("Canvas, prompt and settings are as round 2 began"), "{}", app.status());
    let again = results(app, 2);
    generate(&mut harness);
    assert!(results(harness.state(), 4) == again, "the same round can be made again");

    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(3);
    assert!(pixels(harness.state()) == canvas);
    assert_eq!(harness.state().settings(), &settings, "prompt and settings too");
}

#[test]
fn a_start_image_is_read_from_the_file_after_a_new_launch_and_a_double_click_goes_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let sketch = pixels(harness.state());
    perform(&mut harness, CanvasCommand::New(Paper::White));
    keep(&mut harness);
    close(harness);
    let mut harness = launched(folder.path(), Vec2::new(1320.0, 860.0));
    harness.run_steps(3);
    let at = harness.get_by_label(THIRD).rect().center();
    harness.event(Event::PointerMoved(at));
    harness.step();
    // Within one frame, because the clock of the test runs a quarter of a second with each.
    let clicks = [true, false, true, false].map(|pressed| crate::harness::button(at, pressed));
    harness.input_mut().events.extend(clicks);
    harness.step();
    wait(&mut harness, "going back", |app| pixels(app) == sketch);
    assert_eq!(harness.state().settings().prompt, "a pear on a table");
}

#[test]
fn arrows_move_in_strip_and_tree_and_leave_the_focus_where_it_is() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label(THIRD).click();
    harness.run_steps(3);
    for (key, round, image) in [
        (Key::ArrowLeft, 2, 0),
        (Key::ArrowDown, 2, 1),
        (Key::ArrowDown, 2, 1),
        (Key::ArrowUp, 2, 0),
        (Key::ArrowLeft, 1, 0),
        (Key::ArrowLeft, 1, 0),
        (Key::End, 3, 0),
        (Key::Home, 1, 0),
    ] {
        press(&mut harness, key);
        assert_eq!(shown(&harness), (round, image), "{key:?}");
    }
    harness.get_by_label("Tree").click();
    harness.run_steps(3);
    // The branch stands right below the round it came from.
    assert_eq!(listed(&harness), [FIRST, THIRD, SECOND]);
    harness.get_by_label("Result 2 of round 3").click();
    harness.run_steps(3);
    assert_eq!(shown(&harness), (3, 1));
    for (key, round, image) in [
        (Key::ArrowLeft, 3, 0),
        (Key::ArrowDown, 2, 0),
        (Key::ArrowRight, 2, 1),
        (Key::ArrowUp, 3, 0),
        (Key::ArrowUp, 1, 0),
        (Key::PageDown, 3, 0),
    ] {
        press(&mut harness, key);
        assert_eq!(shown(&harness), (round, image), "{key:?}");
    }
    // After a stroke arrows do not move in the list any more, but Page Up does.
    click_canvas(&mut harness, 5.0, 5.0);
    press(&mut harness, Key::ArrowDown);
    assert_eq!(shown(&harness).0, 3);
    press(&mut harness, Key::PageUp);
    assert_eq!(shown(&harness).0, 1);
    press(&mut harness, Key::H);
    assert!(listed(&harness).is_empty());
    press(&mut harness, Key::H);
    assert_eq!(listed(&harness).len(), 3);
}

#[test]
fn stars_and_notes_are_kept_and_rounds_are_found_by_them() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, HistoryCommand::ShowResult(1, 1));
    press(&mut harness, Key::S);
    press(&mut harness, Key::N);
    assert!(harness.get_by_label("Note").is_focused());
    for letter in ["s", "o", "f", "t", " light"] {
        harness.event(Event::Text(letter.into()));
        harness.step();
    }
    press(&mut harness, Key::Escape);
    let result = harness.state().rounds().result(ResultId { round: 1, image: 1 }).expect("made");
    assert!(result.starred && result.note == "soft light");
    let starred = format!("{FIRST}, starred");
    perform(&mut harness, HistoryCommand::Filter(RoundFilter { starred: true, ..RoundFilter::default() }));
    assert_eq!(listed(&harness), [starred.as_str()]);
    harness.get_by_label_contains("1 of 3 rounds are listed").click();
    harness.run_steps(3);
    assert_eq!(listed(&harness).len(), 3);
    for (words, found) in [("LIGHT soft", vec![starred.as_str()]), ("table", vec![SECOND, THIRD]), ("plum", vec![])] {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
        harness.run_steps(3);
        assert!(harness.get_by_label("Find rounds").is_focused());
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.step();
        harness.event(Event::Text(words.into()));
        harness.run_steps(3);
        assert_eq!(listed(&harness), found, "{words}");
        press(&mut harness, Key::Escape);
    }
    harness.get_by_label_contains("No round matches");
    keep(&mut harness);
    close(harness);
    let document = stored(&untitled(folder.path()));
    let result = document.rounds().result(ResultId { round: 1, image: 1 }).expect("kept");
    assert!(result.starred && result.note == "soft light");
}

#[test]
fn deleting_tells_what_is_gone_and_comes_back_with_undo() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let canvas = pixels(harness.state());
    harness.get_by_label(FIRST).click();
    harness.run_steps(3);
    press(&mut harness, Key::Delete);
    assert_eq!(harness.state().status(), "Deleted round 1.");
    assert_eq!(
        listed(&harness),
        [
            "Round 2, from result 2 of round 1, which was deleted",
            "Round 3, from result 1 of round 1, which was deleted"
        ]
    );
    assert_eq!(shown(&harness).0, 2);
    harness.get_by_label("Undo deleting").click();
    harness.run_steps(3);
    assert_eq!((harness.state().status(), shown(&harness).0), ("Round 1 is back.", 1));
    assert_eq!(listed(&harness), [FIRST, SECOND, THIRD]);
    assert!(harness.query_by_label("Undo deleting").is_none());

    // Without the list's focus Delete means the result on show; with the last one its round goes.
    perform(&mut harness, HistoryCommand::ShowResult(3, 1));
    click_canvas(&mut harness, 5.0, 5.0);
    press(&mut harness, Key::Delete);
    assert_eq!(harness.state().status(), "Deleted result 2 of round 3.");
    assert_eq!(shown(&harness), (3, 0));
    press(&mut harness, Key::Delete);
    assert_eq!(harness.state().status(), "Deleted round 3.");
    keep(&mut harness);
    close(harness);
    assert_eq!(stored(&untitled(folder.path())).rounds().count(), 2);

    let mut harness = launched(folder.path(), Vec2::new(1320.0, 860.0));
    assert_eq!(harness.state().rounds().next_id(), 4);
    harness.state_mut().settings_mut().batch = 1;
    generate(&mut harness);
    assert_eq!(harness.state().rounds().latest().expect("made").id, 4, "numbers are never used again");
    assert!(pixels(harness.state()) != canvas, "the dot is there");
}

#[test]
fn a_round_being_made_is_not_deleted() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().steps = 150;
    perform(&mut harness, RoundCommand::Generate);
    perform(&mut harness, HistoryCommand::DeleteRound(4));
    assert!(harness.state().status().contains("being made"), "{}", harness.state().status());
    perform(&mut harness, RoundCommand::Cancel);
    wait(&mut harness, "cancelling", |app| !app.is_running());
}

#[test]
fn the_next_launch_goes_on_exactly_where_this_one_was() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, HistoryCommand::Show(HistoryView::Tree));
    perform(&mut harness, HistoryCommand::ShowResult(2, 1));
    keep(&mut harness);
    close(harness);
    let mut harness = launched(folder.path(), Vec2::new(1320.0, 860.0));
    harness.run_steps(3);
    assert_eq!(shown(&harness), (2, 1));
    assert_eq!(listed(&harness), [FIRST, THIRD, SECOND], "as a tree");
    assert_eq!(harness.state().document().view().history, Some(HistoryView::Tree));
}

#[test]
fn a_document_gets_a_name_and_its_file_moves() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    keep(&mut harness);
    press(&mut harness, Key::F2);
    let field = harness.get_by_role_and_label(Role::TextInput, "Name of the document");
    assert!(field.is_focused());
    // The old name is selected.
    harness.event(Event::Text("a/b".into()));
    harness.step();
    press(&mut harness, Key::Enter);
    assert!(harness.state().status().contains("cannot contain /"), "{}", harness.state().status());
    perform(&mut harness, DocumentCommand::Rename("apple".into()));
    let apple = folder.path().join("data/apple.underpaint");
    wait(&mut harness, "renaming", |app| app.document_path() == Some(&apple));
    assert!(apple.exists() && !untitled(folder.path()).exists());
    assert!(harness.query_by_label("Name of the document").is_none(), "the question is answered");
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    keep(&mut harness);
    close(harness);
    assert_eq!(stored(&apple).rounds().count(), 3);
    let mut harness = launched(folder.path(), Vec2::new(1320.0, 860.0));
    assert_eq!(harness.state().document_path(), Some(apple.as_path()), "the next launch goes on with it");
    harness.get_by_label("File").click();
    harness.run_steps(3);
    harness.get_by_label("Show in the file manager");
    assert!(harness.query_by_label("untitled.underpaint").is_none());
}

#[test]
fn in_low_windows_the_list_is_hidden_until_it_is_asked_for_and_leaves_room() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = launched(folder.path(), Vec2::new(900.0, 500.0));
    let mut settings = harness.state_mut().settings_mut();
    (settings.batch, settings.steps, settings.width, settings.height) = (1, 2, 64, 64);
    settings.prompt = "word ".repeat(200);
    drop(settings);
    harness.run_steps(3);
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    assert!(listed(&harness).is_empty());
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(900.0, 500.0));
    for view in [HistoryView::Strip, HistoryView::Tree] {
        perform(&mut harness, HistoryCommand::Show(view));
        harness.run_steps(3);
        assert_eq!(listed(&harness), [FIRST]);
        for label in [FIRST, "Find rounds", "Strip", "Tree", "Hide", "Generate", "Help"] {
            let rect = harness.get_by_label(label).rect();
            assert!(screen.expand(0.5).contains_rect(rect), "{label} at {rect:?} with {view:?}");
        }
        let canvas = harness.state().canvas_rect().expect("shown");
        assert!(canvas.width() >= 60.0 && screen.contains_rect(canvas), "{canvas:?} with {view:?}");
    }
}
