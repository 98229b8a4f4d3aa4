//! The names of a LoRA's tensors: which layer they belong to, and what they are there.
//!
//! Kohya's scripts write `lora_unet_…_to_q.lora_down.weight`, diffusers and PEFT
//! `unet.….to_q.lora_A.weight`, and LyCORIS adds endings for its own kinds.

/// What a tensor is within its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Down,
    Up,
    /// The core between them where a convolution's kernel is decomposed too (CP).
    Mid,
    Alpha,
    /// The magnitudes of DoRA.
    Magnitude,
    HadamardA1,
    HadamardB1,
    HadamardA2,
    HadamardB2,
    HadamardCore1,
    HadamardCore2,
    Kronecker1,
    Kronecker1A,
    Kronecker1B,
    Kronecker2,
    Kronecker2A,
    Kronecker2B,
    Kronecker2Core,
    /// The whole change to a weight.
    Whole,
    /// The whole change to a bias.
    WholeBias,
    /// What (IA)³ multiplies with.
    Factor,
    /// Whether (IA)³ multiplies inputs.
    OnInput,
    /// Anything of OFT.
    Rotation,
    /// Anything of GLoRA.
    Generalized,
}

const ENDINGS: [(&str, Role); 45] = [
    (".lora_down.weight", Role::Down),
    (".lora_up.weight", Role::Up),
    (".lora_mid.weight", Role::Mid),
    (".lora_A.weight", Role::Down),
    (".lora_B.weight", Role::Up),
    (".lora_A.default.weight", Role::Down),
    (".lora_B.default.weight", Role::Up),
    (".lora_linear_layer.down.weight", Role::Down),
    (".lora_linear_layer.up.weight", Role::Up),
    ("_lora.down.weight", Role::Down),
    ("_lora.up.weight", Role::Up),
    (".lora.down.weight", Role::Down),
    (".lora.up.weight", Role::Up),
    (".dora_scale", Role::Magnitude),
    (".lora_magnitude_vector", Role::Magnitude),
    (".lora_magnitude_vector.weight", Role::Magnitude),
    (".lora_magnitude_vector.default.weight", Role::Magnitude),
    (".hada_w1_a", Role::HadamardA1),
    (".hada_w1_b", Role::HadamardB1),
    (".hada_w2_a", Role::HadamardA2),
    (".hada_w2_b", Role::HadamardB2),
    (".hada_t1", Role::HadamardCore1),
    (".hada_t2", Role::HadamardCore2),
    (".lokr_w1", Role::Kronecker1),
    (".lokr_w1_a", Role::Kronecker1A),
    (".lokr_w1_b", Role::Kronecker1B),
    (".lokr_w2", Role::Kronecker2),
    (".lokr_w2_a", Role::Kronecker2A),
    (".lokr_w2_b", Role::Kronecker2B),
    (".lokr_t2", Role::Kronecker2Core),
    (".oft_blocks", Role::Rotation),
    (".oft_diag", Role::Rotation),
    // The endings above are a LoRA's alone; those below also need a LoRA's prefix.
    (".alpha", Role::Alpha),
    (".diff", Role::Whole),
    (".diff_b", Role::WholeBias),
    (".w_norm", Role::Whole),
    (".b_norm", Role::WholeBias),
    (".on_input", Role::OnInput),
    (".rescale", Role::Rotation),
    (".a1.weight", Role::Generalized),
    (".a2.weight", Role::Generalized),
    (".b1.weight", Role::Generalized),
    (".b2.weight", Role::Generalized),
    (".bm.weight", Role::Generalized),
    (".weight", Role::Factor),
];

/// How many of the endings are a LoRA's alone.
const OWN: usize = 32;

const PREFIXES: [&str; 6] =
    ["lora_unet_", "lora_te", "lycoris_", "lora_prior_", "lora_transformer_", "lora_controlnet"];

/// Whether only a LoRA has a tensor of this name.
pub(in crate::diffusion) fn is_lora_tensor(name: &str) -> bool {
    PREFIXES.iter().any(|start| name.starts_with(start)) || ENDINGS[..OWN].iter().any(|(end, _)| name.ends_with(end))
}

/// A tensor's layer, as `unet_…` or `text_encoder_…` with underscores alone, and its role there; `None`
/// for the layers of other kinds of models.
pub(super) fn split(name: &str) -> Option<(String, Role)> {
    let (layer, role) = ENDINGS.iter().find_map(|(end, role)| Some((name.strip_suffix(end)?, *role)))?;
    let layer = layer.replace("base_model.model.", "");
    // An early diffusers release put its matrices under `processor`, and the output has an index.
    let layer = layer.replace(".processor.", ".").replace('.', "_");
    let layer = if layer.ends_with("_to_out") { format!("{layer}_0") } else { layer };
    let layer = layer.strip_prefix("lora_").unwrap_or(&layer);
    let layer = match (layer.strip_prefix("te_"), layer.strip_prefix("lycoris_")) {
        (Some(rest), _) => format!("text_encoder_{rest}"),
        (None, Some(rest)) if rest.starts_with("text_model_") => format!("text_encoder_{rest}"),
        (None, Some(rest)) => format!("unet_{rest}"),
        (None, None) => layer.to_owned(),
    };
    (layer.starts_with("unet_") || layer.starts_with("text_encoder_")).then_some((layer, role))
}

/// A model's tensor as LoRA files call its layer: `part` is `unet` or `text_encoder`, `layer` in
/// diffusers' names.
pub(in crate::diffusion) fn layer_key(part: &str, layer: &str) -> String {
    let level = if part == "text_encoder" && !layer.starts_with("text_model.") { "text_model_" } else { "" };
    format!("{part}_{level}{}", layer.replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_writer_lead_to_the_same_layer() {
        let layer = "unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0";
        for (name, role) in [
            ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0.lora_down.weight", Role::Down),
            ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0.lora_B.weight", Role::Up),
            ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.up.weight", Role::Up),
            (
                "base_model.model.unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0.lora_A.weight",
                Role::Down,
            ),
            ("lycoris_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0.lokr_w2_a", Role::Kronecker2A),
            ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0.weight", Role::Factor),
        ] {
            assert_eq!(split(name), Some((layer.to_owned(), role)), "{name}");
            assert!(is_lora_tensor(name), "{name}");
        }
        let text = "text_encoder_text_model_encoder_layers_0_self_attn_q_proj";
        for name in [
            "lora_te_text_model_encoder_layers_0_self_attn_q_proj.alpha",
            "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.down.weight",
        ] {
            assert_eq!(split(name).map(|(layer, _)| layer).as_deref(), Some(text), "{name}");
        }
        assert_eq!(layer_key("text_encoder", "text_model.encoder.layers.0.self_attn.q_proj"), text);
        assert_eq!(layer_key("text_encoder", "encoder.layers.0.self_attn.q_proj"), text);
        assert_eq!(split("lora_te2_text_model_encoder_layers_0_mlp_fc1.alpha"), None);
        assert_eq!(split("transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight"), None);
        for name in ["model.diffusion_model.out.2.weight", "encoder.conv_in.weight", "a.alpha", "x.diff"] {
            assert!(!is_lora_tensor(name), "{name}");
        }
    }

    #[test]
    fn the_endings_of_a_lora_alone_come_first() {
        assert_eq!(ENDINGS[OWN].0, ".alpha");
    }
}
