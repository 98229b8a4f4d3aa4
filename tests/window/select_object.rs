//! Select by click without its network.

use std::path::Path;
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::diffusion::{HeaderInspector, LocalEngine};
use underpaint::jobs::ModelSearch;
use underpaint::models::{InspectedFile, Inspector, NamedFolders, Surroundings};
use underpaint::ui::{App, Options, SelectCommand};

use crate::harness::{click_canvas, options, perform, wait};

/// Inspects files, and says nothing about times.
struct Headers;

impl Inspector for Headers {
    fn inspect(&self, path: &Path) -> InspectedFile {
        HeaderInspector.inspect(path)
    }
}

/// A window that searches `disk` inside the folder.
fn window(folder: &Path) -> Harness<'static, App> {
    let (own, disk) = (folder.join("own"), folder.join("disk"));
    std::fs::create_dir_all(&disk).expect("folder");
    let mut named = NamedFolders::default();
    named.add(&disk);
    named.keep(&own).expect("writes");
    let around = Arc::new(Surroundings::only(Some(own)));
    let models = Some(ModelSearch { inspector: Arc::new(Headers), around });
    let options = Options { models, ..options(&folder.join("results"), None) };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1320.0, 1200.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    wait(&mut harness, "searching", |app| app.found_models().is_some() && !app.is_loading());
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height) = (256, 256);
    drop(settings);
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::W);
    harness.run_steps(2);
    harness
}

fn levels(harness: &Harness<'static, App>) -> Option<Vec<u8>> {
    harness.state().document().selection().map(|selection| selection.levels())
}

#[test]
fn without_a_network_nothing_happens_and_the_panel_leads_to_the_catalogue() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click_canvas(&mut harness, 60.0, 70.0);
    harness.run_steps(2);
    assert_eq!(levels(&harness), None);
    assert!(harness.state().status().contains("Fetch MobileSAM"), "{}", harness.state().status());
    harness.get_by_label("Show MobileSAM in the catalogue").click_accesskit();
    harness.run_steps(3);
    assert!(harness.query_all_by_label_contains("finds the object at a click").next().is_some());
    perform(&mut harness, SelectCommand::All);
    assert!(levels(&harness).is_some(), "the other tools go on");
}
