//! The variational autoencoder: pictures to latents and back (AutoencoderKL).

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::diffusion::networks::config::AutoencoderConfig;
use crate::diffusion::networks::layers::{
    Conv, GroupNorm, Linear, Resnet, ResnetShape, attention, exact, to_channels_first, to_channels_last,
};
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
    pub fn new(config: &AutoencoderConfig, vb: VarBuilder) -> Result<Self> {
        let c = config.latent_channels;
        Ok(Self {
            encoder: Encoder::new(config, vb.pp("encoder"))?,
            decoder: Decoder::new(config, vb.pp("decoder"))?,
            quant: config.use_quant_conv.then(|| Conv::new(2 * c, 2 * c, 1, exact(vb.pp("quant_conv")))).transpose()?,
            post_quant: config
                .use_post_quant_conv
                .then(|| Conv::new(c, c, 1, exact(vb.pp("post_quant_conv"))))
                .transpose()?,
            channels: c,
            scale: config.scaling_factor,
        })
    }

    /// A picture `[b, 3, h, w]` in -1..1 to the mean of its latent `[b, c, h/f, w/f]`, scaled as
    /// the UNet expects it. The mean, not a draw: a job has no hidden randomness.
    pub fn encode(&self, image: &Tensor) -> Result<Tensor> {
        let mut moments = self.encoder.forward(&to_channels_last(image)?)?;
        if let Some(quant) = &self.quant {
            moments = quant.forward(&moments)?;
        }
        to_channels_first(&moments)?.narrow(1, 0, self.channels)?.contiguous()? * self.scale
    }

    /// A scaled latent `[b, c, h, w]` to a picture `[b, 3, h·f, w·f]`, about -1..1, not clamped.
    pub fn decode(&self, latent: &Tensor) -> Result<Tensor> {
        let mut x = to_channels_last(&(latent / self.scale)?)?;
        if let Some(post_quant) = &self.post_quant {
            x = post_quant.forward(&x)?;
        }
        to_channels_first(&self.decoder.forward(&x)?)
    }
}

struct Encoder {
    conv_in: Conv,
    levels: Vec<(Vec<Resnet>, Option<Conv>)>,
    mid: Mid,
    norm_out: GroupNorm,
    conv_out: Conv,
}

impl Encoder {
    fn new(config: &AutoencoderConfig, vb: VarBuilder) -> Result<Self> {
        let widths = &config.block_out_channels;
        let shape = ResnetShape { groups: config.norm_num_groups, eps: EPS, time_width: None, lowest: false };
        let mut from = widths[0];
        let mut levels = Vec::new();
        for (level, &width) in widths.iter().enumerate() {
            let vb = vb.pp(format!("down_blocks.{level}"));
            let resnets = (0..config.layers_per_block)
                .map(|i| Resnet::new(if i == 0 { from } else { width }, width, shape, vb.pp(format!("resnets.{i}"))))
                .collect::<Result<_>>()?;
            // One row and column of zeros on the far sides only, as the model was trained.
            let shrink = (level + 1 < widths.len())
                .then(|| Conv::halving(width, Edges::Far, vb.pp("downsamplers.0.conv")))
                .transpose()?;
            levels.push((resnets, shrink));
            from = width;
        }
        Ok(Self {
            conv_in: Conv::new(3, widths[0], 3, exact(vb.pp("conv_in")))?,
            levels,
            mid: Mid::new(config, from, vb.pp("mid_block"))?,
            norm_out: GroupNorm::new(config.norm_num_groups, from, EPS, exact(vb.pp("conv_norm_out")))?,
            conv_out: Conv::new(from, 2 * config.latent_channels, 3, exact(vb.pp("conv_out")))?,
        })
    }

    fn forward(&self, image: &Tensor) -> Result<Tensor> {
        let mut x = self.conv_in.forward(image)?;
        for (resnets, shrink) in &self.levels {
            for resnet in resnets {
                x = resnet.forward(&x, None)?;
            }
            if let Some(shrink) = shrink {
                x = shrink.forward(&x)?;
            }
        }
        let x = self.mid.forward(&x)?;
        self.conv_out.forward(&self.norm_out.forward_activated(&x)?)
    }
}

struct Decoder {
    conv_in: Conv,
    mid: Mid,
    levels: Vec<(Vec<Resnet>, Option<Conv>)>,
    norm_out: GroupNorm,
    conv_out: Conv,
}

impl Decoder {
    fn new(config: &AutoencoderConfig, vb: VarBuilder) -> Result<Self> {
        let widths = &config.block_out_channels;
        let shape = ResnetShape { groups: config.norm_num_groups, eps: EPS, time_width: None, lowest: false };
        let lowest = widths[widths.len() - 1];
        let mut from = lowest;
        let mut levels = Vec::new();
        for (index, &width) in widths.iter().rev().enumerate() {
            let vb = vb.pp(format!("up_blocks.{index}"));
            let resnets = (0..=config.layers_per_block)
                .map(|i| Resnet::new(if i == 0 { from } else { width }, width, shape, vb.pp(format!("resnets.{i}"))))
                .collect::<Result<_>>()?;
            let grow =
                (index + 1 < widths.len()).then(|| Conv::doubling(width, vb.pp("upsamplers.0.conv"))).transpose()?;
            levels.push((resnets, grow));
            from = width;
        }
        Ok(Self {
            conv_in: Conv::new(config.latent_channels, lowest, 3, exact(vb.pp("conv_in")))?,
            mid: Mid::new(config, lowest, vb.pp("mid_block"))?,
            levels,
            norm_out: GroupNorm::new(config.norm_num_groups, from, EPS, exact(vb.pp("conv_norm_out")))?,
            conv_out: Conv::new(from, 3, 3, exact(vb.pp("conv_out")))?,
        })
    }

    fn forward(&self, latent: &Tensor) -> Result<Tensor> {
        let mut x = self.mid.forward(&self.conv_in.forward(latent)?)?;
        for (resnets, grow) in &self.levels {
            for resnet in resnets {
                x = resnet.forward(&x, None)?;
            }
            if let Some(grow) = grow {
                x = grow.forward(&x)?;
            }
        }
        self.conv_out.forward(&self.norm_out.forward_activated(&x)?)
    }
}

struct Mid {
    first: Resnet,
    attention: Option<Attention>,
    last: Resnet,
}

impl Mid {
    fn new(config: &AutoencoderConfig, width: usize, vb: VarBuilder) -> Result<Self> {
        let shape = ResnetShape { groups: config.norm_num_groups, eps: EPS, time_width: None, lowest: false };
        let attention = if config.mid_block_add_attention {
            Some(Attention::new(config.norm_num_groups, width, vb.pp("attentions.0"))?)
        } else {
            None
        };
        Ok(Self {
            first: Resnet::new(width, width, shape, vb.pp("resnets.0"))?,
            attention,
            last: Resnet::new(width, width, shape, vb.pp("resnets.1"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = self.first.forward(x, None)?;
        if let Some(attention) = &self.attention {
            x = attention.forward(&x)?;
        }
        self.last.forward(&x, None)
    }
}

/// Every position looks at every other, with one head.
struct Attention {
    norm: GroupNorm,
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
}

impl Attention {
    fn new(groups: usize, width: usize, vb: VarBuilder) -> Result<Self> {
        // Files written before diffusers 0.15 use other names for the same layers.
        let old = vb.contains_tensor("query.weight");
        let name = |new: &'static str, before: &'static str| if old { before } else { new };
        let linear = |name: &str| Linear::new(width, width, vb.pp(name));
        Ok(Self {
            norm: GroupNorm::new(groups, width, EPS, vb.pp("group_norm"))?,
            q: linear(name("to_q", "query"))?,
            k: linear(name("to_k", "key"))?,
            v: linear(name("to_v", "value"))?,
            out: linear(name("to_out.0", "proj_attn"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (b, h, w, c) = x.dims4()?;
        let rows = self.norm.forward(x)?.reshape((b, h * w, c))?;
        let mixed = attention(&self.q.forward(&rows)?, &self.k.forward(&rows)?, &self.v.forward(&rows)?, 1, &self.out)?;
        self.out.forward_onto(&mixed, &x.reshape((b, h * w, c))?)?.reshape((b, h, w, c))
    }
}
