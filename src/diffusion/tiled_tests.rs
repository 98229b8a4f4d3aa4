//! Autoencoders in tiles give the same bits as in one piece: sizes that no tile divides, tiles of few rows, both
//! number formats, with and without attention, and the tiny kind.

use candle_core::{Device, Tensor};
use serde_json::Value;

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::kind_tests::{fixture, write, write_tiny};
use crate::diffusion::model::Model;
use crate::diffusion::networks::layers::StripSize;
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::watch::Watch;
use crate::engine::{DeviceChoice, Dtype, Error, ModelChoice};

/// Sizes of tiles in numbers: as few rows as possible, a few, and more than there are.
const SIZES: [usize; 3] = [1, 1 << 16, 1 << 30];

fn numbers(shape: (usize, usize, usize, usize), seed: usize) -> Tensor {
    let count = shape.0 * shape.1 * shape.2 * shape.3;
    let values: Vec<f32> = (0..count).map(|i| ((i * 7919 + seed * 104_729) % 10_007) as f32 / 5003.0 - 1.0).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).expect("tensor")
}

fn bits(made: Result<Tensor, Error>) -> Vec<u32> {
    let numbers: Vec<f32> = made.expect("runs").flatten_all().and_then(|t| t.to_vec1()).expect("numbers");
    numbers.into_iter().map(f32::to_bits).collect()
}

fn check(what: &str, vae: &Vae, (height, width): (usize, usize)) {
    let latent = (2, vae.latent_channels, height / vae.factor, width / vae.factor);
    let (image, latent, watch) = (numbers((1, 3, height, width), 1), numbers(latent, 2), Watch::default());
    let (encoded, decoded) = (bits(vae.encode(&image, &watch)), bits(vae.decode(&latent, &watch)));
    assert!(decoded.iter().any(|bits| f32::from_bits(*bits).abs() > 1e-3), "{what}: all zeros");
    for size in SIZES.map(StripSize) {
        assert!(bits(vae.encode_tiled(&image, size, &watch)) == encoded, "{what}: encoding, {size:?}");
        assert!(bits(vae.decode_tiled(&latent, size, &watch)) == decoded, "{what}: decoding, {size:?}");
    }
}

#[test]
fn the_starters_autoencoder_gives_the_same_bits_in_tiles() {
    for dtype in [Dtype::F32, Dtype::F16, Dtype::Bf16] {
        let model = Model::load_for_test(&ModelChoice::Starter, dtype).expect("the starter");
        check(&format!("{dtype:?}"), &model.vae, (136, 72));
        check(&format!("{dtype:?}"), &model.vae, (72, 128));
    }
}

#[test]
fn autoencoders_with_attention_and_the_tiny_kind_give_the_same_bits_in_tiles() {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let folder = tempfile::tempdir().expect("folder");
    let (model, tiny) = (folder.path().join("model"), folder.path().join("tiny"));
    write(&model, &about["kinds"]["sd1"]);
    write_tiny(&tiny, &about["tiny"]);
    let device = ComputeDevice::new(DeviceChoice::Cpu, Dtype::F32).expect("the processor");
    for (what, path) in [("with attention", &model), ("tiny", &tiny)] {
        let vae = Vae::open(path, &device, &Watch::default()).expect("opens");
        check(what, &vae, (84, 44));
        check(what, &vae, (72, 128));
    }
}
