//! underpaint: paint a rough picture, say what it should become, and let Stable Diffusion on this
//! machine finish it.
//!
//! The rooms, and what each may use (a test in `tests/layers.rs` holds them to it):
//!
//! ```text
//! main ─┬→ cli ─┬→ jobs ──→ picture, models, hub, document, engine
//!       │       └→ server ──→ picture, prompts, models, engine
//!       ├→ ui ──┴→ document ──→ picture, paint, engine
//!       └→ diffusion ──→ engine (implements it), models, kernels, lines
//! ```
//!
//! [`engine`] says what can be asked of any image generator; [`diffusion`] is the one on this machine.
//! [`hub`] fetches from the Hugging Face hub, and [`models`] about the model files on this machine.
//! [`document`] is one piece of work: canvas, settings, rounds, and undo for what belongs together.
//! [`lines`] makes pictures of lines for control networks; [`vision`] has networks that look at pictures and answer about them.
//! [`prompts`] holds styles, wildcards and the prompts that were used; [`palettes`] holds named colours.
//! [`remote`] is an engine that asks a server; [`server`] lets other programs use an engine over HTTP.
//! [`paint`] and [`kernels`] use no other room. [`jobs`] is the only border between threads.
//! ARCHITECTURE.md follows one stroke and one round through all of it.

#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod cli;
pub mod diffusion;
pub mod document;
pub mod engine;
pub mod example;
pub mod hub;
pub mod jobs;
pub mod kernels;
pub mod licenses;
pub mod lines;
pub mod models;
pub mod paint;
pub mod palettes;
pub mod picture;
pub mod prompts;
pub mod remote;
pub mod server;
#[cfg(feature = "window")]
pub mod ui;
pub mod vision;
