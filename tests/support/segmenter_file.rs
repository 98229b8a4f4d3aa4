//! A file of MobileSAM with made-up weights, by the rule of tests/fixtures/mobile_sam.py.

use std::collections::BTreeMap;
use std::path::Path;

use half::f16;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Writes all tensors of the network in half precision.
pub fn write(path: &Path) {
    let about = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/mobile_sam.json");
    let about: serde_json::Value = serde_json::from_slice(&std::fs::read(about).expect("reads")).expect("JSON");
    let shapes: BTreeMap<String, Vec<usize>> = serde_json::from_value(about["shapes"].clone()).expect("shapes");
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = shapes
        .into_iter()
        .map(|(name, shape)| {
            let bytes = weights(&name, &shape).iter().flat_map(|value| value.to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F16, shape.clone(), bytes).expect("as many as the shape says"))
    });
    safetensors::serialize_to_file(views, None, path).expect("writes");
}

fn weights(name: &str, shape: &[usize]) -> Vec<f16> {
    let count: usize = shape.iter().product();
    let seed = i64::from(crc32(name) % 65521);
    let is_flat = shape.len() < 2;
    let embedding = name.contains("embedding") && !is_flat;
    let spread =
        1.2 / ((count / shape[0]) as f64).sqrt() * if embedding { (shape[1] as f64).sqrt() * 0.5 } else { 1.0 };
    let scales = name.ends_with(".weight") || name.ends_with(".running_var");
    (0..count as i64)
        .map(|i| {
            let value = ((i * 7919 + seed * 104_729) % 100_003) as f64 / 50001.0 - 1.0;
            let base = f64::from(u8::from(scales));
            f16::from_f64(if is_flat { value * 0.1 + base } else { value * spread })
        })
        .collect()
}

/// CRC-32 as zlib has it, one bit at a time.
fn crc32(text: &str) -> u32 {
    !text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1)))
    })
}
