//! The model shown as chosen is the model that paints.

use std::path::Path;

use egui_kittest::kittest::Queryable;
use underpaint::document::ResultId;
use underpaint::engine::ModelChoice;
use underpaint::ui::{App, CanvasCommand, ModelCommand, RoundCommand};

use crate::harness::{perform, wait, window};

/// A copy of the built-in model in a folder of this name.
pub fn second_model(folder: &Path, name: &str) -> ModelChoice {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("folder");
        for entry in std::fs::read_dir(from).expect("lists") {
            let entry = entry.expect("entry");
            let target = to.join(entry.file_name());
            if entry.file_type().expect("type").is_dir() {
                copy(&entry.path(), &target);
            } else {
                std::fs::hard_link(entry.path(), &target)
                    .or_else(|_| std::fs::copy(entry.path(), &target).map(|_| ()))
                    .expect("copies");
            }
        }
    }
    let to = folder.join(name);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter"), &to);
    ModelChoice::Path(to)
}

fn painted_by(app: &App, round: usize) -> Option<String> {
    Some(app.rounds().result(ResultId { round, image: 0 })?.recipe.model.clone())
}

#[test]
fn a_model_that_is_still_loading_paints_the_next_round() {
    let folder = tempfile::tempdir().expect("folder");
    let pear = second_model(folder.path(), "pear");
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().batch = 1;
    wait(&mut harness, "loading", |app| !app.is_loading());
    perform(&mut harness, CanvasCommand::Example);
    harness.state_mut().perform(ModelCommand::Use(pear.clone()));
    harness.state_mut().perform(RoundCommand::Generate);
    assert!(harness.state().is_loading(), "the round was started before the model was there");
    while harness.state().is_running() {
        harness.step();
        assert_eq!(*harness.state().chosen_model(), pear, "the choice never jumps back");
    }
    assert_eq!(painted_by(harness.state(), 1).as_deref(), Some("pear"));
    assert!(!harness.state().is_loading());
}

#[test]
fn a_model_chosen_while_another_loads_is_the_one_shown_and_used() {
    let folder = tempfile::tempdir().expect("folder");
    let (plum, pear) = (second_model(folder.path(), "plum"), second_model(folder.path(), "pear"));
    let mut harness = window(folder.path());
    harness.state_mut().perform(ModelCommand::Use(plum));
    harness.state_mut().perform(ModelCommand::Use(pear.clone()));
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert_eq!(*harness.state().chosen_model(), pear);
    let shown = harness.query_all_by_label("Model").any(|node| node.value().as_deref() == Some("pear"));
    assert!(shown, "the list shows pear as loaded");
}

#[test]
fn a_model_that_cannot_be_loaded_is_told_and_the_choice_returns() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    wait(&mut harness, "loading", |app| !app.is_loading());
    perform(&mut harness, ModelCommand::Use(ModelChoice::Path("/no/such/model".into())));
    wait(&mut harness, "the refusal", |app| app.status().contains("/no/such/model"));
    assert_eq!(*harness.state().chosen_model(), ModelChoice::Starter);
    assert!(!harness.state().is_loading());
}
