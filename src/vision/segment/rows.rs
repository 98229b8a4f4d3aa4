//! The few operations of the encoder that candle has no fast form of, on channels-last rows `[places, channels]`.
//!
//! A convolution with its own weights for each channel is done channel by channel in candle, and batch norms, biases and activations visit a
//! tensor once each, on one thread.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use candle_nn::VarBuilder;
use rayon::prelude::*;

/// The epsilon of batch norms.
const EPSILON: f64 = 1e-5;

/// Rows that one thread takes at a time.
const ROWS: usize = 64;

/// What follows a sum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    None,
    /// The exact function, with erf.
    Gelu,
}

impl Activation {
    fn of(self, x: f32) -> f32 {
        match self {
            Self::None => x,
            Self::Gelu => 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2)),
        }
    }
}

/// The error function, to 2·10⁻⁷ (Abramowitz and Stegun 1964, 7.1.26).
fn erf(x: f32) -> f32 {
    const FACTORS: [f32; 5] = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let sum = FACTORS.iter().fold(0.0, |sum, factor| (sum + factor) * t);
    (1.0 - sum * (-x * x).exp()).copysign(x)
}

/// A linear layer, or a convolution over single places.
pub(super) struct Linear {
    /// `[in, out]`.
    weight: Tensor,
    bias: Vec<f32>,
}

impl Linear {
    pub fn new(from: usize, to: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((to, from), "weight")?.t()?.contiguous()?;
        Ok(Self { weight, bias: vb.get(to, "bias")?.to_vec1()? })
    }

    /// A convolution over single places `c` followed by a batch norm `bn`, as one.
    pub fn of_convolution(from: usize, to: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (weight, bias) = folded((to, from, 1, 1), vb)?;
        Ok(Self { weight: weight.reshape((to, from))?.t()?.contiguous()?, bias })
    }

    /// `[n, in]` to `[n, out]`.
    pub fn forward(&self, x: &Tensor, activation: Activation) -> Result<Tensor> {
        x.matmul(&self.weight)?.apply_op1_no_bwd(&AddBias { bias: &self.bias, activation })
    }
}

/// GELU of a tensor.
pub(super) fn gelu(x: &Tensor) -> Result<Tensor> {
    x.apply_op1_no_bwd(&AddBias { bias: &[], activation: Activation::Gelu })
}

/// A convolution `c` without bias and the batch norm `bn` after it, as one convolution and its bias.
pub(super) fn folded(shape: (usize, usize, usize, usize), vb: &VarBuilder<'_>) -> Result<(Tensor, Vec<f32>)> {
    let (to, norm) = (shape.0, vb.pp("bn"));
    let weight = vb.pp("c").get(shape, "weight")?;
    let scale = (norm.get(to, "weight")? / (norm.get(to, "running_var")? + EPSILON)?.sqrt()?)?;
    let bias = (norm.get(to, "bias")? - (norm.get(to, "running_mean")? * &scale)?)?;
    Ok((weight.broadcast_mul(&scale.reshape((to, 1, 1, 1))?)?, bias.to_vec1()?))
}

/// A convolution of 3 × 3 places in which each channel has its own weights, with its batch norm; zeros lie around the picture.
pub(super) struct Depthwise {
    /// Nine times one weight for each channel.
    taps: Vec<f32>,
    bias: Vec<f32>,
    stride: usize,
}

impl Depthwise {
    pub fn new(channels: usize, stride: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (weight, bias) = folded((channels, 1, 3, 3), vb)?;
        let taps = weight.reshape((channels, 9))?.t()?.contiguous()?.flatten_all()?.to_vec1()?;
        Ok(Self { taps, bias, stride })
    }

    /// `[side * side, c]` to as many places divided by the stride, in each direction.
    pub fn forward(&self, x: &Tensor, side: usize, activation: Activation) -> Result<Tensor> {
        x.apply_op1_no_bwd(&Neighbours { layer: self, side, activation })
    }
}

struct AddBias<'a> {
    /// Empty for none.
    bias: &'a [f32],
    activation: Activation,
}

impl CustomOp1 for AddBias<'_> {
    fn name(&self) -> &'static str {
        "add bias"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut numbers = numbers(storage, layout)?.to_vec();
        let width = self.bias.len().max(1);
        numbers.par_chunks_mut(width * ROWS.max(4096 / width)).for_each(|rows| {
            if self.bias.is_empty() {
                rows.iter_mut().for_each(|x| *x = self.activation.of(*x));
            } else {
                for row in rows.chunks_mut(width) {
                    row.iter_mut().zip(self.bias).for_each(|(x, bias)| *x = self.activation.of(*x + bias));
                }
            }
        });
        Ok((CpuStorage::F32(numbers), layout.shape().clone()))
    }
}

struct Neighbours<'a> {
    layer: &'a Depthwise,
    side: usize,
    activation: Activation,
}

impl CustomOp1 for Neighbours<'_> {
    fn name(&self) -> &'static str {
        "depthwise convolution"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (input, channels, side) = (numbers(storage, layout)?, self.layer.bias.len(), self.side);
        if input.len() != side * side * channels {
            bail!("{} numbers are no square of {side} places with {channels} channels", input.len());
        }
        let stride = self.layer.stride;
        let to = side.div_ceil(stride);
        let mut output = vec![0.0; to * to * channels];
        output.par_chunks_mut(to * channels).enumerate().for_each(|(y, row)| {
            for (x, place) in row.chunks_mut(channels).enumerate() {
                place.copy_from_slice(&self.layer.bias);
                for (tap, weights) in self.layer.taps.chunks(channels).enumerate() {
                    // One place before the middle is -1; it lies outside for the first one.
                    let (x, y) = ((x * stride + tap % 3).checked_sub(1), (y * stride + tap / 3).checked_sub(1));
                    let (Some(x), Some(y)) = (x, y) else { continue };
                    if x >= side || y >= side {
                        continue;
                    }
                    let from = &input[(y * side + x) * channels..][..channels];
                    place.iter_mut().zip(from).zip(weights).for_each(|((sum, x), weight)| *sum += x * weight);
                }
                place.iter_mut().for_each(|x| *x = self.activation.of(*x));
            }
        });
        Ok((CpuStorage::F32(output), Shape::from((to * to, channels))))
    }
}

/// The numbers of a contiguous tensor.
fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (layout.contiguous_offsets(), storage) {
        (Some((from, to)), CpuStorage::F32(numbers)) => Ok(&numbers[from..to]),
        _ => bail!("a tensor is not contiguous or not in f32"),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn gelu_is_the_exact_function() {
        for (x, exact) in [(0.0, 0.0), (1.0, 0.841_344_8), (-1.0, -0.158_655_25), (3.0, 2.995_950_3), (-9.0, 0.0)] {
            assert!((Activation::Gelu.of(x) - exact).abs() < 5e-7, "{x}: {}", Activation::Gelu.of(x));
        }
    }

    #[test]
    fn a_depthwise_convolution_is_that_of_candle() {
        let (side, channels) = (9, 5);
        let numbers = |count: usize| (0..count).map(|i| (i * 37 % 101) as f32 / 50.0 - 1.0).collect::<Vec<f32>>();
        let device = Device::Cpu;
        let input =
            Tensor::from_vec(numbers(side * side * channels), (side * side, channels), &device).expect("tensor");
        let taps = numbers(9 * channels);
        let weight = Tensor::from_vec(taps.clone(), (9, channels), &device).and_then(|t| t.t()?.contiguous());
        let weight = weight.and_then(|t| t.reshape((channels, 1, 3, 3))).expect("tensor");
        for stride in [1, 2] {
            let layer = Depthwise { taps: taps.clone(), bias: vec![0.0; channels], stride };
            let made = layer.forward(&input, side, Activation::None).expect("runs");
            let planes = input.t().and_then(|t| t.contiguous()?.reshape((1, channels, side, side))).expect("planes");
            let expected = planes.conv2d(&weight, 1, stride, 1, channels).and_then(|t| t.flatten_from(2)?.get(0)?.t());
            let gap = (made - expected.expect("runs")).and_then(|t| t.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>());
            assert!(gap.expect("a number") < 1e-5, "{stride}");
        }
    }
}
