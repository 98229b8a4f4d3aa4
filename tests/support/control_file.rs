//! A small ControlNet for the starter: a copy of its UNet's way down, with what makes residuals of it.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};

/// Numbers that look random, in -1..1 times `scale`.
fn scrambled(shape: &[usize], seed: i64, scale: f64) -> Tensor {
    let count: usize = shape.iter().product();
    let value = |i: i64| (((i * 7919 + seed * 104_729) % 100_003) as f64 / 50_001.0 - 1.0) * scale;
    let values: Vec<f32> = (0..count as i64).map(|i| value(i) as f32).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).expect("tensor")
}

/// Writes the ControlNet in diffusers' names.
pub fn write_control(path: &Path) {
    let unet = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter/unet/diffusion_pytorch_model.safetensors");
    let copied = ["conv_in.", "time_embedding.", "down_blocks.", "mid_block."];
    let mut tensors: HashMap<String, Tensor> = candle_core::safetensors::load(unet, &Device::Cpu)
        .expect("the starter")
        .into_iter()
        .filter(|(name, _)| copied.iter().any(|start| name.starts_with(start)))
        .collect();
    let mut add = |name: &str, shape: &[usize], scale: f64| {
        let seed = tensors.len() as i64;
        tensors.insert(format!("{name}.weight"), scrambled(shape, seed, scale));
        tensors.insert(format!("{name}.bias"), Tensor::zeros(shape[0], DType::F32, &Device::Cpu).expect("zeros"));
    };
    // Levels of 32, 64, 128 and 176 channels with 2, 3, 1 and 1 residual blocks.
    let skips = [32, 32, 32, 32, 64, 64, 64, 64, 128, 128, 176];
    for (index, width) in skips.into_iter().enumerate() {
        add(&format!("controlnet_down_blocks.{index}"), &[width, width, 1, 1], 0.06);
    }
    add("controlnet_mid_block", &[176, 176, 1, 1], 0.06);
    let widths = [8, 12, 16, 24];
    add("controlnet_cond_embedding.conv_in", &[8, 3, 3, 3], 0.4);
    for (index, pair) in widths.windows(2).enumerate() {
        add(&format!("controlnet_cond_embedding.blocks.{}", 2 * index), &[pair[0], pair[0], 3, 3], 0.3);
        add(&format!("controlnet_cond_embedding.blocks.{}", 2 * index + 1), &[pair[1], pair[0], 3, 3], 0.3);
    }
    add("controlnet_cond_embedding.conv_out", &[32, 24, 3, 3], 0.3);
    candle_core::safetensors::save(&tensors, path).expect("writes");
}
