//! From a prompt to conditioning: syntax, tokens, the text encoder.

pub(in crate::diffusion) mod composition;
pub(in crate::diffusion) mod conditioning;
pub(in crate::diffusion) mod encoder;
pub(in crate::diffusion) mod prompt;
pub(in crate::diffusion) mod prompt_plan;
pub(in crate::diffusion) mod schedule;
pub(in crate::diffusion) mod tags;
pub(in crate::diffusion) mod tokens;
pub(in crate::diffusion) mod whole_words;
