//! Results in a grid, and shown in place on the canvas until one is taken.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2, Rect, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::document::ResultsView;
use underpaint::ui::{App, CanvasCommand, GalleryCommand, RoundCommand};

use crate::harness::{button, close, perform, pixels, wait, wait_for_rest};
use crate::script::{self, Script};

/// A window with one finished round of this many results.
fn round(folder: &std::path::Path, count: usize) -> (Harness<'static, App>, Script) {
    let script = Script::default();
    let mut harness = script::window(folder, &script, None);
    harness.state_mut().settings_mut().batch = count;
    perform(&mut harness, CanvasCommand::Example);
    script.allow(count);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && app.rounds().count() == 1);
    (harness, script)
}

fn view(harness: &Harness<'static, App>) -> ResultsView {
    harness.state().document().view().results
}

fn cell(harness: &Harness<'static, App>, result: usize) -> Rect {
    harness.get_by_label(&format!("Result {result}")).rect()
}

/// The number of the result that is shown in place on the canvas, as assistive technology reads it.
fn in_place(harness: &Harness<'static, App>) -> Option<usize> {
    (1..=9).find(|result| harness.query_by_label_contains(&format!("Result {result} of round 1  ·")).is_some())
}

fn point_at(harness: &mut Harness<'static, App>, at: Pos2) {
    harness.event(Event::PointerMoved(at));
    harness.run_steps(4);
}

fn key(harness: &mut Harness<'static, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(4);
}

/// The shade that the script paints the result of this number in.
fn shade(result: usize) -> u8 {
    99 + result as u8
}

fn is_of_shade(harness: &Harness<'static, App>, shade: u8) -> bool {
    pixels(harness.state()).iter().all(|value| *value == shade)
}

#[test]
fn a_result_under_the_resting_pointer_is_shown_in_place_and_the_canvas_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut harness, _script) = round(folder.path(), 4);
    let sketch = pixels(harness.state());
    let at = cell(&harness, 2).center();
    harness.event(Event::PointerMoved(at));
    harness.step();
    assert_eq!(in_place(&harness), None, "not while the pointer only passes");
    point_at(&mut harness, at);
    assert_eq!(in_place(&harness), Some(2));
    let at = cell(&harness, 3).center();
    point_at(&mut harness, at);
    assert_eq!(in_place(&harness), Some(3));
    wait_for_rest(&mut harness);

    // The canvas itself as long as a key is held.
    let hold =
        |pressed| Event::Key { key: Key::U, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
    harness.event(hold(true));
    harness.run_steps(3);
    assert_eq!(in_place(&harness), None);
    harness.event(hold(false));
    harness.run_steps(3);
    assert_eq!(in_place(&harness), Some(3));

    key(&mut harness, Key::Escape);
    assert_eq!(in_place(&harness), None);
    assert!(pixels(harness.state()) == sketch && harness.state().document().origin().is_none());
    let at = cell(&harness, 4).center();
    point_at(&mut harness, at);
    assert_eq!(in_place(&harness), Some(4));
    let aside = harness.get_by_role_and_label(Role::Canvas, "Canvas").rect().center();
    point_at(&mut harness, aside);
    assert_eq!(in_place(&harness), None);
    assert!(pixels(harness.state()) == sketch);

    let at = cell(&harness, 4).center();
    point_at(&mut harness, at);
    key(&mut harness, Key::Enter);
    assert!(is_of_shade(&harness, shade(4)), "it is taken");
    assert_eq!(in_place(&harness), None);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(3);
    assert!(pixels(harness.state()) == sketch);
}

#[test]
fn arrow_keys_go_through_the_results_in_place_and_enter_takes_one() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut harness, _script) = round(folder.path(), 4);
    let sketch = pixels(harness.state());
    key(&mut harness, Key::R);
    let first = in_place(&harness).expect("the result on show");
    for _ in 0..4 {
        key(&mut harness, Key::ArrowLeft);
    }
    assert_eq!(in_place(&harness), Some(1), "from {first}");
    for (pressed, shown) in [(Key::ArrowRight, 2), (Key::ArrowDown, 4), (Key::ArrowLeft, 3), (Key::ArrowUp, 1)] {
        key(&mut harness, pressed);
        assert_eq!(in_place(&harness), Some(shown), "{pressed:?}");
    }
    key(&mut harness, Key::Escape);
    assert!(in_place(&harness).is_none() && pixels(harness.state()) == sketch);
    assert!(harness.state().rounds().count() == 1, "nothing was cancelled or lost");
    key(&mut harness, Key::R);
    key(&mut harness, Key::ArrowDown);
    assert_eq!(in_place(&harness), Some(3));
    key(&mut harness, Key::Enter);
    assert!(is_of_shade(&harness, shade(3)) && in_place(&harness).is_none());
}

#[test]
fn escape_leaves_the_result_in_place_before_it_cancels_the_round() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut harness, script) = round(folder.path(), 3);
    perform(&mut harness, RoundCommand::Generate);
    script.allow(1);
    wait(&mut harness, "a picture", |app| crate::harness::results(app, 2).len() == 1);
    key(&mut harness, Key::R);
    let shown = |harness: &Harness<'static, App>| harness.query_by_label_contains("of round 2  ·").is_some();
    assert!(shown(&harness));
    key(&mut harness, Key::Escape);
    assert!(!shown(&harness) && harness.state().is_running() && harness.query_by_label("Cancelling").is_none());
    key(&mut harness, Key::Escape);
    wait(&mut harness, "cancelling", |app| !app.is_running());
}

#[test]
fn four_results_are_two_by_two_and_a_key_shows_one_large() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut harness, _script) = round(folder.path(), 4);
    let rects = |harness: &Harness<'static, App>| [1, 2, 3, 4].map(|result| cell(harness, result));
    let [a, b, c, d] = rects(&harness);
    assert!(a.top() == b.top() && c.top() == d.top() && a.left() == c.left() && b.left() == d.left());
    assert!(a.bottom() < c.top() && a.right() < b.left() && a.width() > 100.0, "{a:?} {b:?} {c:?} {d:?}");
    key(&mut harness, Key::G);
    let [a, b, _, d] = rects(&harness);
    assert!(view(&harness).single && a.top() == d.top() && a.width() < 100.0 && a.right() < b.left(), "{a:?} {d:?}");
    harness.get_by_label("Grid").click();
    harness.run_steps(3);
    assert!(!view(&harness).single);
}

#[test]
fn results_fold_to_a_strip_that_still_shows_them_in_place() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut harness, _script) = round(folder.path(), 3);
    let width = |harness: &Harness<'static, App>| harness.get_by_role_and_label(Role::Canvas, "Canvas").rect().width();
    let before = width(&harness);
    harness.get_by_label("Fold the results").click();
    harness.run_steps(3);
    assert!(view(&harness).folded && width(&harness) > before * 1.3, "{before} {}", width(&harness));
    let at = cell(&harness, 3).center();
    point_at(&mut harness, at);
    assert_eq!(in_place(&harness), Some(3));
    harness.get_by_label("Unfold the results").click();
    harness.run_steps(3);
    assert!(!view(&harness).folded && width(&harness) == before);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::R);
    harness.run_steps(3);
    assert!(view(&harness).folded);
    key(&mut harness, Key::R);
    assert!(!view(&harness).folded && in_place(&harness).is_some(), "keys go through results that are in view");
}

fn divider<'a>(harness: &'a Harness<'static, App>) -> egui_kittest::Node<'a> {
    harness.get_by_role_and_label(Role::Slider, "Width of the results")
}

#[test]
fn the_divider_is_dragged_moved_by_keys_and_remembered() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut harness, script) = round(folder.path(), 2);
    let before = view(&harness).share;
    let from = divider(&harness).rect().center();
    let to = from - Vec2::new(100.0, 0.0);
    for event in [Event::PointerMoved(from), button(from, true)] {
        harness.event(event);
        harness.step();
    }
    for event in [Event::PointerMoved(from - Vec2::new(50.0, 0.0)), Event::PointerMoved(to), button(to, false)] {
        harness.event(event);
        harness.step();
    }
    harness.run_steps(2);
    let dragged = view(&harness).share;
    assert!(dragged > before + 0.08 && (divider(&harness).rect().center().x - to.x).abs() < 2.0, "{before} {dragged}");
    divider(&harness).focus();
    harness.run_steps(2);
    key(&mut harness, Key::ArrowRight);
    key(&mut harness, Key::ArrowRight);
    let pressed = view(&harness).share;
    assert!((dragged - pressed - 0.04).abs() < 1e-3, "{dragged} {pressed}");
    perform(&mut harness, GalleryCommand::ToggleGrid);
    harness.run_steps(2);
    let left = view(&harness);
    wait(&mut harness, "keeping", App::is_kept);
    close(harness);
    let mut harness = script::window(folder.path(), &script, None);
    wait(&mut harness, "the round", |app| app.rounds().count() == 1);
    assert_eq!(view(&harness), left);
}
