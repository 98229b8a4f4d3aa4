//! Quality and Quick, the estimate above Generate, and stopping a load.

use std::path::Path;

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::engine::{ModelChoice, Sampler, Settings};
use underpaint::ui::{App, ModelCommand};

use crate::harness::{perform, wait, window};
use crate::models::second_model;

/// A LoRA by name, which is all that a preset looks at.
fn lora(folder: &Path, name: &str) {
    let folder = folder.join("loras");
    std::fs::create_dir_all(&folder).expect("folder");
    std::fs::write(folder.join(format!("{name}.safetensors")), "not read").expect("writes");
}

fn is_disabled(harness: &Harness<'static, App>, label: &str) -> bool {
    harness.get_by_label(label).accesskit_node().is_disabled()
}

#[test]
fn quick_sets_everything_and_quality_takes_it_back() {
    let folder = tempfile::tempdir().expect("folder");
    lora(folder.path(), "Hyper-SD15-4steps-lora");
    let pear = second_model(folder.path(), "pear");
    let mut harness = window(folder.path());
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert!(is_disabled(&harness, "Quick"), "the starter needs no LoRA");
    perform(&mut harness, ModelCommand::Use(pear));
    wait(&mut harness, "loading", |app| !app.is_loading());
    let strength = harness.state().settings().strength;
    assert!(!is_disabled(&harness, "Quick"));
    harness.get_by_label("Quick").click();
    harness.run_steps(3);
    let Settings { steps, sampler, cfg_scale, exact_steps, prompt, .. } = harness.state().settings().clone();
    assert_eq!((steps, sampler, cfg_scale, exact_steps), (4, Sampler::Euler, 1.0, true));
    assert!(prompt.ends_with("<lora:Hyper-SD15-4steps-lora:1>"), "{prompt}");
    assert!(harness.state().status().contains("negative prompt"), "{}", harness.state().status());
    let whole = (4.0 / strength) as usize;
    harness.get_by_label(&format!("4 of {whole} steps run."));
    harness.get_by_label("Quality").click();
    harness.run_steps(3);
    let (settings, recommended) = (harness.state().settings(), harness.state().recommended());
    assert!(!settings.prompt.contains("lora") && !settings.exact_steps);
    assert_eq!(Some(settings.steps), recommended.steps);
    assert_eq!(settings.strength, strength);
}

#[test]
fn quick_says_what_is_missing() {
    let folder = tempfile::tempdir().expect("folder");
    let pear = second_model(folder.path(), "pear");
    let mut harness = window(folder.path());
    perform(&mut harness, ModelCommand::Use(pear));
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert!(is_disabled(&harness, "Quick"), "no LoRA for few steps is here");
}

#[test]
fn what_the_next_round_takes_stands_above_generate_and_follows_the_settings() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    wait(&mut harness, "the estimate", |app| app.estimate().is_some());
    let small = harness.state().estimate().expect("an estimate").clone();
    harness.get_by_label(&small.summary());
    harness.state_mut().settings_mut().width = 1024;
    harness.run_steps(3);
    let large = harness.state().estimate().expect("an estimate").clone();
    assert!(large.seconds > small.seconds && large.memory_bytes > small.memory_bytes, "{small:?}, {large:?}");
    harness.get_by_label(&large.summary());
}

#[test]
fn a_load_that_is_stopped_leaves_the_model_in_use() {
    let folder = tempfile::tempdir().expect("folder");
    let pear = second_model(folder.path(), "pear");
    let mut harness = window(folder.path());
    wait(&mut harness, "loading", |app| !app.is_loading());
    harness.state_mut().perform(ModelCommand::Use(pear.clone()));
    harness.state_mut().perform(ModelCommand::StopLoading);
    wait(&mut harness, "the end of the load", |app| !app.is_loading());
    assert_eq!(*harness.state().chosen_model(), ModelChoice::Starter);
    assert!(harness.state().status().contains("pear was stopped"), "{}", harness.state().status());
    // It stays in the list, and can be loaded.
    perform(&mut harness, ModelCommand::Use(pear.clone()));
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert_eq!(*harness.state().chosen_model(), pear);
}
