//! One job, from its request to its pictures: [`job::run`] prepares what all pictures share
//! ([`prepare`]), then makes each of them ([`image`]).
//!
//! Where a new kind of request goes: what it needs once per job belongs to [`prepare`]; what it changes at
//! each step is a [`hook::StepHook`] in its own file ([`anchor`] holds the latent outside a mask); [`inpaint`]
//! repaints a masked part as AUTOMATIC1111 does; a
//! control network implements [`Control`](crate::diffusion::sampling::denoiser::Control).

mod anchor;
pub(in crate::diffusion) mod color_match;
mod control;
mod extra_input;
pub(in crate::diffusion) mod hook;
mod image;
mod inpaint;
pub(in crate::diffusion) mod job;
pub(in crate::diffusion) mod kept_inputs;
pub(in crate::diffusion) mod noised;
pub(in crate::diffusion) mod pixels;
mod prepare;
pub(in crate::diffusion) mod preview;
mod prompts;
mod regions;
pub(in crate::diffusion) mod step_unets;
#[cfg(test)]
mod tests;
