//! Activations that are not fused into another layer.

use candle_core::{DType, Result, Tensor};

use crate::diffusion::networks::ops::map1;
use crate::kernels;

/// x·sigmoid(x), the activation of the time embedding.
pub(in crate::diffusion) fn silu(x: &Tensor) -> Result<Tensor> {
    if !on_kernels(x) {
        return x.silu();
    }
    map1("silu", x, x.shape(), |x| kernels::silu(&x.to_f32()))
}

/// Whether the kernels can work on this tensor: it is in the processor's memory, and not f64.
pub(super) fn on_kernels(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() != DType::F64
}
