//! Makes rounds for ever in a real window without a display, with its real threads, document and file, and prints
//! what memory and handles the program holds: `cargo run --release --example queue_endurance -- 10000`.
//!
//! The pictures come from an engine that takes no time, so that a night's work is done in minutes. Every fiftieth
//! round is a crash of the engine, and rounds are queued, moved, dropped, skipped, paused and resumed on the way.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use image::RgbImage;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use underpaint::engine::{
    Cancel, Capabilities, Engine, Error, Event, FinishedImage, ModelChoice, ModelInfo, Recommended, Request, Runtime,
    Settings,
};
use underpaint::kernels::memory::Recycler;
use underpaint::ui::{App, CanvasCommand, Options, QueueCommand, RoundCommand};

#[global_allocator]
static MEMORY: Recycler = Recycler;

/// How often the numbers are printed.
const LINES: usize = 20;

/// Paints noise of the picture's seed; the prompt `panic` crashes it.
struct NoiseEngine;

impl Engine for NoiseEngine {
    fn capabilities(&mut self) -> Capabilities {
        Capabilities::default()
    }

    fn configure(&mut self, _: &Runtime) {}

    fn load(&mut self, model: &ModelChoice, _: &Cancel) -> Result<ModelInfo, Error> {
        Ok(ModelInfo { choice: model.clone(), recommended: Recommended::default(), counter: None })
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        let settings = &request.settings;
        if settings.prompt == "panic" {
            std::panic::panic_any("as asked for".to_owned());
        }
        for image in (0..settings.batch).filter(|image| !cancel.is_left_out(*image)) {
            cancel.check()?;
            on_event(Event::Step { image, step: 1, steps: 1, preview: RgbImage::new(8, 8) });
            let (seed, variation_seed) = settings.seeds_of(image);
            let picture = noise(settings.width as u32, settings.height as u32, seed);
            on_event(Event::Finished(FinishedImage { image, seed, variation_seed, picture, made_by: None }));
        }
        Ok(())
    }
}

fn noise(width: u32, height: u32, seed: u64) -> RgbImage {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    RgbImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        image::Rgb([state as u8, (state >> 8) as u8, (state >> 16) as u8])
    })
}

fn main() -> ExitCode {
    let wanted: usize = match std::env::args().nth(1).map(|text| text.parse()) {
        None => 10_000,
        Some(Ok(rounds)) => rounds,
        Some(Err(_)) => {
            eprintln!("Say how many rounds: cargo run --release --example queue_endurance -- 10000");
            return ExitCode::FAILURE;
        }
    };
    // The engine's crashes are wanted.
    std::panic::set_hook(Box::new(|info| {
        if info.payload_as_str() != Some("as asked for") {
            eprintln!("{info}");
        }
    }));
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("There is no temporary folder: {error}.");
            return ExitCode::FAILURE;
        }
    };
    let options = Options {
        model: ModelChoice::Starter,
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
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(NoiseEngine)));
    while window.state().document_path().is_none() || window.state().is_loading() {
        window.step();
    }
    *window.state_mut().settings_mut() = Settings { batch: 1, width: 64, height: 64, seed: 1, ..Settings::default() };
    window.run_steps(3);
    window.state_mut().perform(CanvasCommand::Example);
    window.state_mut().perform(QueueCommand::ToggleList);
    window.state_mut().perform(QueueCommand::ToggleForever);
    println!("   rounds   seconds  memory MB  of that results MB  handles  file MB");
    let begun = Instant::now();
    let (mut printed, mut worked) = (0, 0);
    loop {
        window.step();
        let rounds = window.state().rounds().next_id() - 1;
        if rounds >= printed {
            print(&window, rounds, begun.elapsed());
            printed += (wanted / LINES).max(1);
        }
        if rounds >= wanted {
            break;
        }
        if rounds >= worked {
            work_with_the_queue(&mut window);
            worked += 50;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    window.state_mut().perform(QueueCommand::CancelAll);
    while window.state().is_running() || !window.state().is_kept() {
        window.step();
        std::thread::sleep(Duration::from_millis(1));
    }
    print(&window, window.state().rounds().next_id() - 1, begun.elapsed());
    ExitCode::SUCCESS
}

/// What a person may do with the queue now and then.
fn work_with_the_queue(window: &mut Harness<'static, App>) {
    let mut ask = |prompt: &str, batch: usize| {
        let mut settings = window.state_mut().settings_mut();
        (settings.prompt, settings.batch) = (prompt.into(), batch);
        drop(settings);
        window.state_mut().perform(RoundCommand::Generate);
        window.state().rounds().next_id() - 1
    };
    let (_, panics, dropped, last) = (ask("a pear", 4), ask("panic", 1), ask("a plum", 2), ask("an apple", 1));
    let app = window.state_mut();
    app.perform(QueueCommand::MoveEarlier(last));
    app.perform(QueueCommand::Drop(dropped));
    app.perform(QueueCommand::SkipImage);
    app.perform(QueueCommand::TogglePause);
    window.run_steps(2);
    window.state_mut().perform(QueueCommand::Resume);
    window.step();
    window.state_mut().perform(QueueCommand::Dismiss(panics));
}

fn print(window: &Harness<'static, App>, rounds: usize, elapsed: Duration) {
    let mb = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let document = window.state().document_path().and_then(|path| path.metadata().ok()).map_or(0, |about| about.len());
    println!(
        "{rounds:9} {:9.0} {:10.1} {:19.1} {:>8} {:8.1}",
        elapsed.as_secs_f64(),
        mb(resident()),
        mb(window.state().rounds().bytes() as u64),
        handles().map_or("?".into(), |count| count.to_string()),
        mb(document),
    );
}

/// The memory that this program holds, in bytes.
fn resident() -> u64 {
    let me = Pid::from_u32(std::process::id());
    let mut system = System::new();
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[me]),
        true,
        ProcessRefreshKind::nothing().with_memory(),
    );
    system.process(me).map_or(0, sysinfo::Process::memory)
}

/// The files, pipes and sockets that this program has open, where the system lists them.
fn handles() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}
