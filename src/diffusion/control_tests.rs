//! Control networks here and in diffusers, on random weights: the same residuals, and the same pictures at the end.
//!
//! tests/fixtures/control.py wrote the reference and says how; weights are made by the rule of model_kinds.py.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{DType, Device, Tensor};
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use super::kind_tests::{fixture, gap, pixels, weight, write};
use crate::diffusion::LocalEngine;
use crate::diffusion::files::control::ControlFile;
use crate::diffusion::files::part::{Findings, PartReader};
use crate::diffusion::model::Model;
use crate::diffusion::model_files::ModelFiles;
use crate::diffusion::networks::controlnet::{ControlNet, ControlNetConfig};
use crate::diffusion::networks::unet::{Conditions, ResidualsNeeded};
use crate::diffusion::networks::vae::DIFFUSERS;
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, ControlHint, ControlMode, ControlSettings, DepthMaps, Dtype, Engine, Error, Event, ModelChoice, Plan,
    Preprocessor, Request, Rng, Runtime, Sampler, Schedule, Settings,
};

fn json_of(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(name)).expect("reads")).expect("JSON")
}

fn reference() -> HashMap<String, Tensor> {
    candle_core::safetensors::load(fixture("control.safetensors"), &Device::Cpu).expect("reads")
}

fn shapes() -> BTreeMap<String, Vec<usize>> {
    serde_json::from_value(json_of("control.json")["shapes"].clone()).expect("shapes")
}

fn save(tensors: HashMap<String, Tensor>, path: &Path) -> PathBuf {
    candle_core::safetensors::save(&tensors, path).expect("writes");
    path.to_path_buf()
}

/// The network in one file under diffusers' names.
pub(super) fn diffusers_file(folder: &Path) -> PathBuf {
    let tensors = shapes().into_iter().map(|(name, shape)| (name.clone(), weight(&name, &shape))).collect();
    save(tensors, &folder.join("lines.safetensors"))
}

/// The same in a folder in the diffusers layout.
fn diffusers_folder(folder: &Path) -> PathBuf {
    let inner = folder.join("lines");
    std::fs::create_dir(&inner).expect("folder");
    std::fs::write(inner.join("config.json"), json!({"_class_name": "ControlNetModel"}).to_string()).expect("writes");
    std::fs::rename(diffusers_file(folder), inner.join("diffusion_pytorch_model.safetensors")).expect("moves");
    inner
}

/// The same under the original names, with this before them.
fn original_file(folder: &Path, prefix: &str) -> PathBuf {
    let original: BTreeMap<String, String> =
        serde_json::from_value(json_of("control.json")["original"].clone()).expect("names");
    let shapes = shapes();
    let tensors = original
        .into_iter()
        .map(|(theirs, ours)| (format!("{prefix}{theirs}"), weight(&ours, &shapes[&ours])))
        .collect();
    save(tensors, &folder.join("original.safetensors"))
}

/// A control LoRA: `up` and `down` for every matrix that the UNet has too, the rest whole.
fn lora_file(folder: &Path) -> PathBuf {
    let about = json_of("control.json");
    let original: BTreeMap<String, String> = serde_json::from_value(about["original"].clone()).expect("names");
    let (shapes, rank) = (shapes(), about["rank"].as_u64().expect("rank") as usize);
    let unet: BTreeMap<String, Vec<usize>> =
        serde_json::from_value(json_of("model_kinds.json")["kinds"]["sd1"]["shapes"]["unet"].clone()).expect("shapes");
    let mut tensors = HashMap::new();
    for (theirs, ours) in original {
        let shape = &shapes[&ours];
        if !unet.contains_key(&ours) {
            tensors.insert(theirs, weight(&ours, shape));
        } else if shape.len() > 1 {
            let layer = |name: &str, half: &str| format!("{}{half}", name.strip_suffix("weight").expect("a weight"));
            let mut down = shape.clone();
            down[0] = rank;
            tensors.insert(layer(&theirs, "up"), weight(&layer(&ours, "up"), &[shape[0], rank]));
            tensors.insert(layer(&theirs, "down"), weight(&layer(&ours, "down"), &down));
        }
    }
    tensors.insert("lora_controlnet".into(), Tensor::zeros(0, DType::F32, &Device::Cpu).expect("tensor"));
    save(tensors, &folder.join("lora.safetensors"))
}

/// The hint of control.py, as a picture.
pub(super) fn hint(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let crossing = (x as i64 - y as i64).rem_euclid(23) < 2;
        let level = if (x * 3 + y * 5) % 17 < 3 {
            255
        } else if crossing {
            140
        } else {
            0
        };
        Rgb([level, level, level.min(200)])
    })
}

pub(super) fn values(picture: &RgbImage) -> Tensor {
    let levels: Vec<f32> = picture.as_raw().iter().map(|level| f32::from(*level) / 255.0).collect();
    let shape = (1, picture.height() as usize, picture.width() as usize, 3);
    Tensor::from_vec(levels, shape, &Device::Cpu).and_then(|t| t.permute((0, 3, 1, 2))?.contiguous()).expect("values")
}

pub(super) fn model(folder: &Path) -> ModelChoice {
    let folder = folder.join("model");
    std::fs::create_dir(&folder).expect("folder");
    write(&folder, &json_of("model_kinds.json")["kinds"]["sd1"]);
    ModelChoice::Path(folder)
}

#[test]
fn every_layout_gives_the_residuals_of_diffusers() {
    let (reference, watch) = (reference(), Watch::default());
    let states = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    for (name, write_file) in [
        ("net", (|folder| diffusers_file(folder)) as fn(&Path) -> PathBuf),
        ("net", |folder| diffusers_folder(folder)),
        ("net", |folder| original_file(folder, "control_model.")),
        ("net", |folder| original_file(folder, "")),
        ("lora", |folder| lora_file(folder)),
    ] {
        let folder = tempfile::tempdir().expect("folder");
        let choice = model(folder.path());
        let model = Model::load_for_test(&choice, Dtype::F32).expect("loads");
        let path = write_file(folder.path());
        let file = ControlFile::open(&path).expect("opens");
        assert_eq!(file.is_lora(), name == "lora");
        let config = ControlNetConfig::new(&file, &model.unet_config, model.vae.factor).expect("fits");
        let files = ModelFiles::open(&choice).expect("opens");
        let (part, findings) = (files.source.part("unet", DIFFUSERS).expect("unet"), Findings::new(0));
        let base = PartReader { name: "unet", files: &part, loras: &[], findings: &findings };
        let base = file.is_lora().then_some(base);
        let network = ControlNet::load(&file, &config, base, &model.device, &watch).expect("loads");

        let encoded = network.encode_hint(&values(&hint(24, 16)), &watch).expect("encodes");
        let channels_first = encoded.permute((0, 3, 1, 2)).and_then(|t| t.contiguous()).expect("permutes");
        assert!(gap(&channels_first, &reference["hint"]) < 1e-4, "the hint of {}", path.display());
        let conditions = Conditions {
            timestep: 412.5,
            states: &states["sd1.states"],
            cfg_scale: 1.0,
            residuals: None,
            regions: None,
        };
        let residuals =
            network.forward(&reference["latent"], &encoded, &conditions, ResidualsNeeded::All, &watch).expect("runs");
        let mut worst: f32 = 0.0;
        for (index, residual) in residuals.skips.iter().chain(&residuals.middle).enumerate() {
            let ours = residual.permute((0, 3, 1, 2)).and_then(|t| t.contiguous()).expect("permutes");
            let gap = gap(&ours, &reference[&format!("{name}.{index}")]);
            assert!(gap < 1e-4, "residual {index} of {}: {gap}", path.display());
            worst = worst.max(gap);
        }
        assert_eq!(residuals.skips.len(), 6);
        println!("{}: residuals differ by at most {worst:e} of the largest value", path.display());
    }
}

fn settings(controls: Vec<ControlSettings>) -> Settings {
    let about = json_of("model_kinds.json");
    let text = |name: &str| about[name].as_str().expect("text").to_owned();
    Settings {
        prompt: text("prompt"),
        negative: text("negative"),
        steps: 20,
        strength: 0.75,
        cfg_scale: 6.0,
        seed: 42,
        batch: 1,
        width: 64,
        height: 64,
        sampler: Sampler::DpmPp2m,
        schedule: Schedule::Karras,
        rng: Rng::Cpu,
        controls,
        ..Settings::default()
    }
}

pub(super) fn control(model: &Path) -> ControlSettings {
    ControlSettings { model: model.into(), preprocessor: Preprocessor::None, ..ControlSettings::default() }
}

pub(super) fn request(model: &ModelChoice, controls: Vec<ControlSettings>) -> Request {
    let inputs = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let hints = vec![ControlHint::Picture(Arc::new(hint(64, 64))); controls.len()];
    let plan = Plan { hints, ..Plan::default() };
    Request::planned(model.clone(), settings(controls), plan, Some(Arc::new(pixels(&inputs["image"]))))
}

pub(super) fn engine() -> LocalEngine {
    LocalEngine::new(Runtime { dtype: Dtype::F32, ..Runtime::default() })
}

fn made(engine: &mut LocalEngine, request: &Request) -> Result<RgbImage, Error> {
    let mut made = None;
    engine.generate(request, &Cancel::default(), &mut |event| {
        if let Event::Finished(finished) = event {
            made = Some(finished.picture);
        }
    })?;
    Ok(made.expect("a picture"))
}

#[test]
fn pictures_are_those_of_the_reference_in_every_mode_and_window() {
    let folder = tempfile::tempdir().expect("folder");
    let (model, file) = (model(folder.path()), original_file(folder.path(), "control_model."));
    let (reference, mut engine) = (reference(), engine());
    for (name, weight, start, end, mode) in [
        ("balanced", 0.8, 0.0, 1.0, ControlMode::Balanced),
        ("window", 1.2, 0.2, 0.6, ControlMode::Balanced),
        ("prompt", 1.0, 0.0, 1.0, ControlMode::Prompt),
        ("control", 1.0, 0.0, 0.7, ControlMode::Control),
    ] {
        let control = ControlSettings { weight, start, end, mode, ..control(&file) };
        let made = made(&mut engine, &request(&model, vec![control])).expect("runs");
        let want: Vec<u8> =
            reference[&format!("picture.{name}")].flatten_all().and_then(|t| t.to_vec1()).expect("bytes");
        let worst = made.iter().zip(&want).map(|(a, b)| a.abs_diff(*b)).max();
        println!("{name}: a pixel differs by at most {worst:?}");
        assert!(worst <= Some(1), "{name}: a pixel differs by {worst:?}");
    }
}

#[test]
fn a_control_of_weight_nothing_or_outside_its_window_changes_no_bit_and_two_halves_make_a_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let (model, file) = (model(folder.path()), diffusers_file(folder.path()));
    let mut engine = engine();
    let mut picture = |controls| made(&mut engine, &request(&model, controls)).expect("runs");
    let plain = picture(Vec::new());
    let of = |weight, start, end| ControlSettings { weight, start, end, ..control(&file) };
    assert!(picture(vec![of(0.0, 0.0, 1.0)]) == plain, "weight 0");
    assert!(picture(vec![of(0.0, 0.0, 1.0), ControlSettings { model: "/none".into(), ..of(0.0, 0.0, 1.0) }]) == plain);
    assert!(picture(vec![of(1.0, 0.0, 0.0)]) == plain, "no step lies whole in the window");
    assert!(picture(vec![of(1.0, 0.999, 1.0)]) == plain, "no step lies whole in the window");
    let whole = picture(vec![of(1.0, 0.0, 1.0)]);
    assert!(whole != plain);
    let halves = picture(vec![of(0.5, 0.0, 1.0), of(0.5, 0.0, 1.0)]);
    let worst = whole.iter().zip(halves.iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(1), "two halves add up: {worst:?}");
    let parts = picture(vec![of(1.0, 0.0, 0.5), of(1.0, 0.5, 1.0)]);
    assert!(parts == whole, "each of the 16 steps has one of the two");
}

/// Gives a picture of stripes for any picture.
struct Stripes;

impl DepthMaps for Stripes {
    fn depth_map(&self, picture: &RgbImage, cancel: &Cancel) -> Result<RgbImage, Error> {
        cancel.check()?;
        Ok(RgbImage::from_fn(picture.width(), picture.height(), |x, _| image::Rgb([(x * 3) as u8; 3])))
    }
}

#[test]
fn a_control_follows_the_picture_of_depth_and_an_engine_without_one_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let (model, file) = (model(folder.path()), diffusers_file(folder.path()));
    let depth = ControlSettings { preprocessor: Preprocessor::Depth, ..control(&file) };
    let text = made(&mut engine(), &request(&model, vec![depth.clone()])).expect_err("refused").to_string();
    assert!(text.contains("no pictures of depth"), "{text}");
    let mut engine = engine().with_depth_maps(Arc::new(Stripes));
    let followed = made(&mut engine, &request(&model, vec![depth])).expect("runs");
    // The same as a picture of those stripes that is followed as it is.
    let mut plain = request(&model, vec![control(&file)]);
    let stripes = Stripes.depth_map(&hint(64, 64), &Cancel::default()).expect("stripes");
    plain.plan.hints = vec![ControlHint::Picture(Arc::new(stripes))];
    assert!(followed == made(&mut engine, &plain).expect("runs"));
    assert!(followed != made(&mut engine, &request(&model, vec![control(&file)])).expect("runs"));
}

#[test]
fn the_network_is_loaded_once_and_again_when_its_file_is_replaced() {
    let folder = tempfile::tempdir().expect("folder");
    let (model, file) = (model(folder.path()), diffusers_file(folder.path()));
    let mut engine = engine();
    let with = request(&model, vec![control(&file)]);
    let first = made(&mut engine, &with).expect("runs");
    // Its numbers are not read again: the file could no longer be.
    let kept = engine.controls_memory();
    assert!(kept > 0);
    made(&mut engine, &request(&model, Vec::new())).expect("runs");
    assert_eq!(engine.controls_memory(), kept, "kept for the next round");
    let mut tensors = candle_core::safetensors::load(&file, &Device::Cpu).expect("reads");
    let zero = tensors["controlnet_mid_block.weight"].zeros_like().expect("zeros");
    tensors.insert("controlnet_mid_block.weight".into(), zero);
    tensors.insert("beside".into(), Tensor::zeros(9, DType::F32, &Device::Cpu).expect("tensor"));
    save(tensors, &file);
    assert!(made(&mut engine, &with).expect("runs") != first, "read again");
}

#[test]
fn what_is_no_control_network_for_this_model_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().expect("folder");
    let (model, file) = (model(folder.path()), diffusers_file(folder.path()));
    let mut engine = engine();
    let good = candle_core::safetensors::load(&file, &Device::Cpu).expect("reads");
    let of = |name: &str, change: &dyn Fn(&mut HashMap<String, Tensor>)| {
        let mut tensors = good.clone();
        change(&mut tensors);
        save(tensors, &folder.path().join(name))
    };
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("tensor");
    let reads = |width: usize| {
        move |tensors: &mut HashMap<String, Tensor>| {
            for (name, tensor) in tensors.iter_mut().filter(|(name, _)| name.contains("attn2.to_k.")) {
                assert!(name.ends_with("weight"));
                *tensor =
                    Tensor::zeros((tensor.dim(0).expect("rows"), width), DType::F32, &Device::Cpu).expect("zeros");
            }
        }
    };
    let lora = HashMap::from([("lora_unet_a.lora_up.weight".to_owned(), zeros(&[2, 2]))]);
    let flux = HashMap::from([
        ("controlnet_x_embedder.weight".to_owned(), zeros(&[2, 2])),
        ("single_transformer_blocks.0.attn.to_q.weight".to_owned(), zeros(&[2, 2])),
    ]);
    let text = folder.path().join("text.safetensors");
    std::fs::write(&text, "no tensors at all").expect("writes");
    for (path, says) in [
        (of("xl", &reads(2048)), "is a ControlNet for SDXL, which does not run here"),
        (of("sd2", &reads(1024)), "is a ControlNet for Stable Diffusion 2.x (text of 1024 numbers a token)"),
        (save(flux, &folder.path().join("flux")), "is a ControlNet for FLUX, which does not run here"),
        (save(lora, &folder.path().join("lora")), "is a LoRA and not a ControlNet"),
        (
            of("wide", &|tensors| {
                tensors.insert("controlnet_down_blocks.4.weight".into(), zeros(&[64, 64, 1, 1]));
            }),
            "its residual 4 has 64 channels and the UNet 32 there",
        ),
        (
            of("short", &|tensors| {
                tensors.remove("controlnet_down_blocks.5.weight");
            }),
            "it has 5 residuals and the UNet 6",
        ),
        (
            of("large", &|tensors| {
                tensors.remove("controlnet_cond_embedding.blocks.1.weight");
            }),
            "its hint encoder makes one place of 1 pixels a side and the model of 2",
        ),
        (
            of("half", &|tensors| {
                tensors.remove("down_blocks.0.resnets.1.conv1.weight");
            }),
            "down_blocks.0.resnets.1.conv1.weight is missing",
        ),
        (
            of("headless", &|tensors| {
                tensors.remove("controlnet_cond_embedding.conv_in.weight");
            }),
            "of which a part is missing",
        ),
        (text, "text.safetensors"),
        (folder.path().join("none.safetensors"), "There is no ControlNet at"),
        (folder.path().join("model"), "is no ControlNet folder"),
        (PathBuf::from("control_v11p_sd15_lineart"), "The ControlNet control_v11p_sd15_lineart is not known here"),
    ] {
        let error = made(&mut engine, &request(&model, vec![control(&path)])).expect_err(says).to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{}: {error}", path.display());
    }
    made(&mut engine, &request(&model, vec![control(&file)])).expect("the engine still works");
}

#[test]
fn a_cancelled_load_or_run_ends_soon() {
    let folder = tempfile::tempdir().expect("folder");
    let (choice, path) = (model(folder.path()), diffusers_file(folder.path()));
    let model = Model::load_for_test(&choice, Dtype::F32).expect("loads");
    let file = ControlFile::open(&path).expect("opens");
    let config = ControlNetConfig::new(&file, &model.unet_config, model.vae.factor).expect("fits");
    let states = Tensor::zeros((2, 77, 16), DType::F32, &Device::Cpu).expect("zeros");
    let run = |at: usize| {
        let (cancel, count) = (Cancel::default(), Arc::new(AtomicUsize::new(0)));
        let watch = {
            let (cancel, count) = (cancel.clone(), Arc::clone(&count));
            Watch::observed(&cancel.clone(), move || {
                if count.fetch_add(1, Ordering::SeqCst) + 1 == at {
                    cancel.cancel();
                }
            })
        };
        let done = ControlNet::load(&file, &config, None, &model.device, &watch).and_then(|network| {
            let hint = network.encode_hint(&values(&hint(24, 16)), &watch)?;
            let conditions =
                Conditions { timestep: 412.5, states: &states, cfg_scale: 1.0, residuals: None, regions: None };
            network.forward(&reference()["latent"], &hint, &conditions, ResidualsNeeded::All, &watch)
        });
        (done, count.load(Ordering::SeqCst))
    };
    let (done, checks) = run(usize::MAX);
    done.map(|_| ()).expect("runs");
    assert!(checks > shapes().len(), "between tensors and between blocks");
    for at in (1..=checks).step_by(17) {
        let (done, _) = run(at);
        assert!(matches!(done, Err(Error::Cancelled)), "cancelled at {at}");
    }
}
