//! From a prompt to conditioning: syntax, tokens, the text encoder.

pub(in crate::diffusion) mod conditioning;
pub(in crate::diffusion) mod encoder;
pub(in crate::diffusion) mod prompt;
pub(in crate::diffusion) mod tags;
pub(in crate::diffusion) mod tokens;
pub(in crate::diffusion) mod unsupported;
pub(in crate::diffusion) mod whole_words;
