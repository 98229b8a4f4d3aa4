//! An engine for the tests: it follows a script, and makes a picture only when the test lets it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egui_kittest::Harness;
use image::RgbImage;
use underpaint::engine::{
    Cancel, Capabilities, Engine, Error, Event, FinishedImage, ModelChoice, ModelInfo, Recommended, Request, Runtime,
};
use underpaint::ui::{App, Options};

use crate::harness::{options, wait};

/// What the test and the engine share.
#[derive(Clone, Default)]
pub struct Script {
    allowed: Arc<AtomicUsize>,
    /// Seed of every picture that was begun, in order.
    begun: Arc<Mutex<Vec<u64>>>,
    /// Seed of every picture that was made, in order.
    made: Arc<Mutex<Vec<u64>>>,
    /// Every model that was loaded because another one was loaded before.
    loads: Arc<Mutex<Vec<String>>>,
}

impl Script {
    /// Lets the engine make more pictures.
    pub fn allow(&self, pictures: usize) {
        self.allowed.fetch_add(pictures, Ordering::SeqCst);
    }

    /// The seeds of all pictures begun so far, in the order in which they were begun.
    pub fn begun(&self) -> Vec<u64> {
        self.begun.lock().expect("not poisoned").clone()
    }

    /// The seeds of all pictures made so far, in the order they were made.
    pub fn made(&self) -> Vec<u64> {
        self.made.lock().expect("not poisoned").clone()
    }

    /// The models loaded so far.
    pub fn loads(&self) -> Vec<String> {
        self.loads.lock().expect("not poisoned").clone()
    }

    fn take(&self) -> bool {
        let take = |allowed: usize| allowed.checked_sub(1);
        self.allowed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok()
    }
}

/// Paints each picture in its seed's shade of grey. The prompt says what goes wrong.
struct ScriptedEngine {
    script: Script,
    loaded: Option<ModelChoice>,
}

impl Engine for ScriptedEngine {
    fn capabilities(&mut self) -> Capabilities {
        Capabilities { name: "Script".into(), ..Capabilities::default() }
    }

    fn configure(&mut self, _: &Runtime) {}

    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        cancel.check()?;
        if self.loaded.as_ref() != Some(model) {
            self.loaded = Some(model.clone());
            self.script.loads.lock().expect("not poisoned").push(model.name());
        }
        Ok(ModelInfo { choice: model.clone(), recommended: Recommended::default(), counter: None })
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        match request.settings.prompt.as_str() {
            "panic" => panic!("the script says so"),
            "memory" => {
                return Err(Error::Memory { what: "A picture", need_mb: 9000, free_mb: 12, advice: "make it smaller" });
            }
            _ => {}
        }
        let (width, height) = (request.settings.width as u32, request.settings.height as u32);
        for image in 0..request.settings.batch {
            cancel.check()?;
            if cancel.is_left_out(image) {
                continue;
            }
            self.script.begun.lock().expect("not poisoned").push(request.settings.seeds_of(image).0);
            on_event(Event::Step { image, step: 1, steps: 2, preview: RgbImage::new(8, 8) });
            // A job that was cancelled takes nothing of what is allowed to the next one.
            loop {
                cancel.check()?;
                if cancel.is_left_out(image) || self.script.take() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            if cancel.is_left_out(image) {
                continue;
            }
            let (seed, variation_seed) = request.settings.seeds_of(image);
            self.script.made.lock().expect("not poisoned").push(seed);
            let picture = RgbImage::from_pixel(width, height, image::Rgb([seed as u8; 3]));
            on_event(Event::Finished(FinishedImage { image, seed, variation_seed, picture, made_by: None }));
            if request.settings.prompt == "panic later" {
                panic!("the script says so");
            }
        }
        Ok(())
    }
}

/// The engine that follows this script.
pub fn engine(script: &Script) -> Box<dyn Engine> {
    Box::new(ScriptedEngine { script: script.clone(), loaded: None })
}

/// A window with this engine, whose documents and results lie below the folder. Rounds have three pictures of 64
/// pixels and the seed 100, unless its document says otherwise.
pub fn window(folder: &Path, script: &Script, document: Option<PathBuf>) -> Harness<'static, App> {
    window_with(folder, script, document, |app| app)
}

/// Does what [`window`] does, and changes the app before it is shown.
pub fn window_with(
    folder: &Path,
    script: &Script,
    document: Option<PathBuf>,
    change: impl FnOnce(App) -> App + 'static,
) -> Harness<'static, App> {
    let options = Options { document, ..options(&folder.join("results"), Some(folder.join("data"))) };
    let script = script.clone();
    let make = move || engine(&script);
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1320.0, 860.0))
        .build_eframe(move |cc| change(App::new(&cc.egui_ctx, options, make)));
    wait(&mut harness, "opening", |app| app.document_path().is_some() && !app.is_loading());
    if harness.state().rounds().next_id() == 1 {
        let mut settings = harness.state_mut().settings_mut();
        (settings.batch, settings.width, settings.height, settings.seed) = (3, 64, 64, 100);
        drop(settings);
        harness.run_steps(3);
    }
    harness
}
