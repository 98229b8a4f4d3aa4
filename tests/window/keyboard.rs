//! Keys act where the user last acted, and one press does one thing.

use egui::accesskit::Role;
use egui::{Event, ImeEvent, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::ui::{App, CanvasCommand, FileCommand, Paper, RoundCommand};

use crate::harness::{click_canvas, drag_canvas, perform, pixels, release, results, wait, window};

fn focus_prompt(harness: &mut Harness<'static, App>) {
    harness.get_by_role_and_label(Role::MultilineTextInput, "Prompt").click();
    harness.run_steps(2);
    assert!(prompt_has_focus(harness));
}

fn prompt_has_focus(harness: &Harness<'static, App>) -> bool {
    harness.get_by_role_and_label(Role::MultilineTextInput, "Prompt").is_focused()
}

fn type_text(harness: &mut Harness<'static, App>, text: &str) {
    harness.event(Event::Text(text.into()));
    harness.step();
}

/// Presses a key without releasing it: each further press is a repetition, as the system sends them.
fn hold(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    let event = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
    harness.event(event);
    harness.step();
}

/// A round that runs until it is cancelled.
fn start_long_round(harness: &mut Harness<'static, App>) {
    harness.state_mut().settings_mut().steps = 150;
    perform(harness, CanvasCommand::Example);
    perform(harness, RoundCommand::Generate);
    assert!(harness.state().is_running());
}

fn cancelling(harness: &Harness<'static, App>) -> bool {
    harness.query_by_label("Cancelling").is_some() || !harness.state().is_running()
}

#[test]
fn a_stroke_takes_the_keyboard_from_the_text_field() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    focus_prompt(&mut harness);
    type_text(&mut harness, "x");
    let prompt = harness.state().settings().prompt.clone();
    assert!(prompt.contains('x'));
    let before = pixels(harness.state());
    drag_canvas(&mut harness, (50.0, 50.0), (120.0, 120.0));
    release(&mut harness);
    assert!(pixels(harness.state()) != before);
    assert!(!prompt_has_focus(&harness));
    type_text(&mut harness, "2");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == before, "Ctrl+Z undoes the stroke");
    assert_eq!(harness.state().settings().prompt, prompt, "and leaves the text alone");
}

#[test]
fn keys_in_the_same_frame_as_a_press_on_the_canvas_act_on_the_canvas() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let before = pixels(harness.state());
    click_canvas(&mut harness, 30.0, 30.0);
    focus_prompt(&mut harness);
    let at = crate::harness::on_screen(harness.state(), 200.0, 200.0);
    let undo =
        |pressed| Event::Key { key: Key::Z, physical_key: None, pressed, repeat: false, modifiers: Modifiers::COMMAND };
    let events = &mut harness.input_mut().events;
    events.extend([Event::PointerMoved(at), crate::harness::button(at, true), crate::harness::button(at, false)]);
    events.extend([undo(true), undo(false)]);
    harness.step();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == before, "both dots are undone");
}

#[test]
fn a_drag_on_a_tool_takes_the_keyboard_from_the_text_field() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    focus_prompt(&mut harness);
    let slider = harness.get_by_role_and_label(Role::Slider, "Opacity").rect();
    harness.event(Event::PointerMoved(slider.center()));
    harness.event(crate::harness::button(slider.center(), true));
    harness.event(Event::PointerMoved(slider.right_center()));
    harness.event(crate::harness::button(slider.right_center(), false));
    harness.step();
    assert!(!prompt_has_focus(&harness));
}

#[test]
fn escape_closes_a_list_then_leaves_the_text_then_abandons_the_stroke_then_cancels_the_round() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    start_long_round(&mut harness);
    focus_prompt(&mut harness);
    // Opened by the keyboard, a list leaves the text field focused.
    harness.get_by_role_and_label(Role::ComboBox, "Sampler").click_accesskit();
    harness.run_steps(3);
    assert!(harness.query_by_label("Heun").is_some(), "the list is open");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Heun").is_none(), "the list is closed");
    assert!(!cancelling(&harness) && prompt_has_focus(&harness), "and nothing else happened");

    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(!prompt_has_focus(&harness), "the text field is left");
    assert!(!cancelling(&harness), "and nothing else happened");

    let before = pixels(harness.state());
    drag_canvas(&mut harness, (200.0, 30.0), (220.0, 60.0));
    assert!(pixels(harness.state()) != before);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == before, "the stroke is taken back");
    assert!(!cancelling(&harness), "and nothing else happened");
    drag_canvas(&mut harness, (200.0, 30.0), (220.0, 60.0));
    release(&mut harness);

    harness.key_press(Key::Escape);
    harness.step();
    wait(&mut harness, "cancelling", |app| !app.is_running());
}

#[test]
fn a_stroke_beside_the_canvas_is_abandoned_without_undoing_the_stroke_before() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click_canvas(&mut harness, 60.0, 60.0);
    let before = pixels(harness.state());
    let rect = harness.state().canvas_rect().expect("shown");
    let outside = egui::pos2(rect.center().x, rect.min.y - 40.0);
    harness.event(Event::PointerMoved(outside));
    harness.event(crate::harness::button(outside, true));
    harness.step();
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == before);
}

#[test]
fn escape_belongs_to_the_input_method_while_it_composes() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    start_long_round(&mut harness);
    focus_prompt(&mut harness);
    let composing = |text: &str| Event::Ime(ImeEvent::Preedit { text: text.into(), active_range_chars: None });
    harness.event(composing("ni"));
    harness.step();
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(prompt_has_focus(&harness) && !cancelling(&harness));
    // Some input methods report the end of composing and pass the key on.
    harness.input_mut().events.push(composing(""));
    harness.input_mut().events.push(Event::Key {
        key: Key::Escape,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(2);
    assert!(prompt_has_focus(&harness) && !cancelling(&harness));
    harness.key_up(Key::Escape);
    harness.step();
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(!prompt_has_focus(&harness) && !cancelling(&harness), "composing is over: the text field is left");

    // A press on the canvas ends composing without a word from the input method.
    focus_prompt(&mut harness);
    harness.event(composing("ni"));
    harness.step();
    click_canvas(&mut harness, 100.0, 100.0);
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    harness.step();
    wait(&mut harness, "cancelling", |app| !app.is_running());
}

#[test]
fn a_held_key_acts_once_except_where_repeating_is_wanted() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().batch = 1;
    perform(&mut harness, CanvasCommand::Example);
    let sketch = pixels(harness.state());
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && !results(app, 1).is_empty());
    for _ in 0..5 {
        hold(&mut harness, Modifiers::NONE, Key::Num1);
    }
    harness.key_up(Key::Num1);
    harness.step();
    assert!(pixels(harness.state()) != sketch);
    perform(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == sketch, "holding 1 painted over the result once");

    perform(&mut harness, CanvasCommand::New(Paper::White));
    let empty = pixels(harness.state());
    for x in [40.0, 90.0, 140.0] {
        click_canvas(&mut harness, x, 128.0);
    }
    for _ in 0..3 {
        hold(&mut harness, Modifiers::COMMAND, Key::Z);
    }
    harness.run_steps(2);
    assert!(pixels(harness.state()) == empty, "holding Ctrl+Z undid all three strokes");
}

#[test]
fn a_click_that_closes_a_menu_does_not_paint() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for (role, label) in [(Role::Button, "File"), (Role::ComboBox, "Sampler")] {
        let before = pixels(harness.state());
        harness.get_by_role_and_label(role, label).click();
        harness.run_steps(3);
        assert!(harness.ctx.any_popup_open(), "{label} is open");
        click_canvas(&mut harness, 128.0, 200.0);
        harness.run_steps(2);
        assert!(!harness.ctx.any_popup_open(), "{label} is closed");
        assert!(pixels(harness.state()) == before, "closing {label} painted");
        click_canvas(&mut harness, 128.0, 200.0);
        assert!(pixels(harness.state()) != before, "the next click paints");
        perform(&mut harness, CanvasCommand::New(Paper::White));
    }
}

#[test]
fn a_notice_that_appears_does_not_end_typing() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    focus_prompt(&mut harness);
    let path = folder.path().join("drawing.png");
    let save = FileCommand::SaveCanvas(path.clone());
    perform(&mut harness, FileCommand::AskToReplace(path, Box::new(save.into())));
    harness.get_by_label("drawing.png exists already.");
    assert!(prompt_has_focus(&harness));
    type_text(&mut harness, "x");
    assert!(harness.state().settings().prompt.contains('x'));
}

/// Types a number into the box of this name, letter by letter.
fn type_number(harness: &mut Harness<'static, App>, label: &str, typed: &str) {
    // The box may be out of view in its panel.
    harness.get_by_role_and_label(Role::SpinButton, label).click_accesskit();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    for letter in typed.chars() {
        type_text(harness, &letter.to_string());
        harness.step();
    }
    harness.key_press(Key::Enter);
    harness.run_steps(2);
}

#[test]
fn a_size_is_rounded_once_it_is_typed_and_not_with_each_digit() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for (typed, side) in [("768", 768), ("1,024 px", 1024), ("500", 504), ("7", 64), ("99999", 2048)] {
        type_number(&mut harness, "Width", typed);
        assert_eq!(harness.state().settings().width, side, "{typed}");
    }
}

#[test]
fn a_shape_is_chosen_with_the_keyboard_and_keeps_the_number_of_pixels() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let pixels = |settings: &underpaint::engine::Settings| (settings.width * settings.height) as f64;
    let before = pixels(harness.state().settings());
    for (shape, ratio) in [("16:9", 16.0 / 9.0), ("2:3", 2.0 / 3.0), ("1:1", 1.0), ("9:16", 9.0 / 16.0)] {
        harness.get_by_label(shape).focus();
        harness.run_steps(2);
        harness.key_press(Key::Space);
        harness.run_steps(2);
        let settings = harness.state().settings();
        let (width, height) = (settings.width as f64, settings.height as f64);
        assert!((width / height / ratio - 1.0).abs() < 0.03, "{shape}: {width} by {height}");
        assert!((pixels(settings) / before - 1.0).abs() < 0.03, "{shape}: {width} by {height}");
    }
}

#[test]
fn options_of_sampling_are_changed_and_set_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for label in ["More", "Sampler options"] {
        harness.get_by_label(label).click_accesskit();
        harness.run_steps(20);
    }
    type_number(&mut harness, "Eta noise seed delta", "31337");
    type_number(&mut harness, "Sigma churn", "2,5");
    let sampling = harness.state().settings().sampling.clone();
    assert_eq!((sampling.noise_seed_delta, sampling.churn), (31337, 2.5));
    harness.get_by_label("Back to the usual").click_accesskit();
    harness.run_steps(2);
    assert!(harness.state().settings().sampling.is_default());
}

#[test]
fn numbers_can_be_typed_with_a_decimal_comma() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for (label, typed) in [("CFG scale", "6,5"), ("Denoising strength", "0,35"), ("Opacity", "42,0 %")] {
        type_number(&mut harness, label, typed);
    }
    let settings = harness.state().settings();
    assert_eq!((settings.cfg_scale, settings.strength), (6.5, 0.35));
    let opacity = harness.get_by_role_and_label(Role::SpinButton, "Opacity").value();
    assert_eq!(opacity.as_deref(), Some("42 %"));
}

#[test]
fn escape_closes_the_about_window_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    start_long_round(&mut harness);
    harness.get_by_label("Help").click();
    harness.run_steps(3);
    harness.get_by_label("About underpaint").click();
    harness.run_steps(30);
    for text in ["Licences", "Folders"] {
        assert!(harness.query_by_label(text).is_some(), "{text}");
    }
    harness.get_by_label_contains(env!("CARGO_PKG_VERSION"));
    harness.key_press(Key::B);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Licences").is_none(), "it is closed");
    assert!(!cancelling(&harness), "the round goes on");
    perform(&mut harness, RoundCommand::Cancel);
    wait(&mut harness, "cancelling", |app| !app.is_running());
}
