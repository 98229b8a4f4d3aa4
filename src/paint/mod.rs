//! Painting on pixels: layers, brush, strokes, selections, fills, colours, and edits that can be undone.
//!
//! Knows neither the window nor the diffusion model, nor what the pixels mean: [`crate::document`]
//! owns the layers and keeps paper colour and seeds with each edit.
//!
//! - [`Brush`] says how much colour one mark lays down, and what the pen changes of that; it knows no pixels.
//! - [`Surface`] is the pixels of a layer, RGBA in shared tiles; [`Stroke`] leads a brush over one as its [`StrokePlan`]
//!   says (a [`Stabilizer`], a [`Symmetry`]), and ends as a [`LayerEdit`]. `mixing.rs` is where its coverage meets the
//!   pixels.
//! - [`LayerStack`] is a tree of [`Layer`]s; `layer_actions.rs` is what a person can do with them, each as a
//!   [`LayerEdit`], and applying one gives the edit that undoes it.
//! - [`Canvas`] is the opaque picture that the visible layers give over paper; `compose.rs` draws it rectangle by
//!   rectangle by the formulas of `blend.rs` and [`BlendMode`].
//! - A [`Region`] of a surface becomes another one, with a [`Border`] around it, turned by [`QuarterTurns`] or mirrored
//!   (`surface_moves.rs`).
//! - [`Selection`] says how much of each pixel is chosen; [`similar_area`] finds those of one colour. [`ConfinedStroke`],
//!   [`cover`] and [`Floating`] change only what is chosen.
//! - [`History`] keeps edits to undo and redo within a budget of bytes.

mod affine;
mod bits;
mod blend;
mod blend_mode;
mod brush;
mod canvas;
mod color;
mod compose;
mod confined_stroke;
mod cover;
mod distance;
mod floating;
mod gradient;
mod history;
mod layer;
mod layer_actions;
mod layer_edit;
mod layer_error;
mod layer_stack;
mod mixing;
mod parallel;
mod pen_sample;
mod rect;
mod region;
mod resample;
mod selection;
mod similar;
mod size;
mod stabilizer;
mod stroke;
mod surface;
mod surface_moves;
mod surface_part;
mod symmetry;
mod tile;
mod wide;

pub use affine::{Affine, Placement};
pub use blend_mode::BlendMode;
pub use brush::{Brush, BrushAction, Curve, Dynamics, Grain, PenInput, Response, Tip};
pub use canvas::Canvas;
pub use color::{ColorModel, Hsv, MOST_SHADES, Okhsv, Oklab, Rgb, SampleArea, average, shade};
pub use compose::{Composition, Underlay};
pub use confined_stroke::ConfinedStroke;
pub use cover::{cover, cover_with};
pub use floating::Floating;
pub use gradient::{Gradient, GradientShape};
pub use history::{Bytes, History};
pub use layer::{Layer, LayerContent, LayerId, LayerProperties};
pub use layer_actions::LayerDirection;
pub use layer_edit::{AppliedEdit, LayerEdit};
pub use layer_error::LayerError;
pub use layer_stack::{LayerPlace, LayerStack};
pub use mixing::Mixing;
pub use pen_sample::PenSample;
pub use rect::PixelRect;
pub use region::Region;
pub use resample::{Resampling, reach, resampled};
pub use selection::{OutlineRun, Selection, SelectionMode, SelectionOutline, ellipse_points};
pub use similar::{PixelRows, SimilarArea, similar_area};
pub use size::{MAX_SIDE, Size, SizeError};
pub use stabilizer::Stabilizer;
pub use stroke::{AssumedPressure, Stroke, StrokePlan};
pub use surface::Surface;
pub use surface_moves::{Border, MirrorAxis, QuarterTurns};
pub use symmetry::Symmetry;
pub use tile::{TILE_SIDE, Tile, TilePlace};
