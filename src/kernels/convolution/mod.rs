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

/// Rows of the largest blocks of output pixels that a 3×3 convolution works on. A part of a picture that begins at a multiple
/// of it, and has that many rows more at each cut edge than are kept, gives the same bits as the whole picture.
pub const WINOGRAD_ROWS: usize = 4;
