//! The neural networks and the layers they are built from, each with its config.

pub(in crate::diffusion) mod autoencoder;
pub(in crate::diffusion) mod config;
pub(in crate::diffusion) mod layers;
pub(in crate::diffusion) mod ops;
pub(in crate::diffusion) mod tiny_autoencoder;
pub(in crate::diffusion) mod unet;
pub(in crate::diffusion) mod vae;
