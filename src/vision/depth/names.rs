//! The names of tensors in the original files, which transformers' files call differently.

/// What the original files call a tensor of transformers' files.
pub(super) fn original_name(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("backbone.") {
        return format!("pretrained.{}", of_backbone(rest));
    }
    let in_head = |rest: String| format!("depth_head.{rest}");
    if let Some(rest) = name.strip_prefix("neck.reassemble_stage.layers.") {
        let (number, rest) = rest.split_once('.').unwrap_or((rest, ""));
        return in_head(match rest.split_once('.') {
            Some(("projection", rest)) => format!("projects.{number}.{rest}"),
            Some(("resize", rest)) => format!("resize_layers.{number}.{rest}"),
            _ => format!("{number}.{rest}"),
        });
    }
    if let Some((number, rest)) = name.strip_prefix("neck.convs.").and_then(|rest| rest.split_once('.')) {
        let number = number.parse::<usize>().map_or(0, |number| number + 1);
        return in_head(format!("scratch.layer{number}_rn.{rest}"));
    }
    if let Some((number, rest)) = name.strip_prefix("neck.fusion_stage.layers.").and_then(|rest| rest.split_once('.')) {
        // The first one to be run has the last number there.
        let number = 4 - number.parse::<usize>().unwrap_or(0).min(4);
        let rest = rest
            .replace("projection.", "out_conv.")
            .replace("residual_layer", "resConfUnit")
            .replace("convolution", "conv");
        return in_head(format!("scratch.refinenet{number}.{rest}"));
    }
    let rest = name.strip_prefix("head.").unwrap_or(name);
    let rest = rest
        .replace("conv1.", "output_conv1.")
        .replace("conv2.", "output_conv2.0.")
        .replace("conv3.", "output_conv2.2.");
    in_head(format!("scratch.{rest}"))
}

fn of_backbone(name: &str) -> String {
    for (theirs, original) in [
        ("embeddings.cls_token", "cls_token"),
        ("embeddings.position_embeddings", "pos_embed"),
        ("embeddings.patch_embeddings.projection.", "patch_embed.proj."),
        ("layernorm.", "norm."),
    ] {
        if let Some(rest) = name.strip_prefix(theirs) {
            return format!("{original}{rest}");
        }
    }
    name.replace("encoder.layer.", "blocks.")
        .replace("attention.attention.", "attn.")
        .replace("attention.output.dense.", "attn.proj.")
        .replace("layer_scale1.lambda1", "ls1.gamma")
        .replace("layer_scale2.lambda1", "ls2.gamma")
}
