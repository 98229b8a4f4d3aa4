//! The overview of shortcuts, in which keys are changed.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::ui::{App, CanvasCommand, KeyPreset, Paper, ShortcutCommand};

use crate::harness::{click_canvas, close, perform, pixels, wait, window, window_with};

fn press(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

/// Opens the overview and lists the actions with these words.
fn find(harness: &mut Harness<'static, App>, words: &str) {
    press(harness, Modifiers::NONE, Key::F1);
    harness.event(Event::Text(words.into()));
    harness.run_steps(3);
}

/// Presses a button, also one that must be scrolled to.
fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click_accesskit();
    harness.run_steps(3);
}

fn is_shown(harness: &Harness<'static, App>, label: &str) -> bool {
    harness.query_all_by_label(label).next().is_some()
}

/// Whether a key now paints a dot with the brush, which a fresh canvas shows, or fills it.
fn tool_is_filling(harness: &mut Harness<'static, App>) -> bool {
    perform(harness, CanvasCommand::New(Paper::White));
    click_canvas(harness, 40.0, 40.0);
    harness.run_steps(2);
    let changed = pixels(harness.state()).chunks(3).filter(|pixel| *pixel != [255; 3]).count();
    changed * 3 > pixels(harness.state()).len() / 2
}

#[test]
fn a_key_is_found_changed_and_in_force_at_once_and_at_the_next_launch() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("home");
    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    assert!(!tool_is_filling(&mut harness));
    find(&mut harness, "fill");
    assert!(is_shown(&harness, "Fill: F") && !is_shown(&harness, "Eraser: E"));
    click(&mut harness, "Fill: F");
    assert!(is_shown(&harness, "Press the new keys."));
    press(&mut harness, Modifiers::COMMAND, Key::U);
    assert!(is_shown(&harness, "Fill: Ctrl+U") && !is_shown(&harness, "Fill: F"));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!is_shown(&harness, "Fill: Ctrl+U"), "the overview is closed");
    press(&mut harness, Modifiers::NONE, Key::F);
    assert!(!tool_is_filling(&mut harness), "the old key does nothing");
    press(&mut harness, Modifiers::COMMAND, Key::U);
    assert!(tool_is_filling(&mut harness));
    let kept = home.join("shortcuts.json");
    wait(&mut harness, "keeping", |_| std::fs::read_to_string(&kept).is_ok_and(|text| text.contains("Ctrl+U")));
    close(harness);

    let mut harness = window_with(folder.path(), 1.0, Some(home));
    press(&mut harness, Modifiers::COMMAND, Key::U);
    assert!(tool_is_filling(&mut harness));
    find(&mut harness, "fill");
    click(&mut harness, "Reset Fill");
    assert!(is_shown(&harness, "Fill: F"));
}

#[test]
fn keys_of_another_action_are_swapped_if_that_is_wanted() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    find(&mut harness, "");
    click(&mut harness, "Fill: F");
    press(&mut harness, Modifiers::NONE, Key::B);
    assert!(is_shown(&harness, "B belongs to: Brush."));
    click(&mut harness, "Leave it");
    assert!(is_shown(&harness, "Fill: F") && is_shown(&harness, "Brush: B"), "nothing is changed");
    click(&mut harness, "Fill: F");
    press(&mut harness, Modifiers::NONE, Key::B);
    click(&mut harness, "Swap the keys");
    assert!(is_shown(&harness, "Fill: B") && is_shown(&harness, "Brush: F"));
    // A tooltip shows the keys in force.
    click(&mut harness, "Close");
    harness.get_by_role_and_label(Role::Button, "Fill").hover();
    harness.run_steps(60);
    assert!(harness.query_all_by_label_contains("current colour. (B)").next().is_some());
    // Resetting one says what is in the way, resetting all does not.
    perform(&mut harness, ShortcutCommand::Show);
    harness.run_steps(3);
    click(&mut harness, "Reset Fill");
    assert!(is_shown(&harness, "F belongs to: Brush. Reset that action first."));
    click(&mut harness, "Reset all");
    assert!(is_shown(&harness, "Fill: F") && is_shown(&harness, "Brush: B"));
}

#[test]
fn an_action_gets_one_more_key_loses_one_and_never_gets_the_clipboards() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    find(&mut harness, "undo");
    click(&mut harness, "Add a key for Undo");
    harness.event(Event::Copy);
    harness.run_steps(3);
    assert!(harness.query_all_by_label_contains("Ctrl+C always copies").next().is_some());
    press(&mut harness, Modifiers::ALT, Key::Backspace);
    assert!(is_shown(&harness, "Undo: Ctrl+Z") && is_shown(&harness, "Undo: Alt+Backspace"));
    click(&mut harness, "Undo: Ctrl+Z");
    click(&mut harness, "Remove this key");
    assert!(!is_shown(&harness, "Undo: Ctrl+Z") && is_shown(&harness, "Undo: Alt+Backspace"));
    // Escape ends the question alone.
    click(&mut harness, "Undo: Alt+Backspace");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!is_shown(&harness, "Press the new keys.") && is_shown(&harness, "Undo: Alt+Backspace"));
}

#[test]
fn the_preset_of_krita_has_kritas_keys() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ShortcutCommand::UsePreset(KeyPreset::Krita));
    find(&mut harness, "eyedropper");
    assert!(is_shown(&harness, "Eyedropper: P"));
    perform(&mut harness, ShortcutCommand::UsePreset(KeyPreset::Underpaint));
    harness.run_steps(3);
    assert!(is_shown(&harness, "Eyedropper: I"));
}
