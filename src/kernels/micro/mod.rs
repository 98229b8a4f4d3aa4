//! The innermost loops: a few rows of a result times one panel of weights, summed in registers.
//!
//! `sums[r][n] += Σ_segment Σ_k input[segment][r][k] · panel[segment][k][n]`, where every row of every
//! segment is a separate slice. That is all a convolution needs: a segment is one tap of the kernel, and its
//! rows are the input pixels under that tap, wherever they are, so no unfolded copy of the input is ever
//! written. bfloat16 is multiplied in pairs: two inputs of a row with two weights of each output,
//! both products added to the f32 sum at once.
//!
//! A caller describes the work in a [`Block`] and calls [`Block::add_to`], which checks every length
//! before it runs a loop that does not.

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod avx2;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod avx512;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod avx512bf16;
mod block;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod f32_tile;
#[allow(unsafe_code)]
mod multiply;
#[cfg(target_arch = "aarch64")]
#[allow(unsafe_code)]
mod neon;
#[allow(unsafe_code)]
mod peak;
mod portable;
mod sizes;
mod weight_kind;

pub use block::Block;
pub use multiply::Multiply;
pub use peak::peak;
pub use sizes::{LANES, MAX_PANEL, MAX_ROWS, rows_per_tile};
pub use weight_kind::WeightKind;
