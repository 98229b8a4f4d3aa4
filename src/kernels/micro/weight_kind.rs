//! What a kind of weight is multiplied with, and how many at once.

use half::{bf16, f16};

use crate::kernels::numbers::{Element, Number};

/// A kind of number that weights are kept in: f32, half precision or bfloat16.
pub trait WeightKind: Number {
    /// The kind of number that inputs have when they are multiplied with such weights.
    type Input: Element;

    /// How many inputs are multiplied together: 1 or 2. In a panel, the weights of a
    /// group stand side by side for each output.
    const GROUP: usize;
}

impl WeightKind for f32 {
    type Input = Self;
    const GROUP: usize = 1;
}

impl WeightKind for f16 {
    type Input = f32;
    const GROUP: usize = 1;
}

impl WeightKind for bf16 {
    type Input = Self;
    const GROUP: usize = 2;
}
