//! A window for the tests, and what a hand does to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::{Event, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use image::RgbImage;
use underpaint::diffusion::LocalEngine;
use underpaint::document::Document;
use underpaint::document::store::Store;
use underpaint::engine::{ModelChoice, Runtime};
use underpaint::ui::{App, Options, UserCommand};

pub fn window(folder: &Path) -> Harness<'static, App> {
    window_at(folder, 1.0)
}

pub fn window_at(folder: &Path, scale: f32) -> Harness<'static, App> {
    window_with(folder, scale, None)
}

pub fn window_with(folder: &Path, scale: f32, home: Option<PathBuf>) -> Harness<'static, App> {
    window_of_size(folder, egui::vec2(1320.0, 860.0), scale, home)
}

/// A window that starts with the built-in model, writes results to `folder` and looks for LoRAs in a
/// folder inside it.
pub fn options(folder: &Path, home: Option<PathBuf>) -> Options {
    Options {
        model: ModelChoice::Starter,
        folder: folder.to_path_buf(),
        home,
        document: None,
        runtime: Runtime { loras: Some(folder.join("loras")), ..Runtime::default() },
        models: None,
        hub: Err("These tests fetch nothing.".into()),
        servers: Vec::new(),
        with_local: false,
    }
}

/// A window whose rounds are small and quick.
pub fn window_of_size(folder: &Path, size: egui::Vec2, scale: f32, home: Option<PathBuf>) -> Harness<'static, App> {
    let options = options(folder, home);
    let mut harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(scale)
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    harness.run_steps(3);
    let mut settings = harness.state_mut().settings_mut();
    settings.steps = 4;
    // An empty canvas takes the size of the results.
    (settings.width, settings.height) = (256, 256);
    drop(settings);
    harness.run_steps(2);
    harness
}

/// What a document file holds.
pub fn stored(path: &Path) -> Document {
    Document::from_stored(Store::open_read_only(path).expect("opens").load().expect("loads"))
}

/// Closes the window as its close button does.
pub fn close(mut harness: Harness<'static, App>) {
    eframe::App::on_exit(harness.state_mut(), None);
}

/// Lets the window live until `done`, for two minutes at most.
pub fn wait(harness: &mut Harness<'static, App>, what: &str, done: impl Fn(&App) -> bool) {
    let begun = Instant::now();
    while !done(harness.state()) {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what} took too long; {}", harness.state().status());
        std::thread::sleep(Duration::from_millis(10));
        harness.step();
    }
    harness.run_steps(2);
}

/// Draws until nothing asks for another frame for a third of a second. What still comes from a thread (a loaded model, a
/// smoothed preview, a finished save) is waited for; a window that draws itself again and again never comes to rest.
pub fn wait_for_rest(harness: &mut Harness<'static, App>) {
    let begun = Instant::now();
    let mut resting_since = begun;
    while resting_since.elapsed() < Duration::from_millis(300) {
        assert!(begun.elapsed() < Duration::from_secs(20), "drawn again and again: {:?}", harness.ctx.repaint_causes());
        if harness.ctx.has_requested_repaint() {
            harness.step();
            resting_since = Instant::now();
        } else {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

pub fn perform(harness: &mut Harness<'static, App>, command: impl Into<UserCommand>) {
    harness.state_mut().perform(command);
    harness.run_steps(2);
}

/// A place on screen for a canvas pixel's centre.
pub fn on_screen(app: &App, x: f32, y: f32) -> Pos2 {
    app.on_screen(x + 0.5, y + 0.5).expect("shown")
}

pub fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

/// Presses and releases the pointer over a canvas pixel.
pub fn click_canvas(harness: &mut Harness<'static, App>, x: f32, y: f32) {
    let at = on_screen(harness.state(), x, y);
    harness.event(Event::PointerMoved(at));
    harness.event(button(at, true));
    harness.event(button(at, false));
    harness.step();
}

/// Presses the pointer over one canvas pixel and drags it to another, without releasing it.
pub fn drag_canvas(harness: &mut Harness<'static, App>, from: (f32, f32), to: (f32, f32)) {
    let (from, to) = (on_screen(harness.state(), from.0, from.1), on_screen(harness.state(), to.0, to.1));
    harness.event(Event::PointerMoved(from));
    harness.event(button(from, true));
    for i in 1..=5 {
        harness.event(Event::PointerMoved(from + (to - from) * (i as f32 / 5.0)));
    }
    harness.step();
}

/// Releases the pointer where it is.
pub fn release(harness: &mut Harness<'static, App>) {
    let at = harness.ctx.pointer_latest_pos().expect("a pointer");
    harness.event(button(at, false));
    harness.step();
}

/// The finished pictures of a round.
pub fn results(app: &App, round: usize) -> Vec<RgbImage> {
    let Some(round) = app.rounds().get(round) else { return Vec::new() };
    let done = |s: &underpaint::document::Slot| s.result()?.image.pixels().map(|pixels| (**pixels).clone());
    round.slots.iter().filter_map(done).collect()
}

/// The pixels of the canvas.
pub fn pixels(app: &App) -> Vec<u8> {
    app.document().canvas().to_rgb()
}

/// Width and height of the canvas.
pub fn canvas_size(app: &App) -> (usize, usize) {
    (app.document().canvas().width(), app.document().canvas().height())
}
