//! Another size or shape for the canvas: by the crop tool, by dialogs, and by keys.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::document::{EditKind, Reshape};
use underpaint::paint::{MirrorAxis, PixelRect, Rgb};
use underpaint::ui::{App, CanvasCommand, LayerCommand, OpenPlacement, ReshapeCommand, SelectCommand};

use crate::harness::{canvas_size, click_canvas, drag_canvas, perform, pixels, release, wait, window_of_size};

const CTRL_ALT: Modifiers = Modifiers::COMMAND.plus(Modifiers::ALT);
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// A window with a dot on each of two layers.
fn two_layers(folder: &std::path::Path) -> Harness<'static, App> {
    let mut harness = window_of_size(folder, egui::vec2(1320.0, 1500.0), 1.0, None);
    click_canvas(&mut harness, 60.0, 60.0);
    perform(&mut harness, LayerCommand::Add);
    click_canvas(&mut harness, 100.0, 100.0);
    harness.run_steps(2);
    harness
}

fn press(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

fn layers(harness: &Harness<'static, App>) -> usize {
    harness.state().document().layers().all().count()
}

fn color(harness: &Harness<'static, App>, x: usize, y: usize) -> Rgb {
    harness.state().document().canvas().color_at(x, y).expect("inside")
}

/// Types a number into the box of this name.
fn type_number(harness: &mut Harness<'static, App>, label: &str, typed: &str) {
    harness.get_by_role_and_label(Role::SpinButton, label).click_accesskit();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    harness.event(egui::Event::Text(typed.into()));
    harness.step();
    harness.key_press(Key::Enter);
    harness.run_steps(2);
}

#[test]
fn the_crop_tool_cuts_and_adds_room_by_dragged_edges_and_by_numbers() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = two_layers(folder.path());
    let before = pixels(harness.state());
    press(&mut harness, Modifiers::SHIFT, Key::C);
    // The right edge lies at 256, beside the divider.
    drag_canvas(&mut harness, (252.5, 128.0), (191.0, 128.0));
    release(&mut harness);
    harness.run_steps(2);
    assert_eq!(canvas_size(harness.state()), (256, 256), "nothing is cut before it is applied");
    let width = harness.get_by_role_and_label(Role::SpinButton, "Crop width").value();
    assert_eq!(width.as_deref(), Some("192 px"));
    press(&mut harness, Modifiers::NONE, Key::Enter);
    wait(&mut harness, "cropping", |app| canvas_size(app) == (192, 256));
    assert_eq!((layers(&harness), harness.state().document().next_undo()), (2, Some(EditKind::Crop)));
    assert_ne!(color(&harness, 60, 60), Rgb::WHITE);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert!(pixels(harness.state()) == before && layers(&harness) == 2, "one undo brings everything back");
    assert_eq!(harness.state().settings().width, 256);

    // By numbers, with room at the left.
    type_number(&mut harness, "Crop left", "-32");
    type_number(&mut harness, "Crop width", "290");
    harness.get_by_label("Continue the edge").click();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Crop the canvas").click();
    wait(&mut harness, "extending", |app| canvas_size(app) == (288, 256));
    assert_eq!(harness.state().document().next_undo(), Some(EditKind::Extend));
    assert_ne!(color(&harness, 92, 60), Rgb::WHITE, "the dot moved along");
    // The key that leaves a tool leaves the rectangle.
    type_number(&mut harness, "Crop width", "64");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    let width = harness.get_by_role_and_label(Role::SpinButton, "Crop width").value();
    assert_eq!((width.as_deref(), canvas_size(harness.state())), (Some("288 px"), (288, 256)));
}

#[test]
fn a_key_crops_to_the_selection_and_undo_selects_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = two_layers(folder.path());
    press(&mut harness, CTRL_SHIFT, Key::X);
    assert!(harness.state().status().contains("Nothing is selected"));
    perform(&mut harness, SelectCommand::Rectangle(PixelRect { x0: 40, y0: 40, x1: 141, y1: 104 }));
    press(&mut harness, CTRL_SHIFT, Key::X);
    wait(&mut harness, "cropping", |app| canvas_size(app) == (104, 64));
    let selection = |harness: &Harness<'static, App>| {
        let bounds = harness.state().document().selection().and_then(|selection| selection.bounds());
        bounds.map(|bounds| (bounds.width(), bounds.height()))
    };
    assert_eq!((selection(&harness), layers(&harness)), (Some((101, 64)), 2));
    perform(&mut harness, CanvasCommand::Undo);
    assert_eq!((selection(&harness), canvas_size(harness.state())), (Some((101, 64)), (256, 256)));
}

#[test]
fn dialogs_add_room_and_scale_and_show_the_new_size() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = two_layers(folder.path());
    press(&mut harness, CTRL_ALT, Key::C);
    type_number(&mut harness, "At the right", "60");
    harness.get_by_label("256 × 256 → 320 × 256 pixels");
    harness.get_by_label("Resize").click();
    wait(&mut harness, "extending", |app| canvas_size(app) == (320, 256));
    press(&mut harness, CTRL_ALT, Key::I);
    type_number(&mut harness, "New width", "640");
    harness.get_by_label("320 × 256 → 640 × 512 pixels");
    harness.get_by_label("Resize").click();
    wait(&mut harness, "scaling", |app| canvas_size(app) == (640, 512));
    assert_eq!(layers(&harness), 2);
    assert_ne!(color(&harness, 200, 200), Rgb::WHITE);
    press(&mut harness, CTRL_ALT, Key::C);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Resize").is_none(), "it is closed");
}

#[test]
fn keys_turn_and_mirror_the_picture_with_its_layers() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = two_layers(folder.path());
    let before = pixels(harness.state());
    press(&mut harness, CTRL_ALT, Key::CloseBracket);
    wait(&mut harness, "turning", |app| pixels(app) != before);
    assert_ne!(color(&harness, 255 - 60, 60), Rgb::WHITE);
    assert_eq!(color(&harness, 60, 60), Rgb::WHITE);
    press(&mut harness, CTRL_ALT, Key::OpenBracket);
    wait(&mut harness, "turning back", |app| pixels(app) == before);
    press(&mut harness, CTRL_ALT, Key::J);
    wait(&mut harness, "flipping", |app| pixels(app) != before);
    assert_ne!(color(&harness, 60, 255 - 60), Rgb::WHITE);
    perform(&mut harness, ReshapeCommand::Reshape(Reshape::Mirror(MirrorAxis::Horizontal)));
    wait(&mut harness, "flipping back", |app| pixels(app) == before);
    assert_eq!(layers(&harness), 2);
}

#[test]
fn the_size_of_the_results_is_taken_with_all_layers() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = two_layers(folder.path());
    harness.state_mut().settings_mut().width = 384;
    harness.run_steps(3);
    perform(&mut harness, CanvasCommand::ResizeToResults(OpenPlacement::Fill));
    wait(&mut harness, "filling", |app| canvas_size(app) == (384, 256));
    assert_eq!((layers(&harness), harness.state().document().next_undo()), (2, Some(EditKind::Resize)));
}
