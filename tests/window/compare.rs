//! Two pictures are compared, by keyboard, by pointer and through the names of controls.

use std::path::Path;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, TouchPhase, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};
use underpaint::diffusion::LocalEngine;
use underpaint::document::ResultId;
use underpaint::ui::{
    App, CanvasCommand, CompareCommand, CompareMode, CompareSource, DocumentCommand, Paper, RoundCommand,
};

use crate::harness::{self, button, perform, pixels, wait, wait_for_rest};

/// A window of this size whose rounds are as small as can be.
fn window_of_size(folder: &Path, size: Vec2) -> Harness<'static, App> {
    let mut harness = harness::window_of_size(folder, size, 1.0, None);
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch) = (64, 64, 2);
    drop(settings);
    harness.run_steps(2);
    harness
}

fn window(folder: &Path) -> Harness<'static, App> {
    window_of_size(folder, Vec2::new(1320.0, 860.0))
}

/// A round of two results from the example sketch.
fn generate(harness: &mut Harness<'static, App>) {
    let round = harness.state().rounds().next_id();
    perform(harness, RoundCommand::Generate);
    wait(harness, "the round", |app| !app.is_running() && app.rounds().get(round).is_some());
}

fn key(harness: &mut Harness<'static, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

/// The names of the pictures, as assistive technology reads them; `None` if none are compared.
fn compared(harness: &Harness<'static, App>) -> Option<String> {
    let label = harness.query_by_label_contains("Compared pictures:")?.accesskit_node().label()?;
    Some(label.strip_prefix("Compared pictures: ")?.to_owned())
}

/// What a node says: its label, or the value of a node that is a label itself.
fn text(node: &Node<'_>) -> Option<String> {
    node.accesskit_node().label().or_else(|| node.value())
}

fn has(harness: &Harness<'static, App>, label: &str) -> bool {
    harness.query_all_by_label(label).next().is_some()
}

fn divider(harness: &Harness<'static, App>) -> f64 {
    harness.get_by_role_and_label(Role::Slider, "Divider").accesskit_node().numeric_value().expect("a number")
}

/// Waits for the colours to be compared, and returns what is said about them.
fn difference(harness: &mut Harness<'static, App>) -> String {
    for _ in 0..500 {
        harness.step();
        if let Some(node) = harness.query_by_label_contains("CIEDE2000: mean") {
            return text(&node).expect("a text");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("comparing took too long")
}

/// How many textures there are once every thumbnail in view is there.
fn settled_textures(harness: &mut Harness<'_, App>) -> usize {
    let (mut count, mut same) = (0, 0);
    while same < 20 {
        harness.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
        let now = harness.ctx.tex_manager().read().num_allocated();
        same = if now == count { same + 1 } else { 0 };
        count = now;
    }
    count
}

#[test]
fn a_key_compares_the_canvas_with_the_result_on_show_and_one_returns() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    key(&mut harness, Key::C);
    assert_eq!(compared(&harness), None);
    assert!(harness.state().status().contains("no result to compare"), "{}", harness.state().status());
    perform(&mut harness, CanvasCommand::Example);
    let sketch = pixels(harness.state());
    generate(&mut harness);
    let textures = settled_textures(&mut harness);

    key(&mut harness, Key::C);
    let first = compared(&harness).expect("compared");
    assert!(first.starts_with("A Canvas, B Round 1, result "), "{first}");
    assert!(!has(&harness, "Brush") && !has(&harness, "Paint over this"), "the pictures have all the room");
    key(&mut harness, Key::Num2);
    assert_eq!(compared(&harness).as_deref(), Some("A Canvas, B Round 1, result 2"));
    key(&mut harness, Key::Num1);
    assert_eq!(compared(&harness).as_deref(), Some("A Canvas, B Round 1, result 1"));
    key(&mut harness, Key::Num9);
    assert_eq!(compared(&harness).as_deref(), Some("A Canvas, B Round 1, result 1"), "there is no ninth result");
    key(&mut harness, Key::X);
    assert_eq!(compared(&harness).as_deref(), Some("A Round 1, result 1, B Canvas"));
    assert!(pixels(harness.state()) == sketch, "digits did not paint over anything");

    key(&mut harness, Key::Escape);
    assert_eq!(compared(&harness), None);
    assert!(has(&harness, "Brush") && has(&harness, "Paint over this"));
    assert_eq!(settled_textures(&mut harness), textures, "its textures are freed");

    harness.get_by_label("Compare").click();
    harness.run_steps(3);
    assert!(compared(&harness).is_some());
    key(&mut harness, Key::C);
    assert_eq!(compared(&harness), None, "the same key returns");
}

#[test]
fn escape_leaves_the_comparison_and_the_round_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    harness.state_mut().settings_mut().steps = 150;
    perform(&mut harness, RoundCommand::Generate);
    key(&mut harness, Key::C);
    let shown = compared(&harness).expect("an earlier result, while the new round has none");
    assert!(shown.contains("Round 1"), "{shown}");
    harness.get_by_role_and_label(Role::ComboBox, "A").click_accesskit();
    harness.run_steps(3);
    assert!(has(&harness, "Round 1, start image"), "the list is open");
    key(&mut harness, Key::Escape);
    assert!(!has(&harness, "Round 1, start image") && compared(&harness).is_some(), "only the list is closed");
    key(&mut harness, Key::Escape);
    assert!(compared(&harness).is_none() && harness.state().is_running());
    assert!(!has(&harness, "Cancelling"));
    key(&mut harness, Key::Escape);
    wait(&mut harness, "cancelling", |app| !app.is_running());
}

#[test]
fn two_picked_results_are_compared_and_what_was_changed_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    wait(&mut harness, "loading", |app| !app.is_loading());
    perform(&mut harness, CanvasCommand::Example);
    harness.state_mut().settings_mut().prompt = "a red apple, on a table".into();
    (harness.state_mut().settings_mut().seed, harness.state_mut().settings_mut().cfg_scale) = (100, 7.0);
    generate(&mut harness);
    let pick = |harness: &mut Harness<'static, App>, label: &str| {
        harness.get_by_label(label).click_modifiers(Modifiers::COMMAND);
        harness.run_steps(2);
    };
    pick(&mut harness, "Result 2");
    pick(&mut harness, "Result 1");
    key(&mut harness, Key::C);
    assert_eq!(compared(&harness).as_deref(), Some("A Round 1, result 2, B Round 1, result 1"));
    assert!(has(&harness, "Both of round 1") && has(&harness, "Seed 100 → 101"));
    key(&mut harness, Key::C);

    harness.state_mut().settings_mut().prompt = "a green apple, on a table".into();
    harness.state_mut().settings_mut().cfg_scale = 11.0;
    generate(&mut harness);
    // One picked result is compared with the one on show.
    pick(&mut harness, "Result 2");
    harness.get_by_label("Earlier").click();
    harness.run_steps(2);
    harness.get_by_label("Compare").click();
    harness.run_steps(3);
    assert_eq!(compared(&harness).as_deref(), Some("A Round 2, result 2, B Round 1, result 1"));
    for label in ["Round 1 → round 2", "CFG scale 7 → 11", "Prompt: removed “red”, added “green”", "Seed 100 → 101"]
    {
        assert!(has(&harness, label), "{label}");
    }
    perform(&mut harness, CompareCommand::ChooseA(CompareSource::StartImage(1)));
    assert!(has(&harness, "Both of round 1") && has(&harness, "Same settings."));
    key(&mut harness, Key::Escape);
    key(&mut harness, Key::C);
    let shown = compared(&harness).expect("compared");
    assert!(shown.starts_with("A Canvas"), "picks are used once: {shown}");
}

#[test]
fn modes_zoom_and_divider_work_by_keyboard_and_pointer() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    key(&mut harness, Key::C);
    assert_eq!(divider(&harness), 50.0);
    for _ in 0..5 {
        key(&mut harness, Key::ArrowRight);
    }
    assert_eq!(divider(&harness), 60.0);
    let rect = harness.get_by_label_contains("Compared pictures:").rect();
    let middle = rect.center();
    let drag = |harness: &mut Harness<'static, App>, from: Pos2, to: Pos2| {
        for event in [Event::PointerMoved(from), button(from, true)] {
            harness.event(event);
            harness.step();
        }
        for event in [Event::PointerMoved(from + (to - from) / 2.0), Event::PointerMoved(to), button(to, false)] {
            harness.event(event);
            harness.step();
        }
        harness.run_steps(2);
    };
    // While the whole picture is in view, the divider follows a drag anywhere.
    drag(&mut harness, middle - Vec2::new(90.0, 60.0), middle - Vec2::new(0.0, 60.0));
    assert!((divider(&harness) - 50.0).abs() <= 1.0, "{}", divider(&harness));

    let labels = |harness: &Harness<'static, App>| {
        let all = harness.query_all_by_label_contains("Zoom ");
        all.filter_map(|node| text(&node)).filter(|label| label.ends_with('%')).collect::<Vec<_>>()
    };
    let percent = |harness: &Harness<'static, App>| {
        let label = labels(harness).pop().expect("a label");
        label.trim_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().expect("a number")
    };
    let fitted = percent(&harness);
    harness.event(Event::PointerMoved(middle));
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: Vec2::new(0.0, 8.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(30);
    let wheel = percent(&harness);
    assert!(wheel > 2.0 * fitted, "{wheel}");
    key(&mut harness, Key::Minus);
    assert!(percent(&harness) < wheel);
    let before = divider(&harness);
    drag(&mut harness, middle + Vec2::new(60.0, 60.0), middle + Vec2::new(160.0, 90.0));
    assert_eq!(divider(&harness), before, "a picture that is not whole in view is moved instead");
    key(&mut harness, Key::Z);
    assert_eq!(percent(&harness), 100.0);
    key(&mut harness, Key::F);
    assert_eq!(percent(&harness), fitted);

    for (pressed, name) in [(Key::T, "Side by side"), (Key::B, "Blink"), (Key::D, "Difference"), (Key::S, "Slider")] {
        key(&mut harness, pressed);
        assert_eq!(harness.query_by_role_and_label(Role::Slider, "Divider").is_some(), name == "Slider", "{name}");
    }
    key(&mut harness, Key::B);
    let shows_a = has(&harness, "Show A");
    key(&mut harness, Key::B);
    assert_ne!(has(&harness, "Show A"), shows_a, "each press switches");
    assert!(has(&harness, "Show A") != has(&harness, "Show B"));
    wait_for_rest(&mut harness);
}

#[test]
fn the_colour_difference_is_told_in_numbers_and_at_the_size_of_the_first_picture() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    key(&mut harness, Key::C);
    perform(&mut harness, CompareCommand::UseMode(CompareMode::Difference));
    let told = difference(&mut harness);
    assert!(!told.contains("mean 0.00"), "{told}");
    perform(&mut harness, CompareCommand::ChooseB(CompareSource::StartImage(1)));
    let told = difference(&mut harness);
    assert_eq!(told, "CIEDE2000: mean 0.00  ·  95th percentile 0.00  ·  maximum 0.00", "the canvas has not changed");
    assert!(has(&harness, "Scale from 0, black, to 2, light yellow"));

    // A wider canvas: the note says how both are compared.
    perform(&mut harness, CompareCommand::Leave);
    harness.state_mut().settings_mut().width = 128;
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    harness.run_steps(3);
    key(&mut harness, Key::C);
    perform(&mut harness, CompareCommand::ChooseB(CompareSource::Result(ResultId { round: 1, image: 0 })));
    let note = "B is 64 by 64 pixels and A 128 by 64: it is shown whole, with 32 empty pixels at the left and 32 at the right.";
    assert!(has(&harness, note));
    assert!(difference(&mut harness).contains("mean "));
}

#[test]
fn everything_is_in_view_and_has_a_name_on_small_screens_and_with_long_prompts() {
    for (width, height) in [(900.0, 500.0), (1400.0, 900.0)] {
        let folder = tempfile::tempdir().expect("folder");
        let mut harness = window_of_size(folder.path(), Vec2::new(width, height));
        perform(&mut harness, CanvasCommand::Example);
        generate(&mut harness);
        harness.state_mut().settings_mut().prompt = "supercalifragilisticexpialidocious, ".repeat(300);
        harness.state_mut().settings_mut().negative = "x".repeat(2000);
        key(&mut harness, Key::C);
        let screen = egui::Rect::from_min_size(Pos2::ZERO, Vec2::new(width, height));
        for mode in [CompareMode::Slider, CompareMode::SideBySide, CompareMode::Blink, CompareMode::Difference] {
            perform(&mut harness, CompareCommand::UseMode(mode));
            for label in [
                "Close",
                "A",
                "B",
                "Swap",
                "Slider",
                "Side by side",
                "Blink",
                "Difference",
                "Fit",
                "100 %",
                "Zoom in",
                "Zoom out",
                "Paint over B",
                "What changed",
            ] {
                assert!(has(&harness, label), "{label}");
                for node in harness.query_all_by_label(label) {
                    assert!(screen.expand(0.5).contains_rect(node.rect()), "{label} in {width} × {height}");
                }
            }
            let pictures = harness.get_by_label_contains("Compared pictures:").rect();
            assert!(screen.contains_rect(pictures), "{pictures:?}");
            assert!(pictures.width() > width * 0.5 && pictures.height() > height * 0.5, "{pictures:?}");
        }
        harness.get_by_label("Paint over B").click();
        harness.run_steps(3);
        assert!(compared(&harness).is_none() && harness.state().document().origin().is_some());
    }
}

#[test]
fn results_of_an_earlier_launch_are_read_first_and_another_document_ends_the_comparison() {
    let folder = tempfile::tempdir().expect("folder");
    let launch = || {
        let options = harness::options(&folder.path().join("results"), Some(folder.path().join("data")));
        let mut harness = Harness::builder()
            .with_size(Vec2::new(1320.0, 860.0))
            .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
        wait(&mut harness, "opening", |app| app.document_path().is_some() && !app.is_loading());
        harness
    };
    let mut first = launch();
    let mut settings = first.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch, settings.steps) = (64, 64, 2, 4);
    drop(settings);
    first.run_steps(3);
    perform(&mut first, CanvasCommand::Example);
    generate(&mut first);
    generate(&mut first);
    wait(&mut first, "keeping", App::is_kept);
    harness::close(first);

    let mut harness = launch();
    let id = ResultId { round: 1, image: 1 };
    let is_read = |app: &App| app.rounds().result(id).is_some_and(|result| result.image.pixels().is_some());
    assert!(!is_read(harness.state()), "the gallery shows the second round");
    perform(&mut harness, CompareCommand::Open);
    perform(&mut harness, CompareCommand::UseMode(CompareMode::Difference));
    perform(&mut harness, CompareCommand::ChooseB(CompareSource::Result(id)));
    assert_eq!(compared(&harness).as_deref(), Some("A Canvas, B Round 1, result 2"));
    assert!(!difference(&mut harness).contains("mean 0.00"));
    assert!(is_read(harness.state()));

    perform(&mut harness, DocumentCommand::New);
    wait(&mut harness, "the new document", |app| app.rounds().count() == 0);
    assert_eq!(compared(&harness), None);
}
