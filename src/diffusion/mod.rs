//! The diffusion engine: from words and a sketch to pictures.
//!
//! Knows weights, tokens, schedules, noise, latents and images; knows neither windows nor files of
//! pictures. The window, the command line, tests and benchmarks all come in through [`Engine`]:
//! load a model once, then run any number of [`Job`]s on it.
//!
//! The way of one picture: words → conditioning `[2, 77, d]`; sketch → latent `[1, c, h/f, w/f]`;
//! latent + noise·σ → sampler steps → latent → image `[1, 3, h, w]` in -1..1.

mod autoencoder;
mod bench;
mod cancel;
mod checkpoint;
mod color_match;
mod config;
mod denoiser;
mod device;
mod dtype;
mod embedding;
mod engine;
mod error;
mod img2img;
#[cfg(test)]
mod kind_tests;
mod layers;
mod linear_system;
mod lora;
mod memory;
mod model;
mod noise;
mod ops;
#[cfg(test)]
mod parity_tests;
mod part;
mod preview;
mod prompt;
mod recommended;
mod sampler;
mod schedule;
mod settings;
mod spacing;
mod tensor_file;
mod text_encoder;
mod tiny_autoencoder;
mod tokens;
mod unet;
mod vae;
mod weights;

pub use bench::{Timing, measure};
pub use cancel::Cancel;
pub use checkpoint::inspect;
pub use device::DeviceChoice;
pub use dtype::Dtype;
pub use embedding::WORD_ENDINGS;
pub use engine::{Engine, ModelChoice};
pub use error::Error;
pub use img2img::{Event, Job, Made, Stage};
pub use model::Model;
pub use noise::Rng;
pub use recommended::Recommended;
pub use sampler::Sampler;
pub use schedule::steps_that_run;
pub use settings::{MAX_SEED, Settings};
pub use spacing::Schedule;
pub use tokens::TokenCounter;
