//! What goes from one operation into the next: slices in either precision.

use std::borrow::Cow;

use half::bf16;
use rayon::prelude::*;

use super::convert::{rounded, widen};

/// A slice of f32 or bfloat16 numbers: the input of an operation, usually rows `[rows, channels]`.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// 32-bit floats.
    F32(&'a [f32]),
    /// bfloat16.
    Bf16(&'a [bf16]),
}

impl Rows<'_> {
    /// How many numbers the slice holds.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::Bf16(values) => values.len(),
        }
    }

    /// Whether the slice holds no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers as f32; copied only if they are bfloat16.
    pub fn to_f32(&self) -> Cow<'_, [f32]> {
        match self {
            Self::F32(values) => Cow::Borrowed(values),
            Self::Bf16(values) => Cow::Owned(values.par_iter().map(|value| widen(*value)).collect()),
        }
    }

    /// The numbers as bfloat16, rounded to the nearest; copied only if they are f32.
    pub fn to_bf16(&self) -> Cow<'_, [bf16]> {
        match self {
            Self::F32(values) => Cow::Owned(rounded(values, 0)),
            Self::Bf16(values) => Cow::Borrowed(values),
        }
    }
}

impl<'a> From<&'a [f32]> for Rows<'a> {
    fn from(values: &'a [f32]) -> Self {
        Self::F32(values)
    }
}

impl<'a> From<&'a Vec<f32>> for Rows<'a> {
    fn from(values: &'a Vec<f32>) -> Self {
        Self::F32(values)
    }
}
