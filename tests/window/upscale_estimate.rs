//! What enlarging with a network takes is looked up by another thread, and shown when it is known.

use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::engine::{
    Cancel, Capabilities, Engine, Error, Estimate, Estimator, Event, ModelChoice, ModelInfo, Plan, Recommended,
    Request, RoundFiles, Runtime, SecondPass, Settings, Upscaler,
};
use underpaint::jobs::ModelSearch;
use underpaint::models::{FoundKind, InspectedFile, Inspector, Surroundings};
use underpaint::ui::{App, Options, RefineCommand, RoundCommand};

use crate::harness::{options, perform, wait};
use crate::script::{self, Script};

/// Takes every file for a network that enlarges.
struct Upscalers;

impl Inspector for Upscalers {
    fn inspect(&self, _: &Path) -> InspectedFile {
        InspectedFile { kind: FoundKind::Upscaler, usable: true, ..InspectedFile::default() }
    }
}

/// Takes a minute for the enlarging with files that it knows, and looks into files only when the test lets it.
#[derive(Debug)]
struct Gated {
    gate: Arc<Mutex<mpsc::Receiver<()>>>,
    knows: RoundFiles,
}

impl Estimator for Gated {
    fn estimate(&self, _: &Settings, _: &Plan, _: bool) -> Estimate {
        Estimate {
            seconds: 0.0,
            memory_bytes: None,
            available_bytes: None,
            evaluations: 1,
            tiled: false,
            obstacle: None,
        }
    }

    fn enlarging_seconds(&self, pass: &SecondPass, _: (u32, u32)) -> Option<f64> {
        let Upscaler::File(path) = &pass.upscaler else { return Some(0.0) };
        self.knows.upscalers.contains(path).then_some(60.0)
    }

    fn knowing(&self, files: &RoundFiles) -> Option<Arc<dyn Estimator>> {
        self.gate.lock().expect("not poisoned").recv().expect("the test lets it");
        Some(Arc::new(Self { gate: Arc::clone(&self.gate), knows: files.clone() }))
    }

    fn recommended(&self) -> Recommended {
        Recommended::default()
    }
}

/// The engine of the script, with an estimator.
struct Estimating(Box<dyn Engine>, Arc<Mutex<mpsc::Receiver<()>>>);

impl Engine for Estimating {
    fn capabilities(&mut self) -> Capabilities {
        self.0.capabilities()
    }

    fn configure(&mut self, runtime: &Runtime) {
        self.0.configure(runtime);
    }

    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        self.0.load(model, cancel)
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        self.0.generate(request, cancel, on_event)
    }

    fn estimator(&mut self, _: &ModelChoice) -> Option<Arc<dyn Estimator>> {
        Some(Arc::new(Gated { gate: Arc::clone(&self.1), knows: RoundFiles::default() }))
    }
}

#[test]
fn the_estimate_of_an_upscaler_appears_once_another_thread_has_looked_into_its_file() {
    let folder = tempfile::tempdir().expect("folder");
    let own = folder.path().join("own");
    std::fs::create_dir_all(own.join("models")).expect("folder");
    std::fs::write(own.join("models/sharp.safetensors"), "x").expect("writes");
    let around = Arc::new(Surroundings::only(Some(own)));
    let models = Some(ModelSearch { inspector: Arc::new(Upscalers), around });
    let options = Options { models, ..options(&folder.path().join("results"), None) };
    let script = Script::default();
    script.allow(10);
    let (open, gate) = mpsc::channel();
    let gate = Arc::new(Mutex::new(gate));
    let mut harness: Harness<'static, App> =
        Harness::builder().with_size(egui::vec2(1320.0, 860.0)).build_eframe(move |cc| {
            let make = move || -> Box<dyn Engine> { Box::new(Estimating(script::engine(&script), Arc::clone(&gate))) };
            App::new(&cc.egui_ctx, options, make)
        });
    wait(&mut harness, "searching", |app| app.found_models() == Some(1) && !app.is_loading());
    {
        let mut settings = harness.state_mut().settings_mut();
        (settings.width, settings.height, settings.batch) = (64, 64, 1);
    }
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && app.rounds().iter().count() == 1);
    perform(&mut harness, RefineCommand::AskForUpscale(1, 0));
    harness.run_steps(3);
    let shows =
        |harness: &Harness<'static, App>, text: &str| harness.query_all_by_label_contains(text).next().is_some();
    assert!(shows(&harness, "128 × 128 pixels, 9 tiles, about 1 s"), "without a network it is known at once");
    harness.get_by_role_and_label(Role::ComboBox, "Upscaler").click();
    harness.run_steps(2);
    harness.get_by_label("sharp").click();
    // The window goes on while the file is looked into.
    harness.run_steps(5);
    assert!(shows(&harness, "128 × 128 pixels, 9 tiles") && !shows(&harness, "9 tiles, about"));
    open.send(()).expect("waits");
    let begun = std::time::Instant::now();
    while !shows(&harness, "128 × 128 pixels, 9 tiles, about 60 s") {
        assert!(begun.elapsed().as_secs() < 120, "the estimate never comes");
        std::thread::sleep(std::time::Duration::from_millis(5));
        harness.step();
    }
}
