//! Matrix products over packed weights, from which linear layers and convolutions are made.
//!
//! Work is cut into runs of output pixels, or into panels of outputs where the pixels are few. Weights
//! are walked in groups that stay in a cache while all pixels of a piece pass by. After "Anatomy of
//! High-Performance Matrix Multiplication" (Goto and van de Geijn 2008), with the input read through row
//! starts instead of being unfolded. Here a "pixel" is any row of the input, such as a token.

mod epilogue;
mod matrix;
mod panel_sums;

pub use epilogue::Epilogue;
pub use matrix::{pixels_per_piece, product};
pub use panel_sums::{InputStarts, input_starts, sum_panel};
