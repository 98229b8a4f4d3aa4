//! The window of models: what is found is listed, used, added to prompts or refused with the reason.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::diffusion::{HeaderInspector, LocalEngine};
use underpaint::engine::{MadeWith, ModelChoice, Recipe, Settings};
use underpaint::jobs::ModelSearch;
use underpaint::models::{InspectedFile, Inspector, NamedFolders, Surroundings};
use underpaint::picture::encode_png;
use underpaint::ui::{App, FileCommand, ModelPanelCommand, ModelSection, Options};

use crate::harness::{options, perform, wait};
use crate::models::second_model;

/// Inspects files, and says nothing about times: without optimisation measuring them would take a minute.
struct Headers;

impl Inspector for Headers {
    fn inspect(&self, path: &Path) -> InspectedFile {
        HeaderInspector.inspect(path)
    }
}

/// A window that searches `disk` inside the folder, and keeps what it learns in `own`.
fn window(folder: &Path) -> Harness<'static, App> {
    window_of_size(folder, egui::vec2(1320.0, 860.0))
}

fn window_of_size(folder: &Path, size: egui::Vec2) -> Harness<'static, App> {
    let own = folder.join("own");
    let mut named = NamedFolders::default();
    named.add(&folder.join("disk"));
    named.keep(&own).expect("writes");
    let around = Arc::new(Surroundings::only(Some(own)));
    let models = Some(ModelSearch { inspector: Arc::new(Headers), around });
    let mut options = Options { models, ..options(&folder.join("results"), None) };
    options.runtime.loras = Some(folder.join("disk/loras"));
    let mut harness = Harness::builder()
        .with_size(size)
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    wait(&mut harness, "searching", |app| app.found_models().is_some() && !app.is_loading());
    harness
}

/// A LoRA of one layer that reads text vectors of this width, with these metadata.
fn write_lora(path: &Path, width: usize, metadata: &serde_json::Value) {
    let layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
    let (down, up) = (4 * width * 2, 320 * 4 * 2);
    let header = serde_json::json!({
        "__metadata__": metadata,
        format!("{layer}.lora_down.weight"): {"dtype": "F16", "shape": [4, width], "data_offsets": [0, down]},
        format!("{layer}.lora_up.weight"): {"dtype": "F16", "shape": [320, 4], "data_offsets": [down, down + up]},
    });
    write_tensors(path, &header.to_string(), down + up);
}

fn write_tensors(path: &Path, header: &str, length: usize) {
    std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; length]].concat();
    std::fs::write(path, bytes).expect("writes");
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    // As a hand does it: the pointer is there before it is pressed.
    harness.get_by_label(label).hover();
    harness.run_steps(2);
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn shows(harness: &Harness<'static, App>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).next().is_some()
}

#[test]
fn a_found_model_is_used_and_the_filter_finds_it() {
    let folder = tempfile::tempdir().expect("folder");
    let pear = second_model(&folder.path().join("disk"), "pear");
    second_model(&folder.path().join("disk"), "plum");
    let mut harness = window(folder.path());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::M);
    harness.run_steps(3);
    assert!(shows(&harness, "2 files found"));
    assert!(harness.query_by_label("Use the model plum").is_some());
    // The filter has the keyboard.
    harness.event(egui::Event::Text("PEAR".into()));
    harness.run_steps(3);
    assert!(harness.query_by_label("Use the model plum").is_none());
    click(&mut harness, "Use the model pear");
    assert_eq!(*harness.state().chosen_model(), pear);
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert!(shows(&harness, "in use"));
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Use the model pear").is_none(), "the window is closed");
}

/// Opens the list of models in the settings.
fn open_list(harness: &mut Harness<'static, App>) {
    harness.get_by_role_and_label(Role::ComboBox, "Model").click_accesskit();
    harness.run_steps(3);
}

#[test]
fn the_settings_offer_the_models_that_were_found_and_can_be_used() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join("disk").join(name);
    let pear = second_model(&at(""), "pear");
    let plum = second_model(&at("more"), "plum");
    second_model(&at(""), "plum");
    // A checkpoint by its names, which is too small to be run.
    let tensor =
        r#"{"model.diffusion_model.input_blocks.0.0.weight":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#;
    write_tensors(&at("stub.safetensors"), tensor, 2);
    write_lora(&at("loras/ink.safetensors"), 128, &serde_json::json!({}));
    let mut harness = window(folder.path());
    assert_eq!(harness.state().found_models(), Some(5));
    open_list(&mut harness);
    assert!(harness.query_by_label("stub").is_none() && harness.query_by_label("ink").is_none());
    harness.get_by_label(&format!("plum ({})", at("").display().to_string().trim_end_matches('/')));
    harness.get_by_label("pear").click();
    harness.run_steps(3);
    assert_eq!(*harness.state().chosen_model(), pear);
    wait(&mut harness, "loading", |app| !app.is_loading());
    open_list(&mut harness);
    assert_eq!(harness.query_all_by_label("pear").count(), 1, "what was chosen is not listed twice");
    let name = format!("plum ({})", at("more").display());
    harness.get_by_label(&name).click();
    harness.run_steps(3);
    assert_eq!(*harness.state().chosen_model(), plum);
    wait(&mut harness, "loading", |app| !app.is_loading());
    let list = harness.get_by_role_and_label(Role::ComboBox, "Model");
    assert_eq!(list.value(), Some(name), "the list shows it as the search calls it");
}

#[test]
fn with_many_models_the_other_entries_of_the_list_stay_in_view() {
    let folder = tempfile::tempdir().expect("folder");
    for number in 0..25 {
        second_model(&folder.path().join("disk"), &format!("model{number:02}"));
    }
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1024.0, 600.0));
    let mut harness = window_of_size(folder.path(), screen.size());
    assert_eq!(harness.state().found_models(), Some(25));
    open_list(&mut harness);
    for entry in ["starter", "model00", "Models…", "Choose a file…", "Choose a folder…"] {
        let places: Vec<egui::Rect> = harness.query_all_by_label(entry).map(|node| node.rect()).collect();
        assert!(places.iter().any(|place| screen.contains_rect(*place)), "{entry}: {places:?}");
    }
}

#[test]
fn every_row_is_reached_with_the_keyboard() {
    let folder = tempfile::tempdir().expect("folder");
    for number in 0..30 {
        let name = format!("disk/loras/ink{number:02}.safetensors");
        write_lora(&folder.path().join(name), 128, &serde_json::json!({}));
    }
    let mut harness = window(folder.path());
    perform(&mut harness, ModelPanelCommand::Open);
    harness.run_steps(2);
    let mut reached = false;
    for _ in 0..120 {
        harness.key_press(Key::Tab);
        harness.run_steps(2);
        let last = harness.query_by_label("Add ink29 to the prompt");
        reached = last.is_some_and(|node| node.accesskit_node().is_focused());
        if reached {
            break;
        }
    }
    assert!(reached, "the last row has the keyboard");
    harness.key_press(Key::Space);
    harness.run_steps(3);
    assert!(harness.state().settings().prompt.ends_with(", <lora:ink29:1>"), "{}", harness.state().settings().prompt);
}

#[test]
fn loras_say_their_trigger_words_and_those_for_another_family_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join("disk").join(name);
    write_lora(&at("loras/wash.safetensors"), 128, &serde_json::json!({"modelspec.trigger_phrase": "ink wash, fog"}));
    write_lora(&at("loras/large.safetensors"), 2048, &serde_json::json!({}));
    write_lora(&at("others/line.safetensors"), 128, &serde_json::json!({}));
    image::RgbImage::from_pixel(60, 60, image::Rgb([9, 90, 200])).save(at("loras/wash.png")).expect("writes");
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().prompt = "a hill".into();
    perform(&mut harness, ModelPanelCommand::Open);
    harness.run_steps(2);
    click(&mut harness, "Add wash to the prompt");
    click(&mut harness, "Add the trigger word ink wash to the prompt");
    assert_eq!(harness.state().settings().prompt, "a hill, <lora:wash:1>, ink wash");
    let refused = harness.get_by_label("Add large to the prompt");
    assert!(refused.accesskit_node().is_disabled(), "it is for SDXL");
    assert!(shows(&harness, "large.safetensors is a LoRA for SDXL") || shows(&harness, "SDXL"));
    // A LoRA elsewhere is found by its name too.
    click(&mut harness, "Add line to the prompt");
    assert_eq!(harness.state().settings().prompt, "a hill, <lora:wash:1>, ink wash, <lora:line:1>");
}

#[test]
fn the_catalogue_says_what_is_not_here_and_how_to_fetch_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ModelPanelCommand::Open);
    click(&mut harness, "Catalogue");
    assert!(shows(&harness, "not here") && shows(&harness, "Licence of Stable Diffusion 1.5: CreativeML"));
    click(&mut harness, "Copy the command that fetches Stable Diffusion 1.5");
    assert_eq!(harness.state().status(), "Copied: underpaint models fetch sd15");
}

#[test]
fn folders_are_added_and_removed_in_the_window() {
    let folder = tempfile::tempdir().expect("folder");
    let more = folder.path().join("more");
    second_model(&more, "plum");
    let mut harness = window(folder.path());
    assert_eq!(harness.state().found_models(), Some(0));
    perform(&mut harness, ModelPanelCommand::Open);
    perform(&mut harness, ModelPanelCommand::Show(ModelSection::Folders));
    harness.get_by_label("Folder").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text(more.display().to_string()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    wait(&mut harness, "searching", |app| app.found_models() == Some(1));
    let kept = NamedFolders::read(Some(&folder.path().join("own")));
    assert!(kept.list().contains(&more));
    click(&mut harness, &format!("Do not search {}", more.display()));
    wait(&mut harness, "searching", |app| app.found_models() == Some(0));
    perform(&mut harness, ModelPanelCommand::AddFolder("relative".into()));
    assert!(harness.state().status().contains("is no absolute path"), "{}", harness.state().status());
}

#[test]
fn a_hash_is_computed_and_finds_the_model_of_an_opened_picture() {
    let folder = tempfile::tempdir().expect("folder");
    let pear = second_model(&folder.path().join("disk"), "pear");
    // A checkpoint by its names, which is too small to be run.
    let tensor =
        r#"{"model.diffusion_model.input_blocks.0.0.weight":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#;
    let file = folder.path().join("disk/renamed.safetensors");
    write_tensors(&file, tensor, 2);
    let hash = {
        use sha2::Digest;
        format!("{:x}", sha2::Sha256::digest(std::fs::read(&file).expect("reads")))[..10].to_owned()
    };
    let mut harness = window(folder.path());
    let picture = |name: &str, hash: &str| -> PathBuf {
        let made_with = MadeWith { model_hash: hash.into(), ..MadeWith::default() };
        let recipe = Recipe { model: name.into(), settings: Settings::default(), made_with, ..Recipe::default() };
        let bytes = encode_png(&image::RgbImage::new(64, 64), Some(&recipe.infotext())).expect("encodes");
        let path = folder.path().join(format!("{name}.png"));
        std::fs::write(&path, bytes).expect("writes");
        path
    };
    let path = picture("unknown", "0123456789");
    perform(&mut harness, FileCommand::Open(path));
    wait(&mut harness, "opening", |app| app.status().contains("unknown") || !app.status().is_empty());
    until_shown(&mut harness, "It was made with the model unknown, which is not here.");
    perform(&mut harness, FileCommand::Open(picture("original", &hash)));
    until_shown(&mut harness, "It was made with the model original, which is here.");
    perform(&mut harness, ModelPanelCommand::Open);
    until_shown(&mut harness, &hash);
    perform(&mut harness, ModelPanelCommand::Close);
    perform(&mut harness, FileCommand::Open(picture("pear", "")));
    until_shown(&mut harness, "It was made with the model pear, which is here.");
    click(&mut harness, "Use its model");
    assert_eq!(*harness.state().chosen_model(), pear);
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert!(shows(&harness, "which is in use"));
    perform(&mut harness, FileCommand::Open(picture("starter", "")));
    until_shown(&mut harness, "It was made with the model starter, which is here.");
    click(&mut harness, "Use its model");
    assert_eq!(*harness.state().chosen_model(), ModelChoice::Starter);
}

/// Lets the window live until it shows a text.
fn until_shown(harness: &mut Harness<'static, App>, text: &str) {
    let begun = std::time::Instant::now();
    while !shows(harness, text) {
        assert!(begun.elapsed().as_secs() < 120, "{text} is never shown; {}", harness.state().status());
        std::thread::sleep(std::time::Duration::from_millis(10));
        harness.step();
    }
    harness.run_steps(2);
}
