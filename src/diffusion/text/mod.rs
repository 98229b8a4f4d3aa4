//! From a prompt to conditioning: syntax, tokens, the text encoder.

pub(in crate::diffusion) mod conditioning;
pub(in crate::diffusion) mod encoder;
pub(in crate::diffusion) mod prompt;
pub(in crate::diffusion) mod tokens;
