//! Brushes: presets, sizes, lines, stabiliser and symmetry, by pointer and by keyboard.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, TouchDeviceId, TouchId, TouchPhase};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::paint::{Rgb, Stabilizer, Symmetry};
use underpaint::ui::{App, BrushCommand, CanvasCommand, Paper, Tool};

use crate::harness::{self, button, click_canvas, drag_canvas, on_screen, perform, release, window, window_with};

fn size(app: &App, tool: Tool) -> f32 {
    app.brush(tool).size
}

fn is_painted(harness: &Harness<'static, App>, x: usize, y: usize) -> bool {
    harness.state().document().canvas().color_at(x, y) != Some(Rgb::WHITE)
}

fn pressed(pos: Pos2, pressed: bool, modifiers: Modifiers) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers }
}

#[test]
fn presets_are_chosen_by_pointer_and_by_keys() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label("Round soft").click();
    harness.run_steps(2);
    assert_eq!(harness.state().brush(Tool::Brush).hardness, 0.0);
    harness.key_press(Key::Period);
    harness.run_steps(2);
    assert!(harness.state().status().contains("Ink"), "{}", harness.state().status());
    assert!(harness.state().brush(Tool::Brush).dynamics.use_pressure());
    harness.key_press(Key::Comma);
    harness.key_press(Key::Comma);
    harness.run_steps(3);
    assert_eq!(harness.state().brush(Tool::Brush).hardness, 0.8);
    harness.key_press(Key::Slash);
    harness.run_steps(2);
    assert_eq!(harness.state().brush(Tool::Brush).hardness, 0.0, "the one used before");
}

#[test]
fn brush_and_eraser_have_sizes_of_their_own() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let before = (size(harness.state(), Tool::Brush), size(harness.state(), Tool::Eraser));
    harness.key_press(Key::E);
    harness.key_press(Key::CloseBracket);
    harness.run_steps(3);
    assert!(size(harness.state(), Tool::Eraser) > before.1 && size(harness.state(), Tool::Brush) == before.0);
    harness.key_press(Key::B);
    harness.key_press(Key::OpenBracket);
    harness.run_steps(3);
    assert!(size(harness.state(), Tool::Brush) < before.0);
}

#[test]
fn dragging_with_the_modifier_changes_the_size_and_paints_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let before = size(harness.state(), Tool::Brush);
    let could_undo = harness.state().document().can_undo();
    let at = on_screen(harness.state(), 100.0, 100.0);
    harness.event(Event::ModifiersChanged(Modifiers::COMMAND));
    harness.event(Event::PointerMoved(at));
    harness.event(pressed(at, true, Modifiers::COMMAND));
    harness.event(Event::PointerMoved(at + egui::vec2(60.0, 0.0)));
    harness.step();
    harness.event(pressed(at + egui::vec2(60.0, 0.0), false, Modifiers::COMMAND));
    harness.run_steps(2);
    harness.event(Event::ModifiersChanged(Modifiers::NONE));
    let scale = harness.state().canvas_rect().expect("shown").width() / 256.0;
    assert!((size(harness.state(), Tool::Brush) - (before + 120.0 / scale).round()).abs() <= 1.0);
    assert!(harness.state().document().canvas().is_blank(), "painted");
    assert_eq!(harness.state().document().can_undo(), could_undo);
}

#[test]
fn shift_draws_straight_lines_also_from_the_end_of_the_last_stroke() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, BrushCommand::SetSize(6.0));
    // A crooked drag with Shift held is straight.
    let places = [(20.0, 20.0), (60.0, 120.0), (120.0, 20.0)].map(|(x, y)| on_screen(harness.state(), x, y));
    harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    harness.event(Event::PointerMoved(places[0]));
    harness.event(pressed(places[0], true, Modifiers::SHIFT));
    harness.event(Event::PointerMoved(places[1]));
    harness.event(Event::PointerMoved(places[2]));
    harness.event(pressed(places[2], false, Modifiers::SHIFT));
    harness.step();
    assert!(is_painted(&harness, 70, 20) && !is_painted(&harness, 60, 110) && !is_painted(&harness, 60, 70));
    // A click with Shift goes on from there.
    let corner = on_screen(harness.state(), 120.0, 200.0);
    harness.event(Event::PointerMoved(corner));
    harness.event(pressed(corner, true, Modifiers::SHIFT));
    harness.event(pressed(corner, false, Modifiers::SHIFT));
    harness.step();
    harness.event(Event::ModifiersChanged(Modifiers::NONE));
    assert!(is_painted(&harness, 120, 110) && is_painted(&harness, 120, 200));
    perform(&mut harness, CanvasCommand::Undo);
    assert!(!is_painted(&harness, 120, 110) && is_painted(&harness, 70, 20), "one stroke is one step");
}

#[test]
fn symmetry_is_switched_by_a_key_and_mirrors_within_one_undo() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.key_press_modifiers(Modifiers::SHIFT, Key::S);
    harness.run_steps(2);
    assert!(harness.state().status().contains("left and right"), "{}", harness.state().status());
    click_canvas(&mut harness, 40.0, 60.0);
    assert!(is_painted(&harness, 40, 60) && is_painted(&harness, 215, 60) && !is_painted(&harness, 40, 195));
    perform(&mut harness, CanvasCommand::Undo);
    assert!(harness.state().document().canvas().is_blank());
    perform(&mut harness, BrushCommand::UseSymmetry(Symmetry::Both));
    click_canvas(&mut harness, 40.0, 60.0);
    assert!([(40, 60), (215, 60), (40, 195), (215, 195)].iter().all(|(x, y)| is_painted(&harness, *x, *y)));
}

#[test]
fn a_steadied_stroke_ends_where_the_pointer_was_released() {
    let folder = tempfile::tempdir().expect("folder");
    for stabilizer in [Stabilizer::Rope(60.0), Stabilizer::Weighted(60.0)] {
        let mut harness = window(folder.path());
        perform(&mut harness, BrushCommand::UseStabilizer(stabilizer));
        perform(&mut harness, BrushCommand::SetSize(8.0));
        drag_canvas(&mut harness, (40.0, 100.0), (200.0, 100.0));
        assert!(!is_painted(&harness, 200, 100), "the stroke lags behind");
        release(&mut harness);
        assert!(is_painted(&harness, 40, 100) && is_painted(&harness, 120, 100) && is_painted(&harness, 200, 100));
    }
}

#[test]
fn thousands_of_moves_in_one_frame_lose_no_point() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label("Pixel").click();
    harness.run_steps(2);
    // A saw: without the move to a tip, its pixel stays as it is.
    let (mut events, mut tips) = (Vec::new(), Vec::new());
    for row in 0..44u16 {
        for tooth in 0..120u16 {
            let (x, y) = (f32::from(tooth) * 2.0 + 4.0, f32::from(row) * 5.0 + 10.0);
            events.push(Event::PointerMoved(on_screen(harness.state(), x, y)));
            events.push(Event::PointerMoved(on_screen(harness.state(), x + 1.0, y + 3.0)));
            tips.push((x as usize + 1, y as usize + 3));
        }
    }
    assert!(events.len() >= 10_000);
    let (start, end) = (on_screen(harness.state(), 4.0, 10.0), on_screen(harness.state(), 243.0, 228.0));
    let input = &mut harness.input_mut().events;
    input.extend([Event::PointerMoved(start), button(start, true)]);
    input.extend(events);
    input.push(button(end, false));
    harness.step();
    let lost = tips.iter().filter(|(x, y)| !is_painted(&harness, *x, *y)).count();
    assert_eq!(lost, 0, "of {}", tips.len());
}

#[test]
fn an_airbrush_goes_on_while_the_pointer_rests_and_an_idle_window_does_not_repaint() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label("Airbrush").click();
    harness.run_steps(3);
    let at = on_screen(harness.state(), 128.0, 128.0);
    harness.event(Event::PointerMoved(at));
    harness.event(button(at, true));
    harness.step();
    let value = |harness: &Harness<'static, App>| {
        harness.state().document().canvas().color_at(128, 128).map_or(0, |Rgb([r, ..])| r)
    };
    let before = value(&harness);
    harness.run_steps(20);
    assert!(value(&harness) < before, "{} after {before}", value(&harness));
    harness.event(button(at, false));
    harness.run_steps(2);
    let before = value(&harness);
    harness.run_steps(20);
    assert_eq!(value(&harness), before);
}

#[test]
fn the_force_of_a_touch_is_the_pressure_of_the_pen() {
    let folder = tempfile::tempdir().expect("folder");
    let mut widths = Vec::new();
    for force in [Some(0.25), Some(1.0), None] {
        let mut harness = window(folder.path());
        harness.get_by_label("Ink").click();
        harness.run_steps(2);
        perform(&mut harness, BrushCommand::SetSize(40.0));
        let [from, to] = [(60.0, 128.0), (200.0, 128.0)].map(|(x, y)| on_screen(harness.state(), x, y));
        let touch = |phase, pos| Event::Touch { device_id: TouchDeviceId(1), id: TouchId(7), phase, pos, force };
        let events = &mut harness.input_mut().events;
        events.extend([touch(TouchPhase::Start, from), Event::PointerMoved(from), button(from, true)]);
        events.extend([touch(TouchPhase::Move, to), Event::PointerMoved(to)]);
        events.extend([touch(TouchPhase::End, to), button(to, false), Event::PointerGone]);
        harness.step();
        widths.push((0..256).filter(|y| is_painted(&harness, 130, *y)).count());
    }
    assert!(widths[0] * 2 < widths[1], "{widths:?}");
    assert_eq!(widths[1], widths[2], "a touch that tells no force is like a mouse");
}

#[test]
fn own_brushes_are_saved_by_name_renamed_deleted_and_there_at_the_next_launch() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("kept");
    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    harness::wait(&mut harness, "the document", App::is_kept);
    perform(&mut harness, BrushCommand::SetSize(123.0));
    perform(&mut harness, BrushCommand::SavePreset("Mine".into()));
    perform(&mut harness, BrushCommand::SavePreset("Pencil".into()));
    assert!(harness.state().status().contains("choose another"), "{}", harness.state().status());
    assert!(harness.query_all_by_label("Mine").next().is_some());
    perform(&mut harness, BrushCommand::RenamePreset("Mine".into(), "My own".into()));
    perform(&mut harness, BrushCommand::SavePreset("Other".into()));
    perform(&mut harness, BrushCommand::DeletePreset("Other".into()));
    assert!(harness.query_by_label("Other").is_none());
    perform(&mut harness, BrushCommand::SetSize(7.0));
    harness.run_steps(3);
    harness::close(harness);

    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    assert_eq!(size(harness.state(), Tool::Brush), 7.0);
    harness.get_by_label("My own").click();
    harness.run_steps(2);
    assert_eq!(size(harness.state(), Tool::Brush), 123.0);
    harness::close(harness);

    std::fs::write(home.join("brushes.json"), "{ broken").expect("writes");
    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    assert_eq!(size(harness.state(), Tool::Brush), 24.0);
    perform(&mut harness, BrushCommand::SetSize(9.0));
    harness.run_steps(3);
    harness::close(harness);
    assert_eq!(std::fs::read_to_string(home.join("brushes.json")).expect("reads"), "{ broken", "somebody's brushes");
}

#[test]
fn every_setting_has_a_name_and_folded_ones_open_by_keyboard() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    for name in ["Size", "Opacity", "Hardness"] {
        assert!(harness.query_all_by_label(name).next().is_some(), "{name}");
    }
    for fold in ["Tip and texture", "Pressure, tilt, speed", "Strokes", "Save brushes"] {
        harness.get_by_label(fold).focus();
        harness.run_steps(2);
        harness.key_press(Key::Enter);
        harness.run_steps(12);
    }
    for name in [
        "Flow",
        "Tip",
        "Length",
        "Angle",
        "Spacing",
        "Rate",
        "Texture",
        "Smooth edges",
        "Stabiliser",
        "Symmetry",
        "Thin ends",
        "Pressure from speed",
        "Size by pressure",
        "Angle by tilt",
        "Name of the brush",
        "Save",
        "Rename",
    ] {
        assert!(harness.query_all_by_label(name).next().is_some(), "{name}");
    }
    harness.get_by_label("Opacity by pressure").click_accesskit();
    harness.run_steps(3);
    assert!(harness.query_all_by_label("Opacity by pressure at 50 %").next().is_some());
    assert!(harness.state().brush(Tool::Brush).dynamics.opacity.pressure.is_some());
    perform(&mut harness, CanvasCommand::New(Paper::White));
}
