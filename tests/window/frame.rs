//! The frame: which part of the canvas a round is made from, by pointer, by numbers, and back to its place.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::document::{EditKind, Reshape};
use underpaint::paint::{Region, Rgb, Size};
use underpaint::ui::{App, ReshapeCommand, ResultCommand, RoundCommand};

use crate::harness::{canvas_size, click_canvas, drag_canvas, perform, pixels, release, wait, window_of_size};

/// A canvas of 256 by 256 pixels whose results have 64 by 64.
fn large(folder: &std::path::Path) -> Harness<'static, App> {
    let mut harness = window_of_size(folder, egui::vec2(1320.0, 1500.0), 1.0, None);
    click_canvas(&mut harness, 60.0, 60.0);
    perform(&mut harness, ReshapeCommand::Reshape(Reshape::Scale(Size::new(256, 256).expect("a size"))));
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch, settings.strength) = (64, 64, 1, 0.5);
    drop(settings);
    harness.run_steps(3);
    harness
}

fn frame(harness: &Harness<'static, App>) -> Option<Region> {
    harness.state().document().frame()
}

fn region(x: i64, y: i64, side: usize) -> Option<Region> {
    Some(Region { x, y, size: Size::new(side, side).expect("a size") })
}

#[test]
fn the_frame_is_dragged_scaled_and_typed_and_undone() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = large(folder.path());
    assert!(harness.query_by_label_contains("The canvas has 256 × 256 pixels, the results").is_some());
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F);
    harness.run_steps(2);
    harness.get_by_label("Use a part of the canvas").click();
    harness.run_steps(3);
    assert_eq!(frame(&harness), region(96, 96, 64));
    assert!(harness.query_by_label_contains("256 pixels, the results").is_none(), "the sizes may differ now");
    assert!(harness.state().status().contains("64 × 64 pixels at 96, 96"), "{}", harness.state().status());
    drag_canvas(&mut harness, (128.0, 128.0), (60.0, 148.0));
    release(&mut harness);
    assert_eq!(frame(&harness), region(28, 116, 64));
    // The lower right corner is dragged, the opposite one stays.
    drag_canvas(&mut harness, (91.5, 179.5), (155.5, 179.5));
    release(&mut harness);
    assert_eq!(frame(&harness), region(28, 116, 128));
    harness.get_by_role_and_label(Role::SpinButton, "Frame left").click_accesskit();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    harness.event(egui::Event::Text("100".into()));
    harness.step();
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(frame(&harness), region(100, 116, 128));
    assert_eq!(harness.state().document().next_undo(), Some(EditKind::Frame));
    harness.get_by_label("Whole canvas").click();
    harness.run_steps(3);
    assert_eq!(frame(&harness), None);
}

#[test]
fn a_result_of_a_part_comes_back_to_its_place_as_a_layer() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = large(folder.path());
    let before = pixels(harness.state());
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F);
    harness.run_steps(2);
    click_canvas(&mut harness, 63.5, 63.5);
    harness.run_steps(2);
    assert_eq!(frame(&harness), region(32, 32, 64), "a click beside the frame brings it there");
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && app.rounds().iter().count() == 1);
    let made = crate::harness::results(harness.state(), 1).remove(0);
    assert_eq!(made.dimensions(), (64, 64));
    let layers = harness.state().document().layers().all().count();
    perform(&mut harness, ResultCommand::PaintOver(1, 0));
    harness.run_steps(2);
    let document = harness.state().document();
    assert_eq!((canvas_size(harness.state()), document.layers().all().count()), ((256, 256), layers + 2));
    assert_eq!(document.canvas().color_at(32 + 10, 32 + 20), Some(Rgb(made.get_pixel(10, 20).0)));
    let outside = |pixels: &[u8]| {
        let is_outside = |at: &usize| !(32..96).contains(&(at % 256)) || !(32..96).contains(&(at / 256));
        (0..256 * 256).filter(is_outside).map(|at| pixels[at * 3]).collect::<Vec<u8>>()
    };
    assert!(outside(&pixels(harness.state())) == outside(&before), "the rest stays");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == before);
}
