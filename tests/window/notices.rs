//! Notices lie over the canvas: nothing moves when one comes or goes, and none is in the way of a stroke.

use std::path::Path;

use egui::{Event, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::ui::{App, CanvasCommand, FileCommand, LayoutCommand, Notice, ViewCommand};

use crate::harness::{button, drag_canvas, perform, pixels, release, wait, window};

const SIZE: &str = "The canvas has 256 × 256 pixels, the results will have 384 × 256.";

/// A window with the example sketch and a question about its size.
fn asked(folder: &Path) -> Harness<'static, App> {
    let mut harness = window(folder);
    perform(&mut harness, CanvasCommand::Example);
    harness.state_mut().settings_mut().width = 384;
    harness.run_steps(3);
    harness
}

fn is_shown(harness: &Harness<'static, App>, text: &str) -> bool {
    harness.query_by_label_contains(text).is_some()
}

fn replace_question(harness: &mut Harness<'static, App>, path: &Path) {
    let save = FileCommand::SaveCanvas(path.to_path_buf());
    perform(harness, FileCommand::AskToReplace(path.to_path_buf(), Box::new(save.into())));
    harness.run_steps(2);
}

#[test]
fn the_canvas_stays_where_it_is_whatever_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    harness.run_steps(3);
    let before = harness.state().canvas_rect().expect("shown");
    let stays = |harness: &Harness<'static, App>, what: &str| {
        assert_eq!(harness.state().canvas_rect(), Some(before), "{what}");
    };
    harness.state_mut().settings_mut().width = 384;
    harness.run_steps(3);
    assert!(is_shown(&harness, SIZE));
    stays(&harness, "a question about the size");
    replace_question(&mut harness, &folder.path().join("drawing.png"));
    assert!(is_shown(&harness, "drawing.png exists already."));
    stays(&harness, "a question about a file");
    // An error that is too long for the line at the bottom is told in full, and read out.
    let long = folder.path().join(format!("{}.png", "not here ".repeat(20)));
    perform(&mut harness, FileCommand::Open(long));
    wait(&mut harness, "the error", |app| app.status().contains("not here"));
    harness.run_steps(3);
    let told = harness.state().status().to_owned();
    let label = harness.get_by_label(&told).rect();
    assert!(harness.ctx.content_rect().contains_rect(label), "all of it is in view: {label:?}");
    stays(&harness, "a long error");
    perform(&mut harness, LayoutCommand::ToggleCanvasOnly);
    harness.run_steps(3);
    assert!(is_shown(&harness, "not here"), "also while the panels are hidden");
    perform(&mut harness, LayoutCommand::ToggleCanvasOnly);
    harness.run_steps(3);
    stays(&harness, "the panels again");
}

#[test]
fn a_notice_is_dismissed_by_its_button_or_a_key_and_comes_back_when_it_is_about_something_else() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = asked(folder.path());
    harness.get_by_label("Dismiss the question about the size").click();
    harness.run_steps(3);
    assert!(!is_shown(&harness, "The canvas has"));
    harness.state_mut().settings_mut().width = 512;
    harness.run_steps(3);
    assert!(is_shown(&harness, "the results will have 512 × 256."));
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(!is_shown(&harness, "The canvas has"));
    harness.state_mut().settings_mut().width = 256;
    harness.run_steps(3);
    harness.state_mut().settings_mut().width = 512;
    harness.run_steps(3);
    assert!(is_shown(&harness, "The canvas has"), "it is asked anew");
    perform(&mut harness, ViewCommand::Dismiss(Notice::Size));
    harness.run_steps(3);
    assert!(!is_shown(&harness, "The canvas has"));
}

#[test]
fn a_stroke_goes_on_under_a_notice_and_none_appears_while_it_is_painted() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = asked(folder.path());
    let place = harness.get_by_label(SIZE).rect().center();
    let before = pixels(harness.state());
    drag_canvas(&mut harness, (128.0, 200.0), (140.0, 200.0));
    assert!(is_shown(&harness, SIZE), "it is far away");
    harness.event(Event::PointerMoved(place));
    harness.run_steps(2);
    assert!(!is_shown(&harness, SIZE), "it makes room");
    release(&mut harness);
    harness.run_steps(3);
    assert!(is_shown(&harness, SIZE) && pixels(harness.state()) != before);
    // A press on the notice paints nothing.
    let before = pixels(harness.state());
    harness.event(Event::PointerMoved(place));
    harness.event(button(place, true));
    harness.event(button(place, false));
    harness.run_steps(2);
    assert!(pixels(harness.state()) == before);
    // One that comes while a stroke is painted waits for its end.
    drag_canvas(&mut harness, (128.0, 200.0), (140.0, 200.0));
    replace_question(&mut harness, &folder.path().join("drawing.png"));
    assert!(!is_shown(&harness, "drawing.png exists"));
    release(&mut harness);
    harness.run_steps(3);
    assert!(is_shown(&harness, "drawing.png exists"));
}

#[test]
fn of_several_notices_the_most_urgent_are_shown_and_a_button_shows_the_others() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = asked(folder.path());
    replace_question(&mut harness, &folder.path().join("drawing.png"));
    let long = folder.path().join(format!("{}.png", "not here ".repeat(20)));
    perform(&mut harness, FileCommand::Open(long));
    wait(&mut harness, "the error", |app| app.status().contains("not here"));
    harness.run_steps(3);
    assert!(is_shown(&harness, "not here") && is_shown(&harness, "drawing.png exists") && !is_shown(&harness, SIZE));
    harness.get_by_label("Show 1 more notice").click();
    harness.run_steps(3);
    assert!(is_shown(&harness, SIZE));
    // Each press of the key answers the first one.
    for left in [true, false] {
        harness.key_press(Key::Escape);
        harness.run_steps(3);
        assert!(!is_shown(&harness, "not here") && is_shown(&harness, SIZE));
        assert_eq!(is_shown(&harness, "drawing.png exists"), left);
    }
}
