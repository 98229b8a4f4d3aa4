//! The variational autoencoder, which turns pictures into latents and back (diffusers' AutoencoderKL).

pub(in crate::diffusion) mod config;
mod tiled;

use candle_core::Tensor;

use crate::diffusion::networks::autoencoder::config::AutoencoderConfig;
use crate::diffusion::networks::layers::{
    Conv, GroupNorm, LayerReader, Linear, Resnet, ResnetShape, attention, to_channels_first, to_channels_last,
};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::Edges;

const EPS: f64 = 1e-6;

pub(in crate::diffusion) struct Autoencoder {
    encoder: Encoder,
    decoder: Decoder,
    quant: Option<Conv>,
    post_quant: Option<Conv>,
    channels: usize,
    scale: f64,
}

impl Autoencoder {
    pub fn new(config: &AutoencoderConfig, reader: LayerReader) -> candle_core::Result<Self> {
        let c = config.latent_channels;
        Ok(Self {
            encoder: Encoder::new(config, reader.pp("encoder"))?,
            decoder: Decoder::new(config, reader.pp("decoder"))?,
            quant: config
                .use_quant_conv
                .then(|| Conv::new(2 * c, 2 * c, 1, reader.pp("quant_conv").in_f32()))
                .transpose()?,
            post_quant: config
                .use_post_quant_conv
                .then(|| Conv::new(c, c, 1, reader.pp("post_quant_conv").in_f32()))
                .transpose()?,
            channels: c,
            scale: config.scaling_factor,
        })
    }

    /// A picture `[b, 3, h, w]` in -1..1 to the mean of its latent `[b, c, h/f, w/f]`, scaled as
    /// the UNet expects it. The mean and not a sample, so that a job has no hidden randomness.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn encode(&self, image: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        self.mean_of(self.encoder.forward(&to_channels_last(image)?, watch)?, watch)
    }

    /// The encoder's result to the scaled mean, channels first.
    fn mean_of(&self, mut moments: Tensor, watch: &Watch) -> Result<Tensor, Error> {
        if let Some(quant) = &self.quant {
            moments = quant.forward(&moments, watch)?;
        }
        Ok((to_channels_first(&moments)?.narrow(1, 0, self.channels)?.contiguous()? * self.scale)?)
    }

    /// A scaled latent `[b, c, h, w]` to a picture `[b, 3, h·f, w·f]`, about -1..1, not clamped.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn decode(&self, latent: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        Ok(to_channels_first(&self.decoder.forward(&self.unscaled(latent, watch)?, watch)?)?)
    }

    /// A scaled latent to what the decoder takes, channels last.
    fn unscaled(&self, latent: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let x = to_channels_last(&(latent / self.scale)?)?;
        match &self.post_quant {
            Some(post_quant) => post_quant.forward(&x, watch),
            None => Ok(x),
        }
    }
}

struct Encoder {
    conv_in: Conv,
    /// Channels after the first convolution.
    first_width: usize,
    levels: Vec<(Vec<Resnet>, Option<Conv>)>,
    mid: AutoencoderMiddle,
    norm_out: GroupNorm,
    conv_out: Conv,
}

impl Encoder {
    fn new(config: &AutoencoderConfig, reader: LayerReader) -> candle_core::Result<Self> {
        let widths = &config.block_out_channels;
        let shape = ResnetShape { groups: config.norm_num_groups, eps: EPS, time_width: None, lowest: false };
        let mut from = widths[0];
        let mut levels = Vec::new();
        for (level, &width) in widths.iter().enumerate() {
            let reader = reader.pp(format!("down_blocks.{level}"));
            let resnets = (0..config.layers_per_block)
                .map(|i| {
                    Resnet::new(if i == 0 { from } else { width }, width, shape, reader.pp(format!("resnets.{i}")))
                })
                .collect::<candle_core::Result<_>>()?;
            // One row and one column of zeros at the bottom and right only, as in training.
            let shrink = (level + 1 < widths.len())
                .then(|| Conv::halving(width, width, Edges::Far, reader.pp("downsamplers.0.conv")))
                .transpose()?;
            levels.push((resnets, shrink));
            from = width;
        }
        Ok(Self {
            conv_in: Conv::new(3, widths[0], 3, reader.pp("conv_in").in_f32())?,
            first_width: widths[0],
            levels,
            mid: AutoencoderMiddle::new(config, from, reader.pp("mid_block"))?,
            norm_out: GroupNorm::new(config.norm_num_groups, from, EPS, reader.pp("conv_norm_out").in_f32())?,
            conv_out: Conv::new(from, 2 * config.latent_channels, 3, reader.pp("conv_out").in_f32())?,
        })
    }

    fn forward(&self, image: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let mut x = self.conv_in.forward(image, watch)?;
        for (resnets, shrink) in &self.levels {
            for resnet in resnets {
                x = resnet.forward(&x, None, watch)?;
            }
            if let Some(shrink) = shrink {
                x = shrink.forward(&x, watch)?;
            }
        }
        let x = self.mid.forward(&x, watch)?;
        watch.check()?;
        let x = self.norm_out.forward_activated(&x)?;
        self.conv_out.forward(&x, watch)
    }
}

struct Decoder {
    conv_in: Conv,
    mid: AutoencoderMiddle,
    levels: Vec<(Vec<Resnet>, Option<Conv>)>,
    norm_out: GroupNorm,
    conv_out: Conv,
}

impl Decoder {
    fn new(config: &AutoencoderConfig, reader: LayerReader) -> candle_core::Result<Self> {
        let widths = &config.block_out_channels;
        let shape = ResnetShape { groups: config.norm_num_groups, eps: EPS, time_width: None, lowest: false };
        let lowest = widths[widths.len() - 1];
        let mut from = lowest;
        let mut levels = Vec::new();
        for (index, &width) in widths.iter().rev().enumerate() {
            let reader = reader.pp(format!("up_blocks.{index}"));
            let resnets = (0..=config.layers_per_block)
                .map(|i| {
                    Resnet::new(if i == 0 { from } else { width }, width, shape, reader.pp(format!("resnets.{i}")))
                })
                .collect::<candle_core::Result<_>>()?;
            let grow = (index + 1 < widths.len())
                .then(|| Conv::doubling(width, reader.pp("upsamplers.0.conv")))
                .transpose()?;
            levels.push((resnets, grow));
            from = width;
        }
        Ok(Self {
            conv_in: Conv::new(config.latent_channels, lowest, 3, reader.pp("conv_in").in_f32())?,
            mid: AutoencoderMiddle::new(config, lowest, reader.pp("mid_block"))?,
            levels,
            norm_out: GroupNorm::new(config.norm_num_groups, from, EPS, reader.pp("conv_norm_out").in_f32())?,
            conv_out: Conv::new(from, 3, 3, reader.pp("conv_out").in_f32())?,
        })
    }

    fn forward(&self, latent: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let mut x = self.mid.forward(&self.conv_in.forward(latent, watch)?, watch)?;
        for (resnets, grow) in &self.levels {
            for resnet in resnets {
                x = resnet.forward(&x, None, watch)?;
            }
            if let Some(grow) = grow {
                x = grow.forward(&x, watch)?;
            }
        }
        watch.check()?;
        let x = self.norm_out.forward_activated(&x)?;
        self.conv_out.forward(&x, watch)
    }
}

struct AutoencoderMiddle {
    first: Resnet,
    attention: Option<SpatialAttention>,
    last: Resnet,
}

impl AutoencoderMiddle {
    fn new(config: &AutoencoderConfig, width: usize, reader: LayerReader) -> candle_core::Result<Self> {
        let shape = ResnetShape { groups: config.norm_num_groups, eps: EPS, time_width: None, lowest: false };
        let attention = if config.mid_block_add_attention {
            Some(SpatialAttention::new(config.norm_num_groups, width, reader.pp("attentions.0"))?)
        } else {
            None
        };
        Ok(Self {
            first: Resnet::new(width, width, shape, reader.pp("resnets.0"))?,
            attention,
            last: Resnet::new(width, width, shape, reader.pp("resnets.1"))?,
        })
    }

    fn forward(&self, x: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let mut x = self.first.forward(x, None, watch)?;
        if let Some(attention) = &self.attention {
            x = attention.forward(&x, watch)?;
        }
        self.last.forward(&x, None, watch)
    }
}

/// Self-attention of all positions, with one head.
struct SpatialAttention {
    norm: GroupNorm,
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
}

impl SpatialAttention {
    fn new(groups: usize, width: usize, reader: LayerReader) -> candle_core::Result<Self> {
        // diffusers before 0.15 wrote other names for these layers.
        let old = reader.contains("query.weight");
        let name = |new: &'static str, earlier: &'static str| if old { earlier } else { new };
        let linear = |name: &str| Linear::new(width, width, reader.pp(name));
        Ok(Self {
            norm: GroupNorm::new(groups, width, EPS, reader.pp("group_norm"))?,
            q: linear(name("to_q", "query"))?,
            k: linear(name("to_k", "key"))?,
            v: linear(name("to_v", "value"))?,
            out: linear(name("to_out.0", "proj_attn"))?,
        })
    }

    fn forward(&self, x: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let (b, h, w, c) = x.dims4()?;
        let rows = self.norm.forward(x)?.reshape((b, h * w, c))?;
        let (q, k, v) = (self.q.forward(&rows)?, self.k.forward(&rows)?, self.v.forward(&rows)?);
        let mixed = attention(&q, &k, &v, 1, &self.out, watch)?;
        Ok(self.out.forward_onto(&mixed, &x.reshape((b, h * w, c))?)?.reshape((b, h, w, c))?)
    }
}
