//! What stays loaded, what is read, and what memory allows.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use candle_core::{DType, Device, Tensor};

use super::loaded_model::{ModelSlot, WantedModel};
use super::*;
use crate::diffusion::files::lora;
use crate::engine::{DeviceChoice, Dtype};

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
        let model = slot.get(wanted, &device, Some(folder.path()), &watch).expect("loads");
        (model, count.load(Ordering::SeqCst))
    };
    let with = |weight| WantedModel { loras: vec![lora::Wanted { name: "ones".into(), weight }], ..starter() };
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
    let before = slot.get(starter(), &device, None, &watch).expect("loads");
    let broken = copy("unet/config.json", "176", "192");
    let text = slot.get(plain(broken.path()), &device, None, &watch).err().expect("refused").to_string();
    assert!(text.contains("weights do not match") && !text.contains("again"), "{text}");
    assert!(Arc::ptr_eq(&before, &slot.loaded_for(&ModelChoice::Starter).expect("still there")));
}

#[test]
fn where_memory_is_short_the_previous_model_is_freed_first_and_loaded_again_after_a_failure() {
    let (device, mut slot) = (processor(), ModelSlot::with_free_memory(|| 1));
    // The first model needs room.
    let text = slot.get(starter(), &device, None, &Watch::default()).err().expect("no room").to_string();
    assert!(text.contains("Loading this model needs about"), "{text}");
    slot = ModelSlot::default();
    let before = Arc::downgrade(&slot.get(starter(), &device, None, &Watch::default()).expect("loads"));
    slot.set_free_memory(|| 1);

    // A config that cannot work is found before anything is freed.
    let nonsense = copy("scheduler/scheduler_config.json", "v_prediction", "sample");
    slot.get(plain(nonsense.path()), &device, None, &Watch::default()).err().expect("refused");
    assert!(before.upgrade().is_some());

    // Weights that do not match are found only while they are read.
    let broken = copy("unet/config.json", "176", "192");
    let seen: Arc<Mutex<Option<Weak<Model>>>> = Arc::new(Mutex::new(Some(before.clone())));
    let watch = Watch::observed(&Cancel::default(), move || {
        let gone = seen.lock().expect("lock").as_ref().is_none_or(|model| model.upgrade().is_none());
        assert!(gone, "the previous model is freed before the next one is read");
    });
    let text = slot.get(plain(broken.path()), &device, None, &watch).err().expect("refused").to_string();
    assert!(text.contains("weights do not match") && text.ends_with("is loaded again."), "{text}");
    assert!(slot.loaded_for(&ModelChoice::Starter).is_some() && before.upgrade().is_none());

    // And one that works takes its place.
    let good = copy("unet/config.json", "176", "176");
    slot.get(plain(good.path()), &device, None, &Watch::default()).expect("loads");
    assert!(slot.loaded_for(&ModelChoice::Starter).is_none());
}

#[test]
fn a_model_whose_files_were_replaced_is_loaded_again() {
    let (device, mut slot) = (processor(), ModelSlot::default());
    let folder = copy("unet/config.json", "176", "176");
    let watch = Watch::default();
    let first = slot.get(plain(folder.path()), &device, None, &watch).expect("loads");
    assert!(Arc::ptr_eq(&first, &slot.get(plain(folder.path()), &device, None, &watch).expect("loaded")));
    let path = folder.path().join("unet/config.json");
    let text = std::fs::read_to_string(&path).expect("reads");
    std::fs::write(&path, text + "\n").expect("writes");
    assert!(!Arc::ptr_eq(&first, &slot.get(plain(folder.path()), &device, None, &watch).expect("loads")));
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
