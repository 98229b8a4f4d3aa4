//! Names and shapes of the tensors that each part of a model must have, by its config.
//!
//! This says without reading weights what is missing from a model, and which layers a LoRA fits.

use std::collections::BTreeMap;

use crate::diffusion::files::kind::Family;
use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::text::encoder::config::TextEncoderConfig;

/// Tensors by diffusers' names.
pub(super) type Shapes = BTreeMap<String, Vec<usize>>;

/// A weight and, of its first dimension, a bias.
fn layer(shapes: &mut Shapes, name: &str, weight: &[usize]) {
    shapes.insert(format!("{name}.weight"), weight.to_vec());
    shapes.insert(format!("{name}.bias"), weight[..1].to_vec());
}

fn residual(shapes: &mut Shapes, name: &str, from: usize, to: usize, time: Option<usize>) {
    layer(shapes, &format!("{name}.norm1"), &[from]);
    layer(shapes, &format!("{name}.conv1"), &[to, from, 3, 3]);
    if let Some(time) = time {
        layer(shapes, &format!("{name}.time_emb_proj"), &[to, time]);
    }
    layer(shapes, &format!("{name}.norm2"), &[to]);
    layer(shapes, &format!("{name}.conv2"), &[to, to, 3, 3]);
    if from != to {
        layer(shapes, &format!("{name}.conv_shortcut"), &[to, from, 1, 1]);
    }
}

fn transformer(shapes: &mut Shapes, name: &str, width: usize, config: &UNetConfig, level: usize) {
    layer(shapes, &format!("{name}.norm"), &[width]);
    for projection in ["proj_in", "proj_out"] {
        let shape: &[usize] = if config.use_linear_projection { &[width, width] } else { &[width, width, 1, 1] };
        layer(shapes, &format!("{name}.{projection}"), shape);
    }
    for block in 0..config.transformer_layers_per_block.at(level) {
        let block = format!("{name}.transformer_blocks.{block}");
        for norm in 1..=3 {
            layer(shapes, &format!("{block}.norm{norm}"), &[width]);
        }
        for (attention, source) in [("attn1", width), ("attn2", config.cross_attention_dim)] {
            shapes.insert(format!("{block}.{attention}.to_q.weight"), vec![width, width]);
            shapes.insert(format!("{block}.{attention}.to_k.weight"), vec![width, source]);
            shapes.insert(format!("{block}.{attention}.to_v.weight"), vec![width, source]);
            layer(shapes, &format!("{block}.{attention}.to_out.0"), &[width, width]);
        }
        layer(shapes, &format!("{block}.ff.net.0.proj"), &[8 * width, width]);
        layer(shapes, &format!("{block}.ff.net.2"), &[width, 4 * width]);
    }
}

/// A UNet's tensors; the config must have been checked.
pub(super) fn unet(config: &UNetConfig) -> Shapes {
    let mut s = Shapes::new();
    let widths = &config.block_out_channels;
    let (Some(&first), Some(&lowest)) = (widths.first(), widths.last()) else { return s };
    let time = 4 * first;
    layer(&mut s, "time_embedding.linear_1", &[time, first]);
    layer(&mut s, "time_embedding.linear_2", &[time, time]);
    if let Some(width) = config.time_cond_proj_dim {
        s.insert("time_embedding.cond_proj.weight".into(), vec![first, width]);
    }
    layer(&mut s, "conv_in", &[first, config.in_channels, 3, 3]);
    let attends = |kinds: &[String], index: usize| kinds.get(index).is_some_and(|kind| kind.starts_with("CrossAttn"));
    let (mut skips, mut from) = (vec![first], first);
    for (level, &width) in widths.iter().enumerate() {
        let block = format!("down_blocks.{level}");
        for i in 0..config.layers_per_block.at(level) {
            residual(&mut s, &format!("{block}.resnets.{i}"), from, width, Some(time));
            if attends(&config.down_block_types, level) {
                transformer(&mut s, &format!("{block}.attentions.{i}"), width, config, level);
            }
            skips.push(width);
            from = width;
        }
        if level + 1 < widths.len() {
            layer(&mut s, &format!("{block}.downsamplers.0.conv"), &[width, width, 3, 3]);
            skips.push(width);
        }
    }
    if config.mid_block_type.is_some() {
        residual(&mut s, "mid_block.resnets.0", lowest, lowest, Some(time));
        transformer(&mut s, "mid_block.attentions.0", lowest, config, widths.len() - 1);
        residual(&mut s, "mid_block.resnets.1", lowest, lowest, Some(time));
    }
    from = lowest;
    for (index, &width) in widths.iter().rev().enumerate() {
        let (block, level) = (format!("up_blocks.{index}"), widths.len() - 1 - index);
        for i in 0..=config.layers_per_block.at(level) {
            let skip = skips.pop().unwrap_or(0);
            residual(&mut s, &format!("{block}.resnets.{i}"), from + skip, width, Some(time));
            if attends(&config.up_block_types, index) {
                transformer(&mut s, &format!("{block}.attentions.{i}"), width, config, level);
            }
            from = width;
        }
        if index + 1 < widths.len() {
            layer(&mut s, &format!("{block}.upsamplers.0.conv"), &[width, width, 3, 3]);
        }
    }
    layer(&mut s, "conv_norm_out", &[first]);
    layer(&mut s, "conv_out", &[config.out_channels, first, 3, 3]);
    s
}

/// An autoencoder's tensors.
pub(super) fn autoencoder(config: &AutoencoderConfig) -> Shapes {
    let mut s = Shapes::new();
    let widths = &config.block_out_channels;
    let (Some(&first), Some(&lowest)) = (widths.first(), widths.last()) else { return s };
    let latent = config.latent_channels;
    if config.use_quant_conv {
        layer(&mut s, "quant_conv", &[2 * latent, 2 * latent, 1, 1]);
    }
    if config.use_post_quant_conv {
        layer(&mut s, "post_quant_conv", &[latent, latent, 1, 1]);
    }
    let down: Vec<usize> = widths.clone();
    let up: Vec<usize> = widths.iter().rev().copied().collect();
    for (half, way, widths, input, output, blocks) in [
        ("encoder", "down", &down, config.in_channels, 2 * latent, config.layers_per_block),
        ("decoder", "up", &up, latent, config.out_channels, config.layers_per_block + 1),
    ] {
        let mut from = if half == "encoder" { first } else { lowest };
        layer(&mut s, &format!("{half}.conv_in"), &[from, input, 3, 3]);
        for (level, &width) in widths.iter().enumerate() {
            for i in 0..blocks {
                residual(&mut s, &format!("{half}.{way}_blocks.{level}.resnets.{i}"), from, width, None);
                from = width;
            }
            if level + 1 < widths.len() {
                let name = format!("{half}.{way}_blocks.{level}.{way}samplers.0.conv");
                layer(&mut s, &name, &[width, width, 3, 3]);
            }
        }
        for i in 0..2 {
            residual(&mut s, &format!("{half}.mid_block.resnets.{i}"), lowest, lowest, None);
        }
        if config.mid_block_add_attention {
            let attention = format!("{half}.mid_block.attentions.0");
            layer(&mut s, &format!("{attention}.group_norm"), &[lowest]);
            for part in ["to_q", "to_k", "to_v", "to_out.0"] {
                layer(&mut s, &format!("{attention}.{part}"), &[lowest, lowest]);
            }
        }
        layer(&mut s, &format!("{half}.conv_norm_out"), &[from]);
        layer(&mut s, &format!("{half}.conv_out"), &[output, from, 3, 3]);
    }
    s
}

/// A text encoder's tensors.
pub(super) fn text_encoder(config: &TextEncoderConfig) -> Shapes {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let mut s = Shapes::from([
        ("text_model.embeddings.token_embedding.weight".into(), vec![config.vocab_size, width]),
        ("text_model.embeddings.position_embedding.weight".into(), vec![config.max_position_embeddings, width]),
    ]);
    for i in 0..config.num_hidden_layers {
        let name = format!("text_model.encoder.layers.{i}");
        for norm in 1..=2 {
            layer(&mut s, &format!("{name}.layer_norm{norm}"), &[width]);
        }
        for part in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            layer(&mut s, &format!("{name}.self_attn.{part}"), &[width, width]);
        }
        layer(&mut s, &format!("{name}.mlp.fc1"), &[inner, width]);
        layer(&mut s, &format!("{name}.mlp.fc2"), &[width, inner]);
    }
    layer(&mut s, "text_model.final_layer_norm", &[width]);
    s
}

/// The UNet and the text encoder of a family that runs here, in its published shape.
pub(super) fn of_family(family: Family) -> Option<(Shapes, Shapes)> {
    let (width, layers, linear) = match family {
        Family::Sd1 => (768, 12, false),
        Family::Sd2 => (1024, 23, true),
        _ => return None,
    };
    let unet_config = UNetConfig { cross_attention_dim: width, use_linear_projection: linear, ..UNetConfig::default() };
    let text_config = TextEncoderConfig {
        vocab_size: 49408,
        hidden_size: width,
        intermediate_size: 4 * width,
        num_hidden_layers: layers,
        num_attention_heads: width / 64,
        max_position_embeddings: 77,
        hidden_act: String::new(),
        layer_norm_eps: 1e-5,
    };
    Some((unet(&unet_config), text_encoder(&text_config)))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;

    fn numbers(shapes: &Shapes) -> usize {
        shapes.values().map(|shape| shape.iter().product::<usize>()).sum()
    }

    /// The published counts of parameters, and the names of the published files.
    #[test]
    fn published_models_have_the_published_tensors() {
        let (unet1, text1) = of_family(Family::Sd1).expect("runs");
        assert_eq!((numbers(&unet1), unet1.len()), (859_520_964, 686));
        assert_eq!(numbers(&text1), 123_060_480);
        let (unet2, text2) = of_family(Family::Sd2).expect("runs");
        assert_eq!((numbers(&unet2), unet2.len()), (865_910_724, 686));
        assert_eq!(numbers(&text2), 340_387_840);
        let vae = AutoencoderConfig {
            block_out_channels: vec![128, 256, 512, 512],
            layers_per_block: 2,
            ..AutoencoderConfig::default()
        };
        assert_eq!(numbers(&autoencoder(&vae)), 83_653_863);
        assert!(of_family(Family::Sdxl).is_none());

        let text = include_str!("../../../../tests/fixtures/ldm_names.json");
        let names: BTreeMap<String, BTreeMap<String, Vec<String>>> = serde_json::from_str(text).expect("the fixture");
        for (part, ours) in [("unet", unet1), ("vae", autoencoder(&vae))] {
            let theirs: BTreeSet<&String> = names[part].values().flatten().collect();
            assert_eq!(ours.keys().collect::<BTreeSet<_>>(), theirs, "{part}");
        }
    }

    /// Small models of every kind, whose shapes PyTorch's networks gave.
    #[test]
    fn every_kind_of_model_has_the_tensors_that_its_config_asks_for() {
        let text = include_str!("../../../../tests/fixtures/model_kinds.json");
        let about: Value = serde_json::from_str(text).expect("the fixture");
        for (name, kind) in about["kinds"].as_object().expect("kinds") {
            let shapes =
                |part: &str| -> Shapes { serde_json::from_value(kind["shapes"][part].clone()).expect("shapes") };
            let config = |part: &str| kind[part].clone();
            assert_eq!(unet(&serde_json::from_value(config("unet")).expect("config")), shapes("unet"), "{name}");
            assert_eq!(autoencoder(&serde_json::from_value(config("vae")).expect("config")), shapes("vae"), "{name}");
            let text: TextEncoderConfig = serde_json::from_value(config("text")).expect("config");
            assert_eq!(text_encoder(&text), shapes("text_encoder"), "{name}");
        }
    }
}
