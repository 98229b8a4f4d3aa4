//! One job, from its request to its pictures: [`job::run`] prepares what all pictures share
//! ([`prepare`]), then makes each of them ([`image`]).
//!
//! A new kind of request finds its place here: what it needs once a job belongs to [`prepare`]; what it
//! changes at each step is a [`hook::StepHook`] in a file of its own (inpainting blends the latent with the
//! start image's); a control network is a [`Control`](crate::diffusion::sampling::denoiser::Control).

pub(in crate::diffusion) mod color_match;
pub(in crate::diffusion) mod hook;
mod image;
pub(in crate::diffusion) mod job;
pub(in crate::diffusion) mod pixels;
mod prepare;
pub(in crate::diffusion) mod preview;
#[cfg(test)]
mod tests;
