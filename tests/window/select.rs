//! Selections, transforms, shapes, clipboard and mask: by pointer and by keyboard, through the names that screen readers get.

use std::path::Path;

use egui::{Event, Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::paint::{PixelRect, Rgb, Selection};
use underpaint::ui::{
    App, CanvasCommand, ColorCommand, DrawnShape, MaskCommand, ResultCommand, RoundCommand, SelectCommand, SelectShape,
    Tool,
};

use crate::harness::{
    canvas_size, click_canvas, close, drag_canvas, on_screen, perform, pixels, release, results, stored, wait,
    window_of_size, window_with,
};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

fn window(folder: &Path) -> Harness<'static, App> {
    window_of_size(folder, egui::vec2(1320.0, 1700.0), 1.0, None)
}

fn press(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(2);
}

fn drag(harness: &mut Harness<'static, App>, from: (f32, f32), to: (f32, f32)) {
    drag_canvas(harness, from, to);
    release(harness);
    harness.run_steps(2);
}

fn bounds(harness: &Harness<'static, App>) -> Option<PixelRect> {
    harness.state().document().selection().and_then(Selection::bounds)
}

fn color(harness: &Harness<'static, App>, x: usize, y: usize) -> Rgb {
    harness.state().document().canvas().color_at(x, y).expect("inside")
}

/// Presses the pointer over one canvas pixel and drags it to another with modifiers held, and releases it.
fn drag_with(harness: &mut Harness<'static, App>, modifiers: Modifiers, from: (f32, f32), to: (f32, f32)) {
    let (from, to) = (on_screen(harness.state(), from.0, from.1), on_screen(harness.state(), to.0, to.1));
    let button = |pos, pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers };
    harness.event_modifiers(Event::PointerMoved(from), modifiers);
    harness.event_modifiers(button(from, true), modifiers);
    harness.event_modifiers(Event::PointerMoved(to), modifiers);
    harness.event_modifiers(button(to, false), modifiers);
    harness.run_steps(2);
}

#[test]
fn a_dragged_rectangle_confines_painting_and_keys_change_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    press(&mut harness, CTRL, Key::R);
    drag(&mut harness, (60.0, 60.0), (100.0, 120.0));
    let rect = bounds(&harness).expect("selected");
    assert!(rect.x0.abs_diff(60) <= 1 && rect.y0.abs_diff(60) <= 1, "{rect:?}");
    assert!(rect.x1.abs_diff(100) <= 1 && rect.y1.abs_diff(120) <= 1, "{rect:?}");
    press(&mut harness, Modifiers::NONE, Key::B);
    drag(&mut harness, (20.0, 90.0), (200.0, 90.0));
    assert_ne!(color(&harness, 80, 90), Rgb::WHITE);
    assert_eq!((color(&harness, 50, 90), color(&harness, 110, 90)), (Rgb::WHITE, Rgb::WHITE));
    // More is added with Shift held, and taken away with Ctrl held.
    press(&mut harness, CTRL, Key::R);
    drag_with(&mut harness, Modifiers::SHIFT, (150.0, 150.0), (200.0, 200.0));
    let selected = |harness: &Harness<'static, App>, x, y| {
        harness.state().document().selection().map_or(0, |selection| selection.level(x, y))
    };
    assert_eq!((selected(&harness, 80, 90), selected(&harness, 170, 170)), (255, 255));
    drag_with(&mut harness, CTRL, (150.0, 150.0), (175.0, 200.0));
    assert_eq!((selected(&harness, 160, 170), selected(&harness, 190, 170)), (0, 255));
    press(&mut harness, CTRL_SHIFT, Key::I);
    assert_eq!((selected(&harness, 160, 170), selected(&harness, 190, 170)), (255, 0));
    press(&mut harness, CTRL, Key::A);
    assert!(harness.state().document().selection().is_some_and(Selection::is_all));
    press(&mut harness, CTRL_SHIFT, Key::A);
    assert_eq!(bounds(&harness), None);
    press(&mut harness, CTRL, Key::Z);
    assert!(bounds(&harness).is_some(), "undo selects again");
    click_canvas(&mut harness, 10.0, 10.0);
    harness.run_steps(2);
    assert_eq!(bounds(&harness), None, "a click selects nothing");
}

#[test]
fn each_shape_selects_by_pointer_and_the_panel_by_numbers() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let level = |harness: &Harness<'static, App>, x, y| {
        harness.state().document().selection().map_or(0, |selection| selection.level(x, y))
    };
    press(&mut harness, Modifiers::NONE, Key::J);
    drag(&mut harness, (40.0, 40.0), (140.0, 140.0));
    assert_eq!((level(&harness, 90, 90), level(&harness, 44, 44)), (255, 0));
    press(&mut harness, Modifiers::NONE, Key::L);
    drag(&mut harness, (40.0, 40.0), (200.0, 40.0));
    press(&mut harness, Modifiers::SHIFT, Key::L);
    for (x, y) in [(20.0, 20.0), (220.0, 20.0), (120.0, 220.0)] {
        click_canvas(&mut harness, x, y);
    }
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!((level(&harness, 120, 100), level(&harness, 20, 200)), (255, 0));
    for (x, y) in [(20.0, 20.0), (220.0, 20.0), (120.0, 220.0)] {
        click_canvas(&mut harness, x, y);
    }
    let before = bounds(&harness);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(bounds(&harness), before, "left");
    press(&mut harness, CTRL_SHIFT, Key::R);
    perform(&mut harness, SelectCommand::None);
    drag(&mut harness, (50.0, 50.0), (90.0, 50.0));
    assert!(level(&harness, 70, 50) > 200 && level(&harness, 70, 120) == 0, "painted with the brush");
    perform(&mut harness, SelectCommand::UseShape(SelectShape::Rectangle));
    click(&mut harness, "By numbers");
    click(&mut harness, "Select this");
    assert!(harness.state().document().selection().is_some_and(Selection::is_all));
    click(&mut harness, "Shrink");
    click(&mut harness, "Select none");
    assert_eq!(bounds(&harness), None);
}

#[test]
fn the_wand_selects_a_colour_and_fills_keep_inside() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, SelectCommand::Rectangle(PixelRect { x0: 0, y0: 0, x1: 100, y1: 256 }));
    perform(&mut harness, ColorCommand::Use(Rgb([200, 0, 0])));
    press(&mut harness, Modifiers::SHIFT, Key::Backspace);
    perform(&mut harness, SelectCommand::None);
    assert_eq!((color(&harness, 50, 50), color(&harness, 150, 50)), (Rgb([200, 0, 0]), Rgb::WHITE));
    press(&mut harness, Modifiers::NONE, Key::W);
    click_canvas(&mut harness, 200.0, 200.0);
    harness.run_steps(2);
    assert_eq!(bounds(&harness), Some(PixelRect { x0: 100, y0: 0, x1: 256, y1: 256 }));
    perform(&mut harness, ColorCommand::Use(Rgb([0, 0, 200])));
    click(&mut harness, "Fill selection");
    assert_eq!((color(&harness, 50, 50), color(&harness, 150, 50)), (Rgb([200, 0, 0]), Rgb([0, 0, 200])));
    click_canvas(&mut harness, 200.0, 200.0);
    press(&mut harness, Modifiers::NONE, Key::Delete);
    assert_eq!((color(&harness, 50, 50), color(&harness, 150, 50)), (Rgb([200, 0, 0]), Rgb::WHITE), "cleared");
}

#[test]
fn what_is_selected_is_dragged_nudged_applied_and_left() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, SelectCommand::Rectangle(PixelRect { x0: 40, y0: 40, x1: 80, y1: 80 }));
    perform(&mut harness, ColorCommand::Use(Rgb([200, 0, 0])));
    perform(&mut harness, SelectCommand::FillForeground);
    let before = pixels(harness.state());
    press(&mut harness, Modifiers::NONE, Key::T);
    drag(&mut harness, (60.0, 60.0), (160.0, 100.0));
    assert_eq!((color(&harness, 60, 60), color(&harness, 160, 100)), (Rgb::WHITE, Rgb([200, 0, 0])));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(pixels(harness.state()) == before && !harness.state().document().is_transforming(), "left");
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowDown);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(bounds(&harness), Some(PixelRect { x0: 41, y0: 50, x1: 81, y1: 90 }));
    assert_eq!((color(&harness, 60, 45), color(&harness, 60, 85)), (Rgb::WHITE, Rgb([200, 0, 0])));
    // A handle at the right edge makes it twice as wide.
    click(&mut harness, "Begin");
    drag(&mut harness, (80.5, 69.5), (120.5, 69.5));
    click(&mut harness, "Apply");
    let rect = bounds(&harness).expect("selected");
    assert!(rect.x0.abs_diff(41) <= 1 && rect.x1.abs_diff(121) <= 2, "{rect:?}");
    press(&mut harness, CTRL, Key::Z);
    press(&mut harness, CTRL, Key::Z);
    assert!(pixels(harness.state()) == before, "two steps of undo");
}

#[test]
fn copied_pixels_are_pasted_where_they_were_as_a_layer() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, SelectCommand::Rectangle(PixelRect { x0: 40, y0: 40, x1: 80, y1: 80 }));
    perform(&mut harness, ColorCommand::Use(Rgb([200, 0, 0])));
    perform(&mut harness, SelectCommand::FillForeground);
    let before = pixels(harness.state());
    harness.event(Event::Cut);
    harness.run_steps(2);
    assert_eq!(color(&harness, 60, 60), Rgb::WHITE, "{}", harness.state().status());
    press(&mut harness, Modifiers::COMMAND | Modifiers::ALT, Key::V);
    assert!(pixels(harness.state()) == before && harness.state().document().layers().layers().len() == 2);
    // What comes back from the system's clipboard goes where it was, too.
    perform(&mut harness, CanvasCommand::Undo);
    let picture = egui::ColorImage::filled([40, 40], egui::Color32::from_rgb(200, 0, 0));
    harness.event(Event::PasteImage(picture.into()));
    harness.run_steps(2);
    assert!(pixels(harness.state()) == before && canvas_size(harness.state()) == (256, 256));
}

#[test]
fn shapes_and_gradients_are_dragged() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ColorCommand::Use(Rgb([200, 0, 0])));
    press(&mut harness, Modifiers::NONE, Key::U);
    drag(&mut harness, (20.0, 20.0), (220.0, 20.0));
    assert_ne!(color(&harness, 120, 20), Rgb::WHITE);
    perform(&mut harness, SelectCommand::UseDrawn(DrawnShape::Rectangle));
    drag(&mut harness, (60.0, 80.0), (200.0, 200.0));
    assert!(color(&harness, 60, 140) != Rgb::WHITE && color(&harness, 130, 140) == Rgb::WHITE, "an outline");
    click(&mut harness, "Filled");
    perform(&mut harness, SelectCommand::UseDrawn(DrawnShape::Ellipse));
    drag(&mut harness, (60.0, 80.0), (200.0, 200.0));
    assert_eq!(color(&harness, 130, 140), Rgb([200, 0, 0]));
    let before = pixels(harness.state());
    press(&mut harness, Modifiers::SHIFT, Key::G);
    drag(&mut harness, (10.0, 100.0), (246.0, 100.0));
    let Rgb([_, g, _]) = color(&harness, 128, 240);
    assert!((100..=155).contains(&g), "half way to the paper: {g}");
    press(&mut harness, CTRL, Key::Z);
    assert!(pixels(harness.state()) == before);
}

#[test]
fn a_mask_is_painted_used_by_the_round_and_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window_with(folder.path(), 1.0, Some(folder.path().join("home")));
    wait(&mut harness, "the document", App::is_kept);
    perform(&mut harness, CanvasCommand::Example);
    let (width, height) = canvas_size(harness.state());
    perform(&mut harness, CanvasCommand::UseTool(Tool::Mask));
    drag(&mut harness, (50.0, 50.0), (90.0, 60.0));
    let level = |app: &App, x, y| app.document().mask().map_or(0, |mask| mask.level(x, y));
    assert!(level(harness.state(), 70, 55) > 128 && level(harness.state(), 200, 200) == 0);
    perform(&mut harness, MaskCommand::ToSelection);
    assert!(bounds(&harness).is_some());
    perform(&mut harness, MaskCommand::Remove);
    assert!(harness.state().document().mask().is_none());
    perform(&mut harness, SelectCommand::Rectangle(PixelRect { x0: 0, y0: 0, x1: width / 2, y1: height }));
    perform(&mut harness, MaskCommand::FromSelection);
    harness.state_mut().settings_mut().batch = 1;
    harness.state_mut().settings_mut().feather = 0;
    let before = harness.state().document().picture();
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && !results(app, 1).is_empty());
    let made = &results(harness.state(), 1)[0];
    let last = (width - 1) as u32;
    assert!((0..height as u32).all(|y| made.get_pixel(last, y) == before.get_pixel(last, y)), "kept outside the mask");
    assert!((0..height as u32).any(|y| made.get_pixel(2, y) != before.get_pixel(2, y)), "changed inside");
    // The result is painted in place onto what is there.
    perform(&mut harness, SelectCommand::None);
    perform(&mut harness, SelectCommand::UseShownResult);
    drag(&mut harness, (20.0, 20.0), (60.0, 60.0));
    let canvas = harness.state().document().canvas();
    assert_eq!(canvas.color_at(40, 40).map(|Rgb(rgb)| rgb), Some(made.get_pixel(40, 40).0));
    wait(&mut harness, "the file", App::is_kept);
    let path = harness.state().document_path().expect("a file").to_path_buf();
    let mask = harness.state().document().mask().cloned().expect("a mask");
    close(harness);
    assert!(stored(&path).mask().is_some_and(|kept| kept.is_like(&mask)));
}

#[test]
fn without_a_result_there_is_nothing_to_paint_with() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::UseTool(Tool::Clone));
    click_canvas(&mut harness, 50.0, 50.0);
    harness.run_steps(2);
    assert!(harness.state().status().contains("No result"), "{}", harness.state().status());
    perform(&mut harness, ResultCommand::Copy(7, 0));
    perform(&mut harness, MaskCommand::Invert);
    assert!(harness.state().status().contains("no mask"), "{}", harness.state().status());
}
