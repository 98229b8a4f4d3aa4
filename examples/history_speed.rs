//! How fast the history of a long piece of work is: `cargo run --release --example history_speed [FOLDER]`. Makes a
//! document of 300 rounds with four results each, opens it in a window without a display, and scrolls through the strip
//! and the tree. The folder decides which disk is measured; without one it is that of temporary files.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, TouchPhase, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::RgbImage;
use underpaint::diffusion::LocalEngine;
use underpaint::document::store::Store;
use underpaint::document::{Document, HistoryView, ResultId};
use underpaint::engine::{ModelChoice, Recipe, Runtime, Settings};
use underpaint::paint::{Canvas, Rgb, Size};
use underpaint::ui::{App, HistoryCommand, Options};

const ROUNDS: usize = 300;
const RESULTS: usize = 4;
const FRAMES: usize = 400;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let path = folder.path().join("long.underpaint");
    let begun = Instant::now();
    make(&path)?;
    let size = std::fs::metadata(&path)?.len() as f64 / 1e6;
    println!("making {ROUNDS} rounds with {RESULTS} results each: {}, {size:.0} MB", ms(begun.elapsed()));

    let begun = Instant::now();
    let document = Document::from_stored(Store::open(&path)?.load()?);
    println!("reading the document: {}", ms(begun.elapsed()));
    drop(document);

    let options = Options {
        model: ModelChoice::Starter,
        folder: folder.path().join("results"),
        home: Some(folder.path().join("data")),
        document: Some(path),
        runtime: Runtime::default(),
        models: None,
        hub: Err("Nothing is fetched here.".into()),
        servers: Vec::new(),
        with_local: false,
    };
    let begun = Instant::now();
    let mut harness = Harness::builder()
        .with_size(Vec2::new(1400.0, 900.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    while harness.state().rounds().latest().is_none() {
        std::thread::sleep(Duration::from_millis(1));
        harness.step();
    }
    println!("opening it in the window, with the first frame: {}", ms(begun.elapsed()));
    while harness.state().is_loading() {
        std::thread::sleep(Duration::from_millis(10));
        harness.step();
    }
    println!("a frame without scrolling: {}", frames(&mut harness, |_, _| {}));
    for (view, name) in [(HistoryView::Strip, "strip"), (HistoryView::Tree, "tree")] {
        harness.state_mut().perform(HistoryCommand::Show(view));
        harness.run_steps(5);
        let list = harness.get_by_label_contains("History, round").rect().center();
        let scroll = |harness: &mut Harness<'_, App>, frame: usize| {
            // Through the whole list and back.
            let delta = if frame < FRAMES / 2 { 180.0 } else { -180.0 };
            wheel(harness, list, delta);
        };
        println!("a frame of scrolling the {name}: {}", frames(&mut harness, scroll));
    }
    Ok(())
}

/// Every fifth round starts from an earlier one, so that the tree has branches.
fn make(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings { batch: RESULTS, prompt: "a green apple on a wooden table".into(), ..Settings::default() };
    let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, settings);
    let mut store = Store::create(path, &document.take_changes())?;
    for number in 0..ROUNDS {
        if number > 0 {
            let from = if number % 5 == 0 { number / 2 } else { number };
            let canvas = Canvas::from_rgb(256, 256, noisy(number as u32).as_raw())?;
            document.paint_over(ResultId { round: from.max(1), image: number % RESULTS }, canvas);
        }
        document.settings_mut().prompt = format!("a green apple on a wooden table, try {number}");
        let (round, _) = document.begin_round(number as i64, "starter".into());
        for image in 0..RESULTS {
            let seed = (number * RESULTS + image) as u64;
            let recipe = Recipe {
                settings: document.settings().clone(),
                seed,
                model: "starter".into(),
                from_picture: true,
                ..Recipe::default()
            };
            let picture = noisy(seed as u32);
            document.rounds_mut().finished(ResultId { round, image }, Arc::new(picture), Arc::new(recipe));
        }
        document.rounds_mut().end(round);
        let committed = store.commit(&document.take_changes())?;
        document.committed(&committed);
    }
    Ok(())
}

/// A picture with smooth colours that differ from seed to seed.
fn noisy(seed: u32) -> RgbImage {
    RgbImage::from_fn(256, 256, |x, y| {
        let grain = (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)) >> 7 & 3;
        image::Rgb([(x / 2 + grain + seed * 7) as u8, (y / 2 + grain + seed * 3) as u8, (seed * 11) as u8])
    })
}

fn wheel(harness: &mut Harness<'_, App>, at: Pos2, delta: f32) {
    harness.event(Event::PointerMoved(at));
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::new(0.0, -delta),
        source: MouseWheelSource::Wheel,
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
}

/// How long frames take after `before` each: middle, 99th of 100, largest.
fn frames(harness: &mut Harness<'_, App>, before: impl Fn(&mut Harness<'_, App>, usize)) -> String {
    let mut times = Vec::with_capacity(FRAMES);
    for frame in 0..FRAMES {
        before(harness, frame);
        let begun = Instant::now();
        harness.step();
        times.push(begun.elapsed());
    }
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).or(times.last()).copied().unwrap_or_default();
    format!("{}, 99 % under {}, at most {}", ms(at(50)), ms(at(99)), ms(at(100)))
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
