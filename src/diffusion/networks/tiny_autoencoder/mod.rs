//! TAESD, a very small autoencoder for the same latents (Bohan 2023; diffusers' AutoencoderTiny). It takes
//! far less work and its pictures are a little softer. For quick decoding and for previews.

pub(in crate::diffusion) mod config;
mod tiled;

use candle_core::Tensor;

use crate::diffusion::networks::layers::{Conv, LayerReader, to_channels_first, to_channels_last};
use crate::diffusion::networks::tiny_autoencoder::config::TinyAutoencoderConfig;
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::Edges;

/// Latents are limited to about ±this by a tanh before decoding, as in training.
const MAGNITUDE: f64 = 3.0;

pub(in crate::diffusion) struct TinyAutoencoder {
    encoder: Vec<TinyLayer>,
    decoder: Vec<TinyLayer>,
    /// The encoder's layers up to and with the first that halves the picture; 0 if none does.
    at_full_size: usize,
    /// The decoder's layers before the last that doubles the picture; all if none does.
    below_full_size: usize,
    scale: f64,
}

enum TinyLayer {
    Conv(Conv),
    Relu,
    TinyBlock(Box<TinyBlock>),
}

/// Three convolutions with a skip connection around them.
struct TinyBlock {
    convs: [Conv; 3],
    skip: Option<Conv>,
}

impl TinyAutoencoder {
    pub fn new(config: &TinyAutoencoderConfig, reader: LayerReader) -> candle_core::Result<Self> {
        let (encoder, decoder) =
            (encoder(config, reader.pp("encoder.layers"))?, decoder(config, reader.pp("decoder.layers"))?);
        let (at_full_size, below_full_size) = match (&config.num_encoder_blocks[..], &config.num_decoder_blocks[..]) {
            ([first, _, ..], [.., _, last]) => (first + 2, decoder.len().saturating_sub(last + 2)),
            _ => (0, decoder.len()),
        };
        Ok(Self { encoder, decoder, at_full_size, below_full_size, scale: config.scaling_factor })
    }

    /// A picture `[b, 3, h, w]` in -1..1 to its latent `[b, c, h/f, w/f]`, scaled as the UNet expects it.
    pub fn encode(&self, image: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let x = to_channels_last(&((image + 1.0)? / 2.0)?)?;
        Ok((to_channels_first(&run(&self.encoder, x, watch)?)? * self.scale)?)
    }

    /// A scaled latent `[b, c, h, w]` to a picture `[b, 3, h·f, w·f]`, about -1..1, not clamped.
    pub fn decode(&self, latent: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let bounded = ((latent / (self.scale * MAGNITUDE))?.tanh()? * MAGNITUDE)?;
        let image = to_channels_first(&run(&self.decoder, to_channels_last(&bounded)?, watch)?)?;
        Ok(((image * 2.0)? - 1.0)?)
    }
}

fn run(layers: &[TinyLayer], mut x: Tensor, watch: &Watch) -> Result<Tensor, Error> {
    for layer in layers {
        watch.check()?;
        x = match layer {
            TinyLayer::Conv(conv) => conv.forward(&x, watch)?,
            TinyLayer::Relu => x.relu()?,
            TinyLayer::TinyBlock(block) => block.forward(&x, watch)?,
        };
    }
    Ok(x)
}

fn encoder(config: &TinyAutoencoderConfig, reader: LayerReader) -> candle_core::Result<Vec<TinyLayer>> {
    let mut layers = Vec::new();
    let mut from = 3;
    for (level, (&width, &blocks)) in
        config.encoder_block_out_channels.iter().zip(&config.num_encoder_blocks).enumerate()
    {
        let conv_reader = reader.pp(layers.len());
        layers.push(TinyLayer::Conv(match level {
            0 => Conv::new(3, width, 3, conv_reader)?,
            _ => Conv::halving_without_bias(from, width, Edges::Even(1), conv_reader)?,
        }));
        for _ in 0..blocks {
            let block = TinyBlock::new(width, width, reader.pp(layers.len()))?;
            layers.push(TinyLayer::TinyBlock(Box::new(block)));
        }
        from = width;
    }
    layers.push(TinyLayer::Conv(Conv::new(from, config.latent_channels, 3, reader.pp(layers.len()))?));
    Ok(layers)
}

fn decoder(config: &TinyAutoencoderConfig, reader: LayerReader) -> candle_core::Result<Vec<TinyLayer>> {
    let widths = &config.decoder_block_out_channels;
    let mut layers =
        vec![TinyLayer::Conv(Conv::new(config.latent_channels, widths[0], 3, reader.pp(0))?), TinyLayer::Relu];
    // The files count the doubling of pixels as a layer; here it is part of the convolution that follows.
    let mut index = layers.len();
    for (level, (&width, &blocks)) in widths.iter().zip(&config.num_decoder_blocks).enumerate() {
        for _ in 0..blocks {
            layers.push(TinyLayer::TinyBlock(Box::new(TinyBlock::new(width, width, reader.pp(index))?)));
            index += 1;
        }
        if level + 1 == widths.len() {
            layers.push(TinyLayer::Conv(Conv::new(width, 3, 3, reader.pp(index))?));
        } else {
            layers.push(TinyLayer::Conv(Conv::doubling_without_bias(width, reader.pp(index + 1))?));
            index += 2;
        }
    }
    Ok(layers)
}

impl TinyBlock {
    fn new(from: usize, to: usize, reader: LayerReader) -> candle_core::Result<Self> {
        let conv = |from, index| Conv::new(from, to, 3, reader.pp(format!("conv.{index}")));
        let skip = (from != to).then(|| Conv::without_bias(from, to, 1, reader.pp("skip"))).transpose()?;
        Ok(Self { convs: [conv(from, 0)?, conv(to, 2)?, conv(to, 4)?], skip })
    }

    fn forward(&self, x: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let [first, second, third] = &self.convs;
        let inner = second.forward(&first.forward(x, watch)?.relu()?, watch)?.relu()?;
        Ok(match &self.skip {
            Some(skip) => third.forward_onto(&inner, &skip.forward(x, watch)?, watch)?.relu()?,
            None => third.forward_onto(&inner, x, watch)?.relu()?,
        })
    }
}
