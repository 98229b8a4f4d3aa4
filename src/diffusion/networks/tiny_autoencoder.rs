//! TAESD, a very small autoencoder for the same latents (Bohan 2023; diffusers' AutoencoderTiny): far
//! less work, a little softer. For quick decoding and for previews.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::diffusion::networks::config::TinyConfig;
use crate::diffusion::networks::layers::{Conv, to_channels_first, to_channels_last};
use crate::kernels::Edges;

/// Latents are bent into this range first, as it was trained.
const MAGNITUDE: f64 = 3.0;

pub(in crate::diffusion) struct TinyAutoencoder {
    encoder: Vec<Layer>,
    decoder: Vec<Layer>,
    scale: f64,
}

enum Layer {
    Conv(Conv),
    Relu,
    Block(Box<Block>),
}

/// Three convolutions beside a straight way.
struct Block {
    convs: [Conv; 3],
    skip: Option<Conv>,
}

impl TinyAutoencoder {
    pub fn new(config: &TinyConfig, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            encoder: encoder(config, vb.pp("encoder.layers"))?,
            decoder: decoder(config, vb.pp("decoder.layers"))?,
            scale: config.scaling_factor,
        })
    }

    /// A picture `[b, 3, h, w]` in -1..1 to its latent `[b, c, h/f, w/f]`, scaled as the UNet expects it.
    pub fn encode(&self, image: &Tensor) -> Result<Tensor> {
        let x = to_channels_last(&((image + 1.0)? / 2.0)?)?;
        to_channels_first(&through(&self.encoder, x)?)? * self.scale
    }

    /// A scaled latent `[b, c, h, w]` to a picture `[b, 3, h·f, w·f]`, about -1..1, not clamped.
    pub fn decode(&self, latent: &Tensor) -> Result<Tensor> {
        let bent = ((latent / (self.scale * MAGNITUDE))?.tanh()? * MAGNITUDE)?;
        (to_channels_first(&through(&self.decoder, to_channels_last(&bent)?)?)? * 2.0)? - 1.0
    }
}

fn through(layers: &[Layer], mut x: Tensor) -> Result<Tensor> {
    for layer in layers {
        x = match layer {
            Layer::Conv(conv) => conv.forward(&x)?,
            Layer::Relu => x.relu()?,
            Layer::Block(block) => block.forward(&x)?,
        };
    }
    Ok(x)
}

fn encoder(config: &TinyConfig, vb: VarBuilder) -> Result<Vec<Layer>> {
    let mut layers = Vec::new();
    let mut from = 3;
    for (level, (&width, &blocks)) in
        config.encoder_block_out_channels.iter().zip(&config.num_encoder_blocks).enumerate()
    {
        let vb_conv = vb.pp(layers.len());
        layers.push(Layer::Conv(match level {
            0 => Conv::new(3, width, 3, vb_conv)?,
            _ => Conv::halving_without_bias(from, width, Edges::Even(1), vb_conv)?,
        }));
        for _ in 0..blocks {
            let block = Block::new(width, width, vb.pp(layers.len()))?;
            layers.push(Layer::Block(Box::new(block)));
        }
        from = width;
    }
    layers.push(Layer::Conv(Conv::new(from, config.latent_channels, 3, vb.pp(layers.len()))?));
    Ok(layers)
}

fn decoder(config: &TinyConfig, vb: VarBuilder) -> Result<Vec<Layer>> {
    let widths = &config.decoder_block_out_channels;
    let mut layers = vec![Layer::Conv(Conv::new(config.latent_channels, widths[0], 3, vb.pp(0))?), Layer::Relu];
    // The files count the doubling of pixels as a layer; here it is part of the convolution after it.
    let mut index = layers.len();
    for (level, (&width, &blocks)) in widths.iter().zip(&config.num_decoder_blocks).enumerate() {
        for _ in 0..blocks {
            layers.push(Layer::Block(Box::new(Block::new(width, width, vb.pp(index))?)));
            index += 1;
        }
        if level + 1 == widths.len() {
            layers.push(Layer::Conv(Conv::new(width, 3, 3, vb.pp(index))?));
        } else {
            layers.push(Layer::Conv(Conv::doubling_without_bias(width, vb.pp(index + 1))?));
            index += 2;
        }
    }
    Ok(layers)
}

impl Block {
    fn new(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        let conv = |from, index| Conv::new(from, to, 3, vb.pp(format!("conv.{index}")));
        let skip = (from != to).then(|| Conv::without_bias(from, to, 1, vb.pp("skip"))).transpose()?;
        Ok(Self { convs: [conv(from, 0)?, conv(to, 2)?, conv(to, 4)?], skip })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [first, second, third] = &self.convs;
        let inner = second.forward(&first.forward(x)?.relu()?)?.relu()?;
        match &self.skip {
            Some(skip) => third.forward_onto(&inner, &skip.forward(x)?)?.relu(),
            None => third.forward_onto(&inner, x)?.relu(),
        }
    }
}
