//! Colours: each control by pointer and by keyboard, palettes, the eyedropper and the value ramp.

use std::path::Path;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::document::AreaSource;
use underpaint::paint::{ColorModel, Oklab, Rgb, SampleArea};
use underpaint::palettes::PickerShape;
use underpaint::ui::{
    App, CanvasCommand, ColorCommand, CompareCommand, CompareMode, LayerCommand, PaletteCommand, Paper, RoundCommand,
    Tool,
};

use crate::harness::{
    button, click_canvas, close, on_screen, perform, pixels, release, wait, wait_for_rest, window_of_size, window_with,
};

/// A window in which all of the panel is in view.
fn window(folder: &Path) -> Harness<'static, App> {
    window_of_size(folder, Vec2::new(1320.0, 1700.0), 1.0, None)
}

const RED: Rgb = Rgb([200, 30, 30]);

fn color(harness: &Harness<'static, App>) -> Rgb {
    harness.state().color()
}

fn key(harness: &mut Harness<'static, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(2);
}

fn rect(harness: &Harness<'static, App>, role: Role, label: &str) -> Rect {
    harness.get_by_role_and_label(role, label).rect()
}

/// Presses, drags and releases the pointer, a frame for each.
fn drag(harness: &mut Harness<'static, App>, from: Pos2, to: Pos2) {
    for event in [Event::PointerMoved(from), button(from, true)] {
        harness.event(event);
        harness.step();
    }
    for event in [Event::PointerMoved(from + (to - from) / 2.0), Event::PointerMoved(to), button(to, false)] {
        harness.event(event);
        harness.step();
    }
    harness.run_steps(2);
}

/// Puts the keyboard on a control and presses a key there.
fn key_on(harness: &mut Harness<'static, App>, role: Role, label: &str, modifiers: Modifiers, key: Key) {
    harness.get_by_role_and_label(role, label).focus();
    harness.run_steps(3);
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

fn swatches(harness: &Harness<'static, App>) -> Vec<String> {
    let palette = harness.state().palette().expect("shown");
    palette.swatches().iter().map(|swatch| swatch.described()).collect()
}

#[test]
fn foreground_and_background_swap_and_reset_by_key_and_by_button() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ColorCommand::Use(RED));
    key(&mut harness, Key::X);
    assert_eq!((color(&harness), harness.state().background_color()), (Rgb::WHITE, RED));
    harness.get_by_label("Swap colours").click();
    harness.run_steps(2);
    assert_eq!(color(&harness), RED);
    harness.get_by_label(&format!("Background colour {}", Rgb::WHITE.hex())).click();
    harness.run_steps(2);
    assert_eq!(harness.state().background_color(), RED);
    key(&mut harness, Key::D);
    assert_eq!((color(&harness), harness.state().background_color()), (Rgb::BLACK, Rgb::WHITE));
    perform(&mut harness, ColorCommand::Use(RED));
    harness.get_by_label("Reset colours").click();
    harness.run_steps(2);
    assert_eq!(color(&harness), Rgb::BLACK);
    harness.get_by_label(&format!("Previous colour {}", RED.hex())).click();
    harness.run_steps(2);
    assert_eq!(color(&harness), RED);
}

#[test]
fn the_picker_follows_the_pointer_and_the_arrow_keys_in_every_model_and_shape() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for shape in [PickerShape::Ring, PickerShape::Bar] {
        perform(&mut harness, ColorCommand::ChooseShape(shape));
        for (model, _) in ColorModel::ALL {
            perform(&mut harness, ColorCommand::ChooseModel(model));
            perform(&mut harness, ColorCommand::Use(RED));
            let field = rect(&harness, Role::ColorWell, "Saturation and value");
            drag(&mut harness, field.center(), field.right_top() + Vec2::new(30.0, -1.0));
            let [hue, saturation, value] = model.coordinates(color(&harness));
            assert!(saturation > 0.98 && value > 0.98, "{model:?} {shape:?}: {}", color(&harness).hex());
            let [red, ..] = model.coordinates(RED);
            assert!((hue - red).abs() < 2.0, "the hue stays");
            harness.get_by_label(&format!("Previous colour {}", RED.hex()));

            key_on(&mut harness, Role::ColorWell, "Saturation and value", Modifiers::SHIFT, Key::ArrowDown);
            let darker = model.coordinates(color(&harness))[2];
            assert!((value - darker - 0.1).abs() < 0.02, "{darker}");
            assert!(harness.get_by_role_and_label(Role::ColorWell, "Saturation and value").is_focused());

            let dial = rect(&harness, Role::Slider, "Hue dial");
            let green = match shape {
                PickerShape::Ring => dial.center() + Vec2::new(0.0, 4.0 - dial.height() / 2.0),
                PickerShape::Bar => dial.left_center() + Vec2::new(dial.width() / 4.0, 0.0),
            };
            drag(&mut harness, green, green + Vec2::new(0.5, 0.0));
            let [hue, ..] = model.coordinates(color(&harness));
            assert!((hue - 90.0).abs() < 4.0, "{model:?} {shape:?}: {hue}");
            key_on(&mut harness, Role::Slider, "Hue dial", Modifiers::SHIFT, Key::ArrowRight);
            let [turned, ..] = model.coordinates(color(&harness));
            assert!((turned - hue - 10.0).abs() < 2.0, "{hue} {turned}");
        }
    }
    wait_for_rest(&mut harness);
}

#[test]
fn a_colour_can_be_typed_in_numbers_and_as_text() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ColorCommand::Use(RED));
    let mut type_into = |role: Role, label: &str, text: &str| {
        harness.get_by_role_and_label(role, label).scroll_to_me();
        harness.run_steps(3);
        harness.get_by_role_and_label(role, label).click();
        harness.run_steps(2);
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.step();
        harness.event(Event::Text(text.into()));
        harness.step();
        harness.key_press(Key::Enter);
        harness.run_steps(2);
        harness.state().color()
    };
    assert_eq!(type_into(Role::SpinButton, "R", "10"), Rgb([10, 30, 30]));
    assert_eq!(type_into(Role::SpinButton, "V", "100"), Rgb([85, 255, 255]));
    assert_eq!(type_into(Role::TextInput, "Hex", "58a62e"), Rgb([0x58, 0xa6, 0x2e]));
    assert_eq!(type_into(Role::TextInput, "Hex", "#f80"), Rgb([255, 136, 0]));
    assert_eq!(type_into(Role::TextInput, "Hex", "nonsense"), Rgb([255, 136, 0]));
    let field = harness.get_by_role_and_label(Role::TextInput, "Hex").value();
    assert_eq!(field.as_deref(), Some("#ff8800"), "nonsense does not stay");
}

#[test]
fn what_was_painted_with_is_recent_and_a_click_uses_it_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ColorCommand::Use(RED));
    assert!(harness.query_by_label(&format!("Recent colour {}", RED.hex())).is_none(), "not painted with yet");
    click_canvas(&mut harness, 30.0, 30.0);
    harness.run_steps(2);
    perform(&mut harness, ColorCommand::Use(Rgb::BLACK));
    harness.get_by_label(&format!("Recent colour {}", RED.hex())).click();
    harness.run_steps(2);
    assert_eq!(color(&harness), RED);
}

#[test]
fn swatches_are_used_added_named_moved_and_deleted_by_pointer_and_by_keyboard() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label_contains("Apple green (").click();
    harness.run_steps(2);
    assert_eq!(color(&harness), Rgb([0x58, 0xa6, 0x2e]));

    perform(&mut harness, PaletteCommand::New);
    for rgb in [RED, Rgb::BLACK] {
        perform(&mut harness, ColorCommand::Use(rgb));
        harness.get_by_label("Add the current colour").click();
        harness.run_steps(2);
    }
    perform(&mut harness, ColorCommand::Use(Rgb::WHITE));
    key_on(&mut harness, Role::Button, "Add the current colour", Modifiers::NONE, Key::Enter);
    assert_eq!(swatches(&harness), ["#c81e1e", "#000000", "#ffffff"]);

    // A name is typed for the colour that was chosen last.
    harness.get_by_role_and_label(Role::TextInput, "Name").click();
    harness.run_steps(2);
    harness.event(Event::Text("Snow".into()));
    harness.step();
    key(&mut harness, Key::Enter);
    assert_eq!(swatches(&harness)[2], "Snow (#ffffff)");

    // Dragged to the front, and back by keys, which follow the colour.
    let from = rect(&harness, Role::Button, "Snow (#ffffff)").center();
    let to = rect(&harness, Role::Button, "#c81e1e").center();
    drag(&mut harness, from, to);
    assert_eq!(swatches(&harness), ["Snow (#ffffff)", "#c81e1e", "#000000"]);
    key_on(&mut harness, Role::Button, "Snow (#ffffff)", Modifiers::SHIFT, Key::ArrowRight);
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run_steps(3);
    assert_eq!(swatches(&harness), ["#c81e1e", "#000000", "Snow (#ffffff)"]);

    key_on(&mut harness, Role::Button, "#000000", Modifiers::NONE, Key::Delete);
    assert_eq!(swatches(&harness), ["#c81e1e", "Snow (#ffffff)"]);
    assert!(harness.state().status().contains("bring it back"), "{}", harness.state().status());
    perform(&mut harness, PaletteCommand::BringBack);
    assert_eq!(swatches(&harness), ["#c81e1e", "#000000", "Snow (#ffffff)"]);
    harness.get_by_role_and_label(Role::Button, "Delete the swatch").click();
    harness.run_steps(2);
    assert_eq!(swatches(&harness), ["#c81e1e", "Snow (#ffffff)"], "the one that came back was chosen");
    perform(&mut harness, PaletteCommand::MoveSwatch(7, 0));
    perform(&mut harness, PaletteCommand::DeleteSwatch(7));
    perform(&mut harness, PaletteCommand::RenameSwatch(7, "x".into()));
    assert_eq!(swatches(&harness), ["#c81e1e", "Snow (#ffffff)"]);
}

#[test]
fn palettes_and_colours_are_there_again_at_the_next_launch() {
    let folder = tempfile::tempdir().expect("folder");
    let (results, home) = (folder.path().join("results"), folder.path().join("data"));
    let launch = || {
        let mut harness = window_with(&results, 1.0, Some(home.clone()));
        wait(&mut harness, "opening", |app| app.document_path().is_some());
        harness
    };
    let mut first = launch();
    let path = folder.path().join("Garden.gpl");
    std::fs::write(&path, "GIMP Palette\r\n#\r\n88 166 46\tGreen\r\n").expect("writes");
    perform(&mut first, PaletteCommand::Import(path));
    wait(&mut first, "importing", |app| app.status().contains("imported"));
    assert_eq!(first.state().palette().expect("shown").name(), "Garden");
    perform(&mut first, PaletteCommand::Rename("My garden".into()));
    perform(&mut first, ColorCommand::Use(RED));
    perform(&mut first, ColorCommand::ChooseModel(ColorModel::Okhsv));
    perform(&mut first, ColorCommand::UseAsBackground(Rgb::BLACK));
    click_canvas(&mut first, 30.0, 30.0);
    close(first);

    let mut second = launch();
    assert_eq!((color(&second), second.state().background_color()), (RED, Rgb::BLACK));
    assert_eq!(second.state().palette().expect("shown").name(), "My garden");
    assert_eq!(swatches(&second), ["Green (#58a62e)"]);
    second.get_by_label(&format!("Recent colour {}", RED.hex()));
    let written = folder.path().join("out.gpl");
    perform(&mut second, PaletteCommand::Export(written.clone()));
    wait(&mut second, "exporting", |app| app.status().starts_with("Saved as"));
    let text = std::fs::read_to_string(&written).expect("reads");
    assert_eq!(text, "GIMP Palette\nName: My garden\nColumns: 0\n#\n 88 166  46\tGreen\n");
    perform(&mut second, PaletteCommand::Delete);
    assert_eq!(second.state().palette().expect("shown").name(), "Basic colours");
    close(second);

    std::fs::write(home.join("palettes/bad.gpl"), "no palette").expect("writes");
    let mut third = window_with(&results, 1.0, Some(home.clone()));
    wait(&mut third, "the sentence", |app| app.status().contains("bad.gpl"));
    assert_eq!(third.state().palette().expect("shown").name(), "Basic colours");
    assert_eq!(std::fs::read_to_string(home.join("palettes/bad.gpl")).expect("reads"), "no palette");
}

#[test]
fn a_file_that_is_no_palette_is_told_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let before = swatches(&harness);
    let path = folder.path().join("bad.gpl");
    std::fs::write(&path, "GIMP Palette\n300 0 0 too red\n").expect("writes");
    perform(&mut harness, PaletteCommand::Import(path));
    wait(&mut harness, "the refusal", |app| app.status().contains("line 2 is no colour"));
    assert_eq!(swatches(&harness), before);
}

#[test]
fn the_eyedropper_takes_what_is_seen_on_the_canvas_and_follows_while_pressed() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ColorCommand::Use(RED));
    click_canvas(&mut harness, 60.0, 60.0);
    perform(&mut harness, ColorCommand::Use(Rgb::BLACK));
    key(&mut harness, Key::I);
    click_canvas(&mut harness, 60.0, 60.0);
    harness.run_steps(2);
    assert_eq!(color(&harness), RED);
    let painted = pixels(harness.state());
    // A drag follows the pointer, and the previous colour stays what it was when the drag began.
    let (from, to) = (on_screen(harness.state(), 60.0, 60.0), on_screen(harness.state(), 200.0, 200.0));
    perform(&mut harness, ColorCommand::Use(Rgb::BLACK));
    drag(&mut harness, from, to);
    assert_eq!(color(&harness), Rgb::WHITE);
    harness.get_by_label(&format!("Previous colour {}", Rgb::BLACK.hex()));
    // At the edge of the dab a larger area is a mixture.
    let edge = (30..60)
        .find(|x| harness.state().document().canvas().color_at(*x, 60) == Some(RED))
        .expect("the edge of the dab");
    harness.get_by_label("5×5").click();
    harness.run_steps(2);
    click_canvas(&mut harness, edge as f32, 60.0);
    harness.run_steps(2);
    let mixed = color(&harness);
    assert!(mixed != RED && mixed != Rgb::WHITE, "{}", mixed.hex());
    assert!(pixels(harness.state()) == painted, "picking paints nothing");

    // Alt does the same with any tool, and a press beside the canvas picks nothing.
    key(&mut harness, Key::B);
    perform(&mut harness, ColorCommand::ChooseSampleArea(SampleArea::Point));
    let at = on_screen(harness.state(), 60.0, 60.0);
    alt_click(&mut harness, at);
    assert_eq!(color(&harness), RED);
    let canvas = harness.state().canvas_rect().expect("shown");
    alt_click(&mut harness, Pos2::new(canvas.center().x, canvas.max.y + 6.0));
    assert_eq!(color(&harness), RED);
    assert!(pixels(harness.state()) == painted);
}

fn alt_click(harness: &mut Harness<'static, App>, at: Pos2) {
    harness.event(Event::PointerMoved(at));
    harness.event(Event::ModifiersChanged(Modifiers::ALT));
    harness.step();
    for pressed in [true, false] {
        let button = PointerButton::Primary;
        harness.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::ALT });
        harness.step();
    }
    harness.event(Event::ModifiersChanged(Modifiers::NONE));
    harness.run_steps(3);
}

#[test]
fn the_eyedropper_takes_colours_from_results() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch, settings.steps) = (64, 64, 1, 2);
    drop(settings);
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && app.rounds().iter().count() == 1);
    harness.run_steps(3);
    let pictures = crate::harness::results(harness.state(), 1);
    let small = rect(&harness, Role::Button, "Result 1");
    let inside = small.shrink(2.0);
    let shown = Rect::from_center_size(inside.center(), Vec2::splat(inside.size().min_elem()));
    let at = shown.min + shown.size() * ((20.0 + 0.5) / 64.0);
    alt_click(&mut harness, at);
    assert_eq!(color(&harness), Rgb(pictures[0].get_pixel(20, 20).0));

    // The same with the tool.
    let at = small.center();
    key(&mut harness, Key::I);
    perform(&mut harness, ColorCommand::Use(Rgb([1, 2, 3])));
    drag(&mut harness, at, at + Vec2::new(1.0, 0.0));
    assert!(pictures[0].pixels().any(|pixel| Rgb(pixel.0) == color(&harness)), "{}", color(&harness).hex());

    // In a comparison with Alt: the canvas is left of the divider and the result right of it.
    perform(&mut harness, CompareCommand::Open);
    perform(&mut harness, CompareCommand::UseMode(CompareMode::Slider));
    harness.run_steps(3);
    let divider = |harness: &Harness<'static, App>| {
        let node = harness.get_by_role_and_label(Role::Slider, "Divider");
        node.accesskit_node().numeric_value()
    };
    let before = divider(&harness);
    let area = harness.get_by_label_contains("Compared pictures").rect();
    let side = area.size().min_elem();
    let place = |x: f32, y: f32| area.center() + Vec2::new((x + 0.5) / 64.0 - 0.5, (y + 0.5) / 64.0 - 0.5) * side;
    alt_click(&mut harness, place(20.0, 30.0));
    assert_eq!(Some(color(&harness)), harness.state().document().canvas().color_at(20, 30));
    alt_click(&mut harness, place(50.0, 30.0));
    assert_eq!(color(&harness), Rgb(pictures[0].get_pixel(50, 30).0));
    assert_eq!(divider(&harness), before, "nothing else happens");
}

#[test]
fn the_eyedropper_takes_the_colour_of_the_current_layer_if_that_is_chosen() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ColorCommand::Use(RED));
    click_canvas(&mut harness, 60.0, 60.0);
    perform(&mut harness, LayerCommand::Add);
    perform(&mut harness, ColorCommand::Use(Rgb::BLACK));
    click_canvas(&mut harness, 60.0, 60.0);
    key(&mut harness, Key::I);
    harness.get_by_label("Current layer only").click();
    harness.run_steps(2);
    let red_layer = harness.state().document().layers().layers()[0].id;
    perform(&mut harness, LayerCommand::Choose(red_layer));
    click_canvas(&mut harness, 60.0, 60.0);
    harness.run_steps(2);
    assert_eq!(color(&harness), RED, "black is above it");
    click_canvas(&mut harness, 200.0, 200.0);
    harness.run_steps(2);
    assert_eq!(color(&harness), RED, "the layer is transparent there");
    perform(&mut harness, ColorCommand::ChooseSampleSource(AreaSource::Picture));
    click_canvas(&mut harness, 200.0, 200.0);
    harness.run_steps(2);
    assert_eq!(color(&harness), Rgb::WHITE);
}

#[test]
fn the_value_ramp_shades_the_colour_under_the_pointer() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let green = Rgb([88, 166, 46]);
    perform(&mut harness, ColorCommand::Use(green));
    perform(&mut harness, CanvasCommand::New(Paper::CurrentColor));
    perform(&mut harness, ColorCommand::Use(Rgb::BLACK));
    let before = pixels(harness.state());
    let lightness = |color: Rgb| Oklab::from(color).lightness;
    let at = on_screen(harness.state(), 100.0, 100.0);
    harness.event(Event::PointerMoved(at));
    harness.step();

    // Keys: two steps darker, and Enter takes it.
    key(&mut harness, Key::V);
    assert!(harness.query_by_label_contains("Value ramp: #58a62e").is_some());
    key(&mut harness, Key::ArrowLeft);
    key(&mut harness, Key::ArrowLeft);
    assert_eq!(color(&harness), Rgb::BLACK, "not yet taken");
    key(&mut harness, Key::Enter);
    assert!(harness.query_by_label_contains("Value ramp").is_none());
    let darker = color(&harness);
    assert!((lightness(green) - lightness(darker) - 0.11).abs() < 0.01, "{}", darker.hex());

    // The wheel, and a click anywhere takes it and paints nothing.
    key(&mut harness, Key::V);
    for (modifiers, notches) in [(Modifiers::NONE, 1.0), (Modifiers::SHIFT, 2.0)] {
        harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: Vec2::new(0.0, notches),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers,
        });
        harness.run_steps(2);
    }
    assert!(harness.query_by_label_contains("1 lighter, 2 warmer").is_some());
    click_canvas(&mut harness, 100.0, 100.0);
    harness.run_steps(3);
    assert!(lightness(color(&harness)) > lightness(green), "{}", color(&harness).hex());
    assert!(Oklab::from(color(&harness)).a > Oklab::from(green).a, "warmer");
    assert!(pixels(harness.state()) == before, "the click painted nothing");

    // A click on a step takes that one; Escape and the key itself leave.
    key(&mut harness, Key::V);
    harness.get_by_label_contains("3 darker").click();
    harness.run_steps(3);
    assert!((lightness(green) - lightness(color(&harness)) - 0.165).abs() < 0.01, "{}", color(&harness).hex());
    for leave in [Key::Escape, Key::V] {
        perform(&mut harness, ColorCommand::Use(Rgb::BLACK));
        key(&mut harness, Key::V);
        key(&mut harness, Key::ArrowRight);
        key(&mut harness, leave);
        assert!(harness.query_by_label_contains("Value ramp").is_none());
        assert_eq!(color(&harness), Rgb::BLACK);
    }

    // Beside the canvas the current colour is shaded.
    harness.event(Event::PointerMoved(Pos2::new(3.0, 3.0)));
    harness.step();
    perform(&mut harness, ColorCommand::Use(RED));
    key(&mut harness, Key::V);
    assert!(harness.query_by_label_contains("Value ramp: #c81e1e").is_some());
    key(&mut harness, Key::Escape);
    assert!(pixels(harness.state()) == before);
}

#[test]
fn a_held_key_of_the_value_ramp_takes_the_colour_when_it_is_released() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let green = Rgb([88, 166, 46]);
    perform(&mut harness, ColorCommand::Use(green));
    perform(&mut harness, CanvasCommand::New(Paper::CurrentColor));
    perform(&mut harness, ColorCommand::Use(Rgb::BLACK));
    let at = on_screen(harness.state(), 100.0, 100.0);
    harness.event(Event::PointerMoved(at));
    harness.step();
    let hold =
        |pressed, repeat| Event::Key { key: Key::V, physical_key: None, pressed, repeat, modifiers: Modifiers::NONE };
    harness.event(hold(true, false));
    harness.run_steps(2);
    for _ in 0..3 {
        harness.event(hold(true, true));
        harness.run_steps(10);
    }
    assert!(harness.query_by_label_contains("Value ramp").is_some(), "repetitions do not close it");
    harness.event(hold(false, false));
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Value ramp").is_none());
    assert_eq!(color(&harness), green, "held without dialling it is an eyedropper");
}

#[test]
fn no_stroke_is_disturbed_by_the_keys_of_colours() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::UseTool(Tool::Brush));
    crate::harness::drag_canvas(&mut harness, (50.0, 50.0), (120.0, 120.0));
    key(&mut harness, Key::V);
    assert!(harness.query_by_label_contains("Value ramp").is_none(), "not while a stroke is being painted");
    key(&mut harness, Key::X);
    release(&mut harness);
    assert!(harness.state().document().can_undo());
}

#[test]
fn the_panel_fits_into_narrow_and_wide_windows() {
    for (size, right) in [((900.0, 700.0), 267.0), ((1400.0, 900.0), 267.0)] {
        let folder = tempfile::tempdir().expect("folder");
        let mut harness = crate::harness::window_of_size(folder.path(), size.into(), 1.0, None);
        perform(&mut harness, PaletteCommand::Use(0));
        for shape in [PickerShape::Ring, PickerShape::Bar] {
            perform(&mut harness, ColorCommand::ChooseShape(shape));
            for label in [
                "Colours are dialled in HSV",
                "Swap colours",
                "Reset colours",
                "Saturation and value",
                "Hue dial",
                "Palette",
                "Palette menu",
                "White (#ffffff)",
                "Tan (#c69c6d)",
                "Add the current colour",
                "Delete the swatch",
                "B",
                "Hex",
            ] {
                let rects: Vec<Rect> = harness.query_all_by_label(label).map(|node| node.rect()).collect();
                assert!(!rects.is_empty(), "{label}");
                for rect in rects {
                    assert!(rect.left() >= 11.0 && rect.right() <= right, "{label} at {rect:?} in {size:?}");
                }
            }
            let square = rect(&harness, Role::ColorWell, "Saturation and value");
            assert!(square.width() > 90.0 && square.height() > 90.0, "{square:?}");
        }
    }
}
