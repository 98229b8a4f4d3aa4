//! T2I-Adapters here and in diffusers, on random weights.
//!
//! tests/fixtures/adapter.py wrote the reference and says how; weights are made by the rule of model_kinds.py.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use serde_json::{Value, json};

use super::control_tests::{control, engine, hint, model, request, values};
use super::kind_tests::{fixture, gap, weight};
use crate::diffusion::files::adapter::AdapterFile;
use crate::diffusion::files::inspect::inspect_model;
use crate::diffusion::model::Model;
use crate::diffusion::networks::adapter::{AdapterConfig, T2iAdapter};
use crate::diffusion::networks::unet::{Conditions, Residuals};
use crate::diffusion::watch::Watch;
use crate::engine::{Cancel, ControlMode, ControlSettings, Dtype, Engine, Event, Request, Settings};

fn about(name: &str) -> Value {
    let all: Value = serde_json::from_slice(&std::fs::read(fixture("adapter.json")).expect("reads")).expect("JSON");
    all[name].clone()
}

/// The adapter of this name under the names of this layout, in a file or folder.
fn write(folder: &Path, name: &str, layout: &str) -> PathBuf {
    let about = about(name);
    let shapes: BTreeMap<String, Vec<usize>> = serde_json::from_value(about["shapes"].clone()).expect("shapes");
    let tensors: HashMap<String, Tensor> = match layout {
        "original" => {
            let names: BTreeMap<String, String> = serde_json::from_value(about["original"].clone()).expect("names");
            names.into_iter().map(|(theirs, ours)| (theirs, weight(&ours, &shapes[&ours]))).collect()
        }
        _ => shapes.iter().map(|(name, shape)| (format!("adapter.{name}"), weight(name, shape))).collect(),
    };
    let path = match layout {
        "folder" => {
            let inner = folder.join(name);
            std::fs::create_dir_all(&inner).expect("folder");
            let config = json!({"_class_name": "T2IAdapter", "adapter_type": "full_adapter"});
            std::fs::write(inner.join("config.json"), config.to_string()).expect("writes");
            inner.join("diffusion_pytorch_model.safetensors")
        }
        _ => folder.join(format!("{name}.safetensors")),
    };
    candle_core::safetensors::save(&tensors, &path).expect("writes");
    if layout == "folder" { folder.join(name) } else { path }
}

fn channels_first(x: &Tensor) -> Tensor {
    x.permute((0, 3, 1, 2)).and_then(|t| t.contiguous()).expect("permutes")
}

#[test]
fn every_layout_gives_the_features_and_the_prediction_of_diffusers() {
    let reference = candle_core::safetensors::load(fixture("adapter.safetensors"), &Device::Cpu).expect("reads");
    let kinds = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let (folder, watch) = (tempfile::tempdir().expect("folder"), Watch::default());
    let model = Model::load_for_test(&model(folder.path()), Dtype::F32).expect("loads");
    for name in ["color", "grey"] {
        for layout in ["diffusers", "original", "folder"] {
            let path = write(folder.path(), name, layout);
            let file = AdapterFile::open(&path).expect("opens").expect("an adapter");
            let config = AdapterConfig::new(&path, &file.shapes(), &model.unet_config, model.vae.factor).expect("fits");
            let adapter = T2iAdapter::load(&file, &config, &model.device, &watch).expect("loads");
            let odd = adapter.features(&values(&hint(30, 22)), &watch).expect("runs");
            for (level, features) in odd.iter().enumerate() {
                let gap = gap(&channels_first(features), &reference[&format!("{name}.{level}")]);
                assert!(gap < 1e-4, "{name}, {layout}, level {level}: {gap}");
            }
            let even = adapter.features(&values(&hint(32, 32)), &watch).expect("runs");
            let twice = |t: &Tensor| (Tensor::cat(&[t, t], 0)? * 0.7).and_then(|t| t.contiguous());
            let levels = even.iter().map(twice).collect::<candle_core::Result<Vec<_>>>().expect("both rows");
            let residuals = Residuals { levels, ..Residuals::default() };
            let states = &kinds["sd1.states"];
            let conditions =
                Conditions { timestep: 412.5, states, cfg_scale: 1.0, residuals: Some(&residuals), regions: None };
            let ours = model.unet.forward(&reference["latent"], &conditions, &watch).expect("unet");
            let gap = gap(&ours, &reference[&format!("{name}.unet")]);
            println!("{name}, {layout}: {gap:e}");
            assert!(gap < 1e-4, "{name}, {layout}: {gap}");
            let report = inspect_model(&path);
            assert!(report.usable && report.sentence.contains("is a T2I-Adapter; use it"), "{}", report.sentence);
        }
    }
}

fn in_few_steps(request: Request) -> Request {
    Request { settings: Settings { steps: 6, ..request.settings.clone() }, ..request }
}

fn made(request: &Request) -> Vec<u8> {
    let mut pictures = Vec::new();
    engine()
        .generate(request, &Cancel::default(), &mut |event| {
            if let Event::Finished(made) = event {
                pictures.extend(made.picture.into_raw());
            }
        })
        .expect("makes it");
    pictures
}

#[test]
fn an_adapter_is_a_control_with_weight_window_and_modes() {
    let folder = tempfile::tempdir().expect("folder");
    let model = model(folder.path());
    let path = write(folder.path(), "color", "diffusers");
    let plain = made(&in_few_steps(request(&model, Vec::new())));
    let of = |change: fn(&mut ControlSettings)| {
        let mut control = control(&path);
        change(&mut control);
        made(&in_few_steps(request(&model, vec![control])))
    };
    let whole = of(|_| {});
    assert_ne!(whole, plain);
    assert_eq!(of(|control| control.weight = 0.0), plain, "not run");
    assert_eq!(of(|control| (control.start, control.end) = (0.0, 0.0)), plain, "in no step");
    assert_eq!(of(|_| {}), whole, "the same again");
    let others = [
        of(|control| control.weight = 0.5),
        of(|control| control.end = 0.5),
        of(|control| control.mode = ControlMode::Prompt),
        of(|control| control.mode = ControlMode::Control),
    ];
    for (index, other) in others.iter().enumerate() {
        assert!(*other != plain && *other != whole && !others[..index].contains(other), "{index}");
    }
    // Two of half the weight are one.
    let half = || ControlSettings { weight: 0.5, ..control(&path) };
    let both = made(&in_few_steps(request(&model, vec![half(), half()])));
    let far = both.iter().zip(&whole).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(far <= Some(1), "{far:?}");
}

#[test]
fn an_adapter_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let model = model(folder.path());
    let save = |name: &str, shapes: &[(&str, &[usize])]| {
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("zeros");
        let tensors: HashMap<String, Tensor> =
            shapes.iter().map(|(name, shape)| ((*name).to_owned(), zeros(shape))).collect();
        let path = folder.path().join(name);
        candle_core::safetensors::save(&tensors, &path).expect("writes");
        path
    };
    let block = ("adapter.body.0.resnets.0.block1.weight", &[320, 320, 3, 3][..]);
    for (path, says) in [
        (save("xl", &[("adapter.conv_in.weight", &[320, 768, 3, 3]), block]), "is a T2I-Adapter for SDXL"),
        (save("light", &[("adapter.body.0.out_conv.weight", &[320, 160, 1, 1]), block]), "of the light kind"),
        (save("half", &[block]), "of which a part is missing"),
        (
            save("wide", &[("adapter.conv_in.weight", &[320, 12, 3, 3]), block]),
            "does not fit this model: its levels have",
        ),
        (save("deep", &[("adapter.conv_in.weight", &[320, 20, 3, 3]), block]), "takes 20 channels"),
    ] {
        let request = request(&model, vec![control(&path)]);
        let error = engine().generate(&request, &Cancel::default(), &mut |_| {}).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
    }
}
