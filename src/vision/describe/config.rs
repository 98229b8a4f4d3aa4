//! BLIP's `config.json`.

use std::path::Path;

use candle_nn::Activation;
use candle_transformers::models::{blip, blip_text};
use serde::Deserialize;

use crate::engine::Error;

/// The largest width, number of layers or side that a config may name; those of the published models are far below it.
const MOST: usize = 8192;

/// What shapes a captioner. What a file leaves out is as in transformers, which leaves out what is usual.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct CaptionerConfig {
    text_config: TextConfig,
    vision_config: VisionConfig,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
struct TextConfig {
    vocab_size: usize,
    hidden_size: usize,
    encoder_hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    max_position_embeddings: usize,
    hidden_act: Activation,
    layer_norm_eps: f64,
    /// The token that stands before a caption.
    bos_token_id: u32,
    /// The token that ends a caption.
    sep_token_id: u32,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30524,
            hidden_size: 768,
            encoder_hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 512,
            hidden_act: Activation::Gelu,
            layer_norm_eps: 1e-12,
            bos_token_id: 30522,
            sep_token_id: 102,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
struct VisionConfig {
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    image_size: usize,
    patch_size: usize,
    hidden_act: Activation,
    layer_norm_eps: f64,
}

impl Default for VisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 384,
            patch_size: 16,
            hidden_act: Activation::Gelu,
            layer_norm_eps: 1e-5,
        }
    }
}

impl CaptionerConfig {
    /// Reads a config and checks that a network can have this shape.
    ///
    /// # Errors
    /// A file that is missing or makes no sense.
    pub fn read(path: &Path) -> Result<Self, Error> {
        if !path.is_file() {
            return Err(Error::Missing { what: "config", path: path.to_path_buf() });
        }
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_path_buf(), source })?;
        let malformed = |reason: String| Error::Malformed { path: path.to_path_buf(), reason };
        let config: Self = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        config.check().map_err(malformed)?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let (text, vision) = (&self.text_config, &self.vision_config);
        let sizes = [
            ("hidden_size", text.hidden_size),
            ("encoder_hidden_size", text.encoder_hidden_size),
            ("intermediate_size", text.intermediate_size),
            ("num_hidden_layers", text.num_hidden_layers),
            ("num_attention_heads", text.num_attention_heads),
            ("max_position_embeddings", text.max_position_embeddings),
            ("hidden_size", vision.hidden_size),
            ("intermediate_size", vision.intermediate_size),
            ("num_hidden_layers", vision.num_hidden_layers),
            ("num_attention_heads", vision.num_attention_heads),
            ("image_size", vision.image_size),
            ("patch_size", vision.patch_size),
        ];
        if let Some((name, size)) = sizes.into_iter().find(|(_, size)| !(1..=MOST).contains(size)) {
            return Err(format!("{name} is {size}"));
        }
        for (what, width, heads) in [
            ("text", text.hidden_size, text.num_attention_heads),
            ("vision", vision.hidden_size, vision.num_attention_heads),
        ] {
            if width % heads != 0 {
                return Err(format!("the {what} network's width {width} is no multiple of its {heads} heads"));
            }
        }
        if text.encoder_hidden_size != vision.hidden_size {
            return Err(format!(
                "its decoder reads pictures of width {}, and its vision network writes {}",
                text.encoder_hidden_size, vision.hidden_size
            ));
        }
        if vision.patch_size > vision.image_size {
            return Err(format!("its patches of {} are larger than its pictures", vision.patch_size));
        }
        let tokens = [text.bos_token_id, text.sep_token_id];
        match tokens.into_iter().find(|token| *token as usize >= text.vocab_size) {
            Some(token) => Err(format!("the token {token} is none of its {} tokens", text.vocab_size)),
            None => Ok(()),
        }
    }

    /// Checks that a vocabulary of this number of words is not larger than the network's.
    ///
    /// # Errors
    /// If the vocabulary in `folder` belongs to another model.
    pub fn check_vocabulary(&self, words: usize, folder: &Path) -> Result<(), Error> {
        if words <= self.text_config.vocab_size {
            return Ok(());
        }
        let reason = format!("its vocabulary has {words} tokens and the network {}", self.text_config.vocab_size);
        Err(Error::Malformed { path: folder.to_path_buf(), reason })
    }

    /// The same as the library takes it.
    pub fn network(&self) -> blip::Config {
        let (text, vision) = (&self.text_config, &self.vision_config);
        blip::Config {
            text_config: blip_text::Config {
                vocab_size: text.vocab_size,
                hidden_size: text.hidden_size,
                encoder_hidden_size: text.encoder_hidden_size,
                intermediate_size: text.intermediate_size,
                projection_dim: text.hidden_size,
                num_hidden_layers: text.num_hidden_layers,
                num_attention_heads: text.num_attention_heads,
                max_position_embeddings: text.max_position_embeddings,
                hidden_act: text.hidden_act,
                layer_norm_eps: text.layer_norm_eps,
                is_decoder: true,
            },
            vision_config: blip::VisionConfig {
                hidden_size: vision.hidden_size,
                intermediate_size: vision.intermediate_size,
                projection_dim: vision.hidden_size,
                num_hidden_layers: vision.num_hidden_layers,
                num_attention_heads: vision.num_attention_heads,
                image_size: vision.image_size,
                patch_size: vision.patch_size,
                hidden_act: vision.hidden_act,
                layer_norm_eps: vision.layer_norm_eps,
            },
            // Captions need neither projection.
            projection_dim: 512,
            image_text_hidden_size: 256,
        }
    }

    /// The side of the square pictures that the network takes, in pixels.
    pub fn side(&self) -> usize {
        self.vision_config.image_size
    }

    /// The token before a caption.
    pub fn start(&self) -> u32 {
        self.text_config.bos_token_id
    }

    /// The token that ends a caption.
    pub fn end(&self) -> u32 {
        self.text_config.sep_token_id
    }

    /// How many tokens the decoder can follow.
    pub fn most_positions(&self) -> usize {
        self.text_config.max_position_embeddings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CaptionerConfig, String> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("config.json");
        std::fs::write(&path, text).expect("writes");
        CaptionerConfig::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_config_leaves_out_is_as_in_transformers() {
        // What fine-tuned copies of the base model write.
        let base = read(r#"{"model_type": "blip", "text_config": {"num_attention_heads": 12}}"#).expect("reads");
        assert_eq!((base.side(), base.start(), base.end()), (384, 30522, 102));
        let network = base.network();
        assert_eq!(network.text_config.num_attention_heads, 12);
        assert_eq!((network.vision_config.hidden_size, network.vision_config.patch_size), (768, 16));
        let large = r#"{"text_config": {"encoder_hidden_size": 1024, "num_attention_heads": 12},
            "vision_config": {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
            "num_hidden_layers": 24}}"#;
        assert_eq!(read(large).expect("reads").network().vision_config.num_hidden_layers, 24);
    }

    #[test]
    fn a_config_that_no_network_can_have_is_refused() {
        for (text, says) in [
            ("no json", "expected"),
            (r#"{"text_config": {"num_attention_heads": 7}}"#, "no multiple"),
            (r#"{"vision_config": {"patch_size": 0}}"#, "patch_size is 0"),
            (r#"{"vision_config": {"num_hidden_layers": 100000000}}"#, "num_hidden_layers is 100000000"),
            (r#"{"vision_config": {"patch_size": 400}}"#, "larger than its pictures"),
            (r#"{"vision_config": {"hidden_size": 24}}"#, "reads pictures of width 768"),
            (r#"{"text_config": {"bos_token_id": 40000}}"#, "the token 40000"),
            (r#"{"text_config": {"hidden_act": "what"}}"#, "what"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(says) && error.contains("config.json"), "{error}");
        }
        let missing = CaptionerConfig::read(Path::new("/no/config.json")).expect_err("missing").to_string();
        assert!(missing.contains("/no/config.json"), "{missing}");
    }
}
