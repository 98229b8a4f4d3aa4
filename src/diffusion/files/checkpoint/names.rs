//! The names of the original Stable Diffusion code ("LDM"), in diffusers' words.
//!
//! Pure text: what is called `input_blocks.4.1.…` there is called `down_blocks.1.attentions.0.…`
//! here. A name that belongs to no layer the program runs gives `None`.

/// A UNet's tensor, without `model.diffusion_model.`; `layers` residual blocks a level.
pub(super) fn unet(name: &str, layers: usize) -> Option<String> {
    let whole = [
        ("time_embed.0.", "time_embedding.linear_1."),
        ("time_embed.2.", "time_embedding.linear_2."),
        // Models that were distilled with their guidance take its scale here.
        ("time_embed.cond_proj.", "time_embedding.cond_proj."),
        ("input_blocks.0.0.", "conv_in."),
        ("out.0.", "conv_norm_out."),
        ("out.2.", "conv_out."),
    ];
    for (theirs, ours) in whole {
        if let Some(rest) = name.strip_prefix(theirs) {
            return Some(format!("{ours}{rest}"));
        }
    }
    if let Some(rest) = name.strip_prefix("middle_block.") {
        let (index, rest) = number(rest)?;
        return match index {
            0 | 2 => Some(format!("mid_block.resnets.{}.{}", index / 2, resnet(rest)?)),
            1 => Some(format!("mid_block.attentions.0.{rest}")),
            _ => None,
        };
    }
    if let Some(rest) = name.strip_prefix("input_blocks.") {
        let (block, rest) = number(rest)?;
        let (part, rest) = number(rest)?;
        // Block 0 is the first convolution alone; anything else under its number belongs to no layer.
        let block = block.checked_sub(1)?;
        let (level, index) = (block / (layers + 1), block % (layers + 1));
        if index == layers {
            return Some(format!("down_blocks.{level}.downsamplers.0.conv.{}", rest.strip_prefix("op.")?));
        }
        return layer(&format!("down_blocks.{level}"), index, part, rest);
    }
    let (block, rest) = number(name.strip_prefix("output_blocks.")?)?;
    let (part, rest) = number(rest)?;
    let (level, index) = (block / (layers + 1), block % (layers + 1));
    // The upsampler follows the attention, or the residual block where there is none.
    match rest.strip_prefix("conv.") {
        Some(rest) => Some(format!("up_blocks.{level}.upsamplers.0.conv.{rest}")),
        None => layer(&format!("up_blocks.{level}"), index, part, rest),
    }
}

fn layer(block: &str, index: usize, part: usize, rest: &str) -> Option<String> {
    match part {
        0 => Some(format!("{block}.resnets.{index}.{}", resnet(rest)?)),
        1 => Some(format!("{block}.attentions.{index}.{rest}")),
        _ => None,
    }
}

/// Inside a UNet's residual block.
fn resnet(rest: &str) -> Option<String> {
    let names = [
        ("in_layers.0.", "norm1."),
        ("in_layers.2.", "conv1."),
        ("emb_layers.1.", "time_emb_proj."),
        ("out_layers.0.", "norm2."),
        ("out_layers.3.", "conv2."),
        ("skip_connection.", "conv_shortcut."),
    ];
    names.iter().find_map(|(theirs, ours)| Some(format!("{ours}{}", rest.strip_prefix(theirs)?)))
}

/// A control network's tensor, without `control_model.`; `layers` residual blocks a level.
pub(super) fn control(name: &str, layers: usize) -> Option<String> {
    if let Some((index, rest)) = name.strip_prefix("zero_convs.").and_then(number) {
        return Some(format!("controlnet_down_blocks.{index}.{}", rest.strip_prefix("0.")?));
    }
    if let Some(rest) = name.strip_prefix("middle_block_out.0.") {
        return Some(format!("controlnet_mid_block.{rest}"));
    }
    if let Some((index, rest)) = name.strip_prefix("input_hint_block.").and_then(number) {
        // Every second module is an activation.
        return match index {
            0 => Some(format!("controlnet_cond_embedding.conv_in.{rest}")),
            LAST_HINT_MODULE => Some(format!("controlnet_cond_embedding.conv_out.{rest}")),
            even if even.is_multiple_of(2) => Some(format!("controlnet_cond_embedding.blocks.{}.{rest}", even / 2 - 1)),
            _ => None,
        };
    }
    unet(name, layers)
}

/// The place of the hint encoder's last convolution in the original code.
const LAST_HINT_MODULE: usize = 14;

/// An autoencoder's tensor, without `first_stage_model.`; `levels` counts its widths.
pub(super) fn autoencoder(name: &str, levels: usize) -> Option<String> {
    if name.starts_with("quant_conv.") || name.starts_with("post_quant_conv.") {
        return Some(name.to_owned());
    }
    let (half, rest) = name.split_once('.')?;
    let way = match half {
        "encoder" => "down",
        "decoder" => "up",
        _ => return None,
    };
    let middle = [
        ("norm_out.", "conv_norm_out."),
        ("conv_in.", "conv_in."),
        ("conv_out.", "conv_out."),
        ("mid.block_1.", "mid_block.resnets.0."),
        ("mid.block_2.", "mid_block.resnets.1."),
    ];
    for (theirs, ours) in middle {
        if let Some(rest) = rest.strip_prefix(theirs) {
            return Some(format!("{half}.{ours}{rest}"));
        }
    }
    if let Some(rest) = rest.strip_prefix("mid.attn_1.") {
        let names =
            [("norm.", "group_norm."), ("q.", "to_q."), ("k.", "to_k."), ("v.", "to_v."), ("proj_out.", "to_out.0.")];
        return names.iter().find_map(|(theirs, ours)| {
            Some(format!("{half}.mid_block.attentions.0.{ours}{}", rest.strip_prefix(theirs)?))
        });
    }
    let (level, rest) = number(rest.strip_prefix(way)?.strip_prefix('.')?)?;
    // The original counts the decoder's levels from the outside, diffusers from the inside.
    let level = if half == "decoder" { levels.checked_sub(1)?.checked_sub(level)? } else { level };
    let block = format!("{half}.{way}_blocks.{level}");
    if let Some(rest) = rest.strip_prefix("block.") {
        let (index, rest) = number(rest)?;
        let rest = rest.replacen("nin_shortcut.", "conv_shortcut.", 1);
        return Some(format!("{block}.resnets.{index}.{rest}"));
    }
    let conv = rest.strip_prefix(&format!("{way}sample.conv."))?;
    Some(format!("{block}.{way}samplers.0.conv.{conv}"))
}

/// A part of a tensor that holds several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// The first, second or last third of its rows.
    Third(usize),
}

/// A tensor of OpenCLIP's text transformer (Stable Diffusion 2), without `cond_stage_model.model.`;
/// one of its tensors may hold query, key and value.
pub(super) fn open_clip(name: &str) -> Vec<(String, Part)> {
    let whole = [
        ("token_embedding.weight", "embeddings.token_embedding.weight"),
        ("positional_embedding", "embeddings.position_embedding.weight"),
        ("ln_final.weight", "final_layer_norm.weight"),
        ("ln_final.bias", "final_layer_norm.bias"),
    ];
    if let Some((_, ours)) = whole.iter().find(|(theirs, _)| *theirs == name) {
        return vec![(format!("text_model.{ours}"), Part::Whole)];
    }
    let Some((index, rest)) = name.strip_prefix("transformer.resblocks.").and_then(number) else { return Vec::new() };
    let layer = format!("text_model.encoder.layers.{index}");
    for (theirs, ours) in [("attn.in_proj_weight", "weight"), ("attn.in_proj_bias", "bias")] {
        if rest == theirs {
            let third = |(i, head): (usize, &str)| (format!("{layer}.self_attn.{head}_proj.{ours}"), Part::Third(i));
            return ["q", "k", "v"].into_iter().enumerate().map(third).collect();
        }
    }
    let names = [
        ("attn.out_proj.", "self_attn.out_proj."),
        ("ln_1.", "layer_norm1."),
        ("ln_2.", "layer_norm2."),
        ("mlp.c_fc.", "mlp.fc1."),
        ("mlp.c_proj.", "mlp.fc2."),
    ];
    let found = names.iter().find_map(|(theirs, ours)| Some(format!("{layer}.{ours}{}", rest.strip_prefix(theirs)?)));
    found.map(|name| (name, Part::Whole)).into_iter().collect()
}

/// `12.rest` as 12 and `rest`.
fn number(text: &str) -> Option<(usize, &str)> {
    let (digits, rest) = text.split_once('.')?;
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Every name in v1-5-pruned-emaonly and v2-1 with what diffusers 0.42 calls it, written by
    /// `tests/fixtures/ldm_names.py` through diffusers' own converters.
    #[test]
    fn every_published_name_is_called_what_diffusers_calls_it() {
        type Names = BTreeMap<String, BTreeMap<String, Vec<String>>>;
        let text = include_str!("../../../../tests/fixtures/ldm_names.json");
        let names: Names = serde_json::from_str(text).expect("the fixture");
        let counts: Vec<usize> = names.values().map(BTreeMap::len).collect();
        assert_eq!(counts, [280, 686, 248], "OpenCLIP, UNet, autoencoder");
        for (part, names) in &names {
            for (theirs, ours) in names {
                let got: Vec<String> = match part.as_str() {
                    "unet" => unet(theirs, 2).into_iter().collect(),
                    "vae" => autoencoder(theirs, 4).into_iter().collect(),
                    _ => open_clip(theirs).into_iter().map(|(name, _)| name).collect(),
                };
                assert_eq!(&got, ours, "{part}: {theirs}");
            }
        }
    }

    #[test]
    fn names_of_other_things_are_nothing() {
        for name in
            ["", "input_blocks", "input_blocks.x.0.", "output_blocks.1", "label_emb.0.0.weight", "middle_block.9.a"]
        {
            assert_eq!(unet(name, 2), None, "{name}");
        }
        for name in ["", "loss.weight", "encoder.up.0.block.0.norm1.weight", "decoder.up.9.block.0.x"] {
            assert_eq!(autoencoder(name, 4), None, "{name}");
        }
        assert!(open_clip("logit_scale").is_empty());
    }

    /// Names come from files, so every number in them can be anything.
    #[test]
    fn no_number_in_a_name_overflows() {
        assert_eq!(unet("input_blocks.0.1.x", 2), None);
        let numbers = ["0", "1", "3", "999", "18446744073709551615", "18446744073709551616", "-1", ""];
        for a in numbers {
            for b in numbers {
                for rest in ["in_layers.0.weight", "op.weight", "conv.weight", "x", ""] {
                    for start in ["input_blocks", "output_blocks", "middle_block", "time_embed", "out"] {
                        for layers in [0, 1, 2, 8] {
                            let _ = unet(&format!("{start}.{a}.{b}.{rest}"), layers);
                            let _ = unet(&format!("{start}.{a}.{rest}"), layers);
                        }
                    }
                    for half in ["encoder.down", "decoder.up", "decoder.down", "encoder.mid"] {
                        for levels in [0, 1, 4] {
                            let _ = autoencoder(&format!("{half}.{a}.block.{b}.{rest}"), levels);
                            let _ = autoencoder(&format!("{half}.{a}.upsample.{rest}"), levels);
                        }
                    }
                    let _ = open_clip(&format!("transformer.resblocks.{a}.{rest}"));
                }
            }
        }
    }
}
