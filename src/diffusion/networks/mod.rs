//! The neural networks and the layers they are built from, each network with its config beside it.

pub(in crate::diffusion) mod adapter;
pub(in crate::diffusion) mod autoencoder;
#[cfg(test)]
mod cancel_tests;
pub(in crate::diffusion) mod control_network;
pub(in crate::diffusion) mod controlnet;
pub(in crate::diffusion) mod layers;
pub(in crate::diffusion) mod ops;
pub(in crate::diffusion) mod tiny_autoencoder;
pub(in crate::diffusion) mod unet;
pub(in crate::diffusion) mod upscaler;
pub(in crate::diffusion) mod vae;
pub(in crate::diffusion) mod vae_config;
mod widths;
