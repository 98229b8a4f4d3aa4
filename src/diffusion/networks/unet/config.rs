//! `unet/config.json`, with the defaults that diffusers gives missing entries.

use serde::Deserialize;

use super::UNetInputs;
use crate::diffusion::networks::widths::check_widths;
use crate::engine::Error;

/// A value for all levels, or one for each.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum PerLevel {
    /// One value for all levels.
    One(usize),
    /// One value for each level, the first level first.
    Each(Vec<usize>),
}

impl PerLevel {
    /// The value at a level; the last one serves levels beyond the list.
    pub fn at(&self, level: usize) -> usize {
        match self {
            Self::One(value) => *value,
            Self::Each(values) => values.get(level).or(values.last()).copied().unwrap_or(1),
        }
    }
}

/// `unet/config.json` of a UNet2DConditionModel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct UNetConfig {
    pub in_channels: usize,
    pub out_channels: usize,
    pub block_out_channels: Vec<usize>,
    pub down_block_types: Vec<String>,
    pub up_block_types: Vec<String>,
    /// Absent: the usual block. Null: no middle block.
    pub mid_block_type: Option<String>,
    pub layers_per_block: PerLevel,
    /// The number of heads, despite its name, which diffusers keeps for old files.
    pub attention_head_dim: PerLevel,
    pub num_attention_heads: Option<PerLevel>,
    pub cross_attention_dim: usize,
    pub norm_num_groups: usize,
    pub norm_eps: f64,
    pub transformer_layers_per_block: PerLevel,
    pub use_linear_projection: bool,
    pub flip_sin_to_cos: bool,
    pub freq_shift: f64,
    /// Width of the guidance embedding, in models that were distilled with guidance.
    pub time_cond_proj_dim: Option<usize>,
    pub act_fn: String,
    pub addition_embed_type: Option<String>,
    pub class_embed_type: Option<String>,
    pub resnet_time_scale_shift: String,
}

impl Default for UNetConfig {
    fn default() -> Self {
        let names = |list: [&str; 4]| list.map(String::from).to_vec();
        Self {
            in_channels: 4,
            out_channels: 4,
            block_out_channels: vec![320, 640, 1280, 1280],
            down_block_types: names([
                "CrossAttnDownBlock2D",
                "CrossAttnDownBlock2D",
                "CrossAttnDownBlock2D",
                "DownBlock2D",
            ]),
            up_block_types: names(["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]),
            mid_block_type: Some("UNetMidBlock2DCrossAttn".into()),
            layers_per_block: PerLevel::One(2),
            attention_head_dim: PerLevel::One(8),
            num_attention_heads: None,
            cross_attention_dim: 1280,
            norm_num_groups: 32,
            norm_eps: 1e-5,
            transformer_layers_per_block: PerLevel::One(1),
            use_linear_projection: false,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            time_cond_proj_dim: None,
            act_fn: "silu".into(),
            addition_embed_type: None,
            class_embed_type: None,
            resnet_time_scale_shift: "default".into(),
        }
    }
}

impl UNetConfig {
    /// Heads of the attention at a level.
    pub fn heads(&self, level: usize) -> usize {
        self.num_attention_heads.as_ref().unwrap_or(&self.attention_head_dim).at(level)
    }

    /// What the UNet takes besides the noisy latent; `None` for a kind that does not run here.
    pub(in crate::diffusion) fn inputs(&self) -> Option<UNetInputs> {
        UNetInputs::of_channels(self.in_channels, self.out_channels)
    }

    /// Refuses kinds and sizes the UNet cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        let unsupported = |text: String| Err(Error::Unsupported(text));
        let levels = self.block_out_channels.len();
        if levels == 0 || levels > 8 || self.down_block_types.len() != levels || self.up_block_types.len() != levels {
            return unsupported(format!(
                "its UNet lists {levels} levels, {} down blocks and {} up blocks",
                self.down_block_types.len(),
                self.up_block_types.len()
            ));
        }
        check_widths("UNet", &self.block_out_channels, self.norm_num_groups)?;
        if self.inputs().is_none() {
            return unsupported(format!(
                "its UNet takes {} channels and gives {}, as that of a depth or upscaling model",
                self.in_channels, self.out_channels
            ));
        }
        for (index, width) in self.block_out_channels.iter().enumerate() {
            let heads = self.heads(index);
            if heads == 0 || width % heads != 0 {
                return unsupported(format!("{width} channels cannot be split among {heads} attention heads"));
            }
            if !(1..=8).contains(&self.layers_per_block.at(index)) {
                return unsupported("its layers_per_block is out of range".into());
            }
        }
        if self.time_cond_proj_dim.is_some_and(|width| !(4..=8192).contains(&width) || width % 2 == 1) {
            return unsupported("its time_cond_proj_dim is out of range".into());
        }
        if self.act_fn != "silu" && self.act_fn != "swish" {
            return unsupported(format!("its UNet uses the activation {}", self.act_fn));
        }
        if self.resnet_time_scale_shift != "default" {
            return unsupported(format!("its UNet uses {} time embeddings", self.resnet_time_scale_shift));
        }
        if let Some(kind) = self.addition_embed_type.as_ref().or(self.class_embed_type.as_ref()) {
            return unsupported(format!("its UNet wants {kind} embeddings (an SDXL or class-conditioned model)"));
        }
        Ok(())
    }
}
