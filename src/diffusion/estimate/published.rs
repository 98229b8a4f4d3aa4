//! Estimates of models that are not on this machine, from the shapes that were published of them.

use std::sync::Arc;

use super::controls::KnownControls;
use super::known_upscalers::KnownUpscalers;
use super::{HeldMemory, LocalEstimator, Observed};
use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::estimate::rates::Rates;
use crate::diffusion::memory;
use crate::diffusion::model_files::Numbers;
use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::unet::config::{PerLevel, UNetConfig};
use crate::diffusion::networks::vae_config::VaeConfig;
use crate::diffusion::text::encoder::config::TextEncoderConfig;
use crate::engine::{DeviceChoice, Dtype, Estimator, Recommended, TiledVae};

/// An estimator for models of a published shape: `sd1`, `sd1-lcm`, `sd2` or `bk-sdm-small`. `None` for another one, and
/// where a graphics card would compute, whose speed is not known. The first call measures the kernels' rates, which
/// takes a part of a second.
pub(in crate::diffusion) fn published_estimator(shape: &str) -> Option<Arc<dyn Estimator>> {
    let device = ComputeDevice::new(DeviceChoice::Auto, Dtype::Auto).ok().filter(ComputeDevice::is_processor)?;
    let sd1 = UNetConfig { cross_attention_dim: 768, ..UNetConfig::default() };
    let (unet, unet_numbers) = match shape {
        "sd1" => (sd1, 860_000_000),
        "sd1-lcm" => (UNetConfig { time_cond_proj_dim: Some(256), ..sd1 }, 860_000_000),
        // One block of two is removed at each level, and the middle.
        "bk-sdm-small" => (UNetConfig { layers_per_block: PerLevel::One(1), mid_block_type: None, ..sd1 }, 482_000_000),
        "sd2" => {
            let heads = PerLevel::Each(vec![5, 10, 20, 20]);
            let wide =
                UNetConfig { cross_attention_dim: 1024, use_linear_projection: true, attention_head_dim: heads, ..sd1 };
            (wide, 866_000_000)
        }
        _ => return None,
    };
    let is_wide = unet.cross_attention_dim == 1024;
    let (width, layers, text_numbers) = if is_wide { (1024, 23, 340_000_000) } else { (768, 12, 123_000_000) };
    let text = TextEncoderConfig {
        vocab_size: 49408,
        hidden_size: width,
        intermediate_size: 4 * width,
        num_hidden_layers: layers,
        num_attention_heads: width / 64,
        max_position_embeddings: 77,
        hidden_act: String::new(),
        layer_norm_eps: 1e-5,
    };
    let full = AutoencoderConfig {
        block_out_channels: vec![128, 256, 512, 512],
        layers_per_block: 2,
        ..AutoencoderConfig::default()
    };
    let rates = Rates::of_this_machine(device.precision());
    Some(Arc::new(LocalEstimator {
        unet,
        vae: VaeConfig::of_full(full),
        text,
        numbers: Numbers { unet: unet_numbers, vae: 84_000_000, text: text_numbers },
        recommended: Recommended::default(),
        device,
        tiled_vae: TiledVae::Auto,
        rates,
        observed: Observed::default(),
        held: HeldMemory::default(),
        controls: KnownControls::default(),
        upscalers: KnownUpscalers::default(),
        free: memory::available,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Plan, Settings};

    #[test]
    fn published_shapes_take_times_in_their_order() {
        let seconds = |shape: &str, steps: usize, cfg_scale: f64| {
            let settings = Settings { steps, cfg_scale, batch: 1, ..Settings::default() };
            published_estimator(shape).expect("a shape").estimate(&settings, &Plan::default(), false).seconds
        };
        let usual = seconds("sd1", 20, 7.0);
        assert!(usual > 3.0 * seconds("sd1", 4, 7.0), "steps count");
        assert!(usual > 1.7 * seconds("sd1", 20, 1.0), "guidance is a second evaluation");
        assert!(usual > 1.7 * seconds("sd1-lcm", 20, 7.0), "it needs no second evaluation");
        assert!(usual > 1.2 * seconds("bk-sdm-small", 20, 7.0), "blocks were removed");
        assert!((seconds("sd2", 20, 7.0) / usual - 1.0).abs() < 0.2);
        assert!(published_estimator("sdxl").is_none());
    }
}
