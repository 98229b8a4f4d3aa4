//! Live painting: the result follows the brush.

use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::diffusion::LocalEngine;
use underpaint::engine::{Cancel, Engine, Event, LiveQuality, LiveRecipe, ModelChoice, PresetFiles, Request, Settings};
use underpaint::ui::{App, CanvasCommand, CompareCommand, DocumentCommand, LiveCommand, LiveView, Paper, RoundCommand};

use crate::harness::{
    click_canvas, drag_canvas, perform, pixels, release, results, wait, wait_for_rest, window as real_window,
};
use crate::script::{Script, window};

fn frame(app: &App) -> Option<(u64, LiveQuality)> {
    app.live_frame().map(|frame| (frame.number, frame.quality))
}

fn wait_for_frame(harness: &mut Harness<'static, App>, number: u64) {
    wait(harness, "a frame", |app| app.live_frame().is_some_and(|frame| frame.number >= number));
}

/// Draws until something is so, with the time that really passes: a step is a quarter of a second otherwise, and the
/// engine's thread would seem slow.
fn wait_in_real_time(harness: &mut Harness<'static, App>, what: &str, done: impl Fn() -> bool) {
    let (clock, from) = (Instant::now(), harness.ctx.input(|input| input.time));
    while !done() {
        assert!(clock.elapsed() < Duration::from_secs(60), "{what} took too long");
        std::thread::sleep(Duration::from_millis(5));
        harness.input_mut().time = Some(from + clock.elapsed().as_secs_f64());
        harness.step();
    }
}

/// The shade of the frame on show: the scripted engine paints the seed.
fn shade(app: &App) -> u8 {
    app.live_frame().expect("a frame").picture.get_pixel(0, 0).0[0]
}

#[test]
fn a_dab_makes_a_frame_and_rest_makes_a_full_one_and_then_nothing_is_drawn_again() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(100);
    assert!(!harness.state().is_live());
    harness.get_by_label("Live").click();
    harness.run_steps(2);
    assert!(harness.state().is_live());
    wait(&mut harness, "the first frames", App::is_live_at_rest);
    let (before, _) = frame(harness.state()).expect("a frame");
    assert_eq!(harness.state().rounds().count(), 0, "frames are no rounds");
    let made = script.made().len();

    click_canvas(&mut harness, 30.0, 30.0);
    wait_for_frame(&mut harness, before + 1);
    wait(&mut harness, "the full frame", App::is_live_at_rest);
    assert!(script.made().len() > made);
    assert!(script.made().iter().all(|seed| *seed == 100), "the seed stays: {:?}", script.made());

    wait_for_rest(&mut harness);
    let made = script.made().len();
    harness.run_steps(20);
    assert_eq!(script.made().len(), made, "nothing changed, so nothing is made");
    assert!(!harness.ctx.has_requested_repaint());

    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.run_steps(2);
    assert!(!harness.state().is_live() && harness.state().live_frame().is_none());
}

#[test]
fn a_frame_that_was_given_up_is_never_shown() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().perform(LiveCommand::Toggle);
    // The engine waits for leave; how long a frame takes is not known, so it is given up after a second.
    wait_in_real_time(&mut harness, "the first frame to begin", || script.begun().contains(&100));
    harness.state_mut().settings_mut().seed = 7;
    wait_in_real_time(&mut harness, "the next frame to begin", || script.begun().contains(&7));
    assert_eq!(frame(harness.state()), None);
    script.allow(1);
    wait_for_frame(&mut harness, 1);
    assert_eq!(shade(harness.state()), 7, "the first frame on show is of the newest settings");
    assert!(script.made().iter().all(|seed| *seed == 7), "{:?}", script.made());
}

#[test]
fn prompt_and_strength_and_seed_take_effect_at_once() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(100);
    perform(&mut harness, LiveCommand::Toggle);
    wait(&mut harness, "frames", App::is_live_at_rest);
    for change in [
        (|settings: &mut Settings| settings.prompt = "a pear".into()) as fn(&mut Settings),
        |settings| settings.strength = 0.4,
        |settings| settings.seed = 50,
    ] {
        let (before, _) = frame(harness.state()).expect("a frame");
        change(&mut harness.state_mut().settings_mut());
        wait_for_frame(&mut harness, before + 1);
        wait(&mut harness, "frames", App::is_live_at_rest);
    }
    assert_eq!(shade(harness.state()), 50);
    let (before, _) = frame(harness.state()).expect("a frame");
    harness.state_mut().settings_mut().batch = 2;
    harness.run_steps(10);
    assert_eq!(frame(harness.state()).map(|(number, _)| number), Some(before), "a batch changes no frame");

    perform(&mut harness, LiveCommand::NewSeed);
    wait_for_frame(&mut harness, before + 1);
    assert_ne!(script.made().last(), Some(&50));
    assert_eq!(harness.state().settings().seed, 50, "the settings stay");
}

#[test]
fn without_influence_the_canvas_makes_no_frames() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(100);
    harness.state_mut().settings_mut().strength = 1.0;
    perform(&mut harness, LiveCommand::Toggle);
    wait(&mut harness, "frames", App::is_live_at_rest);
    let made = script.made().len();
    click_canvas(&mut harness, 30.0, 30.0);
    harness.run_steps(10);
    assert!(harness.state().is_live_at_rest());
    assert_eq!(script.made().len(), made);
}

#[test]
fn rounds_come_first_and_frames_go_on_after_them() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(2);
    perform(&mut harness, LiveCommand::Toggle);
    wait(&mut harness, "frames", App::is_live_at_rest);
    // A frame is being made when a round is asked for.
    click_canvas(&mut harness, 30.0, 30.0);
    harness.run_steps(2);
    perform(&mut harness, RoundCommand::Generate);
    assert!(harness.state().is_running() && harness.state().is_live());
    assert!(harness.query_by_label_contains("Waits for the rounds").is_some());
    script.allow(3);
    wait(&mut harness, "the round", |app| !app.is_running());
    assert_eq!(results(harness.state(), 1).len(), 3);
    let (before, _) = frame(harness.state()).expect("the frame stays");
    script.allow(2);
    wait_for_frame(&mut harness, before + 1);
}

#[test]
fn a_kept_frame_is_a_round_with_the_request_it_was_made_from() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(100);
    perform(&mut harness, LiveCommand::Keep);
    assert!(harness.state().status().contains("no live frame"), "{}", harness.state().status());
    perform(&mut harness, LiveCommand::Toggle);
    click_canvas(&mut harness, 30.0, 30.0);
    wait(&mut harness, "frames", App::is_live_at_rest);
    let asked = Settings { seed: 100, ..harness.state().settings().clone() };
    let expected = LiveRecipe::new(&ModelChoice::Starter, &asked, &PresetFiles::default()).kept(&asked, false);
    harness.get_by_label("Keep the live frame").click();
    harness.run_steps(2);
    wait(&mut harness, "the round", |app| !app.is_running() && results(app, 1).len() == 1);
    let round = harness.state().rounds().get(1).expect("kept");
    assert_eq!(*round.settings, expected);
    assert!(round.start.is_some() && round.plan.is_empty());
    assert!(harness.state().is_live());
    wait(&mut harness, "the document's file", App::is_kept);
    let path = harness.state().document_path().expect("a file").to_path_buf();
    let stored = crate::harness::stored(&path);
    assert_eq!(*stored.rounds().get(1).expect("stored").settings, expected);
}

#[test]
fn paint_over_puts_the_result_on_the_canvas_and_the_next_frames_have_another_seed() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(100);
    perform(&mut harness, LiveCommand::Toggle);
    click_canvas(&mut harness, 30.0, 30.0);
    wait(&mut harness, "frames", App::is_live_at_rest);
    let before = pixels(harness.state());
    harness.key_press_modifiers(Modifiers::SHIFT, Key::P);
    harness.run_steps(2);
    wait(&mut harness, "the result", |app| pixels(app).iter().all(|value| *value == 100));
    assert_eq!(harness.state().document().ancestry(), [100]);
    assert_eq!(harness.state().document().origin().map(|id| id.round), Some(1));
    wait(&mut harness, "frames", App::is_live_at_rest);
    assert_eq!(script.made().last(), Some(&101), "its noise is in the canvas");
    perform(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == before);
    wait(&mut harness, "frames", App::is_live_at_rest);
    assert_eq!(script.made().last(), Some(&100));
}

#[test]
fn a_failure_is_told_in_one_sentence_and_switches_live_painting_off() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(100);
    for (prompt, words) in [("memory", "9000 MB"), ("panic", "internal error")] {
        harness.state_mut().settings_mut().prompt = prompt.into();
        perform(&mut harness, LiveCommand::Toggle);
        wait(&mut harness, "the failure", |app| !app.is_live());
        let status = harness.state().status();
        assert!(status.contains(words) && status.ends_with("Live painting is off."), "{status}");
        assert_eq!(frame(harness.state()), None);
    }
    harness.state_mut().settings_mut().prompt = "a pear".into();
    perform(&mut harness, LiveCommand::Toggle);
    wait(&mut harness, "frames", App::is_live_at_rest);
    // A setting out of range is no failure: it may be in the middle of being typed.
    harness.state_mut().settings_mut().variation_strength = 5.0;
    harness.run_steps(3);
    assert!(harness.state().is_live());
    assert!(harness.query_by_label_contains("variation strength must lie").is_some());
}

#[test]
fn another_document_another_size_and_comparing_leave_no_stale_frame() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(1000);
    perform(&mut harness, LiveCommand::Toggle);
    click_canvas(&mut harness, 30.0, 30.0);
    wait(&mut harness, "frames", App::is_live_at_rest);
    let first = harness.state().document_path().expect("a file").to_path_buf();
    perform(&mut harness, DocumentCommand::New);
    wait(&mut harness, "the new document", |app| app.document_path().is_some_and(|path| path != first));
    assert!(harness.state().is_live());
    wait(&mut harness, "frames", App::is_live_at_rest);

    (harness.state_mut().settings_mut().width, harness.state_mut().settings_mut().height) = (128, 64);
    harness.run_steps(3);
    wait(&mut harness, "frames", |app| {
        app.is_live_at_rest() && app.live_frame().is_some_and(|frame| frame.picture.dimensions() == (128, 64))
    });
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running());
    perform(&mut harness, CompareCommand::Open);
    harness.run_steps(3);
    let made = script.made().len();
    harness.state_mut().settings_mut().prompt = "while comparing".into();
    harness.run_steps(5);
    assert_eq!(script.made().len(), made, "nobody sees frames while two pictures are compared");
    perform(&mut harness, CompareCommand::Leave);
    wait(&mut harness, "frames", App::is_live_at_rest);
    assert!(script.made().len() > made);
}

#[test]
fn frames_lie_beside_the_canvas_or_over_it_and_the_choice_is_kept() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    script.allow(100);
    perform(&mut harness, LiveCommand::Toggle);
    wait(&mut harness, "frames", App::is_live_at_rest);
    assert!(harness.query_by_label("Live frame").is_some(), "beside the canvas");
    assert!(harness.query_by_label("Opacity of the live frame").is_none());
    harness.get_by_label("Live frame on the canvas").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Live frame").is_none());
    assert!(harness.query_by_label("Opacity of the live frame").is_some());
    perform(&mut harness, LiveCommand::UseView(LiveView { over_canvas: true, opacity: 7.0 }));
    let file = folder.path().join("data/window.json");
    wait(&mut harness, "the choices", |_| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\"opacity\": 1.0"))
    });
}

/// With the real starter at 64 pixels: a frame follows a stroke that is still being painted, and a kept frame is the
/// picture that the engine makes of its request.
#[test]
fn the_starter_follows_a_stroke_and_a_kept_frame_is_what_generate_makes() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = real_window(folder.path());
    wait(&mut harness, "loading", |app| !app.is_loading());
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.seed) = (64, 64, 5);
    drop(settings);
    harness.run_steps(3);
    perform(&mut harness, CanvasCommand::New(Paper::White));
    perform(&mut harness, LiveCommand::Toggle);
    wait(&mut harness, "frames", App::is_live_at_rest);
    let blank = harness.state().live_frame().expect("a frame").clone();

    drag_canvas(&mut harness, (10.0, 10.0), (50.0, 50.0));
    assert!(harness.state().document().is_stroking());
    wait_for_frame(&mut harness, blank.number + 1);
    assert!(harness.state().document().is_stroking(), "before the hand lifts");
    release(&mut harness);
    wait(&mut harness, "frames", App::is_live_at_rest);
    let full = harness.state().live_frame().expect("a frame").clone();
    assert!(full.quality == LiveQuality::Full && full.picture != blank.picture);

    let start = harness.state().document().picture();
    perform(&mut harness, LiveCommand::Keep);
    wait(&mut harness, "the round", |app| !app.is_running() && results(app, 1).len() == 1);
    let kept = results(harness.state(), 1).remove(0);
    assert!(kept == *full.picture, "the full frame of the starter is the very picture");
    let round = harness.state().rounds().get(1).expect("kept");
    let request = Request::new(ModelChoice::Starter, (*round.settings).clone(), Some(start.into()));
    let mut made = None;
    LocalEngine::default()
        .generate(&request, &Cancel::default(), &mut |event| {
            if let Event::Finished(finished) = event {
                made = Some(finished.picture);
            }
        })
        .expect("generates");
    assert!(made == Some(kept));
}
