//! underpaint: paint a rough picture, say what it should become, and let Stable Diffusion on this
//! machine finish it.
//!
//! The map, and which way the arrows point:
//!
//! ```text
//! main → cli ─┬→ jobs ──→ diffusion     words and sketch to pictures
//!        ui ──┤     └─────→ picture       files of pictures
//!             ├→ paint                    canvas, brush, stroke, fill, undo
//!             └→ rounds                   what was made from what
//! ```
//!
//! [`paint`] and [`diffusion`] know nothing above them; [`jobs`] is the only border between
//! threads; [`ui`] is thin. ARCHITECTURE.md follows one stroke through all of it.

#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod cli;
pub mod diffusion;
pub mod engine;
pub mod example;
pub mod jobs;
pub mod kernels;
pub mod paint;
pub mod picture;
pub mod rounds;
#[cfg(feature = "window")]
pub mod ui;
