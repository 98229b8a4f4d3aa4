//! What stays loaded, what is read, and what memory allows.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use candle_core::{DType, Device, Tensor};

use super::loaded_model::{ModelSlot, WantedModel};
use super::*;
use crate::diffusion::files::lora;
use crate::diffusion::networks::unet::Conditions;
use crate::engine::{DeviceChoice, Dtype, Settings};

fn processor() -> ComputeDevice {
    ComputeDevice::new(DeviceChoice::Cpu, Dtype::F32).expect("the processor")
}

fn starter_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter")
}

/// A copy of the starter's folder, with `from` replaced by `to` in a file.
fn copy(file: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    for part in std::fs::read_dir(starter_folder()).expect("lists") {
        let part = part.expect("entry").path();
        if part.is_dir() {
            let to = folder.path().join(part.file_name().expect("name"));
            std::fs::create_dir(&to).expect("folder");
            for file in std::fs::read_dir(&part).expect("lists") {
                let file = file.expect("entry").path();
                std::fs::copy(&file, to.join(file.file_name().expect("name"))).expect("copies");
            }
        }
    }
    let path = folder.path().join(file);
    let text = std::fs::read_to_string(&path).expect("reads");
    assert!(text.contains(from), "{file} says {from}");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("writes");
    folder
}

fn plain(folder: &Path) -> WantedModel {
    WantedModel::plain(&ModelChoice::Path(folder.into()))
}

fn starter() -> WantedModel {
    WantedModel::plain(&ModelChoice::Starter)
}

/// A watch that counts its checks.
fn counting() -> (Watch, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let observer = move || {
        counter.fetch_add(1, Ordering::SeqCst);
    };
    (Watch::observed(&Cancel::default(), observer), count)
}

/// A runtime that finds LoRAs in this folder.
fn loras_in(folder: &Path) -> Runtime {
    Runtime { loras: Some(folder.to_path_buf()), ..Runtime::default() }
}

#[test]
fn a_lora_reads_only_the_weights_it_changes_and_leaves_the_others_shared() {
    let folder = tempfile::tempdir().expect("folder");
    let layer = "mid_block_attentions_0_transformer_blocks_0_attn1_to_v";
    let width = {
        let config = std::fs::read_to_string(starter_folder().join("unet/config.json")).expect("config");
        let config: serde_json::Value = serde_json::from_str(&config).expect("JSON");
        config["block_out_channels"].as_array().and_then(|w| w.last()?.as_u64()).expect("width") as usize
    };
    let ones = |shape: (usize, usize)| Tensor::ones(shape, DType::F32, &Device::Cpu).expect("ones");
    let tensors = HashMap::from([
        (format!("lora_unet_{layer}.lora_down.weight"), ones((1, width))),
        (format!("lora_unet_{layer}.lora_up.weight"), ones((width, 1))),
    ]);
    candle_core::safetensors::save(&tensors, folder.path().join("ones.safetensors")).expect("writes");

    let (device, mut slot) = (processor(), ModelSlot::default());
    let mut checks = |wanted: WantedModel| {
        let (watch, count) = counting();
        let model = slot.get(wanted, &device, &loras_in(folder.path()), &watch, &mut Vec::new()).expect("loads");
        (model, count.load(Ordering::SeqCst))
    };
    let with = |weight| WantedModel {
        loras: vec![lora::Wanted {
            name: "ones".into(),
            text_weight: weight,
            unet_weight: weight,
            rank: None,
            blocks: None,
        }],
        ..starter()
    };
    let (_, whole) = checks(starter());
    // A replacement VAE that is the model's own: what fitting the preview takes.
    let (model, _) = checks(starter());
    let (watch, fitting) = counting();
    model.with_vae(None, &watch).expect("its own");
    let fitting = fitting.load(Ordering::SeqCst);
    assert!(whole > 300 + fitting, "{whole}");
    let (added, reads) = checks(with(0.05));
    assert_eq!(reads - fitting, 1, "adding it");
    assert!(Arc::ptr_eq(&added.vae, &model.vae));
    assert_eq!(checks(with(0.1)).1 - fitting, 1, "another weight");
    assert_eq!(checks(starter()).1 - fitting, 1, "removing it");
    assert_eq!(checks(starter()).1, 0, "nothing changed");
}

#[test]
fn where_both_models_fit_a_failed_load_leaves_the_previous_one() {
    let (device, mut slot) = (processor(), ModelSlot::default());
    let watch = Watch::default();
    let before = slot.get(starter(), &device, &Runtime::default(), &watch, &mut Vec::new()).expect("loads");
    let broken = copy("unet/config.json", "176", "192");
    let text = slot
        .get(plain(broken.path()), &device, &Runtime::default(), &watch, &mut Vec::new())
        .err()
        .expect("refused")
        .to_string();
    assert!(text.contains("weights do not match") && !text.contains("again"), "{text}");
    assert!(Arc::ptr_eq(&before, &slot.loaded_for(&ModelChoice::Starter).expect("still there")));
}

#[test]
fn where_memory_is_short_the_previous_model_is_freed_first_and_loaded_again_after_a_failure() {
    let (device, mut slot) = (processor(), ModelSlot::with_free_memory(|| 1));
    // The first model needs room.
    let text = slot
        .get(starter(), &device, &Runtime::default(), &Watch::default(), &mut Vec::new())
        .err()
        .expect("no room")
        .to_string();
    assert!(text.contains("Loading this model needs about"), "{text}");
    slot = ModelSlot::default();
    let before = Arc::downgrade(
        &slot.get(starter(), &device, &Runtime::default(), &Watch::default(), &mut Vec::new()).expect("loads"),
    );
    slot.set_free_memory(|| 1);

    // A config that cannot work is found before anything is freed.
    let nonsense = copy("scheduler/scheduler_config.json", "v_prediction", "sample");
    slot.get(plain(nonsense.path()), &device, &Runtime::default(), &Watch::default(), &mut Vec::new())
        .err()
        .expect("refused");
    assert!(before.upgrade().is_some());

    // Weights that do not match are found only while they are read.
    let broken = copy("unet/config.json", "176", "192");
    let seen: Arc<Mutex<Option<Weak<Model>>>> = Arc::new(Mutex::new(Some(before.clone())));
    let watch = Watch::observed(&Cancel::default(), move || {
        let gone = seen.lock().expect("lock").as_ref().is_none_or(|model| model.upgrade().is_none());
        assert!(gone, "the previous model is freed before the next one is read");
    });
    let text = slot
        .get(plain(broken.path()), &device, &Runtime::default(), &watch, &mut Vec::new())
        .err()
        .expect("refused")
        .to_string();
    assert!(text.contains("weights do not match") && text.ends_with("is loaded again."), "{text}");
    assert!(slot.loaded_for(&ModelChoice::Starter).is_some() && before.upgrade().is_none());

    // And one that works takes its place.
    let good = copy("unet/config.json", "176", "176");
    slot.get(plain(good.path()), &device, &Runtime::default(), &Watch::default(), &mut Vec::new()).expect("loads");
    assert!(slot.loaded_for(&ModelChoice::Starter).is_none());
}

#[test]
fn a_model_whose_files_were_replaced_is_loaded_again() {
    let (device, mut slot) = (processor(), ModelSlot::default());
    let folder = copy("unet/config.json", "176", "176");
    let watch = Watch::default();
    let first = slot.get(plain(folder.path()), &device, &Runtime::default(), &watch, &mut Vec::new()).expect("loads");
    assert!(Arc::ptr_eq(
        &first,
        &slot.get(plain(folder.path()), &device, &Runtime::default(), &watch, &mut Vec::new()).expect("loaded")
    ));
    let path = folder.path().join("unet/config.json");
    let text = std::fs::read_to_string(&path).expect("reads");
    std::fs::write(&path, text + "\n").expect("writes");
    assert!(!Arc::ptr_eq(
        &first,
        &slot.get(plain(folder.path()), &device, &Runtime::default(), &watch, &mut Vec::new()).expect("loads")
    ));
}

#[test]
fn a_device_that_is_not_there_ends_in_a_sentence_and_the_engine_goes_on() {
    if cfg!(feature = "metal") {
        return;
    }
    let mut engine = LocalEngine::new(Runtime { device: DeviceChoice::Metal, ..Runtime::default() });
    assert!(!engine.capabilities().devices.contains(&DeviceChoice::Metal));
    let text = engine.load(&ModelChoice::Starter, &Cancel::default()).expect_err("no Metal").to_string();
    assert!(text.contains("Metal") && text.contains("cpu") && !text.contains('\n'), "{text}");
    engine.configure(&Runtime { dtype: Dtype::F32, ..Runtime::default() });
    engine.load(&ModelChoice::Starter, &Cancel::default()).expect("loads on the processor");
}

#[test]
fn a_model_with_another_lora_has_the_same_bits_as_one_loaded_afresh() {
    let folder = tempfile::tempdir().expect("folder");
    let layers = ["mid_block_attentions_0_transformer_blocks_0_attn1_to_v", "mid_block_resnets_0_conv1"];
    let width = 176;
    for (name, layer) in ["first", "second"].into_iter().zip(layers) {
        let numbers = |shape: &[usize], seed: usize| {
            let count = shape.iter().product::<usize>();
            let values: Vec<f32> = (0..count).map(|i| ((i * 7919 + seed) % 1009) as f32 / 5000.0 - 0.1).collect();
            Tensor::from_vec(values, shape, &Device::Cpu).expect("tensor")
        };
        let taps: &[usize] = if layer.contains("conv") { &[3, 3] } else { &[] };
        let ones: &[usize] = if layer.contains("conv") { &[1, 1] } else { &[] };
        let tensors = HashMap::from([
            (format!("lora_unet_{layer}.lora_down.weight"), numbers(&[&[2, width], taps].concat(), 1)),
            (format!("lora_unet_{layer}.lora_up.weight"), numbers(&[&[width, 2], ones].concat(), 2)),
        ]);
        candle_core::safetensors::save(&tensors, folder.path().join(format!("{name}.safetensors"))).expect("writes");
    }
    let wanted = |names: &[&str]| WantedModel {
        loras: names
            .iter()
            .map(|name| lora::Wanted {
                name: (*name).into(),
                text_weight: 0.7,
                unet_weight: 0.7,
                rank: None,
                blocks: None,
            })
            .collect(),
        ..starter()
    };
    for dtype in [Dtype::F32, Dtype::F16, Dtype::Bf16] {
        let device = ComputeDevice::new(DeviceChoice::Cpu, dtype).expect("the processor");
        let predict = |slot: &mut ModelSlot, names: &[&str]| -> Vec<u32> {
            let watch = Watch::default();
            let model =
                slot.get(wanted(names), &device, &loras_in(folder.path()), &watch, &mut Vec::new()).expect("loads");
            let width = model.text.width().expect("width");
            let numbers = |count: usize| (0..count).map(|i| (i % 97) as f32 / 50.0 - 1.0).collect::<Vec<f32>>();
            let x = Tensor::from_vec(numbers(4 * 64), (1, 4, 8, 8), &Device::Cpu).expect("tensor");
            let states = Tensor::from_vec(numbers(77 * width), (1, 77, width), &Device::Cpu).expect("tensor");
            let conditions =
                Conditions { timestep: 500.0, states: &states, cfg_scale: 1.0, residuals: None, regions: None };
            let made = model.unet.forward(&x, &conditions, &watch).expect("predicts");
            let made: Vec<f32> = made.flatten_all().and_then(|t| t.to_vec1()).expect("numbers");
            made.into_iter().map(f32::to_bits).collect()
        };
        let mut slot = ModelSlot::default();
        let mut seen = Vec::new();
        for names in [&[][..], &["first"], &["second"], &["first", "second"], &[]] {
            let changed = predict(&mut slot, names);
            assert!(changed == predict(&mut ModelSlot::default(), names), "{dtype:?}, {names:?}");
            seen.push(changed);
        }
        assert!(seen[0] == seen[4] && seen[0] != seen[1] && seen[1] != seen[2] && seen[2] != seen[3]);
    }
}

#[test]
fn an_earlier_model_is_used_again_without_reading_as_long_as_memory_allows() {
    let device = processor();
    let copies = [(); 2].map(|()| copy("unet/config.json", "176", "176"));
    let read = |slot: &mut ModelSlot, wanted: WantedModel| {
        let (watch, count) = counting();
        slot.get(wanted, &device, &Runtime::default(), &watch, &mut Vec::new()).expect("loads");
        count.load(Ordering::SeqCst)
    };
    let mut slot = ModelSlot::with_free_memory(|| 1 << 40);
    slot.set_budget(1 << 40);
    assert!(read(&mut slot, starter()) > 0 && read(&mut slot, plain(copies[0].path())) > 0);
    let one = slot.memory() / 2;
    assert!(read(&mut slot, plain(copies[1].path())) > 0);
    for wanted in [starter(), plain(copies[0].path()), plain(copies[1].path())] {
        assert_eq!(read(&mut slot, wanted), 0, "all three are kept");
    }
    // The two that were used last stay; the starter was used first.
    slot.set_budget(2 * one);
    slot.set_free_memory(|| 0);
    std::fs::write(copies[1].path().join("unet/new"), "x").expect("writes");
    assert!(read(&mut slot, plain(copies[1].path())) > 0, "its files were replaced");
    assert_eq!(slot.memory(), 2 * one);
    assert_eq!(read(&mut slot, plain(copies[0].path())), 0);
    assert!(read(&mut slot, starter()) > 0);
    // Work that needs the memory gets it.
    slot.set_free_memory(|| 1);
    slot.make_room(2);
    assert_eq!(slot.memory(), one);
    assert_eq!(read(&mut slot, starter()), 0, "the model in use stays");
}

#[test]
fn loading_tells_how_far_it_is() {
    let shares = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&shares);
    let progress = Arc::new(move |share: f64| told.lock().expect("shares").push(share));
    LocalEngine::default().load_with_progress(&ModelChoice::Starter, &Cancel::default(), progress).expect("loads");
    let mut shares = shares.lock().expect("shares").clone();
    shares.sort_by(f64::total_cmp);
    assert!((50..=100).contains(&shares.len()), "{}", shares.len());
    assert!(shares[0] > 0.0 && shares[0] < 0.05 && shares.last() == Some(&1.0), "{shares:?}");
}

#[test]
fn a_start_image_is_less_and_less_itself_under_more_noise() {
    let mut engine = LocalEngine::default();
    let start = Arc::new(image::RgbImage::from_fn(64, 64, |x, _| image::Rgb([if x < 32 { 230 } else { 20 }, 90, 40])));
    let settings = crate::engine::Settings { seed: 5, width: 64, height: 64, strength: 0.5, ..Default::default() };
    let request = Request::new(ModelChoice::Starter, settings.clone(), Some(Arc::clone(&start)));
    let cancel = Cancel::default();
    assert!(engine.noised_start(&request, &cancel).expect("asks").is_none(), "nothing is loaded for it");
    engine.load(&ModelChoice::Starter, &cancel).expect("loads");
    let noised = engine.noised_start(&request, &cancel).expect("encodes").expect("there is a start image");
    let at = |strength: f64| noised.picture(&crate::engine::Settings { strength, ..settings.clone() });
    let off = |picture: &image::RgbImage| {
        let small = image::imageops::thumbnail(&*start, picture.width(), picture.height());
        let pairs = picture.as_raw().iter().zip(small.as_raw());
        pairs.map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum::<u32>()
    };
    let pictures = [0.05, 0.4, 0.75, 1.0].map(at);
    let offs: Vec<u32> = pictures.iter().map(off).collect();
    assert!(offs.is_sorted_by(|a, b| a < b), "{offs:?}");
    assert_eq!(pictures[2], at(0.75));
    let other = Arc::new(image::RgbImage::new(64, 64));
    let other = Request::new(ModelChoice::Starter, settings.clone(), Some(other));
    let other = engine.noised_start(&other, &cancel).expect("encodes").expect("there is a start image");
    let none_left = crate::engine::Settings { strength: 1.0, ..settings.clone() };
    assert_eq!(other.picture(&none_left), pictures[3], "nothing of the start image is left at 1");
    assert_ne!(other.picture(&settings), at(0.5));
    let without = Request::new(ModelChoice::Starter, settings, None);
    assert!(engine.noised_start(&without, &cancel).expect("asks").is_none());
    cancel.cancel();
    assert!(matches!(engine.noised_start(&request, &cancel), Err(Error::Cancelled)));
}

#[test]
fn a_live_frame_is_the_picture_that_generate_makes_and_is_given_up_when_told() {
    let start = Arc::new(RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 3, y as u8 * 3, 90])));
    let settings = Settings { width: 64, height: 64, steps: 3, batch: 1, seed: 5, ..Settings::default() };
    let request = Request::new(ModelChoice::Starter, settings, Some(start));
    let mut engine = LocalEngine::default();
    let mut made = None;
    let mut previews = 0;
    engine
        .generate(&request, &Cancel::default(), &mut |event| match event {
            Event::Finished(finished) => made = Some(finished.picture),
            Event::Step { .. } => previews += 1,
            _ => {}
        })
        .expect("makes it");
    assert!(previews > 0);
    // Twice, as the second one begins with what was kept of the first.
    for _ in 0..2 {
        let frame = engine.live_frame(&request, &Cancel::default()).expect("makes it");
        assert!(Some(&frame) == made.as_ref());
    }
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(matches!(engine.live_frame(&request, &cancel), Err(Error::Cancelled)));
    engine.rest();
    assert!(Some(engine.live_frame(&request, &Cancel::default()).expect("makes it")) == made);
}

#[test]
fn a_lora_counts_in_the_steps_that_its_tag_says() {
    let folder = tempfile::tempdir().expect("folder");
    let config = std::fs::read_to_string(starter_folder().join("unet/config.json")).expect("config");
    let config: serde_json::Value = serde_json::from_str(&config).expect("JSON");
    let width = config["block_out_channels"].as_array().and_then(|w| w.last()?.as_u64()).expect("width") as usize;
    let ones = |shape: (usize, usize)| Tensor::ones(shape, DType::F32, &Device::Cpu).expect("ones");
    let layer = "mid_block_attentions_0_transformer_blocks_0_attn1_to_v";
    let tensors = HashMap::from([
        (format!("lora_unet_{layer}.lora_down.weight"), ones((1, width))),
        (format!("lora_unet_{layer}.lora_up.weight"), ones((width, 1))),
    ]);
    candle_core::safetensors::save(&tensors, folder.path().join("ones.safetensors")).expect("writes");
    let mut engine = LocalEngine::new(loras_in(folder.path()));
    let mut estimates = |tag: &str, reuse: usize| {
        let prompt = format!("an apple {tag}");
        let settings =
            Settings { prompt, reuse, width: 64, height: 64, steps: 8, batch: 1, seed: 5, ..Settings::default() };
        let request = Request::new(ModelChoice::Starter, settings, None);
        let mut seen = Vec::new();
        engine
            .generate(&request, &Cancel::default(), &mut |event| match event {
                Event::Step { preview, .. } => seen.push(preview),
                Event::Finished(finished) => seen.push(finished.picture),
                Event::Notice(text) => panic!("{text}"),
                Event::Stage(_) => {}
            })
            .expect("makes it");
        seen
    };
    let (none, all) = (estimates("", 1), estimates("<lora:ones:3>", 1));
    assert!(none.len() == 9 && none[0] != all[0]);
    assert!(estimates("<lora:ones:3:start=0>", 1) == all && estimates("<lora:ones:3:stop=8>", 1) == all);
    assert!(estimates("<lora:ones:3:stop=0>", 1) == none);
    let late = estimates("<lora:ones:3:start=2>", 1);
    assert!(late[..2] == none[..2]);
    assert!(late[2] != none[2], "the LoRA counts from the third step on");
    assert!(late[2] != all[2], "and did not before");
    let early = estimates("<lora:ones:3:stop=0.25>", 1);
    assert!(early[..2] == all[..2] && early[2] != all[2] && early[2] != late[2]);
    // One LoRA counts all the time, the other only late.
    let both = estimates("<lora:ones:3> <lora:ones:2:step=2-3>", 1);
    assert!(both[..2] == all[..2] && both[2] != all[2]);
    // Features that were kept without the LoRA are not used with it.
    let (none, late) = (estimates("", 4), estimates("<lora:ones:3:start=2>", 4));
    assert!(late[..2] == none[..2] && late[2] != none[2]);
}
