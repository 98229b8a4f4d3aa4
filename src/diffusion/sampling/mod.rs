//! Noise levels, schedules, samplers, random numbers and guidance.

mod beta_distribution;
pub(in crate::diffusion) mod deep_features;
pub(in crate::diffusion) mod denoiser;
pub(in crate::diffusion) mod extra_input;
pub(in crate::diffusion) mod linear_system;
pub(in crate::diffusion) mod noise;
pub(in crate::diffusion) mod noise_levels;
pub(in crate::diffusion) mod prompt_rows;
pub(in crate::diffusion) mod sampler;
pub(in crate::diffusion) mod schedule;
pub(in crate::diffusion) mod scheduler_config;
