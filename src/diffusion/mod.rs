//! The diffusion engine: from words and a sketch to pictures.
//!
//! Knows weights, tokens, schedules, noise, latents and images; knows neither windows nor files of
//! pictures. The window, the command line, tests and benchmarks all come in through [`Engine`]:
//! load a model once, then run any number of [`Job`]s on it.
//!
//! The way of one picture: words → conditioning `[2, 77, d]`; sketch → latent `[1, c, h/f, w/f]`;
//! latent + noise·σ → sampler steps → latent → image `[1, 3, h, w]` in -1..1.

mod bench;
mod device;
mod dtype;
mod error;
mod files;
#[cfg(test)]
mod kind_tests;
mod local;
mod memory;
mod model;
mod networks;
#[cfg(test)]
mod parity_tests;
mod pipeline;
mod sampling;
mod text;

pub use bench::{Timing, measure};
pub use files::checkpoint::inspect;
pub use files::embedding::WORD_ENDINGS;
pub use local::LocalEngine;
pub use model::Model;
