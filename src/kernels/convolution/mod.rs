//! Three ways to compute a convolution: directly, by Winograd's algorithm, and of an upsampled input.

mod direct;
mod shape;
mod upsampled;
mod winograd;
mod winograd_transforms;

pub use direct::convolve;
pub use shape::{ConvShape, Edges};
pub use upsampled::UpsampledKernels;
pub use winograd::WinogradKernels;
pub use winograd_transforms::{FourByFour, TwoByTwo};
