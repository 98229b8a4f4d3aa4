//! `text_encoder/config.json`, with the defaults that transformers gives missing entries.

use serde::Deserialize;

use crate::engine::Error;

/// `text_encoder/config.json` of a CLIPTextModel.
#[derive(Clone, Debug, Deserialize)]
pub struct TextEncoderConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    #[serde(default = "default_positions")]
    pub max_position_embeddings: usize,
    #[serde(default = "default_activation")]
    pub hidden_act: String,
    #[serde(default = "default_eps")]
    pub layer_norm_eps: f64,
}

fn default_positions() -> usize {
    77
}

fn default_activation() -> String {
    "quick_gelu".into()
}

fn default_eps() -> f64 {
    1e-5
}

impl TextEncoderConfig {
    /// Refuses sizes the text encoder cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        let sane = (1..=1 << 20).contains(&self.vocab_size)
            && (1..=8192).contains(&self.hidden_size)
            && (1..=65536).contains(&self.intermediate_size)
            && (1..=128).contains(&self.num_hidden_layers)
            && (1..=256).contains(&self.num_attention_heads)
            && (2..=4096).contains(&self.max_position_embeddings)
            && self.hidden_size.is_multiple_of(self.num_attention_heads);
        if !sane {
            return Err(Error::Unsupported("its text encoder's config is out of range".into()));
        }
        if !["quick_gelu", "gelu"].contains(&self.hidden_act.as_str()) {
            return Err(Error::Unsupported(format!("its text encoder uses the activation {}", self.hidden_act)));
        }
        Ok(())
    }
}
