//! Networks that enlarge pictures here and in PyTorch, on random weights.
//!
//! tests/fixtures/upscaler.py wrote the reference and says how; weights are made by the rule of model_kinds.py.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use image::{Rgb, RgbImage};
use serde_json::Value;

use super::compute_device::ComputeDevice;
use super::enlarge::enlarged;
use super::kind_tests::{fixture, gap, weight};
use crate::diffusion::files::inspect::inspect_model;
use crate::diffusion::files::upscaler::UpscalerFile;
use crate::diffusion::networks::upscaler::UpscalerNetwork;
use crate::diffusion::watch::Watch;
use crate::engine::{Cancel, DeviceChoice, Dtype, Error, SecondPass, Upscaler};

fn about() -> Value {
    serde_json::from_slice(&std::fs::read(fixture("upscaler.json")).expect("reads")).expect("JSON")
}

/// Writes the network of this name; `names` are `shapes` for those of BasicSR, else which version's.
fn write(path: &Path, network: &Value, names: &str) {
    let shapes: BTreeMap<String, Vec<usize>> = serde_json::from_value(network["shapes"].clone()).expect("shapes");
    let tensors: HashMap<String, Tensor> = match names {
        "shapes" => shapes.iter().map(|(name, shape)| (name.clone(), weight(name, shape))).collect(),
        version => {
            let names: BTreeMap<String, String> = serde_json::from_value(network[version].clone()).expect("names");
            names.into_iter().map(|(theirs, ours)| (theirs, weight(&ours, &shapes[&ours]))).collect()
        }
    };
    candle_core::safetensors::save(&tensors, path).expect("writes");
}

fn load(path: &Path) -> UpscalerNetwork {
    let file = UpscalerFile::open(path).expect("opens");
    UpscalerNetwork::load(&file, DType::F32, &Device::Cpu, &Watch::default()).expect("loads")
}

#[test]
fn every_network_under_every_names_agrees_with_pytorch() {
    let reference = candle_core::safetensors::load(fixture("upscaler.safetensors"), &Device::Cpu).expect("reads");
    let last = |t: &Tensor| t.permute((0, 2, 3, 1)).and_then(|t| t.contiguous()).expect("permutes");
    let folder = tempfile::tempdir().expect("folder");
    for (name, network) in about().as_object().expect("networks") {
        for names in ["shapes", "first", "second"] {
            if names != "shapes" && network.get(names).is_none() {
                continue;
            }
            let path = folder.path().join("network.safetensors");
            write(&path, network, names);
            let made = load(&path).forward(&last(&reference["picture"]), &Watch::default()).expect("runs");
            let gap = gap(&made, &last(&reference[name]));
            println!("{name}, {names}: {gap:e}");
            assert!(gap < 1e-4, "{name}, {names}: {gap}");
            let report = inspect_model(&path);
            assert!(report.usable && report.sentence.contains("is an upscaler ("), "{}", report.sentence);
        }
    }
}

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 5) as u8, (y * 3) as u8, (x + 2 * y) as u8]))
}

#[test]
fn large_pictures_are_enlarged_in_tiles_without_seams_and_odd_sides_are_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("network.safetensors");
    write(&path, &about()["compact_x2"], "shapes");
    let network = load(&path);
    let picture = picture(301, 45);
    let in_tiles = network.enlarged(&picture, &Device::Cpu, &Watch::default()).expect("enlarges");
    assert_eq!(in_tiles.dimensions(), (602, 90));
    let levels: Vec<f32> = picture.as_raw().iter().map(|level| f32::from(*level) / 255.0).collect();
    let whole = Tensor::from_vec(levels, (1, 45, 301, 3), &Device::Cpu).expect("tensor");
    let whole = network.forward(&whole, &Watch::default()).and_then(|t| Ok(t.flatten_all()?.to_vec1::<f32>()?));
    let whole = whole.expect("runs");
    // The tiles share 16 pixels of the result. The first of them see the edge of the tile where the picture goes on, and
    // count for nothing; so nearly all is as if it had been made at once.
    let far = whole
        .iter()
        .zip(in_tiles.as_raw())
        .filter(|(whole, tile)| ((**whole * 255.0).round().clamp(0.0, 255.0) - f32::from(**tile)).abs() > 2.0);
    assert!(far.count() < 90 * 3 * 4);
    write(&path, &about()["x2"], "shapes");
    let odd = load(&path).enlarged(&self::picture(33, 17), &Device::Cpu, &Watch::default()).expect("enlarges");
    assert_eq!(odd.dimensions(), (66, 34));
}

#[test]
fn the_picture_gets_the_size_that_was_asked_for_and_what_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("network.safetensors");
    let device = ComputeDevice::new(DeviceChoice::Cpu, Dtype::F32).expect("a processor");
    let of = |scale: f64, path: &Path| {
        let pass = SecondPass { scale, upscaler: Upscaler::File(path.into()), ..SecondPass::default() };
        enlarged(&picture(40, 24), &pass, &device, &Watch::default()).map(|made| made.dimensions())
    };
    for (network, scale, size) in
        [("x4", 2.0, (80, 48)), ("compact_x2", 4.0, (160, 96)), ("x1", 2.0, (80, 48)), ("x2", 1.5, (56, 32))]
    {
        write(&path, &about()[network], "shapes");
        assert_eq!(of(scale, &path).expect("enlarges"), size, "{network}");
    }
    let says = |path: &Path, text: &str| {
        let error = of(2.0, path).expect_err(text).to_string();
        assert!(error.contains(text), "{error}");
    };
    says(Path::new("4x-UltraSharp"), "not known here");
    says(&folder.path().join("none.pth"), "There is no upscaler");
    says(&fixture("prompts.safetensors"), "not an upscaler");
    says(&fixture("hostile.ckpt"), "would run");
    let cancel = Cancel::default();
    cancel.cancel();
    let pass = SecondPass { upscaler: Upscaler::File(path), ..SecondPass::default() };
    let cancelled = enlarged(&picture(40, 24), &pass, &device, &Watch::new(&cancel));
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}
