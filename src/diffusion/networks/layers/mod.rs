//! The layers that the UNet, the autoencoders and the text encoder are built from.
//!
//! Tensors are channels-last, `[b, h, w, c]` or `[b, n, c]`. Every layer is built from a [`LayerReader`]
//! positioned at the layer's diffusers name; its weights are packed for the kernels as they are read, in
//! the reader's precision. Sums, and what is carried from block to block, are f32; what a norm, a gate or
//! attention passes to the next product is in that product's precision. On a graphics card the same layers
//! use candle's own operations ([`candle_ops`]).

mod activation;
mod attention;
mod candle_ops;
mod channels;
mod conv;
mod linear;
mod norm;
mod reader;
mod resnet;
mod strips;

pub(in crate::diffusion) use activation::silu;
pub(in crate::diffusion) use attention::attention;
pub(in crate::diffusion) use channels::{
    concat_channels, pixel_shuffle, pixel_unshuffle, to_channels_first, to_channels_last,
};
pub(in crate::diffusion) use conv::Conv;
pub(in crate::diffusion) use linear::Linear;
pub(in crate::diffusion) use norm::{GroupNorm, LayerNorm};
pub(in crate::diffusion) use reader::{LayerReader, PartLoader, PartWeights};
pub(in crate::diffusion) use resnet::{Resnet, ResnetShape};
pub(in crate::diffusion) use strips::{StripSize, StripSource, Strips};
