//! What survives of the canvas, shown while the strength is being chosen.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Event, Key, Pos2, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::ui::{App, CanvasCommand};

use crate::harness::{button, perform, pixels, release, wait, window_of_size};

/// What the window says of the strength that it shows, if it shows one.
fn caption(harness: &Harness<'static, App>) -> Option<String> {
    let words = harness.query_all_by_label_contains("Strength ").filter_map(|node| node.accesskit_node().value());
    words.into_iter().find(|words| words.starts_with("Strength "))
}

/// Draws frames until the canvas is shown under noise; says what the window says then.
fn shown(harness: &mut Harness<'static, App>) -> String {
    let begun = Instant::now();
    loop {
        harness.step();
        if let Some(caption) = caption(harness) {
            return caption;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "the canvas is not shown under noise");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_survives_is_shown_while_the_strength_is_dragged_and_the_canvas_stays() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window_of_size(folder.path(), Vec2::new(1320.0, 1700.0), 1.0, None);
    wait(&mut harness, "loading", |app| !app.is_loading());
    perform(&mut harness, CanvasCommand::Example);
    harness.run_steps(3);
    let before = pixels(harness.state());
    assert_eq!(caption(&harness), None);

    let slider = harness.get_by_role_and_label(Role::Slider, "Denoising strength").rect();
    let at = |share: f32| Pos2::new(slider.left() + share * slider.width(), slider.center().y);
    harness.event(Event::PointerMoved(at(0.3)));
    harness.event(button(at(0.3), true));
    let first = shown(&mut harness);
    assert!(first.starts_with("Strength 0.") && first.contains("the canvas"), "{first}");
    harness.event(Event::PointerMoved(at(0.8)));
    harness.run_steps(2);
    let second = caption(&harness).expect("shown at once, without asking the engine again");
    assert_ne!(second, first);
    harness.event(Event::PointerMoved(at(1.2)));
    harness.run_steps(2);
    assert_eq!(caption(&harness).as_deref(), Some("Strength 1: nothing of the canvas is left."));
    release(&mut harness);
    harness.run_steps(2);
    assert_eq!(caption(&harness), None);
    assert!(pixels(harness.state()) == before && !harness.state().is_running());

    // By the keyboard, as long as the key is held.
    harness.get_by_role_and_label(Role::Slider, "Denoising strength").focus();
    harness.step();
    harness.key_down(Key::ArrowLeft);
    let third = shown(&mut harness);
    assert!(third.starts_with("Strength 0."), "{third}");
    harness.key_up(Key::ArrowLeft);
    harness.run_steps(2);
    assert_eq!(caption(&harness), None);
}
