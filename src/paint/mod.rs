//! The paint engine: pixels, brushes, strokes, fill, colour and undo.
//!
//! Knows neither the window nor the diffusion model. The one door is [`Painting`]: it owns the
//! canvas, the running stroke and the history, and every change to pixels goes through it.

mod brush;
mod canvas;
mod color;
mod fill;
mod history;
mod painting;
mod rect;
mod stroke;

pub use brush::Brush;
pub use canvas::{Canvas, MAX_SIDE};
pub use color::{Hsv, Rgb};
pub use painting::Painting;
pub use rect::PixelRect;
