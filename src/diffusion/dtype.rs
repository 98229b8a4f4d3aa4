//! The number format that a model's weights are kept and multiplied in.

use candle_core::DType;

use crate::engine::Dtype;
use crate::kernels::{bf16_is_fast, f16_is_fast};

impl Dtype {
    /// The format used on this machine; never [`Dtype::Auto`].
    pub fn on_this_machine(self) -> Self {
        match self {
            Self::Auto if bf16_is_fast() => Self::Bf16,
            Self::Auto if f16_is_fast() => Self::F16,
            Self::Auto => Self::F32,
            fixed => fixed,
        }
    }

    /// candle's name for it.
    pub(super) fn candle(self) -> DType {
        match self.on_this_machine() {
            Self::Bf16 => DType::BF16,
            Self::F16 => DType::F16,
            Self::F32 | Self::Auto => DType::F32,
        }
    }
}
