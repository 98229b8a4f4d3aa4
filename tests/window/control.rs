//! Follow my lines: the section among the settings, the lines over the canvas, and what a round remembers.

use std::path::{Path, PathBuf};

use egui::Event;
use egui::accesskit::{Role, Toggled};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::engine::{ControlHint, ControlMode, ControlSettings, ControlSource, Preprocessor, SecondPass};
use underpaint::picture::read_parameters;
use underpaint::ui::{
    App, CanvasCommand, ControlCommand, FileCommand, LayerCommand, Paper, RefineCommand, ResultCommand, RoundCommand,
    SecondPassChoice, SettingsCommand,
};

use crate::harness::{drag_canvas, perform, release, results, stored, wait, window_of_size};

const TITLE: &str = "Follow my lines";

fn window(folder: &Path, height: f32) -> Harness<'static, App> {
    let mut harness = window_of_size(folder, egui::vec2(1320.0, height), 1.0, Some(folder.join("data")));
    wait(&mut harness, "the model", |app| !app.is_loading());
    perform(&mut harness, CanvasCommand::Example);
    harness.state_mut().settings_mut().batch = 1;
    harness
}

fn network(folder: &Path) -> PathBuf {
    let path = folder.join("my-lines.safetensors");
    crate::control_file::write_control(&path);
    path
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn choose(harness: &mut Harness<'static, App>, list: &str, entry: &str) {
    harness.get_by_role_and_label(Role::ComboBox, list).click();
    harness.run_steps(3);
    harness.get_by_label(entry).click();
    harness.run_steps(3);
    harness.event(Event::PointerGone);
    harness.run_steps(2);
}

fn control(app: &App) -> &ControlSettings {
    app.settings().controls.first().expect("a control")
}

fn generate(harness: &mut Harness<'static, App>, round: usize) {
    perform(harness, RoundCommand::Generate);
    wait(harness, "the round", |app| !app.is_running() && !results(app, round).is_empty());
}

#[test]
fn without_a_network_the_section_says_how_to_get_one() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), 1900.0);
    assert!(harness.query_by_label("Use a ControlNet").is_none(), "the section is folded");
    click(&mut harness, TITLE);
    let switch = harness.get_by_label("Use a ControlNet");
    assert!(switch.accesskit_node().is_disabled());
    assert!(harness.query_by_label_contains("No ControlNet was found on this machine").is_some());
    assert!(harness.query_by_role_and_label(Role::Button, "Models…").is_some());
    perform(&mut harness, ControlCommand::UseModel(0, network(folder.path())));
    harness.run_steps(2);
    assert!(harness.query_by_label("Follow my lines (on)").is_some(), "the section stays open under its new title");
    let switch = harness.get_by_label("Use a ControlNet");
    assert_eq!(switch.accesskit_node().toggled(), Some(Toggled::True));
    click(&mut harness, "Use a ControlNet");
    assert!(harness.state().settings().controls.is_empty());
    click(&mut harness, "Use a ControlNet");
    assert_eq!(control(harness.state()).model, folder.path().join("my-lines.safetensors"), "it is kept");
}

#[test]
fn a_round_follows_the_lines_remembers_them_and_a_saved_picture_brings_them_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), 1900.0);
    harness.state_mut().settings_mut().seed = 7;
    generate(&mut harness, 1);
    perform(&mut harness, ControlCommand::UseModel(0, network(folder.path())));
    click(&mut harness, "Follow my lines (on)");
    choose(&mut harness, "Preprocessor", "XDoG");
    choose(&mut harness, "Balance", "Control first");
    harness.state_mut().settings_mut().controls[0].weight = 0.8;
    harness.state_mut().settings_mut().seed = 7;
    generate(&mut harness, 2);
    let app = harness.state();
    assert!(results(app, 1) != results(app, 2), "the control changes the picture");
    let round = app.rounds().get(2).expect("round 2");
    let want = ControlSettings {
        model: folder.path().join("my-lines.safetensors"),
        preprocessor: Preprocessor::Xdog,
        weight: 0.8,
        mode: ControlMode::Control,
        ..ControlSettings::default()
    };
    assert_eq!((&round.settings.controls, &round.plan.hints), (&vec![want.clone()], &vec![ControlHint::StartImage]));
    wait(&mut harness, "keeping", App::is_kept);
    let path = harness.state().document_path().expect("a file").to_path_buf();
    let kept = stored(&path);
    let kept = kept.rounds().get(2).expect("round 2");
    assert_eq!((&kept.settings.controls, &kept.plan.hints), (&vec![want.clone()], &vec![ControlHint::StartImage]));

    // The saved picture says it, and opening that sets it again.
    let files = || std::fs::read_dir(folder.path()).expect("lists").flatten().map(|entry| entry.path());
    let said = |file: &PathBuf| {
        read_parameters(file).is_some_and(|text| text.contains("Module: scribble_xdog, Model: my-lines"))
    };
    let picture = files().find(said).expect("the result's file");
    harness.state_mut().settings_mut().controls.clear();
    perform(&mut harness, FileCommand::Open(picture));
    wait(&mut harness, "opening", |app| app.status().contains(".png"));
    perform(&mut harness, SettingsCommand::UseOffered);
    assert_eq!(*control(harness.state()), want, "the name leads to the file that an earlier round used");
}

#[test]
fn a_layer_is_followed_also_from_noise_and_its_picture_is_in_the_document() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), 860.0);
    perform(&mut harness, LayerCommand::Add);
    let ink = harness.state().document().layers().current();
    drag_canvas(&mut harness, (40.0, 40.0), (200.0, 180.0));
    release(&mut harness);
    perform(&mut harness, ControlCommand::UseModel(0, network(folder.path())));
    {
        let mut settings = harness.state_mut().settings_mut();
        settings.controls[0].source = ControlSource::Layer(ink.0);
        (settings.strength, settings.seed) = (1.0, 7);
    }
    let followed = harness.state().document().control_picture(&ControlSource::Layer(ink.0)).expect("the layer");
    generate(&mut harness, 1);
    let round = harness.state().rounds().get(1).expect("round 1");
    let [ControlHint::Picture(hint)] = &round.plan.hints[..] else { panic!("a picture of its own") };
    assert!(**hint == followed && round.start.is_none());
    wait(&mut harness, "keeping", App::is_kept);
    let path = harness.state().document_path().expect("a file").to_path_buf();
    assert!(stored(&path).rounds().get(1).expect("round 1").plan.hints == round_hints(&harness, 1));
    // A layer that is gone is told, and nothing is queued.
    harness.state_mut().settings_mut().controls[0].source = ControlSource::Layer(9_999);
    perform(&mut harness, RoundCommand::Generate);
    assert!(harness.state().status().contains("The layer that the lines come from is not there any more"));
    harness.state_mut().settings_mut().controls[0] =
        ControlSettings { model: "control_of_somebody".into(), ..ControlSettings::default() };
    perform(&mut harness, RoundCommand::Generate);
    assert!(harness.state().status().contains("The ControlNet control_of_somebody is not on this machine"));
    assert_eq!(harness.state().rounds().count(), 1);
}

fn round_hints(harness: &Harness<'static, App>, round: usize) -> Vec<ControlHint> {
    harness.state().rounds().get(round).expect("the round").plan.hints.clone()
}

#[test]
fn the_lines_lie_over_the_canvas_and_an_old_state_is_never_shown() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), 860.0);
    perform(&mut harness, ControlCommand::UseModel(0, network(folder.path())));
    let shows = |harness: &Harness<'static, App>| harness.query_by_label("Line art of the sketch").is_some();
    harness.run_steps(3);
    assert!(!shows(&harness), "off until it is asked for");
    perform(&mut harness, ControlCommand::ShowLines(true));
    let appears = |harness: &mut Harness<'static, App>| {
        for _ in 0..2000 {
            if harness.query_by_label("Line art of the sketch").is_some() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
            harness.step();
        }
        panic!("the lines never came");
    };
    appears(&mut harness);
    let before = harness.state().document().picture();
    drag_canvas(&mut harness, (60.0, 60.0), (190.0, 150.0));
    harness.step();
    assert!(!shows(&harness), "not while a stroke is painted");
    release(&mut harness);
    appears(&mut harness);
    assert!(harness.state().document().picture() != before, "one can paint while they are shown");
    harness.state_mut().settings_mut().controls[0].preprocessor = Preprocessor::Canny;
    harness.step();
    assert!(!shows(&harness), "another preprocessor, other lines");
    perform(&mut harness, ControlCommand::ShowLines(false));
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("of the sketch").is_none());
}

#[test]
fn a_result_is_made_larger_along_the_lines_of_its_round() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), 860.0);
    perform(&mut harness, ControlCommand::UseModel(0, network(folder.path())));
    {
        let mut settings = harness.state_mut().settings_mut();
        (settings.width, settings.height, settings.seed) = (64, 64, 7);
        settings.controls[0].weight = 2.0;
    }
    harness.run_steps(2);
    let sketch = harness.state().document().picture();
    generate(&mut harness, 1);
    assert_eq!(round_hints(&harness, 1), [ControlHint::StartImage]);
    // What is on the canvas now has no part in it.
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    let pass = SecondPass { overlap: 32, ..SecondPass::default() };
    let choice = |follows| Box::new(SecondPassChoice { pass: pass.clone(), tile: 64, strength: 0.8, follows });
    for (round, follows) in [(2, true), (3, false)] {
        perform(&mut harness, RefineCommand::Upscale(1, 0, choice(follows)));
        wait(&mut harness, "the round", |app| {
            !app.is_running() && app.rounds().count() == round && !results(app, round).is_empty()
        });
    }
    let app = harness.state();
    let controls = |round: usize| app.rounds().get(round).expect("the round").settings.controls.clone();
    assert_eq!((controls(2), controls(3)), (controls(1), Vec::new()));
    let [ControlHint::Picture(followed)] = &round_hints(&harness, 2)[..] else { panic!("a picture of its own") };
    assert!(**followed == sketch, "the start image of the round, not the result");
    assert_eq!(results(app, 2)[0].dimensions(), (128, 128));
    assert!(results(app, 2) != results(app, 3), "the control changes the picture");
    wait(&mut harness, "keeping", App::is_kept);
    perform(&mut harness, ResultCommand::RunAgain(2, 0));
    wait(&mut harness, "the comparison", |app| !app.is_running() && app.status().contains("same"));
}
