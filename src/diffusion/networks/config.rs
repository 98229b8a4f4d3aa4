//! The config.json files of a diffusers folder, with the defaults diffusers gives missing entries.

use serde::Deserialize;

use crate::engine::Error;

/// A value given once for all levels, or once for each.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum PerLevel {
    /// For all levels.
    One(usize),
    /// One for each.
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
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct UNetConfig {
    pub in_channels: usize,
    pub out_channels: usize,
    pub block_out_channels: Vec<usize>,
    pub down_block_types: Vec<String>,
    pub up_block_types: Vec<String>,
    /// Absent means the usual one, null none.
    pub mid_block_type: Option<String>,
    pub layers_per_block: PerLevel,
    /// Despite its name the number of heads (a misnomer kept for old files).
    pub attention_head_dim: PerLevel,
    pub num_attention_heads: Option<PerLevel>,
    pub cross_attention_dim: usize,
    pub norm_num_groups: usize,
    pub norm_eps: f64,
    pub transformer_layers_per_block: PerLevel,
    pub use_linear_projection: bool,
    pub flip_sin_to_cos: bool,
    pub freq_shift: f64,
    /// Width of the guidance embedding of models that were distilled with their guidance.
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
        if self.in_channels != self.out_channels {
            return unsupported(format!(
                "its UNet takes {} channels and gives {} (an inpainting or edit model)",
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

/// `vae/config.json` of an AutoencoderKL.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct AutoencoderConfig {
    pub in_channels: usize,
    pub out_channels: usize,
    pub latent_channels: usize,
    pub block_out_channels: Vec<usize>,
    pub layers_per_block: usize,
    pub norm_num_groups: usize,
    pub scaling_factor: f64,
    pub mid_block_add_attention: bool,
    pub use_quant_conv: bool,
    pub use_post_quant_conv: bool,
}

impl Default for AutoencoderConfig {
    fn default() -> Self {
        Self {
            in_channels: 3,
            out_channels: 3,
            latent_channels: 4,
            block_out_channels: vec![64],
            layers_per_block: 1,
            norm_num_groups: 32,
            scaling_factor: 0.18215,
            mid_block_add_attention: true,
            use_quant_conv: true,
            use_post_quant_conv: true,
        }
    }
}

impl AutoencoderConfig {
    /// Refuses sizes the autoencoder cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        check_widths("autoencoder", &self.block_out_channels, self.norm_num_groups)?;
        if self.in_channels != 3 || self.out_channels != 3 || !(1..=64).contains(&self.latent_channels) {
            return Err(Error::Unsupported("its autoencoder does not turn RGB pictures into latents".into()));
        }
        if !(1..=8).contains(&self.layers_per_block) || !self.scaling_factor.is_finite() || self.scaling_factor == 0.0 {
            return Err(Error::Unsupported("its autoencoder's config is out of range".into()));
        }
        Ok(())
    }

    /// Pixels a latent position covers, along one side.
    pub fn factor(&self) -> usize {
        1 << (self.block_out_channels.len().max(1) - 1)
    }
}

/// `config.json` of a small autoencoder (diffusers' AutoencoderTiny).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TinyConfig {
    pub latent_channels: usize,
    pub encoder_block_out_channels: Vec<usize>,
    pub decoder_block_out_channels: Vec<usize>,
    pub num_encoder_blocks: Vec<usize>,
    pub num_decoder_blocks: Vec<usize>,
    pub scaling_factor: f64,
}

impl Default for TinyConfig {
    fn default() -> Self {
        Self {
            latent_channels: 4,
            encoder_block_out_channels: vec![64; 4],
            decoder_block_out_channels: vec![64; 4],
            num_encoder_blocks: vec![1, 3, 3, 3],
            num_decoder_blocks: vec![3, 3, 3, 1],
            scaling_factor: 1.0,
        }
    }
}

impl TinyConfig {
    /// Refuses sizes it cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        check_widths("autoencoder", &self.encoder_block_out_channels, 1)?;
        check_widths("autoencoder", &self.decoder_block_out_channels, 1)?;
        let levels = self.decoder_block_out_channels.len();
        let blocks = |list: &[usize]| list.len() == levels && list.iter().all(|n| *n <= 16);
        let sane = self.encoder_block_out_channels.len() == levels
            && blocks(&self.num_encoder_blocks)
            && blocks(&self.num_decoder_blocks)
            // Each level keeps its width, as every published one does.
            && self.decoder_block_out_channels.windows(2).all(|pair| pair[0] == pair[1])
            && (1..=64).contains(&self.latent_channels)
            && self.scaling_factor.is_finite()
            && self.scaling_factor != 0.0;
        if !sane {
            return Err(Error::Unsupported("its small autoencoder's config is out of range".into()));
        }
        Ok(())
    }

    /// Pixels a latent position covers, along one side.
    pub fn factor(&self) -> usize {
        1 << (self.decoder_block_out_channels.len().max(1) - 1)
    }
}

/// `vae/config.json` of either kind of autoencoder.
#[derive(Clone, Debug, Deserialize)]
pub struct AnyAutoencoder {
    #[serde(default, rename = "_class_name")]
    class: String,
    #[serde(flatten)]
    pub full: AutoencoderConfig,
    #[serde(flatten)]
    pub tiny: TinyConfig,
}

impl AnyAutoencoder {
    /// Whether it is the small kind.
    pub fn is_tiny(&self) -> bool {
        self.class == "AutoencoderTiny"
    }

    /// Refuses sizes it cannot be built from.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_tiny() { self.tiny.check() } else { self.full.check() }
    }

    /// Channels of its latents.
    pub fn latent_channels(&self) -> usize {
        if self.is_tiny() { self.tiny.latent_channels } else { self.full.latent_channels }
    }
}

fn check_widths(part: &str, widths: &[usize], groups: usize) -> Result<(), Error> {
    let fits = |w: &usize| (1..=8192).contains(w) && groups > 0 && w.is_multiple_of(groups);
    if widths.is_empty() || widths.len() > 8 || !widths.iter().all(fits) {
        return Err(Error::Unsupported(format!("its {part} lists widths {widths:?} in {groups} norm groups")));
    }
    Ok(())
}

/// `text_encoder/config.json` of a CLIPTextModel.
#[derive(Clone, Debug, Deserialize)]
pub struct TextConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    #[serde(default = "seventy_seven")]
    pub max_position_embeddings: usize,
    #[serde(default = "quick_gelu")]
    pub hidden_act: String,
    #[serde(default = "text_eps")]
    pub layer_norm_eps: f64,
}

fn seventy_seven() -> usize {
    77
}

fn quick_gelu() -> String {
    "quick_gelu".into()
}

fn text_eps() -> f64 {
    1e-5
}

impl TextConfig {
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

/// `scheduler/scheduler_config.json`: how the model was noised in training.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct ScheduleConfig {
    pub beta_start: f64,
    pub beta_end: f64,
    pub beta_schedule: String,
    pub num_train_timesteps: usize,
    pub prediction_type: String,
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        Self {
            beta_start: 0.00085,
            beta_end: 0.012,
            beta_schedule: "scaled_linear".into(),
            num_train_timesteps: 1000,
            prediction_type: "epsilon".into(),
        }
    }
}
