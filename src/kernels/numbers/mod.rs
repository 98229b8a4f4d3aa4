//! The kinds of numbers the kernels work on, and functions of a single number.
//!
//! Everything here is written so that the compiler can run it on whole vectors.

mod activation;
mod convert;
mod element;
mod exp;
mod rows;

pub use activation::{gelu, silu};
pub use convert::{bf16_to_f32, f16_to_f32};
pub use element::{Element, Number, Precision};
pub use exp::{exp, exp_approx};
pub use rows::Rows;
