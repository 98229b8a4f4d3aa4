//! What a model's weights are kept and multiplied in.

use candle_core::DType;

use crate::kernels::bf16_is_fast;

/// The kind of number that the UNet and the autoencoder work with. Sums, norms, softmax and latents
/// are f32 with either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dtype {
    /// bfloat16 where this machine multiplies it faster, f32 elsewhere.
    #[default]
    Auto,
    /// 32 bits: agrees with PyTorch in f32 to about six digits.
    F32,
    /// bfloat16: half the memory, and a picture that differs a little.
    Bf16,
}

impl Dtype {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::F32, Self::Bf16];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }

    /// What it comes to on this machine: never [`Dtype::Auto`].
    pub fn on_this_machine(self) -> Self {
        match self {
            Self::Auto if bf16_is_fast() => Self::Bf16,
            Self::Auto => Self::F32,
            fixed => fixed,
        }
    }

    /// The kind that tells layers to work in it.
    pub(super) fn candle(self) -> DType {
        if self.on_this_machine() == Self::Bf16 { DType::BF16 } else { DType::F32 }
    }
}
