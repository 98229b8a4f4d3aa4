//! Painting on pixels: canvas, brush, strokes, fill, colours, and edits that can be undone.
//!
//! Knows neither the window nor the diffusion model, nor what the pixels mean: [`crate::document`]
//! owns the canvas and keeps paper colour and seeds with each edit.
//!
//! - [`Brush`] says how much colour lies at a distance from a stroke's path; it knows no canvas.
//! - [`Stroke`] sweeps a brush over a [`Canvas`] and ends as an [`Edit`].
//! - [`Edit`] exchanges pixels, and applying it gives the edit that undoes it.
//! - [`History`] keeps edits to undo and redo within a budget of bytes.

mod brush;
mod canvas;
mod color;
mod edit;
mod fill;
mod history;
mod pen_sample;
mod rect;
mod size;
mod stroke;
mod tile;

pub use brush::Brush;
pub use canvas::Canvas;
pub use color::{Hsv, Rgb};
pub use edit::{Edit, EditError};
pub use fill::fill;
pub use history::{Bytes, History};
pub use pen_sample::PenSample;
pub use rect::PixelRect;
pub use size::{MAX_SIDE, Size, SizeError};
pub use stroke::Stroke;
pub use tile::{TILE_SIDE, TilePlace};
