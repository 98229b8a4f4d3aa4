//! One job, from its request to its pictures.

pub(in crate::diffusion) mod color_match;
pub(in crate::diffusion) mod img2img;
pub(in crate::diffusion) mod preview;
