//! What the networks call: one function per operation, on slices of channels-last numbers.

mod attention;
mod conv2d;
mod group_norm;
mod layer_norm;
mod linear;
mod linear_geglu;
mod packed;
mod pointwise;
mod softmax;

pub use attention::{AttentionShape, attention};
pub use conv2d::conv2d;
pub use group_norm::{ChannelAffine, GroupSums, group_norm, scale_channels};
pub use layer_norm::layer_norm;
pub use linear::linear;
pub use linear_geglu::linear_geglu;
pub use packed::Packed;
pub use pointwise::{side_by_side, silu};
