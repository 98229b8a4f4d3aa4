//! The arithmetic that takes the time, on plain slices: convolution, matrix products, attention, norms.
//!
//! Everything works on channels-last numbers: images `[images, height, width, channels]` or rows
//! `[rows, channels]`. Weights are packed once, by [`Packed`]. Products are of f32 or bfloat16
//! ([`Precision`]) and are summed in f32; everything after a product (norms, softmax, residuals) is f32.
//! The module knows numbers and shapes, but no models, tensors or files. Which instructions it uses is
//! decided at run time: AVX-512, AVX2 with FMA, NEON (on 64-bit Arm), or what the compiler makes of plain loops.
//!
//! The submodules form layers. Each imports only from the ones above it in this list, which the test in
//! `import_order.rs` checks:
//!
//! - `cpu`: which instructions there are, and functions compiled once for each set of them;
//! - [`memory`]: an allocator that reuses big blocks, and vectors built by all threads;
//! - `numbers`: f32 and bfloat16, and functions of a single number;
//! - `micro`: the innermost loops, in registers;
//! - `packing`: weights in the order in which those loops read them;
//! - `product`: matrix products over packed weights;
//! - `convolution`: direct, by Winograd's algorithm, and of an upsampled input;
//! - `operations`: what callers use: convolutions, linear layers, attention, norms, activations.
//!
//! What is `pub` inside a private submodule is meant for the other submodules; callers see what is
//! re-exported here.
//!
//! Invariants:
//! - Every sum is taken in one fixed order, whatever the number of threads, the batch or the place of a row,
//!   so results are the same to the bit.
//! - `unsafe` occurs only in this module of the program: in the loops of `micro`, which a checked
//!   description guards, in [`memory`], in [`peak()`], and in the calls of functions compiled for instructions
//!   that the machine was seen to have.

mod convolution;
mod cpu;
#[cfg(test)]
mod import_order;
#[allow(unsafe_code)]
pub mod memory;
mod micro;
mod numbers;
mod operations;
mod packing;
mod product;

pub use convolution::{ConvShape, Edges, WINOGRAD_ROWS};
pub use cpu::{Instructions, bf16_is_fast, f16_is_fast, instructions};
pub use micro::peak;
pub use numbers::{Element, Precision, Rows};
pub use operations::{
    AttentionShape, ChannelAffine, GroupSums, Packed, attention, conv2d, group_norm, layer_norm, linear, linear_geglu,
    scale_channels, side_by_side, silu,
};
pub use packing::Weights;
