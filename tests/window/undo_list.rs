//! The list of the steps of undo: by pointer and by keyboard.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::paint::Rgb;
use underpaint::ui::{App, DockPanel, LayerCommand, LayoutCommand};

use crate::harness::{click_canvas, perform, pixels, window_of_size};

fn current(harness: &Harness<'static, App>) -> String {
    let rows = harness.query_all_by_role(egui::accesskit::Role::RadioButton);
    let marked = rows.filter(|row| row.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
    let names: Vec<String> = marked.filter_map(|row| row.accesskit_node().label()).collect();
    names.into_iter().find(|name| name.starts_with("Step") || name == "Beginning").expect("one is marked")
}

#[test]
fn a_click_goes_to_a_step_and_arrow_keys_go_on_from_there() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window_of_size(folder.path(), egui::vec2(1320.0, 1500.0), 1.0, None);
    perform(&mut harness, LayoutCommand::ToggleFold(DockPanel::Undo));
    harness.run_steps(2);
    // The canvas took the size of the results.
    assert_eq!(current(&harness), "Step 1: Resizing the canvas");
    let empty = pixels(harness.state());
    click_canvas(&mut harness, 60.0, 60.0);
    let dotted = pixels(harness.state());
    perform(&mut harness, LayerCommand::Add);
    click_canvas(&mut harness, 120.0, 120.0);
    harness.run_steps(2);
    let all = pixels(harness.state());
    assert_eq!(current(&harness), "Step 4: Stroke");
    harness.get_by_label("Step 2: Stroke").click();
    harness.run_steps(3);
    assert!(pixels(harness.state()) == dotted);
    assert_eq!(current(&harness), "Step 2: Stroke");
    harness.get_by_label("Step 3: Adding a layer, undone");
    harness.get_by_label("Step 1: Resizing the canvas").click();
    harness.run_steps(3);
    assert!(pixels(harness.state()) == empty);
    harness.get_by_label("Step 4: Stroke, undone").focus();
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(pixels(harness.state()) == all, "the keyboard goes there too");
    for wanted in ["Step 3: Adding a layer", "Step 2: Stroke", "Step 1: Resizing the canvas"] {
        harness.key_press(Key::ArrowUp);
        harness.run_steps(3);
        assert_eq!(current(&harness), wanted);
    }
    harness.key_press_modifiers(Modifiers::NONE, Key::ArrowDown);
    harness.run_steps(3);
    assert_eq!(current(&harness), "Step 2: Stroke");
    harness.get_by_label("Beginning");
    // A new step ends what was undone.
    click_canvas(&mut harness, 200.0, 200.0);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("undone").is_none());
    assert_ne!(harness.state().document().canvas().color_at(200, 200), Some(Rgb::WHITE));
}
