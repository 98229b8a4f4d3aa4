//! Plain arithmetic on slices, made fast: convolution, matrix products, attention, norms.
//!
//! Everything works on channels-last numbers (`[n, h, w, c]`, or rows `[rows, c]`), with weights packed
//! once by [`Packed`]. Products take f32 or bfloat16 ([`Precision`]) and are summed in f32; what
//! follows a product (norms, softmax, residual sums) is f32. The module knows neither models nor tensors nor files. Which instructions are
//! used is found out at run time (AVX-512, AVX2 with FMA, or what the compiler makes of plain
//! loops).
//!
//! Invariants:
//! - Every number is summed in one fixed order, whatever the number of threads, the batch or the
//!   place of a row, so results are the same bit for bit.
//! - This is the only module with `unsafe`: the loads and stores of [`tile`], behind slices whose
//!   lengths are checked before, the blocks of [`memory`], and the registers of [`peak()`].

mod attention;
mod conv;
mod cpu;
mod doubling;
mod element;
mod exp;
mod gated;
#[allow(unsafe_code)]
pub mod memory;
mod norm;
mod pack;
#[allow(unsafe_code)]
mod peak;
mod pointwise;
#[allow(unsafe_code)]
mod tile;
mod winograd;

pub use attention::{AttentionShape, attention};
pub use conv::{ConvShape, Edges, conv2d, linear};
pub use cpu::{Instructions, bf16_is_fast, instructions};
pub use element::{Element, Precision, Rows};
pub use gated::linear_geglu;
pub use norm::{group_norm, layer_norm};
pub use pack::{Packed, Weights};
pub use peak::peak;
pub use pointwise::{side_by_side, silu};
