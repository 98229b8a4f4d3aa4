//! The order of dimensions, and channels of two tensors put together.

use candle_core::{D, Result, Tensor, bail};

use super::activation::on_kernels;
use crate::diffusion::networks::ops::map2;
use crate::kernels;

/// Channels-first `[b, c, h, w]` to channels-last `[b, h, w, c]`.
pub(in crate::diffusion) fn to_channels_last(x: &Tensor) -> Result<Tensor> {
    x.permute((0, 2, 3, 1))?.contiguous()
}

/// Channels-last `[b, h, w, c]` to channels-first `[b, c, h, w]`.
pub(in crate::diffusion) fn to_channels_first(x: &Tensor) -> Result<Tensor> {
    x.permute((0, 3, 1, 2))?.contiguous()
}

/// `[b, h, w, c]` and `[b, h, w, d]` as `[b, h, w, c + d]`.
pub(in crate::diffusion) fn concat_channels(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let ((b, h, w, c), d) = (x.dims4()?, y.dim(D::Minus1)?);
    if y.dims4()? != (b, h, w, d) {
        bail!("the channels of {:?} and {:?} cannot be put together", x.shape(), y.shape());
    }
    if !on_kernels(x) {
        return Tensor::cat(&[x, y], 3);
    }
    map2("concatenate channels", (x, y), (b, h, w, c + d), |x, y| kernels::side_by_side(&x.to_f32(), c, y, d))
}

/// `[b, h, w, c·s²]` as `[b, h·s, w·s, c]`: the squares of PyTorch's `pixel_shuffle`.
pub(in crate::diffusion) fn pixel_shuffle(x: &Tensor, s: usize) -> Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    let c = c / (s * s);
    x.reshape(&[b, h, w, c, s, s][..])?.permute(&[0, 1, 4, 2, 5, 3][..])?.contiguous()?.reshape((b, h * s, w * s, c))
}

/// `[b, h·s, w·s, c]` as `[b, h, w, c·s²]`, the inverse of [`pixel_shuffle`].
pub(in crate::diffusion) fn pixel_unshuffle(x: &Tensor, s: usize) -> Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    let (h, w) = (h / s, w / s);
    x.reshape(&[b, h, s, w, s, c][..])?.permute(&[0, 1, 3, 5, 2, 4][..])?.contiguous()?.reshape((b, h, w, c * s * s))
}
