//! Reused deep features here and in PyTorch: the same predictions, and the same pictures at the end.
//!
//! tests/fixtures/deepcache.py wrote the reference and says how; weights are made by the rule of model_kinds.py.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use candle_core::{Device, Tensor};
use image::RgbImage;
use serde_json::Value;

use super::control_tests::{control, diffusers_file, hint};
use super::kind_tests::{fixture, gap, pixels, residuals, write};
use crate::diffusion::LocalEngine;
use crate::diffusion::model::Model;
use crate::diffusion::networks::unet::Conditions;
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, ControlHint, ControlMode, ControlSettings, Dtype, Engine, Event, ModelChoice, Plan, Request, Rng, Runtime,
    Sampler, Schedule, Settings,
};

fn tensors(name: &str) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(fixture(name), &Device::Cpu).expect("reads")
}

fn kinds() -> Value {
    serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON")
}

fn model(folder: &Path, kind: &str) -> ModelChoice {
    write(folder, &kinds()["kinds"][kind]);
    ModelChoice::from(folder)
}

#[test]
fn predictions_with_a_reused_feature_are_those_of_pytorch() {
    let (inputs, reference, watch) =
        (tensors("model_kinds.safetensors"), tensors("deepcache.safetensors"), Watch::default());
    let latent = &inputs["latent"];
    let mirror = Tensor::arange_step(latent.dim(3).expect("width") as i64 - 1, -1, -1, &Device::Cpu).expect("places");
    let other = latent.index_select(&mirror, 3).and_then(|t| t * 0.8).expect("mirrored");
    for kind in ["sd1", "bk_sdm"] {
        let folder = tempfile::tempdir().expect("folder");
        let model = Model::load_for_test(&model(folder.path(), kind), Dtype::F32).expect("loads");
        let states = &inputs[&format!("{kind}.states")];
        let of = |timestep| Conditions { timestep, states, cfg_scale: 1.0, residuals: None, regions: None };
        let (whole, deep) = model.unet.forward_keeping(latent, &of(600.0), &watch).expect("predicts");
        let bits = |t: &Tensor| t.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("numbers");
        let plain = model.unet.forward(latent, &of(600.0), &watch).expect("predicts");
        assert_eq!(bits(&whole), bits(&plain), "keeping a feature changes nothing");
        let again = model.unet.forward_reusing(latent, &deep, &of(600.0), &watch).expect("predicts");
        assert_eq!(bits(&again), bits(&plain), "where nothing has changed the feature is the right one");
        let reused = model.unet.forward_reusing(&other, &deep, &of(412.5), &watch).expect("predicts");
        let mut residuals = residuals(&model.unet_config, latent);
        residuals.skips.truncate(2);
        residuals.middle = None;
        let controlled = Conditions { residuals: Some(&residuals), ..of(412.5) };
        let controlled = model.unet.forward_reusing(&other, &deep, &controlled, &watch).expect("predicts");
        for (name, ours) in [("600", whole), ("412", reused), ("residuals", controlled)] {
            let gap = gap(&ours, &reference[&format!("{kind}.{name}")]);
            println!("{kind}, {name}: {gap:e}");
            assert!(gap < 1e-4, "{kind}, {name}: {gap}");
        }
    }
}

fn settings() -> Settings {
    let about = kinds();
    let text = |name: &str| about[name].as_str().expect("text").to_owned();
    Settings {
        prompt: text("prompt"),
        negative: text("negative"),
        steps: 20,
        cfg_scale: 6.0,
        seed: 42,
        batch: 1,
        width: 64,
        height: 64,
        sampler: Sampler::DpmPp2m,
        schedule: Schedule::Karras,
        rng: Rng::Cpu,
        ..Settings::default()
    }
}

/// The pictures of these settings from the reference's start image.
fn made(engine: &mut LocalEngine, model: &ModelChoice, settings: Settings) -> Vec<RgbImage> {
    let start = Arc::new(pixels(&tensors("model_kinds.safetensors")["image"]));
    let hints = vec![ControlHint::Picture(Arc::new(hint(64, 64))); settings.controls.len()];
    let request = Request::planned(model.clone(), settings, Plan { hints, ..Plan::default() }, Some(start));
    let mut made = Vec::new();
    let on_event = &mut |event| {
        if let Event::Finished(finished) = event {
            made.push(finished.picture);
        }
    };
    engine.generate(&request, &Cancel::default(), on_event).expect("runs");
    made
}

fn engine() -> LocalEngine {
    LocalEngine::new(Runtime { dtype: Dtype::F32, ..Runtime::default() })
}

#[test]
fn pictures_with_reused_features_are_those_of_the_reference() {
    let folder = tempfile::tempdir().expect("folder");
    let (model, file) = (model(&folder.path().join("model"), "sd1"), diffusers_file(folder.path()));
    let (reference, mut engine) = (tensors("deepcache.safetensors"), engine());
    let soft = ControlSettings { mode: ControlMode::Prompt, ..control(&file) };
    let window = ControlSettings { weight: 1.2, start: 0.2, end: 0.6, ..control(&file) };
    let usual = settings();
    for (name, settings) in [
        ("every_third", Settings { reuse: 3, ..usual.clone() }),
        ("partly_guided", Settings { reuse: 2, guided: 0.6, ..usual.clone() }),
        ("heun", Settings { reuse: 3, sampler: Sampler::Heun, ..usual.clone() }),
        ("control", Settings { reuse: 3, controls: vec![soft], ..usual.clone() }),
        ("window", Settings { reuse: 4, controls: vec![window], ..usual.clone() }),
    ] {
        let made = made(&mut engine, &model, settings).remove(0);
        let want: Vec<u8> =
            reference[&format!("picture.{name}")].flatten_all().and_then(|t| t.to_vec1()).expect("bytes");
        let worst = made.iter().zip(&want).map(|(a, b)| a.abs_diff(*b)).max();
        println!("{name}: a pixel differs by at most {worst:?}");
        assert!(worst <= Some(1), "{name}: a pixel differs by {worst:?}");
    }
}

#[test]
fn a_picture_with_reused_features_is_the_same_alone_and_in_a_batch() {
    let folder = tempfile::tempdir().expect("folder");
    let (model, mut engine) = (model(folder.path(), "sd1"), engine());
    // Prompts joined with AND take several passes; words that change are a reason to run the whole UNet.
    let prompt = "a green apple AND [a pear:a plum:0.5] AND water".to_owned();
    let settings = Settings { prompt, steps: 8, reuse: 3, batch: 2, guided: 0.7, ..settings() };
    let both = made(&mut engine, &model, settings.clone());
    let alone = made(&mut engine, &model, Settings { seed: 43, batch: 1, ..settings.clone() });
    assert!(both[1] == alone[0]);
    let whole = made(&mut engine, &model, Settings { reuse: 1, batch: 1, ..settings.clone() });
    assert!(both[0] != whole[0], "features are reused");
    // As in the web UI the first text counts for two evaluations, the others for one each: only the second can reuse.
    let alternating = Settings { prompt: "[a pear|a plum]".into(), batch: 1, ..settings };
    let mut of = |reuse| made(&mut engine, &model, Settings { reuse, ..alternating.clone() });
    let reused = of(3);
    assert!(reused == of(10) && reused == of(2), "another text is a reason to run the whole UNet");
    assert!(reused != of(1));
}
