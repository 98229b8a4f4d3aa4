//! Every kind of model here and in PyTorch, on random weights: the same numbers at every stage, and the
//! same picture at the end.
//!
//! tests/fixtures/model_kinds.py wrote the reference and says how; weights are made by its rule.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use half::f16;
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use crate::diffusion::LocalEngine;
use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::files::part::{Findings, PartReader};
use crate::diffusion::files::source::Source;
use crate::diffusion::model::Model;
use crate::diffusion::networks::autoencoder::Autoencoder;
use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::layers::{PartLoader, StripSize};
use crate::diffusion::networks::unet::UNet;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::unet::{Conditions, Residuals};
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::text::conditioning::PromptEncoder;
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, DeviceChoice, Dtype, Emphasis, Engine, Event, ModelChoice, Request, Rng, Runtime, Sampler, Schedule,
    Settings,
};

pub(crate) fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// CRC-32 as zlib has it, one bit at a time.
fn crc32(text: &str) -> u32 {
    !text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1)))
    })
}

/// The rule of `weight` in model_kinds.py.
pub(crate) fn weight(name: &str, shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let seed = i64::from(crc32(name) % 65521);
    let spread = 1.2 / ((count / shape[0]) as f64).sqrt();
    let embedding = name.contains("embedding") && !name.contains("time");
    let wider = if embedding && shape.len() > 1 { (shape[1] as f64).sqrt() * 0.5 } else { 1.0 };
    let base = if name.contains("norm") && name.ends_with("weight") { 1.0 } else { 0.0 };
    let values: Vec<f16> = (0..count as i64)
        .map(|i| {
            let value = ((i * 7919 + seed * 104_729) % 100_003) as f64 / 50001.0 - 1.0;
            f16::from_f64(if shape.len() > 1 { value * spread * wider } else { value * 0.1 + base })
        })
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu).expect("tensor")
}

/// A model folder of this kind.
pub(super) fn write(folder: &Path, kind: &Value) {
    let write_json = |path: &str, value: &Value| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        std::fs::write(path, value.to_string()).expect("writes");
    };
    write_json("unet/config.json", &kind["unet"]);
    write_json("vae/config.json", &kind["vae"]);
    write_json("text_encoder/config.json", &kind["text"]);
    let schedule = json!({"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000, "prediction_type": kind["prediction"]});
    write_json("scheduler/scheduler_config.json", &schedule);
    for (part, stem) in
        [("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model"), ("text_encoder", "model")]
    {
        let shapes: BTreeMap<String, Vec<usize>> =
            serde_json::from_value(kind["shapes"][part].clone()).expect("shapes");
        let tensors: HashMap<String, Tensor> =
            shapes.iter().map(|(name, shape)| (name.clone(), weight(name, shape))).collect();
        let path = folder.join(part).join(format!("{stem}.safetensors"));
        candle_core::safetensors::save(&tensors, path).expect("writes");
    }
}

/// A folder with a tiny autoencoder.
pub(super) fn write_tiny(folder: &Path, tiny: &Value) {
    std::fs::create_dir(folder).expect("folder");
    std::fs::write(folder.join("config.json"), tiny.to_string()).expect("writes");
    let shapes: BTreeMap<String, Vec<usize>> = serde_json::from_value(tiny["shapes"].clone()).expect("shapes");
    let tensors: HashMap<String, Tensor> =
        shapes.iter().map(|(name, shape)| (name.clone(), weight(name, shape))).collect();
    candle_core::safetensors::save(&tensors, folder.join("diffusion_pytorch_model.safetensors")).expect("writes");
}

/// The largest difference, relative to the largest value.
pub(crate) fn gap(ours: &Tensor, theirs: &Tensor) -> f32 {
    let largest = |t: &Tensor| t.abs().and_then(|t| t.flatten_all()?.max(0)?.to_scalar::<f32>()).expect("a number");
    assert_eq!(ours.dims(), theirs.dims());
    largest(&(ours - theirs).expect("same shape")) / largest(theirs)
}

/// `[1, 3, h, w]` in -1..1 as pixels.
pub(super) fn pixels(image: &Tensor) -> RgbImage {
    let (_, _, h, w) = image.dims4().expect("a picture");
    let planes: Vec<f32> = image.flatten_all().and_then(|t| t.to_vec1()).expect("numbers");
    RgbImage::from_fn(w as u32, h as u32, |x, y| {
        let at = y as usize * w + x as usize;
        Rgb([0, 1, 2].map(|c| ((planes[c * h * w + at] + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8))
    })
}

#[test]
fn every_kind_of_model_agrees_with_pytorch_at_every_stage_and_in_the_picture() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let reference = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let ids: Vec<Vec<u32>> = serde_json::from_value(about["ids"].clone()).expect("token ids");
    let cfg = about["cfg"].as_f64().expect("scale");
    for (name, kind) in about["kinds"].as_object().expect("kinds") {
        let folder = tempfile::tempdir().expect("folder");
        write(folder.path(), kind);
        let choice = ModelChoice::Path(folder.path().to_path_buf());
        let model = Model::load_for_test(&choice, Dtype::F32).expect("loads");
        let watch = Watch::default();
        let of = |stage: &str| &reference[&format!("{name}.{stage}")];
        let text = |skip| {
            let one = |ids: &Vec<u32>| model.text.forward(ids, &[], skip, &model.device.candle).expect("text");
            Tensor::cat(&ids.iter().map(one).collect::<Vec<_>>(), 0).expect("both")
        };
        let mut gaps = vec![
            ("text states", gap(&text(0), of("states"))),
            ("text states, clip skip 2", gap(&text(1), of("states_skip2"))),
        ];
        for timestep in [3.0, 412.5, 999.0] {
            let conditions =
                Conditions { timestep, states: of("states"), cfg_scale: cfg, residuals: None, regions: None };
            let ours = model.unet.forward(&reference["latent"], &conditions, &watch).expect("unet");
            gaps.push(("unet", gap(&ours, of(&format!("unet_{timestep:.1}")))));
        }
        // The reference decodes it unscaled.
        let one = (reference["latent"].narrow(0, 0, 1).expect("one") * 0.18215).expect("scaled");
        gaps.push(("encode", gap(&model.vae.encode(&reference["image"], &watch).expect("encode"), of("encoded"))));
        gaps.push(("decode", gap(&model.vae.decode(&one, &watch).expect("decode"), of("decoded"))));
        println!("{name}: {gaps:?}");
        for (stage, gap) in gaps {
            assert!(gap < 1e-4, "{name}, {stage}: {gap}");
        }

        let settings = Settings {
            prompt: about["prompt"].as_str().expect("prompt").into(),
            negative: about["negative"].as_str().expect("negative").into(),
            steps: 20,
            strength: 0.75,
            cfg_scale: cfg,
            seed: about["seed"].as_i64().expect("seed"),
            batch: 1,
            width: 64,
            height: 64,
            sampler: Sampler::DpmPp2m,
            schedule: Schedule::Karras,
            rng: Rng::Cpu,
            ..Settings::default()
        };
        let request = Request::new(choice, settings, Some(Arc::new(pixels(&reference["image"]))));
        let mut made = None;
        LocalEngine::new(Runtime { dtype: Dtype::F32, ..Runtime::default() })
            .generate(&request, &Cancel::default(), &mut |event| {
                if let Event::Finished(picture) = event {
                    made = Some(picture.picture);
                }
            })
            .expect("runs");
        let (made, want) = (made.expect("a picture"), pixels(of("picture")));
        let worst = made.iter().zip(want.iter()).map(|(a, b)| a.abs_diff(*b)).max();
        println!("{name}: a pixel differs by at most {worst:?}");
        assert!(worst <= Some(1), "{name}: a pixel differs by {worst:?}");
    }
}

#[test]
fn fifty_odd_prompts_become_the_tokens_weights_and_states_of_the_reference() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let prompts: Vec<Value> =
        serde_json::from_slice(&std::fs::read(fixture("prompts.json")).expect("reads")).expect("JSON");
    let states = candle_core::safetensors::load(fixture("prompts.safetensors"), &Device::Cpu).expect("reads");
    let folder = tempfile::tempdir().expect("folder");
    write(folder.path(), &about["kinds"]["sd1"]);
    let model = Model::load_for_test(&ModelChoice::from(folder.path()), Dtype::F32).expect("loads");
    assert!(prompts.len() >= 50);
    for (number, case) in prompts.iter().enumerate() {
        let prompt = case["prompt"].as_str().expect("a prompt");
        let chunks = model.tokens.encode(prompt, &[]).expect("encodes");
        let wanted = case["chunks"].as_array().expect("chunks");
        assert_eq!(chunks.len(), wanted.len(), "{prompt:?}");
        for (chunk, wanted) in chunks.iter().zip(wanted) {
            let ids: Vec<u32> = serde_json::from_value(wanted["ids"].clone()).expect("ids");
            assert_eq!(chunk.ids, ids, "{prompt:?}");
            let weights: Vec<f32> = serde_json::from_value(wanted["weights"].clone()).expect("weights");
            for (ours, theirs) in chunk.weights.iter().zip(weights) {
                assert!((ours - theirs).abs() < 1e-5, "{prompt:?}: {ours} is not {theirs}");
            }
        }
        let (text, device) = (&model.text, &model.device.candle);
        let encoder = PromptEncoder {
            tokens: &model.tokens,
            text,
            device,
            skip: 0,
            embeddings: &[],
            emphasis: Emphasis::Original,
        };
        let ours = encoder.encode(&[prompt], &Watch::default()).and_then(|t| Ok(t.squeeze(0)?)).expect("states");
        let theirs = states[&number.to_string()].to_dtype(DType::F32).expect("f32");
        // The reference is kept as f16.
        let gap = gap(&ours, &theirs);
        assert!(gap < 6e-4, "{prompt:?}: {gap}");
    }
}

#[test]
fn a_tiny_autoencoder_agrees_with_pytorch_and_makes_pictures_and_previews() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let reference = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let folder = tempfile::tempdir().expect("folder");
    let (model, tiny) = (folder.path().join("model"), folder.path().join("tiny"));
    write(&model, &about["kinds"]["sd1"]);
    write_tiny(&tiny, &about["tiny"]);

    let watch = Watch::default();
    let vae =
        Vae::open(&tiny, &ComputeDevice::new(DeviceChoice::Cpu, Dtype::F32).expect("cpu"), &watch).expect("opens");
    let one = reference["latent"].narrow(0, 0, 1).expect("one");
    for (what, ours) in [("encoded", vae.encode(&reference["image"], &watch)), ("decoded", vae.decode(&one, &watch))] {
        let gap = gap(&ours.expect(what), &reference[&format!("tiny.{what}")]);
        assert!(gap < 1e-4, "{what}: {gap}");
    }

    let settings = Settings { width: 64, height: 64, steps: 2, batch: 1, seed: 3, ..Settings::default() };
    let run = |vae: Option<&Path>, preview_vae: Option<&Path>| {
        let settings = Settings { vae: vae.map(Path::to_path_buf), ..settings.clone() };
        let runtime = Runtime { preview_vae: preview_vae.map(Path::to_path_buf), ..Runtime::default() };
        let request = Request::new(ModelChoice::from(model.as_path()), settings, None);
        let (mut previews, mut made) = (Vec::new(), None);
        LocalEngine::new(runtime)
            .generate(&request, &Cancel::default(), &mut |event| match event {
                Event::Step { preview, .. } => previews.push(preview),
                Event::Finished(picture) => made = Some(picture.picture),
                _ => {}
            })
            .expect("runs");
        (previews.remove(previews.len() - 1), made.expect("a picture"))
    };
    let (small, own) = run(None, None);
    let (large, same) = run(None, Some(&tiny));
    assert_eq!((small.dimensions(), large.dimensions()), ((64, 64), (64, 64)));
    assert_eq!(own, same);
    let (last, quick) = run(Some(&tiny), Some(&tiny));
    assert_ne!(own, quick);
    // The last preview is what the same autoencoder then makes of the same latent.
    assert_eq!(last, quick);
}

/// What runs on graphics cards is run here in f64 on the processor: every layer's formula, though not
/// the cards' own rounding.
#[test]
fn the_layers_for_graphics_cards_agree_with_pytorch() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let reference = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let cfg = about["cfg"].as_f64().expect("scale");
    let wide = |t: &Tensor| t.to_dtype(DType::F64).expect("f64");
    let narrow = |t: &Tensor| t.to_dtype(DType::F32).expect("f32");
    for (name, kind) in about["kinds"].as_object().expect("kinds") {
        let folder = tempfile::tempdir().expect("folder");
        write(folder.path(), kind);
        let source = Source::Folder(folder.path().to_path_buf());
        let of = |stage: &str| &reference[&format!("{name}.{stage}")];
        let (findings, watch) = (Findings::new(0), Watch::default());
        let loader = |files, part| {
            let reader = PartReader { name: part, files, loras: &[], findings: &findings };
            PartLoader::new(reader, DType::F64, &Device::Cpu, &watch)
        };
        let files = source.part("unet", "diffusion_pytorch_model").expect("files");
        let config: UNetConfig = source.required_json("unet/config.json", "UNet").expect("config");
        let unet = UNet::new(&config, loader(&files, "unet").root()).expect("unet");
        let files = source.part("vae", "diffusion_pytorch_model").expect("files");
        let config: AutoencoderConfig = source.required_json("vae/config.json", "autoencoder").expect("config");
        let vae = Autoencoder::new(&config, loader(&files, "vae").root()).expect("vae");
        let states = wide(of("states"));
        let conditions =
            Conditions { timestep: 412.5, states: &states, cfg_scale: cfg, residuals: None, regions: None };
        let ours = unet.forward(&wide(&reference["latent"]), &conditions, &watch).expect("unet");
        let one = (reference["latent"].narrow(0, 0, 1).expect("one") * 0.18215).expect("scaled");
        let encoded = vae.encode(&wide(&reference["image"]), &watch).expect("encode");
        let decoded = vae.decode(&wide(&one), &watch).expect("decode");
        let tiles = StripSize(1);
        let tiled = vae.encode_tiled(&wide(&reference["image"]), tiles, &watch).expect("encode");
        let tiled_back = vae.decode_tiled(&wide(&one), tiles, &watch).expect("decode");
        for (stage, ours, theirs) in [
            ("unet", ours, of("unet_412.5")),
            ("encode", encoded, of("encoded")),
            ("decode", decoded, of("decoded")),
            ("encode in tiles", tiled, of("encoded")),
            ("decode in tiles", tiled_back, of("decoded")),
        ] {
            let gap = gap(&narrow(&ours), theirs);
            assert!(gap < 1e-4, "{name}, {stage}: {gap}");
        }
    }
}

#[test]
fn sixteen_bits_keep_the_prediction_close() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let reference = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let folder = tempfile::tempdir().expect("folder");
    write(folder.path(), &about["kinds"]["sd1"]);
    let choice = ModelChoice::Path(folder.path().to_path_buf());
    let mut states = reference["sd1.states"].clone();
    states = states.to_dtype(DType::F32).expect("f32");
    let run = |dtype| {
        let model = Model::load_for_test(&choice, dtype).expect("loads");
        let conditions =
            Conditions { timestep: 412.5, states: &states, cfg_scale: 1.0, residuals: None, regions: None };
        let unet = model.unet.forward(&reference["latent"], &conditions, &Watch::default()).expect("unet");
        (unet, model.vae.decode(&reference["latent"], &Watch::default()).expect("decode"))
    };
    let (unet, decoded) = run(Dtype::F32);
    for (dtype, bound) in [(Dtype::Bf16, 0.03), (Dtype::F16, 0.003)] {
        let (close_unet, close_decoded) = run(dtype);
        for (what, gap) in [("unet", gap(&close_unet, &unet)), ("decode", gap(&close_decoded, &decoded))] {
            assert!(gap > 0.0 && gap < bound, "{what} in {dtype:?}: {gap}");
        }
    }
}

#[test]
fn text_encoder_and_taesd_with_half_precision_weights_are_those_of_the_same_weights_in_f32() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let reference = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let ids: Vec<Vec<u32>> = serde_json::from_value(about["ids"].clone()).expect("token ids");
    let folder = tempfile::tempdir().expect("folder");
    let (model, tiny) = (folder.path().join("model"), folder.path().join("tiny"));
    write(&model, &about["kinds"]["sd1"]);
    write_tiny(&tiny, &about["tiny"]);
    // The files' weights are half precision already.
    let run = |dtype| {
        let device = ComputeDevice::new(DeviceChoice::Cpu, dtype).expect("cpu");
        let model = Model::load_for_test(&ModelChoice::from(model.as_path()), dtype).expect("loads");
        let states = model.text.forward(&ids[0], &[], 0, &device.candle).expect("text");
        let vae = Vae::open(&tiny, &device, &Watch::default()).expect("opens");
        let latent = reference["latent"].narrow(0, 0, 1).expect("one");
        let picture = vae.decode(&latent, &Watch::default()).expect("decodes");
        (device.weight_dtype(), states, picture)
    };
    let (wide, half) = (run(Dtype::F32), run(Dtype::F16));
    assert_eq!((wide.0, half.0, run(Dtype::Bf16).0), (DType::F32, DType::F16, DType::F32));
    assert!(gap(&half.1, &wide.1) < 1e-5, "text");
    let worst = pixels(&half.2).iter().zip(pixels(&wide.2).iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(1), "TAESD: {worst:?}");
}

/// The rule of `residual` in unet_residuals.py, channels-last.
fn residual(index: usize, (batch, channels, side): (usize, usize, usize)) -> Tensor {
    let number = |i: usize| (((i * 131 + index * 977) % 2003) as f64 / 1001.0 - 1.0) as f32 * 0.5;
    let values: Vec<f32> = (0..batch * channels * side * side).map(number).collect();
    let tensor = Tensor::from_vec(values, (batch, channels, side, side), &Device::Cpu);
    tensor.and_then(|t| t.permute((0, 2, 3, 1))?.contiguous()).expect("tensor")
}

/// Residuals by that rule for a UNet and its latent.
pub(super) fn residuals(config: &UNetConfig, latent: &Tensor) -> Residuals {
    let (batch, _, mut side, _) = latent.dims4().expect("latent");
    let widths = &config.block_out_channels;
    let mut shapes = vec![(batch, widths[0], side)];
    for (level, &width) in widths.iter().enumerate() {
        shapes.extend(std::iter::repeat_n((batch, width, side), config.layers_per_block.at(level)));
        if level + 1 < widths.len() {
            side /= 2;
            shapes.push((batch, width, side));
        }
    }
    shapes.push((batch, widths[widths.len() - 1], side));
    let mut skips: Vec<Tensor> = shapes.iter().enumerate().map(|(i, shape)| residual(i, *shape)).collect();
    let middle = skips.pop();
    Residuals { skips, middle, levels: Vec::new() }
}

#[test]
fn residuals_of_a_control_network_act_as_in_pytorch() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let reference = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let predictions =
        candle_core::safetensors::load(fixture("unet_residuals.safetensors"), &Device::Cpu).expect("reads");
    for name in ["sd1", "bk_sdm"] {
        let kind = &about["kinds"][name];
        let folder = tempfile::tempdir().expect("folder");
        write(folder.path(), kind);
        let model = Model::load_for_test(&ModelChoice::from(folder.path()), Dtype::F32).expect("loads");
        let residuals = residuals(&model.unet_config, &reference["latent"]);
        let states = &reference[&format!("{name}.states")];
        let conditions =
            Conditions { timestep: 412.5, states, cfg_scale: 1.0, residuals: Some(&residuals), regions: None };
        let ours = model.unet.forward(&reference["latent"], &conditions, &Watch::default()).expect("unet");
        let gap = gap(&ours, &predictions[name]);
        assert!(gap < 1e-4, "{name}: {gap}");
    }
}
