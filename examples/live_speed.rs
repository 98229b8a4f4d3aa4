//! How well live painting follows the brush: `cargo run --release --example live_speed [SECONDS] [MODEL]`.
//!
//! A window without a display, with its real threads, scheduler and engine, is painted on with a brush that moves every
//! eight milliseconds, as a mouse does. Printed are the time from the first dab to the first frame, frames a second while
//! the stroke goes on, their size, the time until the full frame when the hand rests, and how long the window takes for
//! its own frames with live painting and without. Strokes go on for SECONDS; from 60 on, memory is printed once in ten
//! seconds. At the end frames are given up at different moments, to see how soon the engine is free.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use image::RgbImage;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use underpaint::diffusion::LocalEngine;
use underpaint::engine::{
    Cancel, Engine, Error, LiveQuality, LiveRecipe, LiveSize, ModelChoice, PresetFiles, Request, Runtime, Settings,
};
use underpaint::kernels::memory::Recycler;
use underpaint::ui::{App, CanvasCommand, LiveCommand, Options, Paper};

#[global_allocator]
static MEMORY: Recycler = Recycler;

/// The time between two positions of the pointer.
const MOVE: Duration = Duration::from_millis(8);

/// How long one stroke is, and how long the hand rests after it: until the full frame is there, but within these bounds.
const STROKE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(1500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How many frames are given up.
const GIVEN_UP: u32 = 12;

/// From this many seconds on, memory is printed.
const ENDURANCE: u64 = 60;

type Window = Harness<'static, App>;

/// What happened in the strokes.
#[derive(Default)]
struct Seen {
    /// Seconds of each of the window's own frames.
    window: Vec<f64>,
    /// Frames of live painting, and the seconds in which they came.
    frames: u64,
    seconds: f64,
    /// From the press to the first frame, from the release to the full frame, in seconds.
    first: Vec<f64>,
    full: Vec<f64>,
    /// The width of each frame of a stroke, in pixels.
    widths: Vec<f64>,
    /// A frame that was shown after one with a larger number.
    stale: u64,
}

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).map_or(Ok(12), |text| text.parse::<u64>());
    let Ok(seconds) = seconds else {
        eprintln!("Say how many seconds: cargo run --release --example live_speed -- 12");
        return ExitCode::FAILURE;
    };
    let model = std::env::args().nth(2).map_or(ModelChoice::Starter, |path| ModelChoice::from_text(&path));
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("There is no temporary folder: {error}.");
            return ExitCode::FAILURE;
        }
    };
    let options = Options {
        model: model.clone(),
        folder: folder.path().join("results"),
        home: Some(folder.path().join("data")),
        document: None,
        runtime: Runtime::default(),
        models: None,
        hub: Err("Nothing is fetched here.".into()),
        servers: Vec::new(),
        with_local: false,
    };
    let mut window = Harness::builder()
        .with_size(egui::vec2(1320.0, 860.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    let clock = Instant::now();
    until(&mut window, clock, |app| app.document_path().is_some() && !app.is_loading());
    window.state_mut().perform(CanvasCommand::New(Paper::White));
    window.state_mut().perform(CanvasCommand::Example);
    window.state_mut().settings_mut().seed = 1;
    step(&mut window, clock);

    let mut without = Seen::default();
    stroke(&mut window, clock, &mut without, 0);
    window.state_mut().perform(LiveCommand::Toggle);
    until(&mut window, clock, App::is_live_at_rest);
    let (mut with, begun, mut printed) = (Seen::default(), Instant::now(), 0);
    let mut strokes = 1;
    while begun.elapsed() < Duration::from_secs(seconds) && window.state().is_live() {
        stroke(&mut window, clock, &mut with, strokes);
        strokes += 1;
        if seconds >= ENDURANCE && begun.elapsed().as_secs() / 10 > printed {
            printed = begun.elapsed().as_secs() / 10;
            println!(
                "{:5} s  {:6} frames  {:7.1} MB",
                begun.elapsed().as_secs(),
                with.frames,
                resident() as f64 / 1048576.0
            );
        }
    }
    if !window.state().is_live() {
        eprintln!("{}", window.state().status());
        return ExitCode::FAILURE;
    }
    println!("{} strokes on {} threads", strokes - 1, std::thread::available_parallelism().map_or(0, usize::from));
    println!("frames a second while painting  {:6.2}", with.frames as f64 / with.seconds);
    println!("their width, pixels             {}", spread(&mut with.widths));
    println!("older frames after newer ones   {:6}", with.stale);
    println!("first dab to first frame, s     {}", spread(&mut with.first));
    println!("release to full frame, s        {}", spread(&mut with.full));
    println!("window frame with live, ms      {}", spread(&mut scaled(&with.window)));
    println!("window frame without, ms        {}", spread(&mut scaled(&without.window)));
    let settings = window.state().settings().clone();
    drop(window);
    match give_up(&model, &settings) {
        Ok(mut seconds) => {
            println!("given up to engine free, ms     {}", spread(&mut seconds));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn scaled(seconds: &[f64]) -> Vec<f64> {
    seconds.iter().map(|seconds| seconds * 1000.0).collect()
}

/// Median, the value below which 95 of a hundred lie, and the largest one.
fn spread(values: &mut [f64]) -> String {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() as f64 - 1.0) * share).round().max(0.0) as usize).copied();
    match (at(0.5), at(0.95), at(1.0)) {
        (Some(half), Some(most), Some(all)) => format!("{half:6.2} (95 of 100 below {most:.2}, at most {all:.2})"),
        _ => "none".into(),
    }
}

/// One frame of the window, at the time that it really is. Returns how long it took, in seconds.
fn step(window: &mut Window, clock: Instant) -> f64 {
    window.input_mut().time = Some(clock.elapsed().as_secs_f64());
    let begun = Instant::now();
    window.step();
    begun.elapsed().as_secs_f64()
}

fn until(window: &mut Window, clock: Instant, done: impl Fn(&App) -> bool) {
    while !done(window.state()) {
        step(window, clock);
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Paints one stroke along a curve, then rests.
fn stroke(window: &mut Window, clock: Instant, seen: &mut Seen, number: usize) {
    let place = |window: &Window, seconds: f64| {
        let (phase, turn) = (number as f64 * 0.7, seconds * 1.9);
        let x = 256.0 + 190.0 * (turn + phase).sin();
        let y = 256.0 + 190.0 * (1.37 * turn + 2.0 * phase).cos();
        window.state().on_screen(x as f32, y as f32).unwrap_or(Pos2::ZERO)
    };
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let number_of = |window: &Window| window.state().live_frame().map_or(0, |frame| frame.number);
    let before = number_of(window);
    let begun = Instant::now();
    let at = place(window, 0.0);
    window.input_mut().events.extend([Event::PointerMoved(at), button(at, true)]);
    let (mut moves, mut first, mut last) = (0, None, before);
    while begun.elapsed() < STROKE {
        // Where the pointer has been since the last frame.
        while MOVE * moves < begun.elapsed() {
            let at = place(window, (MOVE * moves).as_secs_f64());
            window.input_mut().events.push(Event::PointerMoved(at));
            moves += 1;
        }
        seen.window.push(step(window, clock));
        if number_of(window) != last {
            seen.stale += u64::from(number_of(window) < last);
            last = number_of(window);
            seen.widths.extend(window.state().live_frame().map(|frame| f64::from(frame.picture.width())));
        }
        if first.is_none() && number_of(window) > before {
            first = Some(begun.elapsed().as_secs_f64());
        }
        std::thread::sleep((MOVE * moves).saturating_sub(begun.elapsed()));
    }
    seen.first.extend(first);
    seen.frames += number_of(window) - before;
    seen.seconds += begun.elapsed().as_secs_f64();
    let at = place(window, STROKE.as_secs_f64());
    window.input_mut().events.push(button(at, false));
    let released = Instant::now();
    let mut full = None;
    let is_live = window.state().is_live();
    while released.elapsed() < PAUSE || is_live && full.is_none() && released.elapsed() < LONGEST_PAUSE {
        step(window, clock);
        let is_full = window.state().live_frame().is_some_and(|frame| frame.quality == LiveQuality::Full);
        if full.is_none() && is_full && window.state().is_live_at_rest() {
            full = Some(released.elapsed().as_secs_f64());
        }
        std::thread::sleep(MOVE);
    }
    seen.full.extend(full);
}

/// Begins full frames and gives them up, each at another moment. Returns the milliseconds until the engine was free.
fn give_up(model: &ModelChoice, settings: &Settings) -> Result<Vec<f64>, Error> {
    let recipe = LiveRecipe::new(model, settings, &PresetFiles::default());
    let settings = recipe.settings(LiveQuality::Full, LiveSize::WHOLE, settings, false);
    let (width, height) = (settings.width as u32, settings.height as u32);
    let start = |shade| Some(Arc::new(RgbImage::from_pixel(width, height, image::Rgb([shade, 90, 60]))));
    let request = |shade| Request::new(model.clone(), settings.clone(), start(shade));
    let mut engine = LocalEngine::default();
    engine.load(model, &Cancel::default())?;
    let begun = Instant::now();
    engine.live_frame(&request(0), &Cancel::default())?;
    let takes = begun.elapsed();
    let mut late = Vec::new();
    for at in 0..GIVEN_UP {
        let cancel = Cancel::default();
        let given_up = std::thread::spawn({
            let cancel = cancel.clone();
            move || {
                std::thread::sleep(takes * (2 * at + 1) / (2 * GIVEN_UP));
                cancel.cancel();
                Instant::now()
            }
        });
        let done = engine.live_frame(&request(at as u8 + 1), &cancel);
        let free = Instant::now();
        if let (Err(Error::Cancelled), Ok(given_up)) = (done, given_up.join()) {
            late.push(free.duration_since(given_up).as_secs_f64() * 1000.0);
        }
    }
    Ok(late)
}

/// The memory that this program holds, in bytes.
fn resident() -> u64 {
    let mut system = System::new();
    let own = Pid::from_u32(std::process::id());
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[own]),
        true,
        ProcessRefreshKind::nothing().with_memory(),
    );
    system.process(own).map_or(0, sysinfo::Process::memory)
}
