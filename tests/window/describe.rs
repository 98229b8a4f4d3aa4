//! Describe: the canvas in words as a suggestion, and depth as what a control follows; with tiny random networks.

use std::path::Path;
use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::diffusion::{HeaderInspector, LocalEngine};
use underpaint::engine::Preprocessor;
use underpaint::jobs::ModelSearch;
use underpaint::models::{InspectedFile, Inspector, NamedFolders, Surroundings};
use underpaint::ui::{App, CanvasCommand, ControlCommand, Options, PromptCommand};

use crate::harness::{options, perform, wait};

/// Inspects files, and says nothing about times.
struct Headers;

impl Inspector for Headers {
    fn inspect(&self, path: &Path) -> InspectedFile {
        HeaderInspector.inspect(path)
    }
}

/// A window that finds the networks of these test folders.
fn window(folder: &Path, networks: &[&str]) -> Harness<'static, App> {
    for network in networks {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(network);
        let to = folder.join("disk").join(network);
        std::fs::create_dir_all(&to).expect("folder");
        for entry in std::fs::read_dir(from).expect("lists").flatten() {
            if entry.file_name() != "reference.safetensors" {
                std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copies");
            }
        }
    }
    std::fs::create_dir_all(folder.join("disk")).expect("folder");
    let own = folder.join("own");
    let mut named = NamedFolders::default();
    named.add(&folder.join("disk"));
    named.keep(&own).expect("writes");
    let around = Arc::new(Surroundings::only(Some(own)));
    let models = Some(ModelSearch { inspector: Arc::new(Headers), around });
    let options = Options { models, ..options(&folder.join("results"), None) };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1320.0, 860.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    wait(&mut harness, "searching", |app| app.found_models().is_some() && !app.is_loading());
    perform(&mut harness, CanvasCommand::Example);
    harness
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn prompt(harness: &Harness<'static, App>) -> String {
    harness.state().settings().prompt.clone()
}

fn described(harness: &mut Harness<'static, App>) -> String {
    click(harness, "Describe the canvas");
    wait(harness, "describing", |app| app.suggestion().is_some());
    harness.state().suggestion().expect("a suggestion").to_owned()
}

#[test]
fn a_description_is_suggested_and_changes_the_prompt_only_when_it_is_asked_to() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), &["captioner"]);
    harness.state_mut().settings_mut().prompt = "a pear, ".into();
    let words = described(&mut harness);
    assert!(!words.is_empty());
    assert!(harness.query_by_label(&words).is_some(), "{words} is shown");
    assert_eq!(prompt(&harness), "a pear, ", "what was typed stays");
    click(&mut harness, "Dismiss the description");
    assert!(harness.query_by_label(&words).is_none());
    assert_eq!(prompt(&harness), "a pear, ");

    assert_eq!(described(&mut harness), words, "the same canvas, the same words");
    click(&mut harness, "Add the description to the prompt");
    assert_eq!(prompt(&harness), format!("a pear, {words}"));
    assert_eq!(harness.state().suggestion(), None);

    described(&mut harness);
    click(&mut harness, "Use the description as the prompt");
    assert_eq!(prompt(&harness), words);
    perform(&mut harness, PromptCommand::ShowPast);
    let earlier = format!("a pear, {words}");
    assert!(harness.query_all_by_label_contains(&earlier).next().is_some(), "what was typed can be found again");
}

#[test]
fn without_a_network_one_sentence_says_how_to_get_it_and_a_stopped_description_never_comes() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), &[]);
    click(&mut harness, "Describe the canvas");
    let told = harness.state().status().to_owned();
    assert!(told.contains("BLIP") && told.contains("underpaint models fetch blip"), "{told}");
    drop(harness);

    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), &["captioner"]);
    harness.state_mut().perform(PromptCommand::Describe);
    harness.state_mut().perform(PromptCommand::StopDescribing);
    harness.run_steps(3);
    assert!(harness.query_by_label("Describe the canvas").is_some());
    // The next one comes, and it alone.
    described(&mut harness);
}

#[test]
fn depth_is_drawn_in_place_of_the_canvas_and_without_its_network_the_section_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let network = folder.path().join("my-depth.safetensors");
    crate::control_file::write_control(&network);
    let follow = |harness: &mut Harness<'static, App>| {
        perform(harness, ControlCommand::UseModel(0, network.clone()));
        harness.state_mut().settings_mut().controls[0].preprocessor = Preprocessor::Depth;
        perform(harness, ControlCommand::ShowLines(true));
    };
    let mut harness = window(&folder.path().join("with"), &["depth"]);
    follow(&mut harness);
    for _ in 0..2000 {
        if harness.query_by_label("Depth of the sketch").is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        harness.step();
    }
    assert!(harness.query_by_label("Depth of the sketch").is_some(), "{}", harness.state().status());
    drop(harness);

    let mut harness = window(&folder.path().join("without"), &[]);
    follow(&mut harness);
    wait(&mut harness, "the refusal", |app| app.status().contains("models fetch depth-anything-v2-small"));
    assert!(harness.query_by_label("Depth of the sketch").is_none());
}
