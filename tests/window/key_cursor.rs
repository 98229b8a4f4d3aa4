//! Tools that work at places are used by keyboard alone, with the cross that arrow keys move.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::document::Document;
use underpaint::ui::{App, CanvasCommand, Paper, SelectShape};

use crate::harness::{perform, pixels, window};

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;

fn press(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

fn document<'a>(harness: &'a Harness<'static, App>) -> &'a Document {
    harness.state().document()
}

/// Leads the keyboard to the canvas, and the cross to a place.
fn go_to(harness: &mut Harness<'static, App>, to: (i32, i32)) {
    if !harness.get_by_role_and_label(Role::Canvas, "Canvas").is_focused() {
        // It is the last part of the window.
        press(harness, SHIFT, Key::F6);
    }
    let canvas = harness.get_by_role_and_label(Role::Canvas, "Canvas");
    assert!(canvas.is_focused());
    let value = canvas.accesskit_node().value().expect("the place is told");
    let (x, y) = value.split_once(", ").expect("two numbers");
    let at: (i32, i32) = (x.parse().expect("a number"), y.parse().expect("a number"));
    let mut walk = |by: i32, less: Key, more: Key| {
        let key = if by < 0 { less } else { more };
        (0..by.abs() / 10).for_each(|_| press(harness, SHIFT, key));
        (0..by.abs() % 10).for_each(|_| press(harness, NONE, key));
    };
    walk(to.0 - at.0, Key::ArrowLeft, Key::ArrowRight);
    walk(to.1 - at.1, Key::ArrowUp, Key::ArrowDown);
}

fn pixel(harness: &Harness<'static, App>, x: usize, y: usize) -> [u8; 3] {
    let width = document(harness).canvas().width();
    let at = (y * width + x) * 3;
    let pixels = pixels(harness.state());
    [pixels[at], pixels[at + 1], pixels[at + 2]]
}

/// A black canvas in whose middle a square is white.
fn with_square(harness: &mut Harness<'static, App>) {
    perform(harness, CanvasCommand::New(Paper::Black));
    press(harness, Modifiers::COMMAND, Key::R);
    go_to(harness, (120, 120));
    press(harness, NONE, Key::Enter);
    go_to(harness, (136, 140));
    press(harness, NONE, Key::Enter);
    let rect = document(harness).selection().expect("a rectangle").bounds().expect("not empty");
    assert_eq!((rect.x0, rect.y0, rect.x1, rect.y1), (120, 120, 136, 140));
    press(harness, NONE, Key::D);
    // The background colour is white.
    press(harness, NONE, Key::Backspace);
    press(harness, Modifiers::COMMAND | SHIFT, Key::A);
    assert_eq!([pixel(harness, 120, 120), pixel(harness, 119, 120)], [[255; 3], [0; 3]]);
}

#[test]
fn rectangle_wand_and_fill_by_keyboard_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    with_square(&mut harness);
    press(&mut harness, NONE, Key::W);
    go_to(&mut harness, (125, 125));
    press(&mut harness, NONE, Key::Enter);
    let bounds = document(&harness).selection().expect("selected").bounds().expect("not empty");
    assert_eq!((bounds.x0, bounds.y0, bounds.x1, bounds.y1), (120, 120, 136, 140));
    // The cross still has the keyboard, and keys for what is selected work.
    press(&mut harness, Modifiers::COMMAND | SHIFT, Key::A);
    press(&mut harness, NONE, Key::F);
    press(&mut harness, NONE, Key::Enter);
    assert_eq!([pixel(&harness, 125, 125), pixel(&harness, 120, 139)], [[0; 3]; 2], "the square is filled with black");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(pixel(&harness, 125, 125), [255; 3]);
}

#[test]
fn a_gradient_goes_from_one_press_to_the_next_and_can_be_left() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    press(&mut harness, NONE, Key::D);
    press(&mut harness, SHIFT, Key::G);
    let before = pixels(harness.state());
    go_to(&mut harness, (100, 128));
    assert!(harness.state().status().starts_with("100, 128"));
    press(&mut harness, NONE, Key::Enter);
    assert!(harness.state().status().contains("Enter ends it there"), "{}", harness.state().status());
    go_to(&mut harness, (110, 128));
    press(&mut harness, NONE, Key::Escape);
    assert!(harness.get_by_role_and_label(Role::Canvas, "Canvas").is_focused(), "Escape leaves the gradient alone");
    press(&mut harness, NONE, Key::Enter);
    go_to(&mut harness, (150, 128));
    assert!(pixels(harness.state()) == before);
    press(&mut harness, NONE, Key::Enter);
    let [start, middle, end] = [(110, 50), (130, 200), (150, 128)].map(|(x, y)| pixel(&harness, x, y)[0]);
    assert!(start == 0 && (100..156).contains(&middle) && end >= 254, "{start}, {middle}, {end}");
}

#[test]
fn a_line_and_a_polygon_by_keyboard_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    press(&mut harness, NONE, Key::D);
    press(&mut harness, NONE, Key::U);
    go_to(&mut harness, (100, 100));
    press(&mut harness, NONE, Key::Enter);
    go_to(&mut harness, (120, 100));
    press(&mut harness, NONE, Key::Enter);
    assert_eq!([pixel(&harness, 100, 100), pixel(&harness, 110, 100), pixel(&harness, 120, 100)], [[0; 3]; 3]);
    assert_eq!(pixel(&harness, 110, 130), [255; 3]);
    perform(&mut harness, underpaint::ui::SelectCommand::UseShape(SelectShape::Polygon));
    for corner in [(150, 150), (170, 150), (170, 170)] {
        go_to(&mut harness, corner);
        press(&mut harness, NONE, Key::Enter);
    }
    assert!(document(&harness).selection().is_none());
    // A second press at the last corner closes it.
    press(&mut harness, NONE, Key::Enter);
    let bounds = document(&harness).selection().expect("a triangle").bounds().expect("not empty");
    assert_eq!((bounds.x0, bounds.y0, bounds.x1, bounds.y1), (150, 150, 170, 170));
}

#[test]
fn what_keys_began_is_left_when_the_canvas_loses_the_keyboard() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let before = pixels(harness.state());
    press(&mut harness, NONE, Key::B);
    go_to(&mut harness, (125, 125));
    press(&mut harness, NONE, Key::Enter);
    go_to(&mut harness, (135, 125));
    assert!(pixels(harness.state()) != before, "the brush paints");
    press(&mut harness, NONE, Key::F6);
    harness.run_steps(3);
    assert!(pixels(harness.state()) == before);
}
