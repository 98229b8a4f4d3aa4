//! The configs that a folder would bring, read off the names and shapes of a file's tensors.

use serde_json::{Value, json};

use super::Checkpoint;

impl Checkpoint {
    /// The config file that a folder with this model would have.
    pub fn config(&self, inside: &str) -> Option<Value> {
        match inside {
            "unet/config.json" => Some(self.unet_config()),
            "vae/config.json" => self.parts.contains_key("vae").then(|| self.autoencoder_config()),
            "scheduler/scheduler_config.json" => Some(json!({"prediction_type": self.prediction?})),
            "text_encoder/config.json" => Some(self.text_config()),
            // 2.x fills short prompts up with exclamation marks.
            "tokenizer/special_tokens_map.json" if self.open_clip => Some(json!({"pad_token": "!"})),
            _ => None,
        }
    }

    pub(super) fn shape(&self, part: &str, name: &str) -> Option<&[usize]> {
        Some(self.parts.get(part)?.get(name)?.shape.as_slice())
    }

    /// A dimension of a tensor; 0, which no config check lets pass, where there is none.
    fn size(&self, part: &str, name: &str, dimension: usize) -> usize {
        self.shape(part, name).and_then(|shape| shape.get(dimension)).copied().unwrap_or(0)
    }

    fn count(&self, part: &str, name: impl Fn(usize) -> String) -> usize {
        (0..1000).take_while(|i| self.shape(part, &name(*i)).is_some()).count()
    }

    fn unet_config(&self) -> Value {
        let levels = self.count("unet", |i| format!("down_blocks.{i}.resnets.0.conv1.weight"));
        let size = |name: String| self.size("unet", &name, 0);
        let widths: Vec<usize> = (0..levels).map(|i| size(format!("down_blocks.{i}.resnets.0.conv1.weight"))).collect();
        let kinds = |way: &str, word: &str| -> Vec<String> {
            let attends =
                |i: usize| self.shape("unet", &format!("{way}_blocks.{i}.attentions.0.norm.weight")).is_some();
            (0..levels)
                .map(|i| if attends(i) { format!("CrossAttn{word}Block2D") } else { format!("{word}Block2D") })
                .collect()
        };
        let block = "attentions.0.transformer_blocks.0";
        let context = self.tensors("unet").find(|(name, _)| name.ends_with(&format!("{block}.attn2.to_k.weight")));
        let context = context.and_then(|(_, shape)| shape.get(1)).copied().unwrap_or(0);
        let linear =
            self.tensors("unet").any(|(name, shape)| name.ends_with("attentions.0.proj_in.weight") && shape.len() == 2);
        // 1.x splits every width into eight heads, 2.x into heads of 64.
        let heads: Vec<usize> = widths.iter().map(|w| if self.open_clip { (w / 64).max(1) } else { 8 }).collect();
        json!({
            "in_channels": self.size("unet", "conv_in.weight", 1),
            "out_channels": self.size("unet", "conv_out.weight", 0),
            "block_out_channels": widths,
            "down_block_types": kinds("down", "Down"),
            "up_block_types": kinds("up", "Up"),
            "mid_block_type": self.shape("unet", "mid_block.resnets.0.conv1.weight").map(|_| "UNetMidBlock2DCrossAttn"),
            "layers_per_block": self.count("unet", |i| format!("down_blocks.0.resnets.{i}.conv1.weight")),
            "attention_head_dim": heads,
            "cross_attention_dim": context,
            "use_linear_projection": linear,
            "time_cond_proj_dim": self.shape("unet", "time_embedding.cond_proj.weight").and_then(|shape| shape.get(1)),
        })
    }

    fn autoencoder_config(&self) -> Value {
        if self.shape("vae", "decoder.layers.0.weight").is_some() {
            return self.tiny_config();
        }
        let levels = self.count("vae", |i| format!("encoder.down_blocks.{i}.resnets.0.conv1.weight"));
        let width = |i: usize| self.size("vae", &format!("encoder.down_blocks.{i}.resnets.0.conv1.weight"), 0);
        json!({
            "block_out_channels": (0..levels).map(width).collect::<Vec<_>>(),
            "layers_per_block": self.count("vae", |i| format!("encoder.down_blocks.0.resnets.{i}.conv1.weight")),
            "latent_channels": self.size("vae", "post_quant_conv.weight", 0),
            "mid_block_add_attention": self.shape("vae", "encoder.mid_block.attentions.0.to_q.weight").is_some(),
        })
    }

    /// The small kind is published in one shape; widths and latent may differ.
    fn tiny_config(&self) -> Value {
        let wide = |name: &str| vec![self.size("vae", name, 0); 4];
        json!({
            "_class_name": "AutoencoderTiny",
            "latent_channels": self.size("vae", "decoder.layers.0.weight", 1),
            "encoder_block_out_channels": wide("encoder.layers.0.weight"),
            "decoder_block_out_channels": wide("decoder.layers.0.weight"),
        })
    }

    fn text_config(&self) -> Value {
        let embedding = "text_model.embeddings.token_embedding.weight";
        let width = self.size("text_encoder", embedding, 1);
        let layers = self.count("text_encoder", |i| format!("text_model.encoder.layers.{i}.mlp.fc1.weight"));
        json!({
            "vocab_size": self.size("text_encoder", embedding, 0),
            "hidden_size": width,
            "intermediate_size": self.size("text_encoder", "text_model.encoder.layers.0.mlp.fc1.weight", 0),
            // 2.x reads the layer before the last.
            "num_hidden_layers": if self.open_clip { layers.saturating_sub(1) } else { layers },
            "num_attention_heads": (width / 64).max(1),
            "max_position_embeddings": self.size("text_encoder", "text_model.embeddings.position_embedding.weight", 0),
            "hidden_act": if self.open_clip { "gelu" } else { "quick_gelu" },
        })
    }
}
