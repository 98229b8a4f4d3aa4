//! underpaint: paint a rough picture, say what it should become, and let Stable Diffusion on this
//! machine finish it.
//!
//! The map, and which way the arrows point:
//!
//! ```text
//! main → cli ─┬→ jobs ──→ diffusion     words and sketch to pictures
//!        ui ──┤     └─────→ picture       files of pictures
//!             └→ document ─→ paint        canvas, brush, stroke, fill, edits
//! ```
//!
//! [`document`] is one piece of work: canvas, settings, rounds, and undo for what belongs together.
//! [`paint`] and [`diffusion`] know nothing above them; [`jobs`] is the only border between
//! threads; [`ui`] is thin. ARCHITECTURE.md follows one stroke through all of it.

#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod cli;
pub mod diffusion;
pub mod document;
pub mod engine;
pub mod example;
pub mod jobs;
pub mod kernels;
pub mod licenses;
pub mod paint;
pub mod picture;
#[cfg(feature = "window")]
pub mod ui;
