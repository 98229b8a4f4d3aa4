//! How the canvas is seen: zoom, place, turn and mirror, by pointer and by keyboard.

use egui::accesskit::Role;
use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchDeviceId, TouchId, TouchPhase,
    Vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::document::Viewpoint;
use underpaint::paint::Rgb;
use underpaint::ui::{App, CanvasCommand, CanvasViewCommand, Paper, TurnDirection, ZoomStep};

use crate::harness::{self, button, click_canvas, close, on_screen, perform, pixels, wait_for_rest, window};
use crate::script::{self, Script};

fn viewpoint(harness: &Harness<'static, App>) -> Viewpoint {
    harness.state().document().view().canvas
}

/// The zoom in percent, as the bar shows it.
fn percent(harness: &Harness<'static, App>) -> f64 {
    let bar = harness.get_by_role_and_label(Role::SpinButton, "Zoom of the canvas");
    let text = bar.value().expect("a text");
    text.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number")
}

/// The canvas place under a point on screen, found by where its corners lie.
fn under(harness: &Harness<'static, App>, at: Pos2) -> Vec2 {
    let place = |x, y| harness.state().on_screen(x, y).expect("shown");
    let (origin, across, down) =
        (place(0.0, 0.0), place(1.0, 0.0) - place(0.0, 0.0), place(0.0, 1.0) - place(0.0, 0.0));
    let from = at - origin;
    Vec2::new(from.dot(across) / across.length_sq(), from.dot(down) / down.length_sq())
}

fn middle(harness: &Harness<'static, App>) -> Pos2 {
    harness.get_by_role_and_label(Role::Canvas, "Canvas").rect().center()
}

fn wheel(delta: Vec2, unit: MouseWheelUnit) -> Event {
    let (source, modifiers) = (MouseWheelSource::Unknown, Modifiers::NONE);
    Event::MouseWheel { unit, delta, phase: TouchPhase::Move, source, modifiers }
}

fn space(pressed: bool) -> Event {
    let (key, modifiers) = (Key::Space, Modifiers::NONE);
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
}

/// Drags with a button and modifiers, one step a frame.
fn drag(harness: &mut Harness<'static, App>, held: PointerButton, modifiers: Modifiers, from: Pos2, to: Pos2) {
    let press = |pos, pressed| Event::PointerButton { pos, button: held, pressed, modifiers };
    for event in [Event::PointerMoved(from), press(from, true)] {
        harness.event(event);
    }
    harness.step();
    for share in [0.3, 0.7, 1.0] {
        harness.event(Event::PointerMoved(from + (to - from) * share));
        harness.step();
    }
    harness.event(press(to, false));
    harness.run_steps(2);
}

/// Mean place of everything that is not white.
fn centre_of_paint(app: &App) -> Vec2 {
    let canvas = app.document().canvas();
    let (mut sum, mut count) = (Vec2::ZERO, 0.0);
    for y in 0..canvas.height() {
        for (x, pixel) in canvas.row(y).iter().enumerate() {
            if pixel[0] != 255 {
                (sum, count) = (sum + Vec2::new(x as f32 + 0.5, y as f32 + 0.5), count + 1.0);
            }
        }
    }
    sum / count
}

#[test]
fn painting_lands_on_the_pixel_meant_under_any_zoom_turn_and_mirror() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for _ in 0..20 {
        perform(&mut harness, CanvasCommand::SmallerBrush);
    }
    for (zoom, turns, mirrors) in [(1.0, 0, false), (4.0, 2, false), (0.5, 3, true), (9.0, 0, true), (2.0, 12, false)] {
        perform(&mut harness, CanvasViewCommand::Straighten);
        perform(&mut harness, CanvasViewCommand::ZoomTo(zoom));
        for _ in 0..turns {
            perform(&mut harness, CanvasViewCommand::Turn(TurnDirection::Right));
        }
        if mirrors {
            perform(&mut harness, CanvasViewCommand::Mirror);
        }
        perform(&mut harness, CanvasCommand::New(Paper::White));
        let wanted = Vec2::new(121.0, 133.0);
        click_canvas(&mut harness, wanted.x, wanted.y);
        let painted = centre_of_paint(harness.state());
        let off = (painted - wanted - Vec2::splat(0.5)).length();
        assert!(off < 0.6, "{painted:?} at zoom {zoom}, {turns} turns, mirrored {mirrors}");
    }
    assert_eq!(viewpoint(&harness).degrees, 180.0);
    let place = |x, y| on_screen(harness.state(), x, y);
    assert!(place(0.0, 0.0).x > place(255.0, 0.0).x && place(0.0, 0.0).y > place(0.0, 255.0).y, "upside down");
}

#[test]
fn the_wheel_zooms_at_the_pointer_and_buttons_and_keys_zoom_too() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let fitted = percent(&harness);
    assert!(viewpoint(&harness).zoom.is_none() && fitted > 100.0);
    let at = middle(&harness) + Vec2::new(70.0, -40.0);
    harness.event(Event::PointerMoved(at));
    harness.step();
    let before = under(&harness, at);
    harness.event(wheel(Vec2::new(0.0, 8.0), MouseWheelUnit::Line));
    harness.run_steps(90);
    assert!(percent(&harness) > 2.0 * fitted, "{}", percent(&harness));
    assert!((under(&harness, at) - before).length() < 1.5, "what is under the pointer stays there");
    // A touchpad moves the canvas instead.
    let (before, zoom) = (under(&harness, at), percent(&harness));
    harness.event(wheel(Vec2::new(5.0, 6.0), MouseWheelUnit::Point));
    harness.run_steps(10);
    assert_eq!(percent(&harness), zoom);
    assert!((under(&harness, at) - before).length() > 0.5);

    harness.key_press(Key::Z);
    harness.run_steps(2);
    assert_eq!(percent(&harness), 100.0);
    harness.get_by_label("Zoom in").click();
    harness.run_steps(2);
    assert_eq!(percent(&harness), 150.0);
    harness.key_press(Key::Plus);
    harness.run_steps(2);
    assert_eq!(percent(&harness), 200.0);
    for _ in 0..3 {
        harness.key_press(Key::Minus);
        harness.run_steps(2);
    }
    assert_eq!(percent(&harness), 70.0);
    harness.key_press(Key::Home);
    harness.run_steps(2);
    assert!(viewpoint(&harness).zoom.is_none() && percent(&harness) == fitted);
    harness.get_by_label("100 %").click();
    harness.run_steps(2);
    assert_eq!(percent(&harness), 100.0);
    harness.get_by_label("Fit").click();
    harness.run_steps(2);
    assert_eq!(percent(&harness), fitted);

    // The zoom is typed.
    harness.get_by_role_and_label(Role::SpinButton, "Zoom of the canvas").click();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    harness.event(Event::Text("350".into()));
    harness.step();
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(viewpoint(&harness).zoom, Some(3.5));
}

#[test]
fn space_and_the_middle_button_move_the_canvas_and_turn_it_and_paint_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasViewCommand::ZoomTo(6.0));
    let (untouched, middle) = (pixels(harness.state()), middle(&harness));
    let by = Vec2::new(60.0, -35.0);
    for held in [PointerButton::Middle, PointerButton::Primary] {
        if held == PointerButton::Primary {
            harness.event(space(true));
            harness.step();
        }
        let before = under(&harness, middle);
        drag(&mut harness, held, Modifiers::NONE, middle, middle + by);
        let after = under(&harness, middle + by);
        assert!((after - before).length() < 0.3, "the canvas follows the hand: {before:?} {after:?}");
    }
    let right = middle + Vec2::new(100.0, 0.0);
    drag(&mut harness, PointerButton::Primary, Modifiers::SHIFT, right, middle + Vec2::new(0.0, 100.0));
    assert_eq!(viewpoint(&harness).degrees, 90.0, "turned by the hand");
    drag(&mut harness, PointerButton::Primary, Modifiers::COMMAND, middle, middle - Vec2::new(0.0, 150.0));
    assert!(viewpoint(&harness).zoom.is_some_and(|zoom| zoom > 12.0), "{:?}", viewpoint(&harness).zoom);
    assert!(pixels(harness.state()) == untouched, "nothing was painted");
    harness.event(space(false));
    harness.step();
    drag(&mut harness, PointerButton::Primary, Modifiers::NONE, middle, middle + by);
    assert!(pixels(harness.state()) != untouched, "without the key a drag paints");

    // A view is no edit: undo takes the stroke back and leaves the view alone.
    let view = viewpoint(&harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == untouched && viewpoint(&harness) == view);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(viewpoint(&harness), view);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::ArrowRight);
    harness.run_steps(2);
    assert_ne!(viewpoint(&harness).center, view.center, "keys move the view");
}

#[test]
fn turn_and_mirror_have_keys_and_buttons_and_one_resets_both() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    assert!(harness.query_by_label("Reset turn and mirror").is_none(), "there is nothing to reset");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::CloseBracket);
    harness.run_steps(2);
    harness.get_by_label("Turn right").click();
    harness.run_steps(2);
    assert_eq!(viewpoint(&harness).degrees, 30.0);
    harness.get_by_label("Turn left").click();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::OpenBracket);
    harness.run_steps(2);
    assert_eq!(viewpoint(&harness).degrees, 0.0);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::M);
    harness.run_steps(2);
    let place = |harness: &Harness<'static, App>, x| on_screen(harness.state(), x, 10.0).x;
    assert!(viewpoint(&harness).mirrored && place(&harness, 0.0) > place(&harness, 200.0));
    harness.get_by_label("Turn right").click();
    harness.run_steps(2);
    harness.get_by_label("Reset turn and mirror").click();
    harness.run_steps(2);
    let view = viewpoint(&harness);
    assert!(!view.mirrored && view.degrees == 0.0 && place(&harness, 0.0) < place(&harness, 200.0));
    harness.get_by_label("Mirror the view").click();
    harness.run_steps(2);
    assert!(viewpoint(&harness).mirrored);
}

#[test]
fn two_fingers_zoom_turn_and_move_and_take_back_the_dot_of_the_first_one() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let (untouched, middle) = (pixels(harness.state()), middle(&harness));
    let touch =
        |id: u64, phase, pos| Event::Touch { device_id: TouchDeviceId(1), id: TouchId(id), phase, pos, force: None };
    let [left, right] = [-40.0, 40.0].map(|x| middle + Vec2::new(x, 0.0));
    harness.event(touch(1, TouchPhase::Start, left));
    harness.event(Event::PointerMoved(left));
    harness.event(button(left, true));
    harness.step();
    assert!(pixels(harness.state()) != untouched, "one finger paints");
    harness.event(touch(2, TouchPhase::Start, right));
    harness.step();
    let zoom = percent(&harness);
    for step in 1..=10 {
        let apart = 40.0 + 4.0 * step as f32;
        harness.event(touch(1, TouchPhase::Move, middle - Vec2::new(apart, 0.0)));
        harness.event(Event::PointerMoved(middle - Vec2::new(apart, 0.0)));
        harness.event(touch(2, TouchPhase::Move, middle + Vec2::new(apart, 0.0)));
        harness.step();
    }
    assert!((percent(&harness) / zoom - 2.0).abs() < 0.1, "{} from {zoom}", percent(&harness));
    harness.event(touch(2, TouchPhase::End, right));
    harness.event(touch(1, TouchPhase::End, left));
    harness.event(button(left, false));
    harness.run_steps(3);
    assert!(pixels(harness.state()) == untouched, "the canvas is as it was");
}

#[test]
fn ten_thousand_moves_in_one_frame_all_leave_paint() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for _ in 0..20 {
        perform(&mut harness, CanvasCommand::SmallerBrush);
    }
    // A spiral inwards whose turns do not touch.
    let place = |at: usize| {
        let (angle, radius) = (at as f32 * 0.01, 100.0 - at as f32 * 0.009);
        Vec2::new(128.0 + radius * angle.cos(), 128.0 + radius * angle.sin())
    };
    let points: Vec<Vec2> = (0..10_000).map(place).collect();
    let on_screen = |at: &Vec2| harness.state().on_screen(at.x, at.y).expect("shown");
    let places: Vec<Pos2> = points.iter().map(on_screen).collect();
    let (first, last) = (places[0], places[places.len() - 1]);
    let events = &mut harness.input_mut().events;
    events.extend([Event::PointerMoved(first), button(first, true)]);
    events.extend(places.into_iter().map(Event::PointerMoved));
    events.push(button(last, false));
    harness.step();
    let canvas = harness.state().document().canvas();
    for at in points {
        let color = canvas.color_at(at.x as usize, at.y as usize);
        assert_ne!(color, Some(Rgb::WHITE), "nothing at {at:?}");
    }
    let between = place(0) - (place(0) - place(628)) / 2.0;
    assert_eq!(canvas.color_at(between.x as usize, between.y as usize), Some(Rgb::WHITE), "no short cuts");
}

#[test]
fn nothing_is_drawn_again_while_nothing_changes() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    crate::wait(&mut harness, "loading", |app| !app.is_loading());
    perform(&mut harness, CanvasViewCommand::ZoomTo(12.0));
    perform(&mut harness, CanvasViewCommand::Turn(TurnDirection::Left));
    let at = middle(&harness);
    harness.event(Event::PointerMoved(at));
    harness.event(wheel(Vec2::new(0.0, 1.0), MouseWheelUnit::Line));
    wait_for_rest(&mut harness);
    perform(&mut harness, CanvasViewCommand::Zoom(ZoomStep::Fit));
    wait_for_rest(&mut harness);
}

#[test]
fn the_view_comes_back_with_the_document_and_a_new_one_is_shown_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let script = Script::default();
    let mut harness = script::window(folder.path(), &script, None);
    perform(&mut harness, CanvasViewCommand::ZoomTo(3.0));
    perform(&mut harness, CanvasViewCommand::Turn(TurnDirection::Right));
    perform(&mut harness, CanvasViewCommand::Mirror);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::ArrowLeft);
    harness.run_steps(2);
    click_canvas(&mut harness, 30.0, 30.0);
    let view = viewpoint(&harness);
    assert!(view.zoom == Some(3.0) && view.degrees == -15.0 && view.mirrored && view.center != [0.5, 0.5], "{view:?}");
    harness::wait(&mut harness, "keeping", App::is_kept);
    close(harness);

    let mut harness = script::window(folder.path(), &script, None);
    harness::wait(&mut harness, "the canvas", |app| !app.document().canvas().is_blank());
    assert_eq!(viewpoint(&harness), view);
    perform(&mut harness, underpaint::ui::DocumentCommand::New);
    harness::wait(&mut harness, "the new document", |app| app.document().canvas().is_blank());
    assert_eq!(viewpoint(&harness), Viewpoint::default());
    let name = harness.get_by_role_and_label(Role::Canvas, "Canvas").accesskit_node().label();
    assert_eq!(name.as_deref(), Some("Canvas"));
}
